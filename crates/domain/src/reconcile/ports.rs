//! What reconciling needs from a store.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    checkout::{Applied, CheckoutOrder, OrderStatus},
    disputes::Dispute,
    id::{CheckoutId, HandleId},
    names::HandleName,
    payments::{
        AccountId, AccountState, CheckoutSessionId, DisputeId, PaymentIntentId, ProviderEvent,
    },
    store_error::StoreError,
};

/// The log of received webhook events, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait EventLog: Send {
    /// Stores an event; `false`, and nothing is stored, if one with its id was received before.
    async fn insert(&mut self, event: &ProviderEvent) -> Result<bool, StoreError>;

    /// Notes what applying an event came to.
    async fn applied(
        &mut self,
        id: &str,
        outcome: Applied,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Deletes about `most` events that were applied before `instant`, and returns whether some may be left. MUST keep those
    /// that were not applied.
    async fn forget_applied(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError>;
}

/// The log of received webhook events, read outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait EventReads: Send + Sync {
    /// Returns an event that was not applied yet.
    async fn pending_event(&self, id: &str) -> Result<Option<ProviderEvent>, StoreError>;
}

/// An account that is or was connected to a handle, as it is swept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptAccount {
    /// The provider's id of the account.
    pub account: AccountId,
    /// The handle that it is or was connected to.
    pub handle: HandleName,
    /// Whether it is still connected.
    pub is_connected: bool,
    /// What the account could do when it was last read.
    pub state: AccountState,
    /// When it was connected.
    pub connected_at: Timestamp,
    /// When the last complete sweep of it began.
    pub swept_at: Option<Timestamp>,
    /// Where its sweeps go on that are not done with everything, as they wrote it; `None` if they begin from the start.
    pub place: Option<String>,
}

/// What a sweep compares of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderState {
    /// The order.
    pub id: CheckoutId,
    /// The account that the order is to be paid to.
    pub account: AccountId,
    /// How far the order has come, as it is stored.
    pub status: OrderStatus,
    /// The order's session, if it is known.
    pub session: Option<CheckoutSessionId>,
    /// Whether the payment in it did not match the order and is refunded in whole, or what was left of it is lost.
    pub is_quarantine_refunded: bool,
}

/// Notes sweeps, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Sweeps: Send {
    /// Notes that a complete sweep of an account began at `at`.
    async fn swept(&mut self, account: &AccountId, at: Timestamp) -> Result<(), StoreError>;

    /// Stores where the sweeps of an account go on, whichever process makes them; `None` if they begin from the start.
    async fn keep_place(
        &mut self,
        account: &AccountId,
        place: Option<String>,
    ) -> Result<(), StoreError>;
}

/// Reads what sweeps compare, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait SweepReads: Send + Sync {
    /// Returns the accounts that handles are or were connected to, those first that were swept longest ago.
    async fn accounts_to_sweep(&self) -> Result<Vec<SweptAccount>, StoreError>;

    /// Returns an account that a handle is or was connected to.
    async fn account_to_sweep(
        &self,
        account: &AccountId,
    ) -> Result<Option<SweptAccount>, StoreError>;

    /// Returns when the last complete sweep of the handle's account began.
    async fn swept_at(&self, handle: HandleId) -> Result<Option<Timestamp>, StoreError>;

    /// Returns the orders with these ids.
    async fn order_states(&self, ids: &[CheckoutId]) -> Result<Vec<OrderState>, StoreError>;

    /// Returns the orders at an account that were stored before an instant and have no session yet, at most `limit`, by their
    /// ids, from the first one after `after` on.
    async fn orders_without_session(
        &self,
        account: &AccountId,
        before: Timestamp,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError>;

    /// Returns the orders at an account whose payment is being processed, at most `limit`, by their ids, from the first one
    /// after `after` on.
    async fn pending_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError>;

    /// Returns the orders at an account that are closed as [`OrderStatus::Expired`] although the end of their sessions has to be
    /// learnt ([`await_end`](crate::checkout::ports::CheckoutOrders::await_end)), at most `limit`, by their ids, from the first
    /// one after `after` on.
    async fn awaited_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError>;

    /// Returns the orders at an account that were noted as [unread](crate::checkout::ports::CheckoutOrders::unread) and neither
    /// read again nor paid, at most `limit`, by their ids, from the first one after `after` on.
    async fn unread_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError>;

    /// Returns the orders at an account whose payment does not match them and was not refunded in whole, at most `limit`, by
    /// their ids, from the first one after `after` on.
    async fn quarantined_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError>;

    /// Returns the orders at an account whose payment does not match them and was refunded at `since` or later, at most `limit`,
    /// by their ids, from the first one after `after` on.
    async fn quarantine_refunded_orders_at(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError>;

    /// Returns the kinds and references of all facts with these references.
    async fn known_facts(
        &self,
        references: &[String],
    ) -> Result<BTreeSet<(&'static str, String)>, StoreError>;

    /// Returns which of these payments at an account made a purchase.
    async fn known_payments(
        &self,
        account: &AccountId,
        payments: &[PaymentIntentId],
    ) -> Result<Vec<PaymentIntentId>, StoreError>;

    /// Returns what is stored of these disputes.
    async fn known_disputes(&self, ids: &[DisputeId]) -> Result<Vec<Dispute>, StoreError>;

    /// Returns the disputes at an account of purchases that are suspended now, at most `limit`, in the order in which they
    /// were recorded, from the first one after `after` on.
    async fn open_disputes_at(
        &self,
        account: &AccountId,
        after: Option<DisputeId>,
        limit: u32,
    ) -> Result<Vec<DisputeId>, StoreError>;
}
