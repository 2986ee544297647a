//! The refunds of payments with a dispute.

use async_trait::async_trait;

use super::{Disputes, reading::is_question};
use crate::{
    access::{Payment, Purchase},
    checkout::{FulfilmentError, ToTell},
    id::PurchaseId,
    payments::{
        AccountId, DisputeId, DisputeProgress, DisputeState, PaymentIntentId, PaymentsError,
        RefundState, refunds_of_payment,
    },
    store::UnitOfWork,
};

/// Applies refunds that are read because of a dispute, as any others that are learnt of. It is a trait since the story of refunds
/// stands below this one.
#[async_trait]
pub(crate) trait LearnsRefunds: Send + Sync {
    /// Applies refunds of a purchase that this unit of work has locked, tells people of what is new, and returns whether anything
    /// is. One in another currency is left out. MUST call no remote service.
    async fn learn(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
        refunds: &[RefundState],
    ) -> Result<bool, FulfilmentError>;

    /// Notes refunds of a purchase that this unit of work stores, and returns what people are to be told of them. One in another
    /// currency is left out. MUST call no remote service.
    async fn learn_of_new<'a>(
        &'a self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
        refunds: &[RefundState],
    ) -> Result<ToTell<'a>, FulfilmentError>;
}

impl Disputes {
    /// Returns what the provider refunded of a payment that was lost in another currency, in minor units. The provider is
    /// asked, since refunds and disputes are learnt in any order; a disputed payment is not refunded any more.
    pub(super) async fn refunded_before(
        &self,
        account: &AccountId,
        purchase: PurchaseId,
        state: &DisputeState,
    ) -> Result<i64, FulfilmentError> {
        let ports = &self.fulfilment.ports;
        if state.progress != DisputeProgress::Lost {
            return Ok(0);
        }
        let purchase = ports.purchases.purchase(purchase).await?;
        let Some(purchase) = purchase else { return Ok(0) };
        let Some(Payment { payment_intent, paid, .. }) = &purchase.payment else { return Ok(0) };
        if paid.currency.code() == state.currency {
            return Ok(0);
        }
        let dispute = &state.dispute;
        let refunded =
            self.refunded_of(account, payment_intent, paid.currency.code(), dispute).await?;
        // The refunds may never be shown again, so the loss counts with those that are known here.
        Ok(refunded.unwrap_or(purchase.refunded))
    }

    /// Returns what was refunded of a payment with a dispute, in minor units of the currency with this code; `None` if the
    /// provider does not show the refunds.
    pub(super) async fn refunded_of(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
        code: &str,
        dispute: &DisputeId,
    ) -> Result<Option<i64>, PaymentsError> {
        match self.refunds_of(account, payment).await {
            Err(error @ PaymentsError::Refused { .. }) => {
                tracing::warn!(%dispute, %error, "refunds are not shown");
                Ok(None)
            }
            refunds => Ok(Some(RefundState::sum_accepted(&refunds?, code))),
        }
    }

    /// Returns the refunds of a payment about which the bank asks for the first time; `None` if they are not shown. The provider is asked,
    /// since an event about them may come later than the question.
    pub(super) async fn refunds_beside(
        &self,
        account: &AccountId,
        state: &DisputeState,
    ) -> Result<Option<Vec<RefundState>>, FulfilmentError> {
        let payment = state.payment_intent.as_ref().filter(|_| is_question(state));
        let Some(payment) = payment else { return Ok(None) };
        if !self.may_be_news(account, payment, state).await? {
            return Ok(None);
        }
        let payments = &*self.fulfilment.ports.payments;
        match refunds_of_payment(payments, account, payment).await {
            Err(error @ PaymentsError::Refused { .. }) => {
                tracing::warn!(dispute = %state.dispute, %error, "refunds are not shown");
                Ok(None)
            }
            refunds => Ok(refunds?),
        }
    }

    /// Returns whether a question about a payment may have to be told. One that is stored was told if there was anything to tell. One about
    /// a payment that is not recorded may be if the payment names an order: sellers have other payments in their accounts.
    async fn may_be_news(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
        state: &DisputeState,
    ) -> Result<bool, FulfilmentError> {
        let purchases = &self.fulfilment.ports.purchases;
        let Some(recorded) = purchases.purchase_by_payment(account, payment).await? else {
            return Ok(self.order_of(account, payment).await?.is_some());
        };
        let known = self.reads.disputes_of(recorded.id).await?;
        Ok(known.iter().all(|known| known.id != state.dispute))
    }

    /// Returns the refunds of a payment as the provider has them.
    pub(super) async fn refunds_of(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Vec<RefundState>, PaymentsError> {
        let payments = &*self.fulfilment.ports.payments;
        Ok(refunds_of_payment(payments, account, payment).await?.unwrap_or_default())
    }
}
