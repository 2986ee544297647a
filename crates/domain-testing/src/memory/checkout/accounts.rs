//! Connected accounts.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::memory::{
    state::{AccountRow, State},
    unit::MemoryUnit,
};
use tollgate_domain::{
    checkout::{
        AccountTurn, CLOCKS_APART_SECONDS, ConnectedAccount, MAX_READ_SECONDS,
        ports::ConnectedAccounts,
    },
    clock::plus_seconds,
    id::HandleId,
    payments::{AccountId, AccountState},
    store_error::StoreError,
};

impl State {
    pub(super) fn was_refused_since(&self, account: &AccountId, since: Timestamp) -> bool {
        let row = self.accounts.get(account);
        row.and_then(|row| row.refused_at).is_some_and(|at| at > since)
    }
}

#[async_trait]
impl ConnectedAccounts for MemoryUnit {
    async fn insert(&mut self, account: &ConnectedAccount) -> Result<bool, StoreError> {
        let accounts = self.state().await?.accounts.edit();
        let live = |row: &AccountRow| {
            row.account.handle_id == account.handle_id && row.disconnected_at.is_none()
        };
        if accounts.values().any(live) {
            return Ok(false);
        }
        if accounts.contains_key(&account.account) {
            return self.conflict();
        }
        let row = AccountRow { account: account.clone(), disconnected_at: None, refused_at: None };
        accounts.insert(account.account.clone(), row);
        Ok(true)
    }

    async fn set_state(
        &mut self,
        account: &AccountId,
        state: AccountState,
        read_at: Timestamp,
    ) -> Result<Option<AccountTurn>, StoreError> {
        let row = self.state().await?.accounts.edit().get_mut(account);
        let [latest, longest] =
            [CLOCKS_APART_SECONDS, MAX_READ_SECONDS].map(|seconds| plus_seconds(read_at, seconds));
        let is_known = |stored| stored <= latest || stored > longest;
        let Some(row) = row.filter(|row| is_known(row.account.updated_at)) else {
            return Ok(None);
        };
        let (could, handle) = (row.account.state.charges_enabled, row.account.handle_id);
        row.account.state = state;
        row.account.updated_at = read_at;
        if row.disconnected_at.is_some() {
            return Ok(None);
        }
        Ok(match (could, state.charges_enabled) {
            (false, true) => Some(AccountTurn::Opened(handle)),
            (true, false) => Some(AccountTurn::Closed(handle)),
            _ => None,
        })
    }

    async fn note_refusal(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.accounts.edit().get_mut(account) {
            row.refused_at = Some(now);
        }
        Ok(())
    }

    async fn forget_refusal(
        &mut self,
        account: &AccountId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.accounts.edit().get_mut(account) {
            row.refused_at = row.refused_at.filter(|at| *at > until);
        }
        Ok(())
    }

    async fn was_refused_since(
        &mut self,
        account: &AccountId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.state().await?.was_refused_since(account, since))
    }

    async fn disconnect(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<HandleId>, StoreError> {
        let row = self.state().await?.accounts.edit().get_mut(account);
        let connected = row.filter(|row| row.disconnected_at.is_none());
        Ok(connected.map(|row| {
            row.disconnected_at = Some(now);
            row.account.updated_at = now;
            row.account.state.charges_enabled = false;
            row.account.state.payouts_enabled = false;
            row.account.handle_id
        }))
    }

    async fn reconnect(&mut self, account: &AccountId) -> Result<bool, StoreError> {
        let accounts = self.state().await?.accounts.edit();
        let Some(own) = accounts.get(account).map(|row| row.account.clone()) else {
            return Ok(false);
        };
        let is_in_the_way = |row: &AccountRow| {
            let is_newer = row.account.created_at > own.created_at;
            row.account.handle_id == own.handle_id && (row.disconnected_at.is_none() || is_newer)
        };
        if accounts.values().any(is_in_the_way) {
            return Ok(false);
        }
        if let Some(row) = accounts.get_mut(account) {
            row.disconnected_at = None;
        }
        Ok(true)
    }
}
