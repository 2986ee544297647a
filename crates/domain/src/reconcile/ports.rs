//! What reconciling needs from a store.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{checkout::Applied, payments::ProviderEvent, store_error::StoreError};

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
}

/// The log of received webhook events, read outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait EventReads: Send + Sync {
    /// Returns an event that was not applied yet.
    async fn pending_event(&self, id: &str) -> Result<Option<ProviderEvent>, StoreError>;
}
