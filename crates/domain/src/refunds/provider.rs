//! Asking the provider for a refund, and learning what it has refunded.

use super::{RefundError, RefundReceipt, RefundRequest, Refunds, error::explained};
use crate::{
    access::{Payment, Purchase},
    checkout::{Applied, FulfilmentError, Overlap, SECOND_PAYMENT_KEY, sweep_account_of},
    creators::SecondPayments,
    id::RefundId,
    payments::{
        AccountId, PaymentIntentId, PaymentsError, RefundOrder, RefundState, Refusal,
        refunds_of_payment,
    },
    store::UnitOfWork,
    store_error::StoreError,
};

/// The number of further keys under which a refund is asked for in one request.
const MAX_ATTEMPTS: u32 = 2;

/// The number of seconds until a refund is asked for again, after the provider said that everything was refunded but showed no such refund.
const SHOWN_AFTER_SECONDS: u64 = 5;

impl Refunds {
    /// Carries out a request. A request that failed for good is closed, since the provider repeats its answer for the same key: the next
    /// request has another key.
    pub(super) async fn execute(
        &self,
        purchase: &Purchase,
        request: &RefundRequest,
    ) -> Result<RefundReceipt, RefundError> {
        let outcome = self.send_to_provider(purchase, request).await;
        if let Err(RefundError::Payments(PaymentsError::Failed(_))) = outcome
            && let Some(unit) = self.close(request).await?
        {
            unit.commit().await?;
        }
        outcome
    }

    /// Carries out a request that an earlier call stored and that has no answer. The provider may have made its refund, so that is looked
    /// for first.
    pub(super) async fn take_up(
        &self,
        purchase: &Purchase,
        request: &RefundRequest,
    ) -> Result<RefundReceipt, RefundError> {
        let payment = purchase.payment.as_ref().ok_or(RefundError::PurchaseNotFound)?;
        if let Some(state) = self.find_made(payment, request).await? {
            return self.made(&payment.account, request, state).await;
        }
        // The purchase may have changed since it was read, for example by a lost dispute.
        let now = self.fulfilment.ports.purchases.purchase(purchase.id).await?;
        self.execute(now.as_ref().unwrap_or(purchase), request).await
    }

    pub(super) async fn send_to_provider(
        &self,
        purchase: &Purchase,
        request: &RefundRequest,
    ) -> Result<RefundReceipt, RefundError> {
        let payment = purchase.payment.as_ref().ok_or(RefundError::PurchaseNotFound)?;
        if asks_for_lost(purchase, request) {
            return Box::pin(self.end_lost(purchase, request)).await;
        }
        let order = RefundOrder {
            refund_id: request.id,
            attempt: 0,
            account: payment.account.clone(),
            payment_intent: payment.payment_intent.clone(),
            amount: request.amount,
            with_fee: self.took_fee(payment).await?,
        };
        let state = match self.request_refund(order, request).await {
            Ok(state) => state,
            Err(RefundError::Payments(error)) => {
                return Err(self.close_refused(purchase, request, error).await?);
            }
            Err(error) => return Err(error),
        };
        self.made(&payment.account, request, state).await
    }

    /// Records the refund that was made for a request, and returns its receipt.
    async fn made(
        &self,
        account: &AccountId,
        request: &RefundRequest,
        state: RefundState,
    ) -> Result<RefundReceipt, RefundError> {
        let receipt = RefundReceipt {
            purchase_id: request.purchase_id,
            refund: state.refund.clone(),
            progress: state.progress,
            amount: request.amount,
        };
        self.apply(account, &[state]).await?;
        Ok(receipt)
    }

    /// Ends a request from before a dispute was lost, which asks for money that was lost: it is not sent again. The
    /// provider may have made the refund before the loss.
    async fn end_lost(
        &self,
        purchase: &Purchase,
        request: &RefundRequest,
    ) -> Result<RefundReceipt, RefundError> {
        let payment = purchase.payment.as_ref().ok_or(RefundError::PurchaseNotFound)?;
        if let Some(state) = self.find_made(payment, request).await? {
            return self.made(&payment.account, request, state).await;
        }
        if !self.is_stale(request) {
            let reason = "a request for the refund may be on its way".to_owned();
            return Err(PaymentsError::Unavailable(reason).into());
        }
        if let Some(unit) = self.close(request).await? {
            unit.commit().await?;
        }
        Err(RefundError::Lost)
    }

    /// Asks the provider for the refund. If that fails or is not answered, the refund is looked for. It is
    /// asked for under a new key only after the provider answered that it failed: a request without an answer
    /// may still be carried out. [`PaymentsError::Failed`] means that there is no refund and that none is being made.
    async fn request_refund(
        &self,
        mut order: RefundOrder,
        request: &RefundRequest,
    ) -> Result<RefundState, RefundError> {
        loop {
            self.note_sent(request).await?;
            let error = match self.payments().refund(&order).await {
                Ok(refund) if is_of(&refund, &order) => return Ok(refund),
                Ok(refund) => {
                    let reason = format!("{} is not the refund that was asked for", refund.refund);
                    PaymentsError::Unavailable(reason)
                }
                Err(error @ PaymentsError::Refused { .. }) => return Err(error.into()),
                Err(error) => error,
            };
            tracing::warn!(refund = %order.refund_id, %error, "a refund is looked for");
            let (account, payment) = (&order.account, &order.payment_intent);
            let found = self.find_refund(account, payment, order.refund_id).await;
            if let Some(found) = found.map_err(PaymentsError::unknown)? {
                return Ok(found);
            }
            if !matches!(error, PaymentsError::Failed(_)) || order.attempt == MAX_ATTEMPTS {
                return Err(error.into());
            }
            // What has come between counts as well.
            if !self.is_wanted(request).await? {
                return Err(error.into());
            }
            order.attempt += 1;
        }
    }

    /// Records that a request is about to be sent, so that it is not closed as unanswered while it may be under way.
    async fn note_sent(&self, request: &RefundRequest) -> Result<(), StoreError> {
        let mut unit = self.runtime().begin().await?;
        unit.refund_requests().sent(request.id, self.runtime().now()).await?;
        unit.commit().await
    }

    /// Returns the refund of a payment that was made for this request, if the provider has it.
    async fn find_refund(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
        request: RefundId,
    ) -> Result<Option<RefundState>, PaymentsError> {
        let made = refunds_of_payment(self.payments(), account, payment).await?;
        let found = made.into_iter().flatten().find(|refund| refund.refund_id == Some(request));
        // The list is of this payment's charge, so the refund is of this payment.
        let payment_intent = Some(payment.clone());
        Ok(found.map(|found| RefundState { payment_intent, ..found }))
    }

    /// Looks for the refund of an earlier request, and records it. Returns whether the provider has it.
    ///
    /// Returns `false` if the account is out of reach: no refund can be made there any more, and one that was made before is recorded when
    /// Tollgate learns of it.
    pub(super) async fn look_for(
        &self,
        purchase: &Purchase,
        request: &RefundRequest,
    ) -> Result<bool, RefundError> {
        let Some(payment) = &purchase.payment else { return Ok(false) };
        let found = self.find_made(payment, request).await?;
        let Some(state) = found else { return Ok(false) };
        self.apply(&payment.account, &[state]).await?;
        Ok(true)
    }

    async fn find_made(
        &self,
        Payment { account, payment_intent, .. }: &Payment,
        request: &RefundRequest,
    ) -> Result<Option<RefundState>, PaymentsError> {
        match self.find_refund(account, payment_intent, request.id).await {
            Err(error) if error.is_out_of_reach() => Ok(None),
            found => found.map_err(PaymentsError::unknown),
        }
    }

    async fn took_fee(&self, payment: &Payment) -> Result<bool, RefundError> {
        let order = self.fulfilment.ports.checkout.order(payment.checkout_id).await?;
        Ok(order.is_some_and(|order| order.fee > 0))
    }

    /// Closes a request that the provider refused. A request with an unknown outcome stays open for a
    /// retry.
    async fn close_refused(
        &self,
        purchase: &Purchase,
        request: &RefundRequest,
        error: PaymentsError,
    ) -> Result<RefundError, RefundError> {
        let PaymentsError::Refused { refusal, .. } = &error else {
            return Ok(error.into());
        };
        let refusal = *refusal;
        let is_disputed = refusal == Refusal::Disputed;
        if let Some(mut unit) = self.close(request).await? {
            if is_disputed || refusal == Refusal::AlreadyRefunded {
                // The event about the dispute or the refund may be lost. A sweep reads it if it cannot be read at once.
                sweep_account_of(&mut *unit, purchase, self.runtime().now()).await?;
            }
            unit.commit().await?;
        }
        let is_shown_open = is_disputed && self.read_disputes(purchase).await;
        if refusal == Refusal::AlreadyRefunded {
            return Box::pin(self.refunded_elsewhere(purchase)).await;
        }
        if is_disputed && purchase.lost > 0 && !is_shown_open {
            // The dispute may be the one that was lost, and is not open.
            return Ok(with_message(error).into());
        }
        Ok(explained(error))
    }

    /// Learns what was refunded of a purchase of which the provider says that all was, and returns what to answer. While its
    /// refunds do not say so as well, access stays, so that nobody is told that the payment was refunded.
    async fn refunded_elsewhere(&self, purchase: &Purchase) -> Result<RefundError, RefundError> {
        match self.read_refunds(purchase).await {
            // The others count. Sweeps name it.
            Err(FulfilmentError::Unusable(reason)) => {
                tracing::warn!(purchase = %purchase.id, reason, "a refund was left out");
                return Ok(RefundError::AlreadyRefunded);
            }
            Err(FulfilmentError::Payments(error)) => return Ok(explained(error.unknown())),
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        let now = self.fulfilment.ports.purchases.purchase(purchase.id).await?;
        if now.is_none_or(|now| now.left() == 0) {
            return Ok(RefundError::AlreadyRefunded);
        }
        let reason = "the provider does not show the refund that it speaks of".to_owned();
        let retry_after_seconds = SHOWN_AFTER_SECONDS;
        Ok(PaymentsError::Busy { reason, retry_after_seconds }.into())
    }

    /// Closes a request that led to no refund, and returns the unit of work that does so, for the caller to commit. Returns `None` if the
    /// purchase does not exist.
    pub(super) async fn close(
        &self,
        request: &RefundRequest,
    ) -> Result<Option<Box<dyn UnitOfWork>>, RefundError> {
        // In the order in which a refund that is applied locks them.
        let locked = self.fulfilment.begin_with_purchase(request.purchase_id).await?;
        let Some((mut unit, purchase)) = locked else { return Ok(None) };
        // The job that refunds a second payment by itself tries again, or holds it when it gives up.
        if self.close_in(&mut *unit, request).await? && !is_of_job(request) {
            // It is rare, and boxed so that the futures of callers stay small.
            Box::pin(self.hold_what_stays(&mut *unit, &purchase)).await?;
        }
        Ok(Some(unit))
    }

    /// Closes a request that led to no refund, in a unit that has locked its purchase. Returns `false` if the request has an answer.
    pub(super) async fn close_in(
        &self,
        unit: &mut dyn UnitOfWork,
        request: &RefundRequest,
    ) -> Result<bool, StoreError> {
        let now = self.runtime().now();
        let answered = unit.refund_requests().answer(request.id, false, None, now).await?;
        if answered.is_none() {
            return Ok(false);
        }
        unit.purchases().release_refund(request.purchase_id, request.amount.amount).await?;
        Ok(true)
    }

    /// Holds a payment for a page that is open without it since it is not refunded after all, where the creator has such
    /// payments held: while its refund was under way, there was nothing to decide.
    async fn hold_what_stays(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<(), FulfilmentError> {
        let handle = unit.handles().find(purchase.handle_id).await?;
        if handle.is_some_and(|handle| handle.second_payments == SecondPayments::Hold) {
            let (visitor, page) = (purchase.visitor_id, purchase.page_id);
            self.fulfilment
                .second_payments()
                .decide(unit, visitor, page, Overlap::Existing)
                .await?;
        }
        Ok(())
    }

    /// Reads the disputes of the purchase from the provider. Returns `true` if they change what can be refunded.
    pub(super) async fn learn_disputes(&self, purchase: &Purchase) -> Result<bool, StoreError> {
        self.read_disputes(purchase).await;
        self.is_disputed_anew(purchase).await
    }

    /// Reads the disputes of the purchase from the provider, and returns whether it shows one as open. Those that cannot be read now
    /// are left to sweeps.
    async fn read_disputes(&self, purchase: &Purchase) -> bool {
        let read = Box::pin(self.disputes.read_of(purchase, self)).await;
        read.unwrap_or_else(|error| {
            tracing::warn!(purchase = %purchase.id, %error, "disputes were not read");
            false
        })
    }

    /// Returns whether disputes have changed what can be refunded of a purchase since it was read.
    pub(super) async fn is_disputed_anew(&self, before: &Purchase) -> Result<bool, StoreError> {
        let now = self.fulfilment.ports.purchases.purchase(before.id).await?;
        let of = |purchase: &Purchase| (purchase.suspended_at, purchase.lost);
        Ok(now.is_some_and(|now| of(&now) != of(before)))
    }

    /// Reads the refunds of the purchase from the provider. Returns `true` if any of them was new. One that cannot be used is left
    /// to sweeps, which name it.
    pub(super) async fn learn_refunds(&self, purchase: &Purchase) -> Result<bool, RefundError> {
        match self.read_refunds(purchase).await {
            Err(FulfilmentError::Unusable(reason)) => {
                tracing::warn!(purchase = %purchase.id, reason, "a refund was left out");
                // The others count.
                Ok(self.has_moved_on(purchase).await?)
            }
            applied => Ok(applied? == Applied::Changed),
        }
    }

    /// Reads the refunds of the purchase from the provider, and applies them.
    pub(crate) async fn read_refunds(
        &self,
        purchase: &Purchase,
    ) -> Result<Applied, FulfilmentError> {
        let Some(Payment { account, payment_intent, .. }) = &purchase.payment else {
            return Ok(Applied::Ignored);
        };
        let refunds = refunds_of_payment(self.payments(), account, payment_intent).await?;
        let Some(refunds) = refunds else { return Ok(Applied::Ignored) };
        self.apply(account, &refunds).await
    }
}

/// Returns a refusal as one that its message explains.
fn with_message(error: PaymentsError) -> PaymentsError {
    match error {
        PaymentsError::Refused { message, .. } => {
            PaymentsError::Refused { refusal: Refusal::WithMessage, message }
        }
        error => error,
    }
}

/// Returns whether a request asks for more than a lost dispute has left of the payment.
pub(super) fn asks_for_lost(purchase: &Purchase, request: &RefundRequest) -> bool {
    purchase.lost > 0 && request.amount.amount > purchase.left()
}

/// Returns whether a job asked for the refund, of a second payment.
pub(super) fn is_of_job(request: &RefundRequest) -> bool {
    request.idempotency_key.as_deref() == Some(SECOND_PAYMENT_KEY)
}

/// Returns whether the provider's answer to an order is about its payment, its amount and its currency.
fn is_of(refund: &RefundState, order: &RefundOrder) -> bool {
    refund.payment_intent.as_ref() == Some(&order.payment_intent)
        && refund.amount == order.amount.amount
        && refund.is_in(order.amount.currency.code())
}
