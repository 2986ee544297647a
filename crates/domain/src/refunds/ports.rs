//! What refunding needs from a store.

use async_trait::async_trait;
use jiff::Timestamp;

use super::RefundRequest;
use crate::{
    checkout::ProviderRefundId,
    id::{PurchaseId, RefundId},
    store::StoreError,
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

    /// Requests from before `instant` that the provider has not answered, oldest first, at most
    /// `limit`.
    async fn unanswered_since(
        &mut self,
        instant: Timestamp,
        limit: u32,
    ) -> Result<Vec<RefundRequest>, StoreError>;
}
