//! Second payments that are not refunded: what hinders it, who is told, and when it is given up.

use super::{
    RefundError, RefundRequest, Refunds, RefusalReason,
    ruling::{SecondPaymentRuling, is_alone, rule},
};
use crate::{
    access::{Fact, FactKind, Purchase, held_alone_beside},
    checkout::{FulfilmentError, SECOND_PAYMENT_KEY, paid_twice},
    clock::{DAY_SECONDS, plus_seconds},
    creators::SecondPayments,
    id::PurchaseId,
    jobs::{Finish, Outcome},
    mail::RefundHindrance,
    money::Money,
    payments::{PaymentsError, Refusal},
    store::UnitOfWork,
    store_error::StoreError,
};

/// The key of the note that the creator knows that a second payment waits for the balance. What hinders it otherwise has keys of its
/// own: that ends after some days, and this does not.
const BALANCE_TOLD_KEY: &str = "tollgate-second-payment-delayed";
/// The key of the note that the creator knows that the account of a second payment is restricted.
const RESTRICTED_TOLD_KEY: &str = "tollgate-second-payment-restricted";
/// The key of the note that the creator knows that what became of the payment before is not shown.
const UNREAD_TOLD_KEY: &str = "tollgate-second-payment-unread";
/// The key of the note that the creator knows that the account of a second payment is disconnected.
const DISCONNECTED_TOLD_KEY: &str = "tollgate-second-payment-disconnected";
/// The key of the note that the creator knows that a second payment is not refunded by itself.
const END_TOLD_KEY: &str = "tollgate-second-payment-kept";
/// The key of the note that Stripe refused the refund of a second payment for good. What is held for another reason has none.
pub const REFUSED_KEY: &str = "tollgate-second-payment-refused";
/// The key of the note that the buyer knows that a payment opens the page after all.
pub const OPEN_TOLD_KEY: &str = "tollgate-second-payment-open";
/// The key of the note that the buyer knows that a payment that was held opens the page alone. It may have been kept before that, which
/// is told by itself.
pub const RELEASED_TOLD_KEY: &str = "tollgate-second-payment-released";

/// For how long after the payment a refund is tried that Stripe refuses for a reason that may pass, in seconds; and for how long a
/// payment before is looked for after the creator was told that it is not shown.
const REFUSED_SECONDS: i64 = 7 * DAY_SECONDS;

/// What becomes of the job that refunds a second payment.
enum Ending {
    /// The job tries again.
    Retry,
    /// The job ends.
    Done,
    /// The job is given up, which the operator sees.
    Dead,
}

/// What hinders the refund of a second payment.
pub(super) struct Hindrance {
    /// What the creator is told.
    told: RefundHindrance,
    /// The key of the note that the creator was told it.
    key: &'static str,
    /// What becomes of the job.
    ending: Ending,
    /// Whether a refund was asked for and refused.
    was_refused: bool,
}

impl Refunds {
    /// Leaves a payment alone as long as it cannot be known whether it is a second one, so that the job tries again later. If that is still
    /// not known after some days, the payment is left to its creator, like one that Stripe does not refund.
    pub(super) async fn leave_in_doubt(
        &self,
        id: PurchaseId,
        unmade: Option<&RefundRequest>,
        error: RefundError,
    ) -> Result<Finish, RefundError> {
        let purchase = self.fulfilment.ports.purchases.purchase(id).await?;
        let Some(purchase) = purchase else { return Ok(Finish::done()) };
        let is_late = self.was_unread_for_long(id).await?;
        match self.doubt(&purchase, &error, is_late) {
            Some(hindrance) => self.give_up_second(id, unmade, hindrance, error).await,
            None => Err(error),
        }
    }

    /// Returns what hinders the refund of a second payment if reading what became of the one before failed like this; `None` if it
    /// may be read soon. An error with a reason is one of the account of both. What else the provider says is about the read, which
    /// is given up if it `is_late`.
    fn doubt(&self, purchase: &Purchase, error: &RefundError, is_late: bool) -> Option<Hindrance> {
        let (told, key, ending) = match error {
            RefundError::Payments(PaymentsError::Refused { .. }) if is_late => {
                (RefundHindrance::StillUnread, END_TOLD_KEY, Ending::Dead)
            }
            RefundError::Payments(PaymentsError::Refused { .. }) => {
                (RefundHindrance::Unread, UNREAD_TOLD_KEY, Ending::Retry)
            }
            RefundError::Refused(_) => {
                let of_account = self.hindrance(purchase, error)?;
                return Some(Hindrance { was_refused: false, ..of_account });
            }
            _ => return None,
        };
        Some(Hindrance { told, key, ending, was_refused: false })
    }

    /// Returns whether the creator was told long ago that what became of the payment before is not shown. The second payment may be
    /// much older when that is first asked for.
    async fn was_unread_for_long(&self, id: PurchaseId) -> Result<bool, StoreError> {
        let told = self.reads.refund_under(id, UNREAD_TOLD_KEY).await?;
        let ends_at = told.map(|note| plus_seconds(note.requested_at, REFUSED_SECONDS));
        Ok(ends_at.is_some_and(|ends_at| self.runtime().now() >= ends_at))
    }

    /// Returns what hinders a refund of a second payment that failed like this; `None` if it may succeed soon.
    pub(super) fn hindrance(&self, purchase: &Purchase, error: &RefundError) -> Option<Hindrance> {
        let is_late = self.is_late(purchase);
        let (told, key, ending) = match error {
            RefundError::Refused(RefusalReason::InsufficientBalance) => {
                (RefundHindrance::Balance, BALANCE_TOLD_KEY, Ending::Retry)
            }
            // There is nothing for an operator to look into. The first mail says what follows when the account stays
            // disconnected, so that no other is needed then.
            RefundError::Refused(RefusalReason::AccountDisconnected) if is_late => {
                (RefundHindrance::Disconnected, DISCONNECTED_TOLD_KEY, Ending::Done)
            }
            RefundError::Refused(RefusalReason::AccountDisconnected) => {
                (RefundHindrance::DisconnectedForNow, DISCONNECTED_TOLD_KEY, Ending::Retry)
            }
            RefundError::Refused(RefusalReason::AccountRestricted) if is_late => {
                (RefundHindrance::StillRestricted, END_TOLD_KEY, Ending::Dead)
            }
            RefundError::Refused(RefusalReason::AccountRestricted) => {
                (RefundHindrance::Restricted, RESTRICTED_TOLD_KEY, Ending::Retry)
            }
            RefundError::Payments(PaymentsError::Refused { refusal, message })
                if is_late || *refusal == Refusal::WithMessage =>
            {
                (RefundHindrance::Refused(message.clone()), END_TOLD_KEY, Ending::Dead)
            }
            _ => return None,
        };
        Some(Hindrance { told, key, ending, was_refused: true })
    }

    /// Returns whether a refund of the payment is no longer tried that Stripe refuses for a reason that may pass.
    fn is_late(&self, purchase: &Purchase) -> bool {
        self.runtime().now() >= plus_seconds(purchase.created_at, REFUSED_SECONDS)
    }

    /// Tells the creator once why a second payment is not refunded, and ends the job if it does not try again. In that case the buyer, to
    /// whom the receipt may have announced the refund, is told as well: that it failed, or that the seller decides if none was asked for.
    ///
    /// Whether it is a second payment is decided again first, since the provider was called in between: it may not be one any more, or its
    /// creator may be refunding it. An unanswered request is closed if it is `unmade`, which led to no refund.
    pub(super) async fn give_up_second(
        &self,
        id: PurchaseId,
        unmade: Option<&RefundRequest>,
        hindrance: Hindrance,
        error: RefundError,
    ) -> Result<Finish, RefundError> {
        let locked = self.fulfilment.begin_with_purchase(id).await?;
        let Some((mut unit, purchase)) = locked else { return Ok(Finish::done()) };
        match rule(&mut *unit, &purchase).await? {
            SecondPaymentRuling::Refund => {}
            SecondPaymentRuling::Keep => {
                self.keep(&mut *unit, &purchase, unmade).await?;
                return Ok(Finish::done().within(unit));
            }
            // What becomes of the other payment decides.
            SecondPaymentRuling::Wait => return Err(error),
        }
        if let Some(request) = unit.refund_requests().unanswered_of(id).await? {
            // Another request for the refund is under way, and its outcome is not known yet.
            if Some(&request) != unmade {
                return Err(error);
            }
            self.close_in(&mut *unit, &request).await?;
        }
        let ending = self.tell_hindrance(&mut *unit, &purchase, hindrance).await?;
        match ending {
            Ending::Retry => {
                unit.commit().await?;
                Err(error)
            }
            Ending::Done => Ok(Finish::done().within(unit)),
            Ending::Dead => Ok(Finish::of(Outcome::Dead(error.to_string())).within(unit)),
        }
    }

    /// Tells people what hinders the refund of a second payment, which is locked, and returns what becomes of the job.
    async fn tell_hindrance(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        Hindrance { told, key, ending, was_refused }: Hindrance,
    ) -> Result<Ending, RefundError> {
        let Some(paid) = purchase.payment.as_ref().map(|payment| payment.paid) else {
            return Ok(ending);
        };
        let amount = Money::new(purchase.left(), paid.currency);
        let is_news = self.note_once(unit, purchase, amount, key).await?;
        let is_over = !matches!(ending, Ending::Retry);
        let is_left = is_over && self.note_held(unit, purchase).await?;
        if is_over && was_refused {
            self.note_once(unit, purchase, amount, REFUSED_KEY).await?;
        }
        if (is_news || is_left)
            && let Some(about) = self.fulfilment.about(unit, purchase).await?
        {
            if is_news {
                let links = &*self.fulfilment.ports.links;
                let content = paid_twice(links, &about, amount, Some(told), false);
                self.fulfilment.mail_creator(unit, about.handle.id, &content).await?;
            }
            if is_left && was_refused {
                self.tell_not_paid(unit, &about, purchase, amount).await?;
            } else if is_left {
                let outcome = Some(SecondPayments::Hold);
                let second_payments = self.fulfilment.second_payments();
                // It is rare, and boxed so that the futures of callers stay small.
                Box::pin(second_payments.mail_receipt(unit, purchase, about, outcome)).await?;
            }
        }
        Ok(ending)
    }

    /// Keeps a payment that is not a second one now, or about which its creator decides. A request without an answer is closed if it is
    /// `unmade`: the provider was asked, has no refund of it, and was not sent it again since.
    pub(super) async fn keep(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        unmade: Option<&RefundRequest>,
    ) -> Result<(), RefundError> {
        let request = unit.refund_requests().unanswered_of(purchase.id).await?;
        if let Some(request) = request.filter(|request| Some(request) == unmade) {
            self.close_in(unit, &request).await?;
            tracing::info!(refund = %request.id, "a refund is not needed any more");
        }
        // It is rare, and boxed so that the futures of callers stay small.
        Box::pin(self.tell_kept(unit, purchase)).await
    }

    /// Tells the buyer once that a payment opens the page after all: its receipt may have announced that it is refunded. Whether it
    /// has is not stored, so that it comes again also where payments met only later, by a change of address or a dispute that was
    /// won. What was refunded or may still be is told as that. One about which the creator was told to decide opens the page alone
    /// since the other payment was lost, or a gift was revoked.
    async fn tell_kept(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<(), RefundError> {
        let id = purchase.id;
        if !is_alone(unit, purchase).await? {
            return Ok(());
        }
        if unit.ledger().has(FactKind::SecondPaymentHeld, &id.to_string()).await? {
            return Ok(self.tell_open(unit, purchase, RELEASED_TOLD_KEY).await?);
        }
        if unit.refund_requests().unanswered_of(id).await?.is_some()
            || unit.purchases().was_refunded_under(id, SECOND_PAYMENT_KEY).await?
        {
            return Ok(());
        }
        Ok(self.tell_open(unit, purchase, OPEN_TOLD_KEY).await?)
    }

    /// Tells the buyer of a payment that is held once that it is the one that opens the page, since this purchase was refunded: its
    /// receipt says that the seller decides.
    pub(super) async fn tell_left(
        &self,
        unit: &mut dyn UnitOfWork,
        refunded: &Purchase,
    ) -> Result<(), FulfilmentError> {
        // Of a refund of it that is under way, another mail tells once it is accepted, and none if it is not.
        let Some(left) = held_alone_beside(unit, refunded).await? else { return Ok(()) };
        self.tell_open(unit, &left, RELEASED_TOLD_KEY).await
    }

    /// Mails the receipt of a payment that opens the page after all, unless that was done and noted under this key before.
    async fn tell_open(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        key: &str,
    ) -> Result<(), FulfilmentError> {
        let Some(paid) = purchase.payment.as_ref().map(|payment| payment.paid) else {
            return Ok(());
        };
        let amount = Money::new(purchase.left(), paid.currency);
        if self.note_once(unit, purchase, amount, key).await?
            && let Some(about) = self.fulfilment.about(unit, purchase).await?
        {
            self.fulfilment.second_payments().mail_receipt(unit, purchase, about, None).await?;
        }
        Ok(())
    }

    /// Notes that a second payment which is not refunded by itself is held, whatever the creator's setting is: Start of the
    /// console shows it until the creator decides. Returns `false` if that was noted before.
    async fn note_held(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<bool, StoreError> {
        let kind = FactKind::SecondPaymentHeld;
        let fact = Fact::new(self.runtime(), kind, &purchase.id, purchase.subject());
        unit.ledger().record(&fact).await
    }

    /// Notes something about a second payment that is not refunded under a key. Returns `false` if that was noted before.
    async fn note_once(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        amount: Money,
        key: &str,
    ) -> Result<bool, StoreError> {
        if unit.refund_requests().by_key(&[purchase.id], key).await?.is_some() {
            return Ok(false);
        }
        let key = Some(key.to_owned());
        let note = RefundRequest::new(self.runtime(), purchase.id, amount, None, key);
        note.store_answered(unit, None).await?;
        Ok(true)
    }
}
