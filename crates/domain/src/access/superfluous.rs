//! Payments for a page that its visitor has already.

use jiff::Timestamp;

use crate::{
    id::{PageId, PurchaseId, VisitorId},
    jobs::{Job, NewJob},
    store::UnitOfWork,
    store_error::StoreError,
};

/// The key of requests for refunds of second payments. It tells who wanted the refund.
pub(crate) const SECOND_PAYMENT_KEY: &str = "tollgate-second-payment";

/// Why a page may be open to a visitor for several reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlap {
    /// This purchase was just made. It comes after all others, whatever the clocks say.
    Bought(PurchaseId),
    /// This purchase opens the page again. It comes after others of the same instant.
    OpenedAgain(PurchaseId),
    /// Purchases of another address were added.
    Moved,
}

/// Has the payments of a visitor for a page refunded that are superfluous, and returns them: those that open the page
/// although an earlier payment or gift does. A payment whose refund failed is left to its creator, who was told. The visitor
/// has to be locked, so that no other unit decides at the same time.
pub(crate) async fn refund_superfluous(
    unit: &mut dyn UnitOfWork,
    visitor: VisitorId,
    page: PageId,
    overlap: Overlap,
    now: Timestamp,
) -> Result<Vec<PurchaseId>, StoreError> {
    let mut theirs = unit.purchases().of_visitor(visitor, page).await?;
    theirs.retain(|purchase| purchase.holding().is_active());
    theirs.sort_by_key(|it| {
        let is_new = overlap == Overlap::Bought(it.id);
        (is_new, it.created_at, overlap == Overlap::OpenedAgain(it.id), it.id)
    });
    let mut superfluous = Vec::new();
    for second in theirs.iter().skip(1).filter(|it| it.payment.is_some()) {
        if unit.purchases().was_refunded_under(second.id, SECOND_PAYMENT_KEY).await? {
            continue;
        }
        unit.jobs().enqueue(&NewJob::new(Job::RefundSecondPayment(second.id), now)).await?;
        superfluous.push(second.id);
    }
    Ok(superfluous)
}
