//! A refund request as it is stored.

use jiff::Timestamp;

use crate::{
    id::{PurchaseId, RefundId},
    money::Money,
    payments::ProviderRefundId,
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
};

/// A refund request made through Tollgate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// The identifier of the request.
    pub id: RefundId,
    /// The purchase to refund.
    pub purchase_id: PurchaseId,
    /// The amount to refund.
    pub amount: Money,
    /// A note for the creator's own records.
    pub reason: Option<String>,
    /// The idempotency key of the request, if there was one.
    pub idempotency_key: Option<String>,
    /// When the refund was requested.
    pub requested_at: Timestamp,
    /// When the provider was last asked for it, if it was: the request may have been under way for a while after that. Versions
    /// before noted that of requests of jobs alone.
    pub sent_at: Option<Timestamp>,
}

/// A refund that the provider accepted, and a request that it meets: its own request, or that of another call at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedRefund {
    /// The request that the refund meets.
    pub request: RefundRequest,
    /// The provider's id of the refund.
    pub refund: ProviderRefundId,
    /// When it was noted that the refund is accepted, or meets the request as well.
    pub accepted_at: Timestamp,
}

impl RefundRequest {
    /// Creates a request that is made now.
    pub(super) fn new(
        runtime: &Runtime,
        purchase_id: PurchaseId,
        amount: Money,
        reason: Option<String>,
        idempotency_key: Option<String>,
    ) -> Self {
        let now = runtime.now();
        let id = RefundId::new(now, &*runtime.random);
        Self { id, purchase_id, amount, reason, idempotency_key, requested_at: now, sent_at: None }
    }

    /// Stores the request as one that is answered already, by a refund or with none, so that nothing is asked for.
    pub(super) async fn store_answered(
        &self,
        unit: &mut dyn UnitOfWork,
        refund: Option<ProviderRefundId>,
    ) -> Result<(), StoreError> {
        unit.refund_requests().insert(self).await?;
        let (is_accepted, now) = (refund.is_some(), self.requested_at);
        unit.refund_requests().answer(self.id, is_accepted, refund, now).await?;
        Ok(())
    }
}
