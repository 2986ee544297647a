//! Disputes that are learnt of before their payment is recorded.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Disputes, amount,
    reading::{DisputeRead, note},
};
use crate::{
    access::Purchase,
    checkout::{FulfilmentError, Learnt, recompute},
    payments::{AccountId, DisputeProgress, DisputeState, PaymentIntentId},
    store::UnitOfWork,
};

/// A dispute of a payment that is not recorded yet, and of which this many minor units were refunded.
pub(super) struct LearntDispute<'a> {
    pub(super) of: &'a Disputes,
    pub(super) state: &'a DisputeState,
    pub(super) read_at: Timestamp,
    pub(super) refunded: i64,
}

#[async_trait]
impl Learnt for LearntDispute<'_> {
    async fn note(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
    ) -> Result<(), FulfilmentError> {
        let read = (self.state, self.read_at);
        self.of.note_of_new(unit, purchase, read, self.refunded).await
    }
}

impl Disputes {
    /// Notes a dispute, for which the provider was asked at an instant, of a purchase that this unit of work stores, and tells
    /// people of it. `refunded` is what was given back of the payment besides.
    pub(crate) async fn note_of_new(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
        (state, at): (&DisputeState, Timestamp),
        refunded: i64,
    ) -> Result<(), FulfilmentError> {
        let (before, read) = (purchase.holding(), DisputeRead { state, at });
        let noted = note(unit, purchase.id, read).await?;
        let lost = amount(purchase, state, refunded);
        let recorded = self.record(unit, purchase, read, noted, lost).await?;
        recompute(unit, purchase, self.fulfilment.runtime.now()).await?;
        self.tell(unit, before, purchase, state, recorded.news).await
    }

    /// Returns what was given back of a payment that is not recorded yet and was lost in another currency, in minor units, as
    /// [`refunded_before`](Self::refunded_before) does of one that is.
    pub(super) async fn refunded_unrecorded(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
        state: &DisputeState,
    ) -> Result<i64, FulfilmentError> {
        let ports = &self.fulfilment.ports;
        if state.progress != DisputeProgress::Lost
            || ports.purchases.purchase_by_payment(account, payment).await?.is_some()
        {
            return Ok(0);
        }
        let checkout = ports.payments.checkout_of_payment(account, payment).await?;
        let Some(checkout) = checkout else { return Ok(0) };
        let Some(order) = ports.checkout.order(checkout).await? else { return Ok(0) };
        let code = order.price.currency.code();
        if order.account != *account || code == state.currency {
            return Ok(0);
        }
        let refunded = self.refunded_of(account, payment, code, &state.dispute).await?;
        Ok(refunded.unwrap_or_default())
    }
}
