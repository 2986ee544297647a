//! The ports through which refunds use the store.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{AcceptedRefund, RefundRequest};
use crate::{
    id::{PurchaseId, RefundId},
    payments::ProviderRefundId,
    store_error::StoreError,
};

/// Stores the refund requests made through Tollgate, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RefundRequests: Send {
    /// Stores a refund request.
    async fn insert(&mut self, request: &RefundRequest) -> Result<(), StoreError>;

    /// Returns the purchase's request that the provider has not answered yet.
    async fn unanswered_of(
        &mut self,
        purchase: PurchaseId,
    ) -> Result<Option<RefundRequest>, StoreError>;

    /// Returns the newest request for one of these purchases that was made under this key, with the
    /// provider's refund if there is one. Requests that led to a refund come before those that did not.
    async fn by_key(
        &mut self,
        purchases: &[PurchaseId],
        key: &str,
    ) -> Result<Option<(RefundRequest, Option<ProviderRefundId>)>, StoreError>;

    /// Returns the requests for these purchases that the provider accepted, with its refunds and when it did, in no order.
    async fn accepted_of(
        &mut self,
        purchases: &[PurchaseId],
    ) -> Result<Vec<AcceptedRefund>, StoreError>;

    /// Notes that the provider is about to be asked for the refund.
    async fn sent(&mut self, id: RefundId, now: Timestamp) -> Result<(), StoreError>;

    /// Stores the provider's answer if there was none yet, and returns the request. Returns `None` if it
    /// was answered before. MUST be one conditional statement.
    async fn answer(
        &mut self,
        id: RefundId,
        accepted: bool,
        refund: Option<ProviderRefundId>,
        now: Timestamp,
    ) -> Result<Option<RefundRequest>, StoreError>;
}

/// Reads refund requests, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RefundReads: Send + Sync {
    /// Returns a request that the provider has not answered, or `None` if it has.
    async fn unanswered_refund(&self, id: RefundId) -> Result<Option<RefundRequest>, StoreError>;

    /// Returns the purchase's request that the provider has not answered yet.
    async fn unanswered_refund_of(
        &self,
        purchase: PurchaseId,
    ) -> Result<Option<RefundRequest>, StoreError>;

    /// Returns the newest request for a purchase that was made under this key.
    async fn refund_under(
        &self,
        purchase: PurchaseId,
        key: &str,
    ) -> Result<Option<RefundRequest>, StoreError>;

    /// Returns the requests for these purchases that the provider accepted, with its refunds and when it did, in no order.
    async fn accepted_refunds(
        &self,
        purchases: &[PurchaseId],
    ) -> Result<Vec<AcceptedRefund>, StoreError>;

    /// Returns the reasons that were given for the refunds of these purchases, with the provider's refund, in no
    /// order. Refunds without a reason are left out.
    async fn refund_reasons(
        &self,
        purchases: &[PurchaseId],
    ) -> Result<Vec<(ProviderRefundId, String)>, StoreError>;
}
