//! Applying what the provider says.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    access::Purchase,
    checkout::{Applied, Connect, Fulfilment, FulfilmentError, Learnt, ToTell},
    disputes::{DisputeRead, Disputes},
    payments::{
        AccountId, AccountState, DisputeId, DisputeState, PaymentsError, RefundState,
        SessionProgress, SessionState, refunds_of_payment,
    },
    refunds::Refunds,
    store::UnitOfWork,
};

/// Something as the provider has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderUpdate {
    /// A checkout session.
    Session(SessionState),
    /// Refunds of one payment.
    Refunds(Vec<RefundState>),
    /// A dispute, and when the provider was asked for it.
    Dispute(DisputeState, Timestamp),
    /// What the account can do, and when the provider was asked for it.
    Account(AccountState, Timestamp),
    /// The account's owner has withdrawn the platform's access.
    Deauthorized,
    /// The platform has access to an account that a handle was connected to before. What it can do, and when the provider was
    /// asked for it.
    Reauthorized(AccountState, Timestamp),
}

/// What was taken back of a payment whose order was lost.
struct TakenBack<'a> {
    updates: &'a ProviderUpdates,
    refunds: &'a [RefundState],
    /// Each with when the provider was asked for it.
    disputes: &'a [(DisputeState, Timestamp)],
}

#[async_trait]
impl Learnt for TakenBack<'_> {
    async fn note<'a>(
        &'a self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
    ) -> Result<ToTell<'a>, FulfilmentError> {
        let ProviderUpdates { refunds, disputes, .. } = self.updates;
        let code = purchase.payment.as_ref().map(|payment| payment.paid.currency.code());
        let refunded = RefundState::sum_accepted(self.refunds, code.unwrap_or_default());
        let mut untold = ToTell::new();
        for (dispute, read_at) in self.disputes {
            let read = DisputeRead { state: dispute, at: *read_at, refunds: Some(self.refunds) };
            untold.extend(disputes.note_of_new(unit, purchase, read, refunded).await?);
        }
        untold.extend(refunds.note_of_new(unit, purchase, self.refunds).await?);
        Ok(untold)
    }
}

/// Applies updates of every kind.
#[derive(Debug, Clone)]
pub struct ProviderUpdates {
    pub(super) fulfilment: Fulfilment,
    refunds: Refunds,
    disputes: Disputes,
    connect: Connect,
}

impl ProviderUpdates {
    /// Creates the use case.
    pub fn new(
        fulfilment: Fulfilment,
        refunds: Refunds,
        disputes: Disputes,
        connect: Connect,
    ) -> Self {
        Self { fulfilment, refunds, disputes, connect }
    }

    /// Reads a dispute from the provider and applies it.
    pub async fn read_dispute(
        &self,
        account: &AccountId,
        dispute: &DisputeId,
    ) -> Result<(), FulfilmentError> {
        self.disputes.read(account, dispute, &self.refunds).await
    }

    /// Applies what was seen at `account`. May be called any number of times, in any order and in
    /// parallel with the same or other updates.
    pub async fn apply(
        &self,
        account: &AccountId,
        update: ProviderUpdate,
    ) -> Result<Applied, FulfilmentError> {
        match update {
            ProviderUpdate::Session(state) => Box::pin(self.apply_session(account, &state)).await,
            ProviderUpdate::Refunds(refunds) => self.refunds.apply(account, &refunds).await,
            ProviderUpdate::Dispute(state, read_at) => {
                // Boxed so that the futures of callers stay small.
                Box::pin(self.disputes.apply(account, &state, read_at, &self.refunds)).await
            }
            ProviderUpdate::Account(state, read_at) => {
                self.connect.apply(account, state, read_at).await?;
                Ok(Applied::Changed)
            }
            ProviderUpdate::Reauthorized(state, read_at) => {
                let is_news = self.connect.reconnect(account, state, read_at).await?;
                Ok(if is_news { Applied::Changed } else { Applied::Unchanged })
            }
            ProviderUpdate::Deauthorized => {
                self.connect.disconnect(account).await?;
                Ok(Applied::Changed)
            }
        }
    }

    /// Applies a session. If its order was lost, nothing that the provider told of the payment before is known: what was taken back
    /// is read first, and noted in the unit of work that stores the purchase. Otherwise a payment that is gone would open the page
    /// for a moment, and make the one that is left a second payment.
    async fn apply_session(
        &self,
        account: &AccountId,
        state: &SessionState,
    ) -> Result<Applied, FulfilmentError> {
        let is_paid = state.progress == SessionProgress::Paid;
        let Some(payment) = state.payment_intent.as_ref().filter(|_| is_paid) else {
            return self.fulfilment.apply(account, state).await;
        };
        let Some(lost) = self.fulfilment.lost_order(account, state).await? else {
            return self.fulfilment.apply(account, state).await;
        };
        let read_at = self.fulfilment.runtime.now();
        let payments = &*self.fulfilment.ports.payments;
        let refunds = refunds_of_payment(payments, account, payment).await;
        let refunds = refunds.map_err(|error| lost.unread(error))?.unwrap_or_default();
        let paid_at = state.paid_at.unwrap_or(Timestamp::UNIX_EPOCH);
        let disputes = self.disputes.of_payment(account, payment, paid_at).await;
        let disputes = disputes.map_err(|error| lost.unread(error))?;
        for other in self.fulfilment.paid_beside(state).await? {
            Box::pin(self.learn_of(&other)).await?;
        }
        let taken_back = TakenBack { updates: self, refunds: &refunds, disputes: &disputes };
        let applied = self.fulfilment.apply_lost(account, state, &taken_back, read_at).await?;
        // Another process may have stored the purchase in the meantime without them, or the payment may not match its order.
        for (dispute, read_at) in &disputes {
            Box::pin(self.disputes.apply(account, dispute, *read_at, &self.refunds)).await?;
        }
        self.refunds.apply(account, &refunds).await?;
        Ok(applied)
    }

    /// Reads what was taken back of a payment beside a lost one. What the provider does not show of it, or cannot be, does not keep
    /// the lost one from its buyer.
    async fn learn_of(&self, purchase: &Purchase) -> Result<(), FulfilmentError> {
        let refunds = self.refunds.read_refunds(purchase).await.map(drop);
        let disputes = self.disputes.read_of(purchase, &self.refunds).await.map(drop);
        for read in [refunds, disputes] {
            match read {
                Err(
                    error @ (FulfilmentError::Unusable(_)
                    | FulfilmentError::SessionOutOfReach { .. }
                    | FulfilmentError::Payments(PaymentsError::Refused { .. })),
                ) => tracing::warn!(purchase = %purchase.id, %error, "a payment was not looked at"),
                read => read?,
            }
        }
        Ok(())
    }
}
