//! Jobs, and how each kind of job is run.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    email::Email,
    id::{CheckoutId, FileId, GroupBuyId, MailId, PurchaseId, RefundId, VisitorId},
    text_enum::text_enum,
};

/// A piece of work. It names what it is about and holds no other data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Job {
    /// Hands a mail over that a person is waiting for.
    SendUrgentMail(MailId),
    /// Hands a mail over to the mail server.
    SendMail(MailId),
    /// Mails a link that sets a new password, if a creator has the address.
    MailPasswordReset(Email),
    /// Reads what a webhook event names from the provider and applies it.
    ApplyEvent(String),
    /// Closes an order's session at the provider.
    CloseCheckout(CheckoutId),
    /// Takes up a refund request that the provider has not answered.
    ResumeRefund(RefundId),
    /// Refunds a payment for a page that its buyer had already.
    RefundSecondPayment(PurchaseId),
    /// Ends a group buy whose deadline or offer has passed.
    EndGroupBuy(GroupBuyId),
    /// Mails what became of a group buy to the interested visitors after this one.
    NotifyInterested(GroupBuyId, VisitorId),
    /// Deletes the object of an abandoned upload or a deleted file.
    ClearFile(FileId),
    /// Deletes objects in the file store that no file refers to.
    DeleteStrayObjects,
    /// Deletes rows that no longer serve a purpose.
    ForgetExpired,
    /// Has every connected account swept.
    SweepAccounts,
    /// Compares an account at the provider with what is stored about it.
    SweepAccount(String),
}

/// The kind of a [`Job`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// See [`Job::SendUrgentMail`].
    SendUrgentMail,
    /// See [`Job::SendMail`].
    SendMail,
    /// See [`Job::MailPasswordReset`].
    MailPasswordReset,
    /// See [`Job::ApplyEvent`].
    ApplyEvent,
    /// See [`Job::CloseCheckout`].
    CloseCheckout,
    /// See [`Job::ResumeRefund`].
    ResumeRefund,
    /// See [`Job::RefundSecondPayment`].
    RefundSecondPayment,
    /// See [`Job::EndGroupBuy`].
    EndGroupBuy,
    /// See [`Job::NotifyInterested`].
    NotifyInterested,
    /// See [`Job::ClearFile`].
    ClearFile,
    /// See [`Job::DeleteStrayObjects`].
    DeleteStrayObjects,
    /// See [`Job::ForgetExpired`].
    ForgetExpired,
    /// See [`Job::SweepAccounts`].
    SweepAccounts,
    /// See [`Job::SweepAccount`].
    SweepAccount,
}

text_enum!(
    JobKind,
    SendUrgentMail = "send_urgent_mail",
    SendMail = "send_mail",
    MailPasswordReset = "mail_password_reset",
    ApplyEvent = "apply_event",
    CloseCheckout = "close_checkout",
    ResumeRefund = "resume_refund",
    RefundSecondPayment = "refund_second_payment",
    EndGroupBuy = "end_group_buy",
    NotifyInterested = "notify_interested",
    ClearFile = "clear_file",
    DeleteStrayObjects = "delete_stray_objects",
    ForgetExpired = "forget_expired",
    SweepAccounts = "sweep_accounts",
    SweepAccount = "sweep_account"
);

/// How jobs of one kind are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How many jobs of the kind one runner works on at the same time.
    pub max_running: usize,
    /// After this many failed attempts the job is dead; `None` to try without end.
    pub max_attempts: Option<u32>,
    /// The longest pause between two attempts, in seconds.
    pub max_pause_seconds: i64,
    /// Seconds from the end of one run to the start of the next, for recurring work.
    pub every_seconds: Option<i64>,
}

/// Seconds after which a job that was claimed is claimed again, unless its claim was
/// [renewed](crate::jobs::Runner::renew) or it ended: how long a job of a process that was killed has to wait, unless the
/// store knows that the process is gone.
pub const LEASE_SECONDS: i64 = 10;

const HOUR: i64 = 3600;

impl JobKind {
    /// Returns how jobs of this kind are run.
    pub const fn policy(self) -> Policy {
        let usual = Policy {
            max_running: 1,
            max_attempts: None,
            max_pause_seconds: HOUR,
            every_seconds: None,
        };
        match self {
            // The last attempt comes about a day after the first. Urgent mails have places of their own, so that
            // a mailing to many whose calls hang does not hold them up.
            Self::SendUrgentMail | Self::SendMail => Policy {
                max_running: 4,
                max_attempts: Some(14),
                max_pause_seconds: 4 * HOUR,
                ..usual
            },
            Self::MailPasswordReset => Policy { max_running: 4, max_pause_seconds: 60, ..usual },
            // So many that accounts whose calls hang leave room for others.
            Self::ApplyEvent
            | Self::CloseCheckout
            | Self::ResumeRefund
            | Self::RefundSecondPayment => Policy { max_running: 32, ..usual },
            Self::EndGroupBuy => usual,
            Self::NotifyInterested | Self::ClearFile => Policy { max_pause_seconds: 60, ..usual },
            Self::DeleteStrayObjects => Policy { every_seconds: Some(HOUR), ..usual },
            Self::ForgetExpired => Policy { every_seconds: Some(600), ..usual },
            Self::SweepAccounts => Policy { every_seconds: Some(900), ..usual },
            // So that a few accounts whose calls hang leave room for others.
            Self::SweepAccount => Policy { max_running: 8, ..usual },
        }
    }
}

impl Job {
    /// Seconds for which a job that was given up is kept, so that it can be seen.
    pub const DEAD_KEPT_SECONDS: i64 = 30 * 24 * HOUR;

    /// Returns the kind.
    pub fn kind(&self) -> JobKind {
        match self {
            Self::SendUrgentMail(_) => JobKind::SendUrgentMail,
            Self::SendMail(_) => JobKind::SendMail,
            Self::MailPasswordReset(_) => JobKind::MailPasswordReset,
            Self::ApplyEvent(_) => JobKind::ApplyEvent,
            Self::CloseCheckout(_) => JobKind::CloseCheckout,
            Self::ResumeRefund(_) => JobKind::ResumeRefund,
            Self::RefundSecondPayment(_) => JobKind::RefundSecondPayment,
            Self::EndGroupBuy(_) => JobKind::EndGroupBuy,
            Self::NotifyInterested(..) => JobKind::NotifyInterested,
            Self::ClearFile(_) => JobKind::ClearFile,
            Self::DeleteStrayObjects => JobKind::DeleteStrayObjects,
            Self::ForgetExpired => JobKind::ForgetExpired,
            Self::SweepAccounts => JobKind::SweepAccounts,
            Self::SweepAccount(_) => JobKind::SweepAccount,
        }
    }

    /// Returns the jobs that recur, which every store has to hold.
    pub fn recurring() -> [Self; 3] {
        [Self::DeleteStrayObjects, Self::ForgetExpired, Self::SweepAccounts]
    }

    /// Returns the JSON that is stored.
    pub fn payload(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`payload`](Self::payload) returned.
    pub fn from_payload(payload: &str) -> Option<Self> {
        serde_json::from_str(payload).ok()
    }

    /// Returns the text that no two stored jobs share: the kind and what the job is about.
    pub fn key(&self) -> String {
        let kind = self.kind().as_str();
        match self {
            Self::SendUrgentMail(id) | Self::SendMail(id) => format!("{kind}/{id}"),
            // Keys are logged, and addresses never.
            Self::MailPasswordReset(email) => {
                format!("{kind}/{}", URL_SAFE_NO_PAD.encode(Sha256::digest(email.as_str())))
            }
            Self::ApplyEvent(id) | Self::SweepAccount(id) => format!("{kind}/{id}"),
            Self::CloseCheckout(id) => format!("{kind}/{id}"),
            Self::ResumeRefund(id) => format!("{kind}/{id}"),
            Self::RefundSecondPayment(id) => format!("{kind}/{id}"),
            Self::EndGroupBuy(id) => format!("{kind}/{id}"),
            Self::NotifyInterested(id, after) => format!("{kind}/{id}/{after}"),
            Self::ClearFile(id) => format!("{kind}/{id}"),
            Self::DeleteStrayObjects | Self::ForgetExpired | Self::SweepAccounts => kind.to_owned(),
        }
    }
}

/// Which of several due jobs comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// A person is waiting, as for a sign-in mail.
    Urgent,
    /// Usual work.
    Normal,
    /// Work that can wait, such as clearing up.
    Low,
}

impl Priority {
    /// Returns the number that is stored; lower numbers come first.
    pub const fn rank(self) -> i32 {
        match self {
            Self::Urgent => 0,
            Self::Normal => 10,
            Self::Low => 20,
        }
    }
}

/// A job to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// What is to be done.
    pub job: Job,
    /// The job is not claimed before this instant.
    pub due_at: Timestamp,
    /// Which of several due jobs comes first.
    pub priority: Priority,
}

impl NewJob {
    /// Creates a job of normal priority that is due at `due_at`.
    pub fn new(job: Job, due_at: Timestamp) -> Self {
        Self { job, due_at, priority: Priority::Normal }
    }

    /// Sets the priority.
    pub fn with(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }
}

/// A job that a runner has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// What is to be done.
    pub job: Job,
    /// How often the job was claimed, this time included.
    pub attempts: u32,
    /// Until when no other runner claims the job. It also identifies the claim.
    pub leased_until: Timestamp,
}

impl ClaimedJob {
    /// Returns whether a failure of this attempt makes the job dead.
    pub fn is_last_attempt(&self) -> bool {
        self.job.kind().policy().max_attempts.is_some_and(|max| self.attempts >= max)
    }
}
