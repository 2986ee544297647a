//! Refunds: asked for by the creator here, or made at the payment provider; either way access ends as
//! soon as the provider has accepted the refund, and comes back if the refund fails later.

mod apply;
pub mod error;
pub mod ports;
mod refund;

use jiff::Timestamp;

pub use error::RefundError;
pub use refund::{RefundReceipt, RefundWish, Refunds};

use crate::{
    id::{PurchaseId, RefundId},
    money::Money,
};

/// A refund that was asked for here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// Its id.
    pub id: RefundId,
    /// The purchase to give back.
    pub purchase_id: PurchaseId,
    /// How much of it.
    pub amount: Money,
    /// The creator's note.
    pub reason: Option<String>,
    /// The key that it was asked for with, if there was one.
    pub idempotency_key: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
}
