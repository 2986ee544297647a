//! Refunds that jobs make: of second payments, and of requests whose response was lost.

use std::collections::BTreeSet;

use super::{
    RefundError, RefundRequest, RefundWish, Refunds,
    next::STALE_SECONDS,
    provider::{asks_for_lost, is_of_job},
    refund::is_uncategorized,
    ruling::{SecondPaymentRuling, is_open_by, rule},
};
use crate::{
    access::Purchase,
    checkout::SECOND_PAYMENT_KEY,
    clock::plus_seconds,
    id::{PurchaseId, RefundId},
    jobs::Finish,
    payments::PaymentsError,
    store_error::StoreError,
};

/// The reason that is stored for refunds of second payments.
pub const PAID_TWICE: &str = "paid twice";

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
        let others = match self.learn_of_others(id).await {
            Ok(others) => others,
            Err(error) => {
                tracing::error!(purchase = %id, %error, "it is not known whether a payment is a second one");
                // What comes of a request that may be on its way is known later.
                return if is_on_its_way {
                    Err(error)
                } else {
                    Box::pin(self.leave_in_doubt(id, unmade.as_ref(), error)).await
                };
            }
        };
        let second = self.second_payment(id, &others, unmade.as_ref()).await?;
        let Some((purchase, request)) = second else { return Ok(Finish::done()) };
        // An earlier request that was not answered asks for what remained then.
        let asks_too_much = request.amount.amount > purchase.left();
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
            Some(hindrance) => Box::pin(self.give_up_second(id, None, hindrance, error)).await,
            None => Err(error),
        }
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
    /// In that case a request without an answer is closed if it is `unmade`. What makes it one has to be among `others`, of which
    /// nothing more can be learnt now.
    async fn second_payment(
        &self,
        id: PurchaseId,
        others: &BTreeSet<PurchaseId>,
        unmade: Option<&RefundRequest>,
    ) -> Result<Option<(Purchase, RefundRequest)>, RefundError> {
        let locked = self.fulfilment.begin_with_purchase(id).await?;
        let Some((mut unit, purchase)) = locked else { return Ok(None) };
        let ruling = rule(&mut *unit, &purchase).await?;
        if matches!(ruling, SecondPaymentRuling::Keep) {
            self.keep(&mut *unit, &purchase, unmade).await?;
            unit.commit().await?;
            return Ok(None);
        }
        // Another one may have come since the provider was asked.
        let is_known = is_open_by(&mut *unit, &purchase, others).await?;
        if matches!(ruling, SecondPaymentRuling::Wait) || !is_known {
            let reason = "it is not known yet what becomes of another payment".to_owned();
            return Err(PaymentsError::Unavailable(reason).into());
        }
        let wish = RefundWish {
            visitor_id: purchase.visitor_id,
            purchase_id: Some(id),
            reason: Some(PAID_TWICE.to_owned()),
            idempotency_key: Some(SECOND_PAYMENT_KEY.to_owned()),
            arrived_at: self.runtime().now(),
            at_most: None,
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
        let purchase = self.fulfilment.ports.purchases.purchase(request.purchase_id).await?;
        let Some(purchase) = purchase else { return Ok(false) };
        if is_of_job(request) {
            self.is_to_go_back(&purchase).await
        } else {
            Ok(!asks_for_lost(&purchase, request))
        }
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
        let others = self.learn_of_others(purchase.id).await?;
        let unmade = is_stale.then_some(&request);
        let second = self.second_payment(purchase.id, &others, unmade).await?;
        let Some((purchase, request)) = second else {
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
