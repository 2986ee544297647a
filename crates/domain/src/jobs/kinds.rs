//! The kinds of jobs.

use super::{
    key::KeyPart,
    policy::{CALL, HOUR, MAIL, Policy, USUAL},
};
use crate::{
    email::Email,
    id::{CheckoutId, FileId, GroupBuyId, HandleId, MailId, PurchaseId, RefundId, VisitorId},
};

/// Makes `Job` and `JobKind`, with all that follows from the kind of a job, from a table with one entry for each kind:
///
/// ```text
/// /// Does something about a page.
/// DoSomething(page: PageId) = "do_something", Policy { max_running: 4, ..USUAL };
/// ```
///
/// In parentheses stands what a job of the kind is about, each part with a name; a job about nothing in particular has none.
/// The text is stored, and so are the parts in their order: both stay as they are, since stored jobs outlive the version that
/// stored them. The policy says how jobs of the kind are run. A kind whose policy has `every_seconds` recurs; jobs of
/// such a kind are about nothing in particular.
///
/// A runner looks for jobs in this order: first those that a person waits for.
macro_rules! jobs {
    (@single $kind:ident) => { Some(Self::$kind) };
    (@single $kind:ident ($($part:ident),+)) => { None };
    ($(
        $(#[$doc:meta])+
        $kind:ident $(($($part:ident: $type:ty),+))? = $text:literal, $policy:expr;
    )+) => {
        /// A piece of work. It names what it is about and holds no other data.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind", content = "id")]
        pub enum Job {
            $($(#[$doc])+ #[serde(rename = $text)] $kind $(($($type),+))?,)+
            /// The kind and the key of a stored job that this version cannot read. Another one stored it, and can do it.
            #[serde(skip)]
            Unreadable(JobKind, String),
        }

        /// The kind of a [`Job`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum JobKind {
            $($(#[$doc])+ $kind,)+
        }

        $crate::text_enum::text_enum!(JobKind, $($kind = $text),+);

        impl JobKind {
            /// Returns how jobs of this kind are run.
            pub const fn policy(self) -> Policy {
                match self { $(Self::$kind => $policy),+ }
            }
        }

        impl Job {
            /// Returns the jobs that recur, which every store has to hold.
            pub fn recurring() -> Vec<Self> {
                let single = [$(jobs!(@single $kind $(($($part),+))?)),+].into_iter().flatten();
                single.filter(|job| job.kind().policy().every_seconds.is_some()).collect()
            }

            /// Returns the kind of this job, without what the job is about.
            pub fn kind(&self) -> JobKind {
                match self {
                    $(Self::$kind { .. } => JobKind::$kind,)+
                    Self::Unreadable(kind, _) => *kind,
                }
            }

            /// Returns the text that no two stored jobs share: the kind and what the job is about.
            pub fn key(&self) -> String {
                let kind = self.kind().as_str().to_owned();
                match self {
                    $(Self::$kind $(($($part),+))? => [kind $($(, $part.key_part())+)?].join("/"),)+
                    Self::Unreadable(_, key) => key.clone(),
                }
            }
        }
    };
}

jobs! {
    /// Hands a mail over that a person is waiting for.
    // Of a kind of its own, so that a mailing to many whose calls hang does not hold it up.
    SendUrgentMail(mail: MailId) = "send_urgent_mail", MAIL;

    /// Mails a link that sets a new password, if a creator has the address.
    MailPasswordReset(address: Email) = "mail_password_reset",
        Policy { max_running: 4, max_pause_seconds: 60, ..USUAL };

    /// Reads what a webhook event names from the provider and applies it.
    ApplyEvent(event: String) = "apply_event", CALL;

    /// Hands a mail over to the mail server.
    SendMail(mail: MailId) = "send_mail", MAIL;

    /// Closes an order's session at the provider.
    CloseCheckout(order: CheckoutId) = "close_checkout", CALL;

    /// Takes up a refund request that the provider has not answered.
    ResumeRefund(request: RefundId) = "resume_refund", CALL;

    /// Refunds a payment for a page that its buyer had already, or mails its receipt once more if it is held and alone opens the
    /// page by now.
    RefundSecondPayment(purchase: PurchaseId) = "refund_second_payment", CALL;

    /// Reads a dispute from the provider and applies it, if what was read before may have been out of date.
    ReadDispute(account: String, dispute: String) = "read_dispute", CALL;

    /// Tells a creator that an account takes payments again if it does, and if the creator was told that it did not.
    TellOfAccount(handle: HandleId) = "tell_of_account", CALL;

    /// Ends a group buy whose deadline or offer has passed.
    EndGroupBuy(group_buy: GroupBuyId) = "end_group_buy", USUAL;

    /// Mails what became of a group buy to the interested visitors after this one.
    NotifyInterested(group_buy: GroupBuyId, after: VisitorId) = "notify_interested",
        Policy { max_pause_seconds: 60, ..USUAL };

    /// Deletes the object of an abandoned upload or a deleted file.
    ClearFile(file: FileId) = "clear_file", Policy { max_pause_seconds: 60, ..USUAL };

    /// Deletes objects in the file store that no file refers to.
    DeleteStrayObjects = "delete_stray_objects", Policy { every_seconds: Some(HOUR), ..USUAL };

    /// Deletes rows that no longer serve a purpose.
    ForgetExpired = "forget_expired", Policy { every_seconds: Some(600), ..USUAL };

    /// Queues a sweep of every connected account.
    SweepAccounts = "sweep_accounts", Policy { every_seconds: Some(900), ..USUAL };

    /// Compares an account at the provider with what is stored about it.
    // At most 8 run at once, so that a few accounts whose calls hang leave room for other jobs. The longest pause is that between two
    // rounds of all accounts, since a round does not change the job of an account that waits to be tried again.
    SweepAccount(account: String) = "sweep_account",
        Policy { max_running: 8, max_pause_seconds: 900, ..USUAL };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_waits_for_comes_first() {
        let awaited = [JobKind::SendUrgentMail, JobKind::MailPasswordReset, JobKind::ApplyEvent];
        assert!(JobKind::ALL.starts_with(&awaited));
    }

    #[test]
    fn each_kind_that_recurs_has_a_job_that_recurs() {
        let recurs = |kind: &JobKind| kind.policy().every_seconds.is_some();
        let kinds: Vec<_> = JobKind::ALL.into_iter().filter(recurs).collect();
        let jobs: Vec<_> = Job::recurring().iter().map(Job::kind).collect();
        assert_eq!(jobs, kinds);
        // By name: both lists are made from the table, so that a kind which loses its interval is in neither.
        let named = [JobKind::DeleteStrayObjects, JobKind::ForgetExpired, JobKind::SweepAccounts];
        assert_eq!(kinds, named);
    }
}
