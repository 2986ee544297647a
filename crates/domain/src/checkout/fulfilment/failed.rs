//! Payments that were on their way and did not arrive.

use super::{Fulfilment, page_of};
use crate::{
    access::Purchase,
    checkout::{CheckoutOrder, FulfilmentError, OrderStatus},
    creators::{AccessMode, Page, PageStatus},
    mail::MailContent,
    store::UnitOfWork,
};

impl Fulfilment {
    /// Ends an order and tells the visitor what can be done. Returns `false` if it had ended before.
    pub(super) async fn payment_failed(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
    ) -> Result<bool, FulfilmentError> {
        let from = OrderStatus::LIVE;
        let moved = unit.checkout_orders().advance(order.id, &from, OrderStatus::Failed).await?;
        if moved && let Some((handle, page)) = page_of(unit, order).await? {
            let theirs = unit.purchases().of_visitor(order.visitor_id, order.page_id).await?;
            let is_open = is_open(&page, &theirs);
            let is_withdrawn = !is_open && page.status != PageStatus::Published;
            // At the price of the order, as long as it is offered.
            let offer = match order.group_buy_id {
                Some(group_buy) if !is_open && !is_withdrawn => {
                    unit.checkout_orders().offer_slug(group_buy, self.runtime.now()).await?
                }
                _ => None,
            };
            let links = &self.ports.links;
            let page_url = match offer {
                Some(offer) => links.group_buy(&handle.name, &offer),
                None => links.page(&handle.name, &page.slug),
            };
            let content = MailContent::PaymentFailed {
                seller: handle.title.clone(),
                page_url,
                title: page.title,
                is_open,
                is_withdrawn,
            };
            self.mail_visitor(unit, order.customer_email.clone(), &handle, &content).await?;
        }
        Ok(moved)
    }
}

/// Returns whether the visitor of these purchases can open the page without paying again.
fn is_open(page: &Page, theirs: &[Purchase]) -> bool {
    let is_free = page.status == PageStatus::Published && page.mode != AccessMode::Paid;
    is_free || Purchase::is_any_active(theirs)
}
