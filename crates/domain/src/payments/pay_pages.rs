//! Pay pages that visitors have open, as the stories see them that end what they are for.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    id::{CheckoutId, PageId, VisitorId},
    jobs::{Job, NewJob},
    store::UnitOfWork,
    store_error::StoreError,
};

/// Marks orders as ones that have to be closed, inside a unit of work. A payment that is being processed cannot be
/// stopped, so its order MUST be left as it is.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait PayPages: Send {
    /// Marks the visitor's open order of a page as one that has to be closed, and returns it. MUST be one conditional
    /// statement.
    async fn close(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutId>, StoreError>;

    /// Marks all open orders of a page as ones that have to be closed, and returns them. MUST be one conditional
    /// statement.
    async fn close_of_page(&mut self, page: PageId) -> Result<Vec<CheckoutId>, StoreError>;
}

/// Has the order closed that the visitor could still pay for a page, since there is nothing left to pay for.
pub(crate) async fn close_open_order(
    unit: &mut dyn UnitOfWork,
    visitor: VisitorId,
    page: PageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let closing = unit.pay_pages().close(visitor, page).await?;
    close_orders(unit, closing.as_slice(), now).await
}

/// Has all orders closed that visitors could still pay for a page, since it is no longer sold as they were told.
pub(crate) async fn close_orders_of_page(
    unit: &mut dyn UnitOfWork,
    page: PageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let closing = unit.pay_pages().close_of_page(page).await?;
    close_orders(unit, &closing, now).await
}

/// Has the sessions closed of orders that are marked for it. Jobs do so: if one is paid before that, the payment counts.
pub(crate) async fn close_orders(
    unit: &mut dyn UnitOfWork,
    closing: &[CheckoutId],
    now: Timestamp,
) -> Result<(), StoreError> {
    for order in closing {
        unit.jobs().enqueue(&NewJob::new(Job::CloseCheckout(*order), now)).await?;
    }
    Ok(())
}
