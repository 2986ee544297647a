//! Compares the capabilities of an account.

use super::{FindingKind, Sweep};
use crate::{
    checkout::FulfilmentError,
    payments::read_account,
    reconcile::{ProviderUpdate, ports::SweptAccount},
    store_error::StoreError,
};

impl Sweep<'_> {
    /// Compares the account's capabilities. Returns `false` if the platform has no access to it.
    pub(super) async fn account_state(&mut self) -> Result<bool, FulfilmentError> {
        let id = &self.account.account;
        let read_at = self.on.runtime.now();
        match read_account(&*self.on.payments, id).await? {
            Some(told) if !self.account.is_connected => {
                // Without a dry run it is tried, which tells whether the handle has another account by now.
                if !self.dry_run || self.is_handles_last().await? {
                    let update = ProviderUpdate::Reauthorized(told.state, read_at);
                    self.found(FindingKind::Account, id.to_string(), update).await?;
                }
                Ok(true)
            }
            Some(told) if told.state == self.account.state => Ok(true),
            Some(told) => {
                let update = ProviderUpdate::Account(told.state, read_at);
                self.found(FindingKind::Account, id.to_string(), update).await?;
                Ok(true)
            }
            None => {
                if self.account.is_connected {
                    let update = ProviderUpdate::Deauthorized;
                    self.found(FindingKind::Account, id.to_string(), update).await?;
                }
                Ok(false)
            }
        }
    }

    /// Returns whether the handle has no other account and was connected to none since.
    async fn is_handles_last(&self) -> Result<bool, StoreError> {
        let own = self.account;
        let is_in_the_way = |other: &SweptAccount| {
            other.handle == own.handle
                && (other.is_connected || other.connected_at > own.connected_at)
        };
        Ok(!self.on.reads.accounts_to_sweep().await?.iter().any(is_in_the_way))
    }
}
