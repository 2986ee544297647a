//! How the connection of a handle is, and whether it can take payments.

use jiff::Timestamp;

use super::Connect;
use crate::{
    checkout::{ConnectError, ConnectStatus, ConnectedAccount, Connection, NoPayments},
    creators::{Creator, Handle},
    limits::{Admission, Limit, ONCE_IN_A_WHILE},
    names::HandleName,
    payments::{AccountId, AccountState, read_account},
    store_error::StoreError,
};

/// The limit for asking the provider how one account is: once in three seconds.
const PER_ACCOUNT: Limit = Limit { name: "connect-status", rule: ONCE_IN_A_WHILE };

/// The limit for asking how an account is that cannot do everything yet. Its creator, who waits for a change, and every
/// visitor who wants to buy count against it together.
const PER_WAITING_ACCOUNT: Limit = Limit::per_minute("connect-waiting", 10, 20);

impl Connect {
    /// Returns the status of the connection of the creator's handle, as the provider reports it now. If
    /// the provider cannot be reached, or was asked a moment ago about an account that can do everything, the last known
    /// status is returned.
    pub async fn status(
        &self,
        creator: &Creator,
        name: &HandleName,
    ) -> Result<Option<ConnectedAccount>, ConnectError> {
        let handle = self.ownership.handle(creator, name).await?;
        let Some(connected) = self.reads.connected_account(handle.id).await? else {
            return Ok(None);
        };
        if !connected.state.is_ready() {
            return Ok(self.refreshed_while_waiting(connected).await?);
        }
        let (account, now) = (connected.account.as_str(), self.runtime.now());
        let admission = self.limits.admit(PER_ACCOUNT, account, now).await?;
        match admission {
            Admission::Admitted => Ok(self.refreshed(connected).await?),
            Admission::Limited { .. } => Ok(Some(connected)),
        }
    }

    /// Returns the connection of the creator's handle. An account that can do everything, or that was asked for too often, is
    /// not asked for at the provider. One that the provider no longer knows is disconnected.
    pub async fn connection(
        &self,
        creator: &Creator,
        name: &HandleName,
    ) -> Result<Connection, ConnectError> {
        let handle = self.ownership.handle(creator, name).await?;
        let Some(connected) = self.reads.connected_account(handle.id).await? else {
            let earlier = self.reads.count_of_accounts(handle.id).await?;
            return Ok(if earlier > 0 { Connection::Disconnected } else { Connection::Never });
        };
        if connected.state.is_ready() {
            return Ok(Connection::Account { connected, due: Some(Vec::new()) });
        }
        if !self.may_ask_about(&connected.account).await? {
            return Ok(Connection::Account { connected, due: None });
        }
        let read_at = self.runtime.now();
        match read_account(&*self.payments, &connected.account).await {
            Ok(Some(told)) => {
                let connected = self.updated(connected, told.state, read_at).await?;
                Ok(Connection::Account { connected, due: Some(told.due) })
            }
            Ok(None) => {
                self.disconnect(&connected.account).await?;
                Ok(Connection::Disconnected)
            }
            Err(error) => {
                tracing::warn!(account = %connected.account, %error, "account could not be read");
                Ok(Connection::Account { connected, due: None })
            }
        }
    }

    /// Returns the status of the handle's connection. The provider is not asked about an account that is
    /// known to be active, so that pages can show the status often.
    pub async fn refresh(&self, name: &HandleName) -> Result<ConnectStatus, ConnectError> {
        let handle = self.creators.handle(name).await?.ok_or(ConnectError::HandleNotFound)?;
        let state = match self.reads.connected_account(handle.id).await? {
            Some(connected) if connected.state.charges_enabled => Some(connected.state),
            Some(connected) => {
                self.refreshed_while_waiting(connected).await?.map(|connected| connected.state)
            }
            None => None,
        };
        Ok(ConnectStatus::of(state))
    }

    /// Returns the handle's account if it can take payments and its creator is not suspended. An account
    /// that could not when last read is read again, since the event about the change may have been lost, unless it was read
    /// too often.
    pub async fn chargeable(&self, handle: &Handle) -> Result<Option<AccountId>, StoreError> {
        let Some(connected) = self.reads.selling_account(handle.id).await? else {
            return Ok(None);
        };
        let connected = if connected.state.charges_enabled {
            Some(connected)
        } else {
            self.refreshed_while_waiting(connected).await?
        };
        let able = connected.filter(|connected| connected.state.charges_enabled);
        Ok(able.map(|connected| connected.account))
    }

    /// Returns why the handle can take no payments, as far as is stored.
    pub(crate) async fn why_not(&self, handle: &Handle) -> Result<NoPayments, StoreError> {
        let connected = self.reads.connected_account(handle.id).await?;
        Ok(match ConnectStatus::of(connected.map(|connected| connected.state)) {
            ConnectStatus::Restricted => NoPayments::AccountRestricted,
            ConnectStatus::NotConnected if self.reads.count_of_accounts(handle.id).await? > 0 => {
                NoPayments::AccountDisconnected
            }
            ConnectStatus::NotConnected | ConnectStatus::Onboarding | ConnectStatus::Active => {
                NoPayments::NotConnected
            }
        })
    }

    /// Returns whether the handle had an account that is no longer connected, and has no other.
    pub async fn is_disconnected(&self, handle: &Handle) -> Result<bool, StoreError> {
        let connected = self.reads.connected_account(handle.id).await?;
        Ok(connected.is_none() && self.reads.count_of_accounts(handle.id).await? > 0)
    }

    /// Returns whether the handle could take payments when its account was last read. Does not ask the provider, so
    /// that every page can show it.
    pub async fn can_charge(&self, handle: &Handle) -> Result<bool, StoreError> {
        let connected = self.reads.selling_account(handle.id).await?;
        Ok(connected.is_some_and(|connected| connected.state.charges_enabled))
    }

    /// Returns whether the handle can take payments of which nothing can be paid out to its creator yet, as its account was
    /// when it was last read. The provider is not asked.
    pub async fn awaits_payouts(&self, handle: &Handle) -> Result<bool, StoreError> {
        let connected = self.reads.connected_account(handle.id).await?;
        let state = connected.map(|connected| connected.state);
        Ok(state.is_some_and(|state| state.charges_enabled && !state.payouts_enabled))
    }

    /// Returns whether a handle that cannot take payments may have taken some before: its account is restricted or was
    /// disconnected, or its creator is suspended. The provider is not asked.
    pub async fn may_have_sold(&self, handle: &Handle) -> Result<bool, StoreError> {
        let connected = self.reads.connected_account(handle.id).await?;
        Ok(match ConnectStatus::of(connected.map(|connected| connected.state)) {
            ConnectStatus::NotConnected => self.reads.count_of_accounts(handle.id).await? > 0,
            ConnectStatus::Onboarding => false,
            ConnectStatus::Restricted | ConnectStatus::Active => true,
        })
    }

    /// Reads what an account that cannot do everything can do now; what is stored if it was asked for too often.
    async fn refreshed_while_waiting(
        &self,
        connected: ConnectedAccount,
    ) -> Result<Option<ConnectedAccount>, StoreError> {
        if self.may_ask_about(&connected.account).await? {
            self.refreshed(connected).await
        } else {
            Ok(Some(connected))
        }
    }

    async fn may_ask_about(&self, account: &AccountId) -> Result<bool, StoreError> {
        let (account, now) = (account.as_str(), self.runtime.now());
        let admission = self.limits.admit(PER_WAITING_ACCOUNT, account, now).await?;
        Ok(admission == Admission::Admitted)
    }

    /// Reads what the account can do. Returns `None` if the creator has withdrawn the platform's access to it.
    async fn refreshed(
        &self,
        connected: ConnectedAccount,
    ) -> Result<Option<ConnectedAccount>, StoreError> {
        let read_at = self.runtime.now();
        let state = match read_account(&*self.payments, &connected.account).await {
            Ok(Some(told)) => told.state,
            Ok(None) => {
                self.disconnect(&connected.account).await?;
                return Ok(None);
            }
            Err(error) => {
                tracing::warn!(account = %connected.account, %error, "account could not be read");
                return Ok(Some(connected));
            }
        };
        self.updated(connected, state, read_at).await.map(Some)
    }

    async fn updated(
        &self,
        connected: ConnectedAccount,
        state: AccountState,
        read_at: Timestamp,
    ) -> Result<ConnectedAccount, StoreError> {
        self.apply(&connected.account, state, read_at).await?;
        Ok(ConnectedAccount { state, updated_at: read_at, ..connected })
    }
}
