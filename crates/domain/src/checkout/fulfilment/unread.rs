//! Orders whose sessions the provider tells of and does not show, or shows as they were before the payment.

use super::Fulfilment;
use crate::{checkout::FulfilmentError, id::CheckoutId, mail::MailContent, store::UnitOfWork};

impl Fulfilment {
    /// Notes that the session of an order could not be read for as long as events are tried, and tells the creator once. Sweeps
    /// go on trying to read it. Returns `false` if that was noted before, or what became of the order is known.
    pub(crate) async fn leave_unread(
        &self,
        unit: &mut dyn UnitOfWork,
        id: CheckoutId,
    ) -> Result<bool, FulfilmentError> {
        if !unit.checkout_orders().unread(id, self.runtime.now()).await? {
            return Ok(false);
        }
        let Some(order) = unit.checkout_orders().find(id).await? else { return Ok(true) };
        let Some(handle) = unit.handles().find(order.handle_id).await? else { return Ok(true) };
        let session = order.opened.as_ref().map(|opened| opened.session.to_string());
        let content = MailContent::PaymentUnread {
            title: order.title.clone(),
            reference: session.unwrap_or_default(),
            visitor: order.customer_email.clone(),
            ordered: order.price,
            shop: handle.title,
            console_url: self.ports.links.person(&handle.name, &order.customer_email),
        };
        self.mail_creator(unit, handle.id, &content).await?;
        Ok(true)
    }
}
