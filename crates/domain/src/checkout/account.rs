//! The payment account of a handle.

use jiff::Timestamp;

use crate::{
    id::HandleId,
    payments::{AccountId, AccountState},
};

/// By how many seconds the clocks of two replicas may differ at most for which of two reads of an account was the later one to be
/// known. Of two reads that are less far apart, the one that is stored last counts.
pub const CLOCKS_APART_SECONDS: i64 = 5;
/// How long a read of an account takes at the longest, in seconds. What is stored and was read longer after another read began was
/// noted by a clock that was ahead, and counts for nothing.
pub const MAX_READ_SECONDS: i64 = 120;

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
    /// When the provider was asked for the capabilities, or it was found to be disconnected.
    pub updated_at: Timestamp,
}

/// A change of whether a connected account can take payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountTurn {
    /// The account can take payments, and could not before.
    Opened(HandleId),
    /// The account can take no payments, and could before.
    Closed(HandleId),
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
        /// The account, with what it can do.
        connected: ConnectedAccount,
        /// What the provider still asks the creator for; see [`AccountReport::due`](crate::payments::AccountReport). `None`
        /// if the provider did not tell, since it did not answer or was asked too often.
        due: Option<Vec<String>>,
    },
}

/// Why a handle can take no payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoPayments {
    /// The handle was never connected to an account that could take payments.
    NotConnected,
    /// The handle's account is no longer connected.
    AccountDisconnected,
    /// The handle's account is restricted, or is still being checked.
    AccountRestricted,
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
