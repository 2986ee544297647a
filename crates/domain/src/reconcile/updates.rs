//! Applying what the provider says.

use jiff::Timestamp;

use crate::{
    checkout::{Applied, Connect, Fulfilment, FulfilmentError},
    disputes::Disputes,
    payments::{AccountId, AccountState, DisputeId, DisputeState, RefundState, SessionState},
    refunds::Refunds,
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
        self.disputes.read(account, dispute).await
    }

    /// Applies what was seen at `account`. May be called any number of times, in any order and in
    /// parallel with the same or other updates.
    pub async fn apply(
        &self,
        account: &AccountId,
        update: ProviderUpdate,
    ) -> Result<Applied, FulfilmentError> {
        match update {
            ProviderUpdate::Session(state) => self.fulfilment.apply(account, &state).await,
            ProviderUpdate::Refunds(refunds) => self.refunds.apply(account, &refunds).await,
            ProviderUpdate::Dispute(state, read_at) => {
                self.disputes.apply(account, &state, read_at).await
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
}
