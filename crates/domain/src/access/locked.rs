//! Locking a purchase with the visitor who has it.

use super::{Purchase, ports::PurchaseReads};
use crate::{
    id::PurchaseId,
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
};

/// The maximum number of attempts, since the purchase may move to another visitor between two reads.
const MAX_ROUNDS: u32 = 8;

/// Begins a unit that has locked a purchase, and its visitor before it, so that units decide one after the other which of a visitor's
/// payments for a page is one too many, and which one is left. Returns `None` if there is no such purchase.
pub(crate) async fn begin_with_purchase(
    runtime: &Runtime,
    purchases: &dyn PurchaseReads,
    id: PurchaseId,
) -> Result<Option<(Box<dyn UnitOfWork>, Purchase)>, StoreError> {
    for _ in 0..MAX_ROUNDS {
        let Some(known) = purchases.purchase(id).await? else { return Ok(None) };
        let mut unit = runtime.begin().await?;
        unit.visitors().lock(known.visitor_id).await?;
        let Some(purchase) = unit.purchases().lock(id).await? else { return Ok(None) };
        // Otherwise it has just moved, and the other visitor is locked first in another unit.
        if purchase.visitor_id == known.visitor_id {
            return Ok(Some((unit, purchase)));
        }
    }
    Err(StoreError::Conflict)
}
