//! Refunds that jobs make: of second payments, and of requests whose response was lost.

use super::{
    RefundError, RefundRequest, RefundWish, Refunds, RefusalReason,
    next::STALE_SECONDS,
    provider::{asks_for_lost, is_of_job},
    refund::is_uncategorized,
    ruling::{SecondPaymentRuling, rule},
};
use crate::{
    access::{Fact, FactKind, Purchase},
    checkout::{SECOND_PAYMENT_KEY, paid_twice},
    clock::{DAY_SECONDS, plus_seconds},
    id::{PurchaseId, RefundId},
    jobs::{Finish, Outcome},
    mail::RefundHindrance,
    money::Money,
    payments::{PaymentsError, Refusal},
    store::UnitOfWork,
    store_error::StoreError,
};

/// The key of the note that the creator knows that a second payment is not given back yet.
const DELAY_TOLD_KEY: &str = "tollgate-second-payment-delayed";
/// The key of the note that the creator knows that the account of a second payment is disconnected.
const DISCONNECTED_TOLD_KEY: &str = "tollgate-second-payment-disconnected";
/// The key of the note that the creator knows that a second payment is not given back by itself.
const END_TOLD_KEY: &str = "tollgate-second-payment-kept";

/// The reason that is stored for refunds of second payments.
pub const PAID_TWICE: &str = "paid twice";

/// For how long after the payment a refund is tried that Stripe refuses for a reason that may pass, in seconds.
const REFUSED_SECONDS: i64 = 7 * DAY_SECONDS;

/// What becomes of the job that refunds a second payment.
enum Ending {
    /// It tries again.
    Retry,
    /// It is done.
    Done,
    /// It has failed for good, which an operator sees.
    Dead,
}

/// What hinders the refund of a second payment.
struct Hindrance {
    /// What the creator is told.
    told: RefundHindrance,
    /// The key of the note that the creator was told it.
    key: &'static str,
    /// What becomes of the job.
    ending: Ending,
}

impl Refunds {
    /// Refunds a payment for a page that the buyer had access to already, if the buyer still has it without this payment. The
    /// provider is asked what became of the others first. An error means that it is tried again: the balance may cover it later, or more
    /// may have been refunded at the provider than is known here. What the provider refuses for good, or a week long since the account
    /// is restricted or disconnected, is left to the creator, who is told once.
    pub async fn refund_second(&self, id: PurchaseId) -> Result<Finish, RefundError> {
        let (mut unmade, mut is_on_its_way) = (None, false);
        if let Some((purchase, request)) = self.asked_before(id).await? {
            let is_stale = self.is_stale(&request);
            // The provider may have received it, whatever is decided now.
            if self.look_for(&purchase, &request).await? {
                return Ok(Finish::done());
            }
            unmade = is_stale.then_some(request);
            is_on_its_way = !is_stale;
        }
        if let Err(error) = self.learn_of_others(id).await {
            tracing::error!(purchase = %id, %error, "it is not known whether a payment is a second one");
            // What comes of a request that may be on its way is known later.
            return if is_on_its_way {
                Err(error)
            } else {
                Box::pin(self.leave_in_doubt(id, unmade.as_ref(), error)).await
            };
        }
        let Some((purchase, request)) = self.second_payment(id, unmade.as_ref()).await? else {
            return Ok(Finish::done());
        };
        let amount = request.amount;
        // An earlier request that was not answered asks for what remained then.
        let asks_too_much = amount.amount > purchase.left();
        let outcome = self.execute(&purchase, &request).await;
        // More may have been refunded than was known, so that less can be asked for the next time.
        let has_changed = is_uncategorized(&outcome)
            && (asks_too_much
                || self.learn_refunds(&purchase).await?
                || self.has_moved_on(&purchase).await?);
        let error = match outcome {
            Ok(_) | Err(RefundError::AlreadyRefunded | RefundError::Lost) => {
                return Ok(Finish::done());
            }
            Err(error) => error,
        };
        tracing::error!(purchase = %id, %error, "a second payment is not refunded yet");
        match self.hindrance(&purchase, &error).filter(|_| !has_changed) {
            Some(hindrance) => self.give_up_second(&purchase, amount, hindrance, error).await,
            None => Err(error),
        }
    }

    /// Keeps a payment of which it cannot be known now whether it is a second one, so that it is looked at again later. It is left to
    /// its creator if that does not become known, like one that Stripe does not refund.
    async fn leave_in_doubt(
        &self,
        id: PurchaseId,
        unmade: Option<&RefundRequest>,
        error: RefundError,
    ) -> Result<Finish, RefundError> {
        let purchase = self.fulfilment.ports.purchases.purchase(id).await?;
        let Some(purchase) = purchase else { return Ok(Finish::done()) };
        let paid = purchase.payment.as_ref().map(|payment| payment.paid);
        let Some((paid, hindrance)) = paid.zip(self.hindrance(&purchase, &error)) else {
            return Err(error);
        };
        if let Some(request) = unmade
            && let Some(unit) = self.close(request).await?
        {
            unit.commit().await?;
        }
        let amount = Money::new(purchase.left(), paid.currency);
        self.give_up_second(&purchase, amount, hindrance, error).await
    }

    /// Returns the request of a job for a refund of this purchase that has no answer, and the purchase.
    async fn asked_before(
        &self,
        id: PurchaseId,
    ) -> Result<Option<(Purchase, RefundRequest)>, StoreError> {
        let Some(purchase) = self.fulfilment.ports.purchases.purchase(id).await? else {
            return Ok(None);
        };
        let request = self.reads.unanswered_refund_of(id).await?;
        Ok(request.filter(is_of_job).map(|request| (purchase, request)))
    }

    /// Returns whether nothing can come of a request any more that the provider has no refund of. Until then it may be on its way.
    pub(super) fn is_stale(&self, request: &RefundRequest) -> bool {
        let sent_at = request.sent_at.unwrap_or(request.requested_at);
        self.runtime().now() >= plus_seconds(sent_at, STALE_SECONDS)
    }

    /// Returns the second payment with the request for its refund, which is stored; `None` if it is not a second payment now.
    /// In that case a request without an answer is closed if it is `unmade`: the provider was asked, has no refund of it, and was
    /// not sent it again since.
    async fn second_payment(
        &self,
        id: PurchaseId,
        unmade: Option<&RefundRequest>,
    ) -> Result<Option<(Purchase, RefundRequest)>, RefundError> {
        let locked = self.fulfilment.begin_with_purchase(id).await?;
        let Some((mut unit, purchase)) = locked else { return Ok(None) };
        match rule(&mut *unit, &purchase).await? {
            SecondPaymentRuling::GiveBack => {}
            SecondPaymentRuling::Keep => {
                let request = unit.refund_requests().unanswered_of(id).await?;
                if let Some(request) = request.filter(|request| Some(request) == unmade) {
                    self.close_in(&mut *unit, &request).await?;
                    unit.commit().await?;
                    tracing::info!(refund = %request.id, "a refund is not needed any more");
                }
                return Ok(None);
            }
            SecondPaymentRuling::Wait => {
                let reason = "another payment is being refunded".to_owned();
                return Err(PaymentsError::Unavailable(reason).into());
            }
        }
        let wish = RefundWish {
            visitor_id: purchase.visitor_id,
            purchase_id: Some(id),
            reason: Some(PAID_TWICE.to_owned()),
            idempotency_key: Some(SECOND_PAYMENT_KEY.to_owned()),
            arrived_at: self.runtime().now(),
        };
        let request = match self.request(&mut *unit, &purchase, &wish).await {
            Ok(request) => request,
            Err(RefundError::AlreadyRefunded | RefundError::Lost | RefundError::Disputed) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        unit.commit().await?;
        Ok(Some((purchase, request)))
    }

    /// Returns whether a request that the provider failed to carry out may be sent once more. For one of a job that is decided
    /// again.
    pub(super) async fn is_wanted(&self, request: &RefundRequest) -> Result<bool, StoreError> {
        if !is_of_job(request) {
            let purchases = &self.fulfilment.ports.purchases;
            let purchase = purchases.purchase(request.purchase_id).await?;
            return Ok(purchase.is_some_and(|purchase| !asks_for_lost(&purchase, request)));
        }
        let locked = self.fulfilment.begin_with_purchase(request.purchase_id).await?;
        let Some((mut unit, purchase)) = locked else { return Ok(false) };
        Ok(matches!(rule(&mut *unit, &purchase).await?, SecondPaymentRuling::GiveBack))
    }

    /// Returns what hinders a refund of a second payment that failed like this; `None` if it may succeed soon.
    fn hindrance(&self, purchase: &Purchase, error: &RefundError) -> Option<Hindrance> {
        let is_late = self.is_late(purchase);
        let (told, key, ending) = match error {
            RefundError::Refused(RefusalReason::InsufficientBalance) => {
                (RefundHindrance::Balance, DELAY_TOLD_KEY, Ending::Retry)
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
                (RefundHindrance::Restricted, DELAY_TOLD_KEY, Ending::Retry)
            }
            RefundError::Payments(PaymentsError::Refused { refusal, message })
                if is_late || *refusal == Refusal::WithMessage =>
            {
                (RefundHindrance::Refused(message.clone()), END_TOLD_KEY, Ending::Dead)
            }
            _ => return None,
        };
        Some(Hindrance { told, key, ending })
    }

    /// Returns whether a refund of the payment is no longer tried that Stripe refuses for a reason that may pass.
    fn is_late(&self, purchase: &Purchase) -> bool {
        self.runtime().now() >= plus_seconds(purchase.created_at, REFUSED_SECONDS)
    }

    /// Tells the creator once why a second payment is not given back, and ends the job if it is not tried again. Then the buyer
    /// hears it, too, to whom the receipt has announced the refund.
    async fn give_up_second(
        &self,
        purchase: &Purchase,
        amount: Money,
        hindrance: Hindrance,
        error: RefundError,
    ) -> Result<Finish, RefundError> {
        let mut unit = self.runtime().begin().await?;
        unit.purchases().lock(purchase.id).await?;
        let Hindrance { told, key, ending } = hindrance;
        let is_news = self.note_told(&mut *unit, purchase, amount, key).await?;
        let is_over = !matches!(ending, Ending::Retry);
        let is_left = is_over && self.note_held(&mut *unit, purchase).await?;
        if (is_news || is_left)
            && let Some(about) = self.fulfilment.about(&mut *unit, purchase).await?
        {
            if is_news {
                let links = &*self.fulfilment.ports.links;
                let content = paid_twice(links, &about, amount, Some(told), false);
                self.fulfilment.mail_creator(&mut *unit, about.handle.id, &content).await?;
            }
            if is_left {
                self.tell_not_paid(&mut *unit, &about, purchase, amount).await?;
            }
        }
        match ending {
            Ending::Retry => {
                unit.commit().await?;
                Err(error)
            }
            Ending::Done => Ok(Finish::done().within(unit)),
            Ending::Dead => Ok(Finish::of(Outcome::Dead(error.to_string())).within(unit)),
        }
    }

    /// Notes that a second payment which is not given back by itself is held, whatever the creator's setting is: Start of the
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

    /// Notes under a key that the creator is told of a second payment that is not given back. Returns `false` if that was noted
    /// before.
    async fn note_told(
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

    /// Takes up a request whose response was lost. Its refund is looked for first, and asked for again, with the original key, only
    /// if the provider has none. One that a job asked for is asked for again only if it is still a second payment: what made it one
    /// may have ended since.
    pub async fn resume(&self, id: RefundId) -> Result<(), RefundError> {
        let Some(request) = self.reads.unanswered_refund(id).await? else { return Ok(()) };
        let purchases = &self.fulfilment.ports.purchases;
        let Some(purchase) = purchases.purchase(request.purchase_id).await? else {
            return Ok(());
        };
        let is_stale = self.is_stale(&request);
        if self.look_for(&purchase, &request).await? {
            return Ok(());
        }
        if !is_of_job(&request) {
            // What has come since it was read counts as well, such as a loss.
            let now = purchases.purchase(request.purchase_id).await?;
            let purchase = now.unwrap_or(purchase);
            return self.send_again(&purchase, &request).await;
        }
        self.learn_of_others(purchase.id).await?;
        let unmade = is_stale.then_some(&request);
        let Some((purchase, request)) = self.second_payment(purchase.id, unmade).await? else {
            if self.reads.unanswered_refund(id).await?.is_some() {
                let reason = "a request for the refund may be on its way".to_owned();
                return Err(PaymentsError::Unavailable(reason).into());
            }
            return Ok(());
        };
        self.send_again(&purchase, &request).await
    }

    async fn send_again(
        &self,
        purchase: &Purchase,
        request: &RefundRequest,
    ) -> Result<(), RefundError> {
        match self.send_to_provider(purchase, request).await {
            Ok(_) => Ok(()),
            Err(error) if self.reads.unanswered_refund(request.id).await?.is_some() => Err(error),
            Err(error) => {
                tracing::warn!(refund = %request.id, %error, "a refund was refused");
                Ok(())
            }
        }
    }
}
