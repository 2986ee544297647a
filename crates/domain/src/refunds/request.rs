//! A refund request as it is stored.

use jiff::Timestamp;

use crate::{
    id::{PurchaseId, RefundId},
    money::Money,
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
    /// When a job last asked the provider for it, if one did: the request may have been under way for a while after that.
    pub sent_at: Option<Timestamp>,
}
