//! The payment that is left to a buyer when another payment or a gift for the same page has ended.

use jiff::Timestamp;

use super::{FactKind, Purchase};
use crate::{
    jobs::{Job, NewJob},
    store::UnitOfWork,
    store_error::StoreError,
};

/// Returns the payment that opens the page of this purchase alone, if it is one about which the creator was told to decide.
pub(crate) async fn held_alone_beside(
    unit: &mut dyn UnitOfWork,
    ended: &Purchase,
) -> Result<Option<Purchase>, StoreError> {
    let theirs = unit.purchases().of_visitor(ended.visitor_id, ended.page_id).await?;
    let mut open = theirs.into_iter().filter(|it| it.holding().is_active());
    let (Some(left), None) = (open.next(), open.next()) else { return Ok(None) };
    let is_held = unit.ledger().has(FactKind::SecondPaymentHeld, &left.id.to_string()).await?;
    Ok(is_held.then_some(left))
}

/// Has the buyer told by a job that a payment that is held opens the page alone, if that is so since this purchase has ended: its
/// receipt says that the seller decides.
pub(crate) async fn tell_of_held_beside(
    unit: &mut dyn UnitOfWork,
    ended: &Purchase,
    now: Timestamp,
) -> Result<(), StoreError> {
    if let Some(left) = held_alone_beside(unit, ended).await? {
        // The job refunds nothing that is held.
        unit.jobs().enqueue(&NewJob::new(Job::RefundSecondPayment(left.id), now)).await?;
    }
    Ok(())
}
