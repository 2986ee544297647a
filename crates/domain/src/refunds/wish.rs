//! What a creator asks for who refunds a payment.

use jiff::Timestamp;

use crate::{
    id::{PurchaseId, VisitorId},
    validation::{self, FieldError},
};

/// A creator's request for a refund.
#[derive(Debug, Clone)]
pub struct RefundWish {
    /// The visitor who bought.
    pub visitor_id: VisitorId,
    /// The purchase to refund; if unset, the newest one that opens the page, or else that can be refunded.
    pub purchase_id: Option<PurchaseId>,
    /// A note for the creator's own records.
    pub reason: Option<String>,
    /// The idempotency key of the request. A repeated request with the same key returns the receipt of
    /// the first one, even if its response was lost.
    pub idempotency_key: Option<String>,
    /// When the call arrived. The clock is read before anything else is done: a call that names no purchase and arrived before
    /// another refund was accepted is about that refund, not about the next payment.
    pub arrived_at: Timestamp,
    /// The greatest amount, in the currency's minor unit, that the one who asks has seen; if unset, whatever is left is meant.
    pub at_most: Option<i64>,
}

/// The prefix of the idempotency keys under which Tollgate's own jobs store requests and notes.
const OWN_KEYS: &str = "tollgate-";
/// The prefix added to a creator's key that starts with [`OWN_KEYS`]. No key of Tollgate's starts with it.
const BEFORE_ALIKE: &str = "tollgate-key:";

impl RefundWish {
    /// Checks a note, so that the errors of all fields can be told at once.
    pub fn check_reason(reason: &str) -> Result<(), FieldError> {
        validation::text(reason, 0, 500).map(drop)
    }

    /// Returns whether the wish may be about a purchase of its visitor.
    pub(super) fn is_about(&self, purchase: PurchaseId) -> bool {
        self.purchase_id.is_none_or(|wanted| purchase == wanted)
    }

    /// Escapes a key that looks like one of Tollgate's own, so that a creator's refund is not taken for that of a job. Other keys are
    /// stored unchanged.
    pub(super) fn with_stored_key(mut self) -> Self {
        if let Some(key) = &mut self.idempotency_key
            && key.starts_with(OWN_KEYS)
        {
            key.insert_str(0, BEFORE_ALIKE);
        }
        self
    }
}
