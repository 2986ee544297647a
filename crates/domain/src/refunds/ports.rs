//! What refunding needs from a store.

use async_trait::async_trait;
use jiff::Timestamp;

use super::RefundRequest;
use crate::{
    id::{PurchaseId, RefundId},
    payments::ProviderRefundId,
    store_error::StoreError,
};

/// Refunds that were asked for here, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RefundRequests: Send {
    /// Stores a request.
    async fn insert(&mut self, request: &RefundRequest) -> Result<(), StoreError>;

    /// The purchase's request that the provider has not answered yet.
    async fn unanswered_of(
        &mut self,
        purchase: PurchaseId,
    ) -> Result<Option<RefundRequest>, StoreError>;

    /// The newest request for one of these purchases that was made under this key, with the provider's
    /// refund if it came to one.
    async fn by_key(
        &mut self,
        purchases: &[PurchaseId],
        key: &str,
    ) -> Result<Option<(RefundRequest, Option<ProviderRefundId>)>, StoreError>;

    /// Notes the provider's answer, if there was none yet, and gives the request back; `None` if it
    /// was answered before. MUST be one conditional statement.
    async fn answer(
        &mut self,
        id: RefundId,
        accepted: bool,
        refund: Option<ProviderRefundId>,
        now: Timestamp,
    ) -> Result<Option<RefundRequest>, StoreError>;
}

/// Refund requests, read outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RefundReads: Send + Sync {
    /// Returns a request that the provider has not answered; `None` if it has.
    async fn unanswered_refund(&self, id: RefundId) -> Result<Option<RefundRequest>, StoreError>;
}
