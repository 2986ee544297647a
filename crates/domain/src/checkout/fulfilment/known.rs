//! Finds the purchase or order that a payment at the provider belongs to.

use jiff::Timestamp;

use super::{
    Applied, Fulfilment,
    learnt::{Known, Learnt},
};
use crate::{
    checkout::{CheckoutOrder, FulfilmentError, OrderStatus},
    id::PurchaseId,
    payments::{AccountId, PaymentIntentId, PaymentsError, SessionProgress, SessionState},
    store_error::StoreError,
};

/// What a payment is for.
pub(crate) enum KnownPayment {
    /// This purchase. `is_new` if it was stored since the call began.
    Purchase { id: PurchaseId, is_new: bool },
    /// This order. The payment does not match it, or another payment does not.
    Quarantined(Box<CheckoutOrder>),
    /// The payment is for nothing that Tollgate knows.
    Unknown,
}

impl Applied {
    /// Returns the outcome of a report about a purchase. If the purchase `is_new`, storing it has noted the report already.
    pub(crate) fn with_purchase(self, is_new: bool) -> Self {
        if is_new && self == Self::Unchanged { Self::Changed } else { self }
    }
}

impl Fulfilment {
    /// Returns what a payment is for.
    ///
    /// Events may arrive in any order, so if the payment is not recorded yet, its session is applied first. The purchase is then stored as
    /// learnt at `learnt_at`, together with what `learnt` knows of it. It is an error if the session is shown as it was before the payment,
    /// so that the caller reads it again.
    pub(crate) async fn known_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
        learnt: &dyn Learnt,
        learnt_at: Timestamp,
    ) -> Result<KnownPayment, FulfilmentError> {
        if let Some(id) = self.recorded(account, payment).await? {
            return Ok(KnownPayment::Purchase { id, is_new: false });
        }
        let checkout = self.ports.payments.checkout_of_payment(account, payment).await?;
        let Some(checkout) = checkout else { return Ok(KnownPayment::Unknown) };
        let order = self.ports.checkout.order(checkout).await?;
        let Some(order) = order.filter(|order| order.account == *account) else {
            return Ok(KnownPayment::Unknown);
        };
        let state = self.session_of_payment(&order).await?;
        let known = if state.payment_intent.as_ref() == Some(payment) {
            Known::of(learnt, learnt_at)
        } else {
            Known::default()
        };
        Box::pin(self.apply_knowing(account, &state, known)).await?;
        if let Some(id) = self.recorded(account, payment).await? {
            return Ok(KnownPayment::Purchase { id, is_new: true });
        }
        let (checkout, found) = (order.id, self.ports.checkout.order(order.id).await?);
        if let Some(order) = found.filter(|order| order.status == OrderStatus::Quarantined) {
            return Ok(KnownPayment::Quarantined(Box::new(order)));
        }
        if may_precede(&state, payment) {
            let reason = "it is shown as it was before the payment".to_owned();
            let error = PaymentsError::Unavailable(reason);
            return Err(FulfilmentError::SessionOutOfReach { checkout, error });
        }
        Ok(KnownPayment::Unknown)
    }

    /// Returns the order of a session as it is stored now, outside a unit of work. The account of an order never changes.
    pub(super) async fn named_order(
        &self,
        state: &SessionState,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        match state.checkout_id {
            Some(id) => self.ports.checkout.order(id).await,
            None => self.ports.checkout.order_of_session(&state.session).await,
        }
    }

    /// Reads the session of an order whose payment the provider has just named, so that the session exists. It is searched for if the
    /// answer to opening it was lost.
    async fn session_of_payment(
        &self,
        order: &CheckoutOrder,
    ) -> Result<SessionState, FulfilmentError> {
        let (payments, account) = (&self.ports.payments, &order.account);
        let out_of_reach = |error| FulfilmentError::SessionOutOfReach { checkout: order.id, error };
        let refused = |error: PaymentsError| match error {
            PaymentsError::Refused { .. } => out_of_reach(error),
            error => error.into(),
        };
        let session = if let Some(opened) = &order.opened {
            opened.session.clone()
        } else {
            let found = payments.find_checkout(account, order.id, order.created_at).await;
            let missing = || PaymentsError::Unavailable("it is not found".to_owned());
            found.map_err(refused)?.ok_or_else(|| out_of_reach(missing()))?.session
        };
        payments.checkout(account, &session).await.map_err(refused)
    }

    /// Returns the purchase that a payment has made.
    pub(super) async fn recorded(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<PurchaseId>, StoreError> {
        let purchase = self.ports.purchases.purchase_by_payment(account, payment).await?;
        Ok(purchase.map(|purchase| purchase.id))
    }
}

/// Returns whether a session is shown as it was before this payment. One that was paid by another payment is not.
fn may_precede(state: &SessionState, payment: &PaymentIntentId) -> bool {
    matches!(state.progress, SessionProgress::Open | SessionProgress::Pending)
        && state.payment_intent.as_ref().is_none_or(|it| it == payment)
}
