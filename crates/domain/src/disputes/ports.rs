//! The ports through which disputes are stored and read.

use async_trait::async_trait;

use super::Dispute;
use crate::{id::PurchaseId, store_error::StoreError};

/// Stores disputes, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait DisputeRepository: Send {
    /// Stores a dispute, in place of what was stored of it. Returns `false` and changes nothing if what is stored was read
    /// later ([`Dispute::read_at`]). MUST be decided by a conditional statement.
    async fn put(&mut self, dispute: &Dispute) -> Result<bool, StoreError>;

    /// Returns the disputes of a purchase, newest first.
    async fn of_purchase(&mut self, purchase: PurchaseId) -> Result<Vec<Dispute>, StoreError>;
}

/// Reads disputes, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait DisputeReads: Send + Sync {
    /// Returns the disputes of a purchase, newest first.
    async fn disputes_of(&self, purchase: PurchaseId) -> Result<Vec<Dispute>, StoreError>;
}
