//! The orders that a sweep reads one by one, since what became of them may be older than lists go back.

use super::{REFUNDS_SECONDS, Sweep, is_busy, places::OrderPart};
use crate::{
    checkout::{CheckoutOrder, FulfilmentError},
    clock::plus_seconds,
};

impl Sweep<'_> {
    /// Reads the orders of a part. If there are many, or the provider ends the part, the next sweep goes on where this one ends.
    pub(super) async fn orders(&mut self, part: OrderPart) -> Result<(), FulfilmentError> {
        let (account, reads) = (&self.account.account, &self.on.reads);
        let after = self.order_place(part.part());
        let limit = part.limit();
        let orders = match part {
            OrderPart::Slow => reads.pending_orders_at(account, after, limit).await?,
            OrderPart::Awaited => reads.awaited_orders_at(account, after, limit).await?,
            OrderPart::Unread => reads.unread_orders_at(account, after, limit).await?,
            OrderPart::QuarantineRefunded => {
                let since = plus_seconds(self.on.runtime.now(), -REFUNDS_SECONDS);
                reads.quarantine_refunded_orders_at(account, since, after, limit).await?
            }
            OrderPart::Quarantined => reads.quarantined_orders_at(account, after, limit).await?,
        };
        let is_more = is_full(&orders, limit);
        let (mut tried, mut read) = (after.map(|id| id.to_string()), Ok(()));
        for order in orders {
            read = match part {
                OrderPart::Slow => self.slow_payment(&order).await,
                OrderPart::Awaited => self.awaited_end(&order).await,
                OrderPart::Unread => self.unread_order(&order).await,
                OrderPart::QuarantineRefunded => self.quarantine_refunded_payment(&order).await,
                OrderPart::Quarantined => self.quarantined_payment(&order).await,
            };
            tried = tried_until(&read, order.id.to_string(), tried);
            if read.is_err() {
                break;
            }
        }
        self.note_place(part.part(), tried.filter(|_| is_more || read.is_err()));
        read
    }
}

/// Returns the id under which a difference of an order's session is noted: that of the session, or of the order if the session
/// is not known.
pub(super) fn session_or_order(order: &CheckoutOrder) -> String {
    let session = order.opened.as_ref().map(|opened| opened.session.to_string());
    session.unwrap_or_else(|| order.id.to_string())
}

/// Returns the id of what was tried last of a part, after this one was. What the provider did not want to be asked for just now
/// comes first the next time.
pub(super) fn tried_until(
    read: &Result<(), FulfilmentError>,
    id: String,
    before: Option<String>,
) -> Option<String> {
    if read.as_ref().is_err_and(is_busy) { before } else { Some(id) }
}

/// Returns whether there may be more than what was read, of which at most `limit` were asked for.
pub(super) fn is_full<T>(read: &[T], limit: u32) -> bool {
    u32::try_from(read.len()).is_ok_and(|count| count == limit)
}
