//! Checkout orders and connected accounts.

mod accounts;
mod orders;
mod reads;

use jiff::Timestamp;

use super::state::State;
use tollgate_domain::{
    access::{Fact, FactKind, GrantType, Purchase},
    checkout::{CheckoutOrder, OrderStatus, QuarantinedPayment},
    id::{FactId, PageId, VisitorId},
    names::{HandleName, Slug},
    payments::CheckoutSessionId,
};

impl State {
    /// Returns when the session of an order was noted as one that cannot be read, if nobody knows yet whether it was paid.
    pub(super) fn unread_since(&self, order: &CheckoutOrder) -> Option<Timestamp> {
        let row = self.unread.get(&order.id).filter(|row| !row.is_read)?;
        (order.status != OrderStatus::Paid).then_some(row.noted_at)
    }

    fn order_of_session(&self, session: &CheckoutSessionId) -> Option<CheckoutOrder> {
        let is_meant = |order: &&CheckoutOrder| {
            order.opened.as_ref().is_some_and(|opened| opened.session == *session)
        };
        self.orders.values().find(is_meant).cloned()
    }

    /// Returns the order that keeps the visitor from having another one for the page.
    fn live_order(&self, visitor: VisitorId, page: PageId) -> Option<&CheckoutOrder> {
        self.orders.values().find(|order| {
            order.visitor_id == visitor
                && order.page_id == page
                && order.status.is_live()
                && !self.beside.contains_key(&order.id)
        })
    }

    /// Returns the payment that a visitor made last for a page, that does not match its order and was not refunded.
    pub(super) fn quarantined(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Option<QuarantinedPayment> {
        let is_theirs = |order: &&CheckoutOrder| {
            order.visitor_id == visitor
                && order.page_id == page
                && order.status == OrderStatus::Quarantined
        };
        let kept = self.orders.values().filter(is_theirs);
        let kept = kept.filter(|order| !self.is_quarantine_refunded(order));
        let noted = kept
            .filter_map(|order| Some((self.noted(FactKind::PaymentQuarantined, order)?, order)));
        let ((since, _), order) = noted.max_by_key(|(noted, _)| *noted)?;
        Some(QuarantinedPayment { order: order.clone(), since })
    }

    /// The fact of this kind about the order's session.
    pub(super) fn noted(
        &self,
        kind: FactKind,
        order: &CheckoutOrder,
    ) -> Option<(Timestamp, FactId)> {
        let session = order.opened.as_ref()?.session.to_string();
        self.ledger.get(&(kind, session)).map(|fact| (fact.at, fact.id))
    }

    /// Returns whether the payment of an order does not match it and was not refunded.
    pub(super) fn is_unmatched(&self, order: &CheckoutOrder) -> bool {
        order.status == OrderStatus::Quarantined
            && self.noted(FactKind::PaymentQuarantined, order).is_some()
            && !self.is_quarantine_refunded(order)
    }

    /// Returns whether the payment of an order, which does not match it, was refunded.
    pub(super) fn is_quarantine_refunded(&self, order: &CheckoutOrder) -> bool {
        self.quarantine_refunded_at(order).is_some()
    }

    /// Returns when that was noted, if it was refunded.
    pub(super) fn quarantine_refunded_at(&self, order: &CheckoutOrder) -> Option<Timestamp> {
        let session = &order.opened.as_ref()?.session;
        let noted = |kind: FactKind, failed: u32| {
            self.ledger.get(&(kind, Fact::quarantine_refund(session, failed))).map(|fact| fact.at)
        };
        let turns =
            (0..).map_while(|turn| Some((turn, noted(FactKind::QuarantineRefunded, turn)?)));
        let mut lasting = turns
            .filter(|(turn, _)| noted(FactKind::QuarantineRefundFailed, *turn).is_none())
            .map(|(_, at)| at);
        lasting.next()
    }

    fn named(&self, order: &CheckoutOrder) -> Option<(CheckoutOrder, HandleName, Slug)> {
        let handle = self.handles.get(&order.handle_id)?.name.clone();
        let slug = self.pages.get(&order.page_id)?.slug.clone();
        Some((order.clone(), handle, slug))
    }

    /// Whether the visitor of the order has a purchase of its page that was neither refunded nor revoked.
    fn has_page(&self, order: &CheckoutOrder) -> bool {
        self.purchases_of_page(order).next().is_some()
    }

    fn was_given_page(&self, order: &CheckoutOrder) -> bool {
        self.purchases_of_page(order).any(|purchase| purchase.payment.is_none())
    }

    /// The purchases of an order's visitor and page that were neither refunded nor revoked.
    fn purchases_of_page(&self, order: &CheckoutOrder) -> impl Iterator<Item = &Purchase> {
        self.purchases.values().filter(|purchase| {
            purchase.visitor_id == order.visitor_id
                && purchase.page_id == order.page_id
                && purchase.grant_type != GrantType::Refunded
                && purchase.revoked_at.is_none()
        })
    }
}
