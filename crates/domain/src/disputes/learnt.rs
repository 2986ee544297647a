//! Disputes that are learnt of before their payment is recorded.

use async_trait::async_trait;

use super::{
    Disputes, LearnsRefunds, amount,
    notices::DisputeNews,
    reading::{DisputeRead, note},
};
use crate::{
    access::{Holding, Purchase},
    checkout::{CheckoutOrder, FulfilmentError, Learnt, ToTell, Untold, recompute},
    payments::{AccountId, DisputeProgress, DisputeState, PaymentIntentId},
    store::UnitOfWork,
};

/// A dispute of a payment that is not recorded yet, and of which this many minor units were refunded.
pub(super) struct LearntDispute<'a> {
    pub(super) of: &'a Disputes,
    pub(super) read: DisputeRead<'a>,
    pub(super) refunded: i64,
    pub(super) refunds: &'a dyn LearnsRefunds,
}

#[async_trait]
impl Learnt for LearntDispute<'_> {
    async fn note<'a>(
        &'a self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
    ) -> Result<ToTell<'a>, FulfilmentError> {
        let mut untold = self.of.note_of_new(unit, purchase, self.read, self.refunded).await?;
        if let Some(refunds) = self.read.refunds {
            untold.extend(self.refunds.learn_of_new(unit, purchase, refunds).await?);
        }
        Ok(untold)
    }
}

/// What is new about a dispute of a purchase that is being stored.
struct UntoldDispute<'a> {
    of: &'a Disputes,
    state: &'a DisputeState,
    /// How the purchase was held before it.
    before: Holding,
    news: DisputeNews,
}

#[async_trait]
impl Untold for UntoldDispute<'_> {
    async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<(), FulfilmentError> {
        self.of.tell(unit, self.before, purchase, self.state, self.news).await
    }
}

impl Disputes {
    /// Notes a dispute of a purchase that this unit of work stores, and returns what people are to be told of it. `refunded` is what was
    /// refunded of the payment besides, by the refunds of the read or others.
    pub(crate) async fn note_of_new<'a>(
        &'a self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
        read: DisputeRead<'a>,
        refunded: i64,
    ) -> Result<ToTell<'a>, FulfilmentError> {
        let (before, state) = (purchase.holding(), read.state);
        let noted = note(unit, purchase.id, read).await?;
        let lost = amount(purchase, state, refunded);
        let recorded = self.record(unit, purchase, read, noted, lost).await?;
        recompute(unit, purchase, self.fulfilment.runtime.now()).await?;
        let untold: Box<dyn Untold + 'a> =
            Box::new(UntoldDispute { of: self, state, before, news: recorded.news });
        Ok(vec![untold])
    }

    /// Returns what was refunded of a payment that is not recorded yet and was lost in another currency, in minor units, as
    /// [`refunded_before`](Self::refunded_before) does of one that is.
    pub(super) async fn refunded_unrecorded(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
        state: &DisputeState,
    ) -> Result<i64, FulfilmentError> {
        let purchases = &self.fulfilment.ports.purchases;
        if state.progress != DisputeProgress::Lost
            || purchases.purchase_by_payment(account, payment).await?.is_some()
        {
            return Ok(0);
        }
        let Some(order) = self.order_of(account, payment).await? else { return Ok(0) };
        let code = order.price.currency.code();
        if code == state.currency {
            return Ok(0);
        }
        let refunded = self.refunded_of(account, payment, code, &state.dispute).await?;
        Ok(refunded.unwrap_or_default())
    }

    /// Returns the order that a payment at this account names.
    pub(super) async fn order_of(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<CheckoutOrder>, FulfilmentError> {
        let ports = &self.fulfilment.ports;
        let checkout = ports.payments.checkout_of_payment(account, payment).await?;
        let Some(checkout) = checkout else { return Ok(None) };
        let order = ports.checkout.order(checkout).await?;
        Ok(order.filter(|order| order.account == *account))
    }
}
