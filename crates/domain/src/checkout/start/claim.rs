//! The one live order of a visitor for a page.

use jiff::Timestamp;

use super::{Attempt, Checkouts, GroupPrice};
use crate::{
    access::{AccessStatus, Purchase},
    activity::{Activity, ActivityKind},
    checkout::{CheckoutError, CheckoutOrder, OrderStatus, order::REOPENING_SECONDS},
    clock::plus_seconds,
    jobs::{Job, NewJob},
    store::UnitOfWork,
    store_error::StoreError,
};

/// The shortest duration of a session, in seconds. Stripe requires 30 minutes; the rest allows for clock
/// differences.
const MIN_SESSION_SECONDS: i64 = 31 * 60;

/// Whether an order is the visitor's only live one for a page.
pub(super) enum OrderClaim {
    /// The visitor continues with this order: the new one, or an earlier one that can still be paid.
    Granted(CheckoutOrder),
    /// An earlier order blocks the new one; its session has to be closed first.
    CloseFirst(CheckoutOrder),
    /// Something changed since it was read.
    Changed,
}

impl Checkouts {
    /// Finds the order that the visitor continues with: `fresh`, or one that already exists. One that can stay as it is, as when the
    /// visitor presses Buy again, or that is to be closed first, is found by a read. Whatever has to change is decided in a unit of work.
    pub(super) async fn claim(
        &self,
        fresh: &CheckoutOrder,
        group: Option<&GroupPrice>,
        signed_in: Timestamp,
    ) -> Result<OrderClaim, CheckoutError> {
        let reads = &self.fulfilment.ports.checkout;
        let there = reads.live_order(fresh.visitor_id, fresh.page_id).await?;
        let now = self.runtime().now();
        if let Some(claim) = there.and_then(|there| claim_unchanged(&there, fresh, now)) {
            return Ok(claim);
        }
        let mut unit = self.runtime().begin().await?;
        // A payment that opens the page again sees the new order, or is seen below.
        unit.visitors().lock(fresh.visitor_id).await?;
        if !unit.checkout_orders().insert(fresh).await? {
            return self.claim_earlier(unit, fresh).await;
        }
        if let Some(there) = self.beside(&mut *unit, fresh).await? {
            // The new order goes with its unit of work.
            return Ok(match there.status {
                OrderStatus::Closing => OrderClaim::CloseFirst(there),
                _ => OrderClaim::Granted(there),
            });
        }
        self.claim_fresh(unit, fresh, group, signed_in).await
    }

    /// Returns an order that keeps the new one out although it does not have the visitor's place for the page: one whose payment
    /// is being processed, which comes first, or whose session can still be paid until it is closed. The order that had the
    /// place beside it has ended since.
    async fn beside(
        &self,
        unit: &mut dyn UnitOfWork,
        fresh: &CheckoutOrder,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let now = self.runtime().now();
        let others = unit.checkout_orders().beside(fresh).await?.into_iter();
        let in_the_way = others
            .filter(|order| order.status == OrderStatus::Closing || order.is_processed_at(now));
        Ok(in_the_way.min_by_key(|order| order.status == OrderStatus::Closing))
    }

    /// Grants an order that was just inserted, if it can still be paid.
    async fn claim_fresh(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        fresh: &CheckoutOrder,
        group: Option<&GroupPrice>,
        signed_in: Timestamp,
    ) -> Result<OrderClaim, CheckoutError> {
        // The page may have been edited or bought since it was read. From here on, edits and
        // purchases see the new order and take it into account.
        if !self.is_on_offer(&mut *unit, fresh, group).await? {
            return Ok(OrderClaim::Changed);
        }
        let (visitor, page) = (fresh.visitor_id, fresh.page_id);
        let bought = unit.purchases().of_visitor(visitor, page).await?;
        if Purchase::is_any_active(&bought) {
            return Ok(OrderClaim::Changed);
        }
        let mut statuses = bought.iter().map(|it| AccessStatus::of_holding(it.holding()));
        if statuses.any(|status| status == AccessStatus::Suspended) {
            return Ok(OrderClaim::Changed);
        }
        // Evidence, if the payment is disputed: the visitor need not have signed in on the way to this handle.
        let (handle, kind) = (fresh.handle_id, ActivityKind::SignedIn);
        let activity = Activity::once(visitor, handle, kind, None, signed_in);
        unit.activity().note(&activity).await?;
        unit.commit().await?;
        Ok(OrderClaim::Granted(fresh.clone()))
    }

    /// Grants the order that is live already, or closes it so that `fresh` can take its place.
    async fn claim_earlier(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        fresh: &CheckoutOrder,
    ) -> Result<OrderClaim, CheckoutError> {
        let there = unit.checkout_orders().open_of(fresh.visitor_id, fresh.page_id).await?;
        let Some(there) = there else { return Ok(OrderClaim::Changed) };
        let now = self.runtime().now();
        if let Some(claim) = claim_unchanged(&there, fresh, now) {
            return Ok(claim);
        }
        if there.status == OrderStatus::Pending {
            let (from, to) = ([OrderStatus::Pending], OrderStatus::Expired);
            unit.checkout_orders().advance(there.id, &from, to).await?;
            // Its money may have come while the account was out of reach.
            unit.checkout_orders().await_end(there.id, true).await?;
            unit.commit().await?;
            return Ok(OrderClaim::Changed);
        }
        if is_usable(&there, now) && is_same_offer(&there, fresh) {
            // The pay page stays as it is, and leads to where this request wants.
            let success_url = fresh.success_url.clone();
            unit.checkout_orders().lead_on_to(there.id, success_url.clone()).await?;
            unit.commit().await?;
            return Ok(OrderClaim::Granted(CheckoutOrder { success_url, ..there }));
        }
        let from = [OrderStatus::Creating, OrderStatus::Open];
        if !unit.checkout_orders().advance(there.id, &from, OrderStatus::Closing).await? {
            return Ok(OrderClaim::Changed);
        }
        unit.jobs().enqueue(&NewJob::new(Job::CloseCheckout(there.id), now)).await?;
        unit.commit().await?;
        Ok(OrderClaim::CloseFirst(there))
    }

    /// Closes the session of an order that is being replaced. The replacement is opened only afterwards.
    pub(super) async fn close(
        &self,
        order: CheckoutOrder,
        attempt: &mut Attempt,
    ) -> Result<(), CheckoutError> {
        let opens_until = plus_seconds(order.created_at, REOPENING_SECONDS);
        if order.opened.is_none() && self.runtime().now() < opens_until {
            // The same request, repeated, tells which session it opens, and that is closed.
            return self.open_session(order, attempt).await.map(drop);
        }
        self.fulfilment.close(&order).await.map_err(CheckoutError::of_closing)
    }

    /// Returns whether the order matches what its page or group buy offers now. Locks the page for the
    /// rest of the unit. The price of a group buy is frozen and its offer ends by time alone, so no lock
    /// is needed for it.
    async fn is_on_offer(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
        group: Option<&GroupPrice>,
    ) -> Result<bool, CheckoutError> {
        let page = unit.pages().lock(order.page_id).await?;
        let regular = page.and_then(|page| page.offer());
        let Some(group) = group else { return Ok(regular == Some(order.price)) };
        if self.runtime().now() >= group.ends_at {
            return Err(CheckoutError::GroupBuyNotActive);
        }
        Ok(regular.is_some())
    }
}

/// Returns what comes of a live order that `fresh` would take the place of, if nothing of it has to be changed.
fn claim_unchanged(
    there: &CheckoutOrder,
    fresh: &CheckoutOrder,
    now: Timestamp,
) -> Option<OrderClaim> {
    let is_usable = is_usable(there, now);
    let is_granted = match there.status {
        OrderStatus::Closing => return Some(OrderClaim::CloseFirst(there.clone())),
        OrderStatus::Pending => is_usable,
        _ => is_usable && is_same_offer(there, fresh) && there.success_url == fresh.success_url,
    };
    is_granted.then(|| OrderClaim::Granted(there.clone()))
}

/// Returns whether the visitor can continue with a live order at `now`.
fn is_usable(order: &CheckoutOrder, now: Timestamp) -> bool {
    match order.status {
        // The payment is being processed: a second session would charge the visitor twice.
        OrderStatus::Pending => order.is_processed_at(now),
        OrderStatus::Closing => false,
        OrderStatus::Creating => {
            now < plus_seconds(order.created_at, REOPENING_SECONDS)
                && now <= plus_seconds(order.expires_at, -MIN_SESSION_SECONDS)
        }
        _ => now < order.expires_at,
    }
}

/// Returns whether two orders are for the same price, account and group buy.
fn is_same_offer(one: &CheckoutOrder, other: &CheckoutOrder) -> bool {
    one.price == other.price
        && one.account == other.account
        && one.group_buy_id == other.group_buy_id
}
