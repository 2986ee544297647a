//! Connected accounts.

use diesel::dsl::{exists, not};
use tollgate_domain::{
    checkout::{
        AccountTurn, CLOCKS_APART_SECONDS, ConnectedAccount, MAX_READ_SECONDS,
        ports::ConnectedAccounts,
    },
    clock::plus_seconds,
    id::HandleId,
    payments::{AccountId, AccountState},
};

use super::super::prelude::*;
use crate::{rows::ConnectedAccountRow, schema::connected_accounts};

#[async_trait]
impl ConnectedAccounts for Unit {
    async fn insert(&mut self, account: &ConnectedAccount) -> Result<bool, StoreError> {
        let is_live = connected_accounts::live_handle_id.eq(AsText(account.handle_id));
        insert!(self, connected_accounts, (ConnectedAccountRow::from(account), is_live))
    }

    async fn set_state(
        &mut self,
        account: &AccountId,
        state: AccountState,
        read_at: Timestamp,
    ) -> Result<Option<AccountTurn>, StoreError> {
        let account = connected_accounts::table.find(AsText(account.clone()));
        // Updating a row, even without a change, locks it in both databases: both statements see the same state.
        let same = connected_accounts::updated_at.eq(connected_accounts::updated_at);
        self.add(diesel::update(account.clone()).set(same));
        let [latest, longest] = [CLOCKS_APART_SECONDS, MAX_READ_SECONDS]
            .map(|seconds| AsInt(plus_seconds(read_at, seconds)));
        let is_known = connected_accounts::updated_at.le(latest);
        let account = account.filter(is_known.or(connected_accounts::updated_at.gt(longest)));
        let new = (
            connected_accounts::charges_enabled.eq(state.charges_enabled),
            connected_accounts::payouts_enabled.eq(state.payouts_enabled),
            connected_accounts::details_submitted.eq(state.details_submitted),
            connected_accounts::updated_at.eq(AsInt(read_at)),
        );
        let otherwise = account
            .clone()
            .filter(connected_accounts::charges_enabled.eq(!state.charges_enabled))
            .filter(connected_accounts::live_handle_id.is_not_null());
        let turn = diesel::update(otherwise).set(new).returning(connected_accounts::handle_id);
        let turned: Option<AsText<HandleId>> = self.first(turn).await?;
        if let Some(AsText(handle)) = turned {
            let turn = if state.charges_enabled {
                AccountTurn::Opened(handle)
            } else {
                AccountTurn::Closed(handle)
            };
            return Ok(Some(turn));
        }
        execute!(self, diesel::update(account).set(new)).map(|()| None)
    }

    async fn note_refusal(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let account = connected_accounts::table.find(AsText(account.clone()));
        execute!(self, diesel::update(account).set(connected_accounts::refused_at.eq(AsInt(now))))
    }

    async fn forget_refusal(
        &mut self,
        account: &AccountId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let refused = connected_accounts::table
            .find(AsText(account.clone()))
            .filter(connected_accounts::refused_at.le(AsInt(until)));
        execute!(self, diesel::update(refused).set(connected_accounts::refused_at.eq(None::<i64>)))
    }

    async fn was_refused_since(
        &mut self,
        account: &AccountId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.first::<String, _>(refused_since!(account, since)).await?.is_some())
    }

    async fn disconnect(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<HandleId>, StoreError> {
        let account = connected_accounts::table
            .find(AsText(account.clone()))
            .filter(connected_accounts::live_handle_id.is_not_null());
        let disconnected = (
            connected_accounts::live_handle_id.eq(None::<String>),
            connected_accounts::charges_enabled.eq(false),
            connected_accounts::payouts_enabled.eq(false),
            connected_accounts::updated_at.eq(AsInt(now)),
        );
        let disconnect =
            diesel::update(account).set(disconnected).returning(connected_accounts::handle_id);
        let handle: Option<AsText<HandleId>> = self.first(disconnect).await?;
        Ok(handle.map(|handle| handle.0))
    }

    async fn reconnect(&mut self, account: &AccountId) -> Result<bool, StoreError> {
        let others = diesel::alias!(connected_accounts as others);
        let is_connected = others.field(connected_accounts::live_handle_id).is_not_null();
        let is_newer =
            others.field(connected_accounts::created_at).gt(connected_accounts::created_at);
        let in_the_way = others
            .filter(others.field(connected_accounts::handle_id).eq(connected_accounts::handle_id))
            .filter(is_connected.or(is_newer))
            .select(others.field(connected_accounts::account));
        let last =
            connected_accounts::table.find(AsText(account.clone())).filter(not(exists(in_the_way)));
        let live = connected_accounts::live_handle_id.eq(connected_accounts::handle_id.nullable());
        changes!(self, diesel::update(last).set(live))
    }
}
