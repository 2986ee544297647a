//! Connecting a creator's own payment account to a handle.

use std::sync::Arc;

use jiff::Timestamp;

use super::{ConnectError, ports::CheckoutReads};
use crate::{
    clock::plus_seconds,
    creators::{Creator, Handle, Ownership, ports::CreatorReads},
    id::HandleId,
    mail::{HandleTexts, MailContent, MailWriteError, MailWriter, NewMail},
    names::HandleName,
    opaque_debug::opaque_debug,
    payments::{AccountId, AccountState, Payments, PaymentsError, Refusal},
    random,
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
};

/// How far the clocks of the provider and of this machine may differ.
const CLOCKS_DIFFER_SECONDS: i64 = 600;

/// A payment account that is connected to a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedAccount {
    /// The provider's id.
    pub account: AccountId,
    /// The handle that the account is connected to.
    pub handle_id: HandleId,
    /// The account's capabilities when they were last read.
    pub state: AccountState,
    /// When it was connected.
    pub created_at: Timestamp,
    /// When the capabilities were last read.
    pub updated_at: Timestamp,
}

/// The status of a handle's connection to a payment account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectStatus {
    /// The handle has no account.
    NotConnected,
    /// The creator has not submitted everything that the provider asked for.
    Onboarding,
    /// The provider is still checking the account or has restricted it.
    Restricted,
    /// The account can take payments.
    Active,
}

/// A handle's connection to a payment account, as its creator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// The handle was never connected to an account.
    Never,
    /// The handle was connected to an account that the platform no longer has access to.
    Disconnected,
    /// The handle is connected to an account.
    Account {
        /// The account.
        connected: ConnectedAccount,
        /// What the provider still asks the creator for; see [`AccountReport::due`](crate::payments::AccountReport).
        due: Vec<String>,
    },
}

/// Why a handle can take no payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoPayments {
    /// It never had an account that could.
    NotConnected,
    /// Its account is no longer connected.
    AccountDisconnected,
    /// Its account is restricted, or is still being checked.
    AccountRestricted,
}

impl NoPayments {
    /// Returns the word for programs; none for a handle that was never connected.
    pub fn as_reason(self) -> Option<&'static str> {
        match self {
            Self::NotConnected => None,
            Self::AccountDisconnected => Some("account_disconnected"),
            Self::AccountRestricted => Some("account_restricted"),
        }
    }
}

impl ConnectStatus {
    /// Returns the status of an account with these capabilities.
    pub fn of(state: Option<AccountState>) -> Self {
        match state {
            None => Self::NotConnected,
            Some(state) if state.charges_enabled => Self::Active,
            Some(state) if state.details_submitted => Self::Restricted,
            Some(_) => Self::Onboarding,
        }
    }
}

/// Connects payment accounts.
#[derive(Clone)]
pub struct Connect {
    runtime: Runtime,
    reads: Arc<dyn CheckoutReads>,
    creators: Arc<dyn CreatorReads>,
    ownership: Ownership,
    payments: Arc<dyn Payments>,
    mails: MailWriter,
}

impl Connect {
    /// Creates the use cases.
    pub fn new(
        runtime: Runtime,
        reads: Arc<dyn CheckoutReads>,
        creators: Arc<dyn CreatorReads>,
        payments: Arc<dyn Payments>,
        mails: MailWriter,
    ) -> Self {
        let ownership = Ownership::new(creators.clone());
        Self { runtime, reads, creators, ownership, payments, mails }
    }

    /// Returns a URL where the creator connects the handle's account. The account is created if there is
    /// none. Both URLs are pages of the caller.
    pub async fn begin(
        &self,
        creator: &Creator,
        name: &HandleName,
        return_url: &str,
        refresh_url: &str,
    ) -> Result<String, ConnectError> {
        let handle = self.ownership.handle(creator, name).await?;
        creator.require_verified()?;
        if let Some(connected) = self.reads.connected_account(handle.id).await? {
            let account = connected.account;
            match self.payments.onboarding_link(&account, return_url, refresh_url).await {
                // The creator has withdrawn the platform's access, and the event for it was lost.
                Err(PaymentsError::Refused {
                    refusal: Refusal::NotFound | Refusal::AccountDisconnected,
                    ..
                }) => {
                    self.disconnect(&account).await?;
                }
                link => return Ok(link?),
            }
        }
        let account = self.create(creator, &handle).await?;
        Ok(self.payments.onboarding_link(&account, return_url, refresh_url).await?)
    }

    async fn create(&self, creator: &Creator, handle: &Handle) -> Result<AccountId, ConnectError> {
        // Until the account is stored, the label stays the same and returns the same account. After a
        // disconnection it is a new one.
        let earlier = self.reads.count_of_accounts(handle.id).await?;
        let label = format!("account-{}-{earlier}", handle.id);
        let account = match self.payments.create_account(&label, "", &creator.email).await {
            Err(PaymentsError::Failed(error)) => {
                tracing::warn!(handle = %handle.id, error, "an account is looked for");
                self.find_or_create(creator, handle, &label).await?
            }
            created => created?,
        };
        let now = self.runtime.now();
        let connected = ConnectedAccount {
            account,
            handle_id: handle.id,
            state: AccountState::default(),
            created_at: now,
            updated_at: now,
        };
        let mut unit = self.runtime.begin().await?;
        if unit.connected_accounts().insert(&connected).await? {
            unit.commit().await?;
            return Ok(connected.account);
        }
        // A parallel request was faster, which used the same key and therefore got the same account, or a sweep has
        // connected an earlier account again.
        drop(unit);
        let there = self.reads.connected_account(handle.id).await?;
        Ok(there.map_or(connected.account, |there| there.account))
    }

    /// Returns the account of a request whose answer the provider keeps as failed: it may have been created.
    async fn find_or_create(
        &self,
        creator: &Creator,
        handle: &Handle,
        label: &str,
    ) -> Result<AccountId, PaymentsError> {
        let since = plus_seconds(handle.created_at, -CLOCKS_DIFFER_SECONDS);
        if let Some(account) = self.payments.find_account(label, since).await? {
            return Ok(account);
        }
        let attempt = u64::from_be_bytes(random::bytes(&*self.runtime.random));
        self.payments.create_account(label, &format!("{attempt:016x}"), &creator.email).await
    }

    /// Returns the status of the connection of the creator's handle, as the provider reports it now. If
    /// the provider cannot be reached, the last known status is returned.
    pub async fn status(
        &self,
        creator: &Creator,
        name: &HandleName,
    ) -> Result<Option<ConnectedAccount>, ConnectError> {
        let handle = self.ownership.handle(creator, name).await?;
        match self.reads.connected_account(handle.id).await? {
            Some(connected) => Ok(self.refreshed(connected).await?),
            None => Ok(None),
        }
    }

    /// Returns the connection of the creator's handle. An account that can do everything is not asked for
    /// at the provider. One that the provider no longer knows is disconnected.
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
        if connected.state.charges_enabled && connected.state.payouts_enabled {
            return Ok(Connection::Account { connected, due: Vec::new() });
        }
        match self.payments.account(&connected.account).await {
            Ok(told) => {
                let connected = self.updated(connected, told.state).await?;
                Ok(Connection::Account { connected, due: told.due })
            }
            Err(PaymentsError::Refused {
                refusal: Refusal::NotFound | Refusal::AccountDisconnected,
                ..
            }) => {
                self.disconnect(&connected.account).await?;
                Ok(Connection::Disconnected)
            }
            Err(error) => {
                tracing::warn!(account = %connected.account, %error, "account could not be read");
                Ok(Connection::Account { connected, due: Vec::new() })
            }
        }
    }

    /// Returns the status of the handle's connection. The provider is not asked about an account that is
    /// known to be active, so that pages can show the status often.
    pub async fn refresh(&self, name: &HandleName) -> Result<ConnectStatus, ConnectError> {
        let handle = self.creators.handle(name).await?.ok_or(ConnectError::HandleNotFound)?;
        let state = match self.reads.connected_account(handle.id).await? {
            Some(connected) if connected.state.charges_enabled => Some(connected.state),
            Some(connected) => self.refreshed(connected).await?.map(|connected| connected.state),
            None => None,
        };
        Ok(ConnectStatus::of(state))
    }

    /// Returns the handle's account if it can take payments and its creator is not suspended. An account
    /// that could not when last read is read again, since the event about the change may have been lost.
    pub async fn chargeable(&self, handle: &Handle) -> Result<Option<AccountId>, StoreError> {
        let Some(connected) = self.reads.selling_account(handle.id).await? else {
            return Ok(None);
        };
        let connected = if connected.state.charges_enabled {
            Some(connected)
        } else {
            self.refreshed(connected).await?
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

    /// Returns whether the handle could take payments when its account was last read. Asks nobody, so
    /// that any page can show it.
    pub async fn can_charge(&self, handle: &Handle) -> Result<bool, StoreError> {
        let connected = self.reads.selling_account(handle.id).await?;
        Ok(connected.is_some_and(|connected| connected.state.charges_enabled))
    }

    /// Stores the capabilities that the provider reported for an account, and tells the creator if it takes no
    /// payments any more.
    pub async fn apply(&self, account: &AccountId, state: AccountState) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        let now = self.runtime.now();
        if let Some(handle) = unit.connected_accounts().set_state(account, state, now).await? {
            self.tell(&mut *unit, handle, false).await?;
        }
        unit.commit().await
    }

    /// Disconnects an account from its handle, after its owner has withdrawn the platform's access, and tells the
    /// creator.
    pub async fn disconnect(&self, account: &AccountId) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        let now = self.runtime.now();
        if let Some(handle) = unit.connected_accounts().disconnect(account, now).await? {
            self.tell(&mut *unit, handle, true).await?;
        }
        unit.commit().await
    }

    /// Connects the account again that its handle was connected to last, since the platform has access to it after all.
    /// Returns `false` if the handle is connected to an account, or was connected to another one later.
    pub(crate) async fn reconnect(
        &self,
        account: &AccountId,
        state: AccountState,
    ) -> Result<bool, StoreError> {
        let mut unit = self.runtime.begin().await?;
        if !unit.connected_accounts().reconnect(account).await? {
            return Ok(false);
        }
        unit.connected_accounts().set_state(account, state, self.runtime.now()).await?;
        unit.commit().await?;
        tracing::warn!(%account, "an account is connected again");
        Ok(true)
    }

    async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        handle: HandleId,
        disconnected: bool,
    ) -> Result<(), StoreError> {
        let Some(to) = unit.creators().email_of_handle(handle).await? else { return Ok(()) };
        let Some(shop) = unit.handles().find(handle).await? else { return Ok(()) };
        let content = MailContent::AccountClosed { shop: shop.title, disconnected };
        let (handle_id, signature) = (Some(handle), HandleTexts::default());
        let mail = NewMail { to, handle_id, content: &content, signature, language: None };
        match self.mails.write(unit, mail).await {
            Err(MailWriteError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(%error, "a creator could not be told about an account");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Remembers that the provider refused a payment because of the account, and reads what it can do.
    pub(crate) async fn record_refusal(&self, account: &AccountId) -> Result<(), StoreError> {
        let state = match self.payments.account(account).await {
            // What the provider says of the account may lag behind what it does.
            Ok(told) => AccountState { charges_enabled: false, ..told.state },
            Err(PaymentsError::Refused { refusal: Refusal::AccountDisconnected, .. }) => {
                return self.disconnect(account).await;
            }
            Err(_) => AccountState { details_submitted: true, ..AccountState::default() },
        };
        self.apply(account, state).await
    }

    /// Reads what the account can do. Returns `None` if the creator has withdrawn the platform's access to it.
    async fn refreshed(
        &self,
        connected: ConnectedAccount,
    ) -> Result<Option<ConnectedAccount>, StoreError> {
        let state = match self.payments.account(&connected.account).await {
            Ok(told) => told.state,
            Err(PaymentsError::Refused { refusal: Refusal::AccountDisconnected, .. }) => {
                self.disconnect(&connected.account).await?;
                return Ok(None);
            }
            Err(PaymentsError::Refused { refusal: Refusal::NotFound, .. }) => {
                AccountState::default()
            }
            Err(error) => {
                tracing::warn!(account = %connected.account, %error, "account could not be read");
                return Ok(Some(connected));
            }
        };
        self.updated(connected, state).await.map(Some)
    }

    async fn updated(
        &self,
        connected: ConnectedAccount,
        state: AccountState,
    ) -> Result<ConnectedAccount, StoreError> {
        let updated_at = self.runtime.now();
        self.apply(&connected.account, state).await?;
        Ok(ConnectedAccount { state, updated_at, ..connected })
    }
}

opaque_debug!(Connect);
