//! Payments that are being processed.

use super::Fulfilment;
use crate::{
    checkout::{CheckoutOrder, OrderStatus},
    payments::close_open_order,
    store::UnitOfWork,
    store_error::StoreError,
};

impl Fulfilment {
    /// Notes that the payment of an order is being processed, and returns whether that was not known. Returns `None`, and nothing
    /// is changed, if the order was closed or was to be closed at the same moment, for which it has to be locked.
    pub(super) async fn note_pending(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
    ) -> Result<Option<bool>, StoreError> {
        if order.may_come_back_at(self.runtime.now()) {
            return self.bring_back(unit, order).await.map(Some);
        }
        let is_closing = order.status == OrderStatus::Closing;
        let from: &[OrderStatus] = if is_closing {
            &[OrderStatus::Closing]
        } else {
            &[OrderStatus::Creating, OrderStatus::Open]
        };
        let moved = unit.checkout_orders().advance(order.id, from, OrderStatus::Pending).await?;
        if is_closing {
            // After a change of address, the visitor can have a pay page beside it.
            close_open_order(unit, order.visitor_id, order.page_id, self.runtime.now()).await?;
        } else if !moved {
            let found = unit.checkout_orders().find(order.id).await?;
            let is_changed = found.is_some_and(|order| self.may_be_beside_another(&order));
            return Ok((!is_changed).then_some(false));
        }
        Ok(Some(moved))
    }

    /// Returns whether the visitor of an order whose payment is being processed may have another one that can be paid: the order
    /// was closed, or was to be closed.
    pub(super) fn may_be_beside_another(&self, order: &CheckoutOrder) -> bool {
        order.status == OrderStatus::Closing || order.may_come_back_at(self.runtime.now())
    }

    /// Makes an order pending that was closed before it was known that its payment is being processed. What the visitor could
    /// pay for the page instead is closed.
    async fn bring_back(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
    ) -> Result<bool, StoreError> {
        let (visitor, page) = (order.visitor_id, order.page_id);
        close_open_order(unit, visitor, page, self.runtime.now()).await?;
        unit.checkout_orders().bring_back(order).await
    }
}
