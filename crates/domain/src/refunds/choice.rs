//! Which purchase a wish for a refund is about, and what stands against it.

use super::{RefundError, provider::is_of_job};
use crate::{access::Purchase, id::PurchaseId, store::UnitOfWork, store_error::StoreError};

/// Returns whether another payment of the buyer is just being refunded since this one opens the page. What came of that has
/// to be known first, so that not both are refunded by one decision.
pub(super) async fn is_kept_for_another(
    unit: &mut dyn UnitOfWork,
    purchase: &Purchase,
) -> Result<bool, StoreError> {
    let theirs = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await?;
    let is_reserved = |other: &&Purchase| other.id != purchase.id && other.refund_reserved > 0;
    for other in theirs.iter().filter(is_reserved) {
        let request = unit.refund_requests().unanswered_of(other.id).await?;
        if request.is_some_and(|request| is_of_job(&request)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the purchase that the creator refers to.
pub(super) fn choose(
    candidates: &[Purchase],
    wanted: Option<PurchaseId>,
) -> Result<&Purchase, RefundError> {
    let is_meant = |purchase: &&Purchase| wanted.is_none_or(|id| purchase.id == id);
    let paid = || candidates.iter().filter(is_meant).filter(|purchase| purchase.payment.is_some());
    let is_left = |purchase: &&Purchase| purchase.left() > 0;
    // Selects the newest one that opens the page or else that can be refunded, or else the one that best explains why none can be.
    paid()
        .find(|purchase| purchase.holding().is_active())
        .or_else(|| paid().find(|it| is_left(it) && it.suspended_at.is_none()))
        .or_else(|| paid().find(is_left))
        .or_else(|| paid().next())
        .ok_or_else(|| match candidates.iter().find(is_meant) {
            Some(_) => RefundError::NotRefundable,
            None => RefundError::PurchaseNotFound,
        })
}
