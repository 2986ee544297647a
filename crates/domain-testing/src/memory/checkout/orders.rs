//! Checkout orders and their pay pages.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::memory::{
    state::{State, UnreadRow},
    unit::MemoryUnit,
};
use tollgate_domain::{
    checkout::{
        CheckoutOrder, OrderStatus,
        ports::{CheckoutOrders, MovedOrders},
    },
    group_buys::{GroupBuy, GroupBuyStatus},
    id::{CheckoutId, GroupBuyId, HandleId, PageId, VisitorId},
    money::Money,
    names::Slug,
    payments::{CheckoutSessionId, OpenedSession, PayPages},
    store_error::StoreError,
    visitor_auth::Visitor,
};

#[async_trait]
impl CheckoutOrders for MemoryUnit {
    async fn insert(&mut self, order: &CheckoutOrder) -> Result<bool, StoreError> {
        let state = self.state().await?;
        let is_live = order.status.is_live();
        if is_live && state.live_order(order.visitor_id, order.page_id).is_some() {
            return Ok(false);
        }
        let orders = state.orders.edit();
        if orders.contains_key(&order.id) {
            return self.conflict();
        }
        orders.insert(order.id, order.clone());
        Ok(true)
    }

    async fn open_of(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        Ok(self.state().await?.live_order(visitor, page).cloned())
    }

    async fn beside(&mut self, order: &CheckoutOrder) -> Result<Vec<CheckoutOrder>, StoreError> {
        let is_beside = |other: &&CheckoutOrder| {
            let is_in_the_way = matches!(other.status, OrderStatus::Pending | OrderStatus::Closing);
            other.visitor_id == order.visitor_id
                && other.page_id == order.page_id
                && other.id != order.id
                && is_in_the_way
        };
        Ok(self.state().await?.orders.values().filter(is_beside).cloned().collect())
    }

    async fn lock(&mut self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError> {
        self.find(id).await
    }

    async fn find(&mut self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError> {
        Ok(self.state().await?.orders.get(&id).cloned())
    }

    async fn offer_slug(
        &mut self,
        group_buy: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<Slug>, StoreError> {
        let found = self.state().await?.group_buys.get(&group_buy);
        let is_on = |it: &&GroupBuy| it.status(now) == GroupBuyStatus::Active;
        Ok(found.filter(is_on).map(|group_buy| group_buy.slug.clone()))
    }

    async fn is_group_price(
        &mut self,
        group_buy: GroupBuyId,
        page: PageId,
        price: Money,
    ) -> Result<bool, StoreError> {
        let found = self.state().await?.group_buys.get(&group_buy);
        Ok(found.is_some_and(|it| it.page_id == page && it.price == price))
    }

    async fn by_session(
        &mut self,
        session: &CheckoutSessionId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        Ok(self.state().await?.order_of_session(session))
    }

    async fn opened(
        &mut self,
        id: CheckoutId,
        session: &OpenedSession,
    ) -> Result<bool, StoreError> {
        let orders = self.state().await?.orders.edit();
        let Some(order) = orders.get_mut(&id) else { return Ok(false) };
        let is_this = order.opened.as_ref().is_some_and(|known| known.session == session.session);
        if is_this && order.status == OrderStatus::Open {
            return Ok(true);
        }
        if order.status != OrderStatus::Creating || order.opened.is_some() {
            return Ok(false);
        }
        order.opened = Some(session.clone());
        order.status = OrderStatus::Open;
        Ok(true)
    }

    async fn lead_on_to(
        &mut self,
        id: CheckoutId,
        success_url: Option<String>,
    ) -> Result<(), StoreError> {
        if let Some(order) = self.state().await?.orders.edit().get_mut(&id) {
            order.success_url = success_url;
        }
        Ok(())
    }

    async fn advance(
        &mut self,
        id: CheckoutId,
        from: &[OrderStatus],
        to: OrderStatus,
    ) -> Result<bool, StoreError> {
        let orders = self.state().await?.orders.edit();
        let movable = orders.get_mut(&id).filter(|order| from.contains(&order.status));
        Ok(movable.map(|order| order.status = to).is_some())
    }

    async fn bring_back(&mut self, order: &CheckoutOrder) -> Result<bool, StoreError> {
        let state = self.state().await?;
        let closed = [OrderStatus::Expired, OrderStatus::Failed];
        let Some(known) = state.orders.get(&order.id).cloned() else { return Ok(false) };
        if !closed.contains(&known.status) {
            return Ok(false);
        }
        let in_the_way = state.live_order(known.visitor_id, known.page_id);
        let in_the_way = in_the_way.map(|other| (other.id, other.status));
        let beside = state.beside.edit();
        match in_the_way {
            Some((_, OrderStatus::Pending)) => beside.insert(known.id, ()),
            Some((other, _)) => {
                beside.insert(other, ());
                beside.remove(&known.id)
            }
            None => beside.remove(&known.id),
        };
        state.awaited.edit().remove(&known.id);
        let pending = CheckoutOrder { status: OrderStatus::Pending, ..known };
        state.orders.edit().insert(pending.id, pending);
        Ok(true)
    }

    async fn await_end(&mut self, id: CheckoutId, is_awaited: bool) -> Result<(), StoreError> {
        let awaited = self.state().await?.awaited.edit();
        if is_awaited {
            awaited.insert(id, ());
        } else {
            awaited.remove(&id);
        }
        Ok(())
    }

    async fn unread(&mut self, id: CheckoutId, now: Timestamp) -> Result<bool, StoreError> {
        let state = self.state().await?;
        let Some(status) = state.orders.get(&id).map(|order| order.status) else {
            return Ok(false);
        };
        let is_awaited = status == OrderStatus::Expired && state.awaited.contains_key(&id);
        if state.unread.contains_key(&id) || !(status.is_live() || is_awaited) {
            return Ok(false);
        }
        state.unread.edit().insert(id, UnreadRow { noted_at: now, is_read: false });
        Ok(true)
    }

    async fn read_again(&mut self, id: CheckoutId, _now: Timestamp) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.unread.edit().get_mut(&id) {
            row.is_read = true;
        }
        Ok(())
    }

    async fn move_unpaid(
        &mut self,
        handle: HandleId,
        from: VisitorId,
        to: &Visitor,
    ) -> Result<MovedOrders, StoreError> {
        let state = self.state().await?;
        let is_theirs = |order: &&CheckoutOrder| {
            let is_movable = OrderStatus::NOT_PAID.contains(&order.status);
            order.visitor_id == from && order.handle_id == handle && is_movable
        };
        let theirs: Vec<_> = state.orders.values().filter(is_theirs).cloned().collect();
        let mut moved = MovedOrders::default();
        for mut order in theirs {
            let is_pending = order.status == OrderStatus::Pending;
            moved.payments += usize::from(OrderStatus::PAID_FOR.contains(&order.status));
            let mut in_the_way = state.live_order(to.id, order.page_id).cloned();
            if is_pending
                && let Some(other) =
                    in_the_way.take_if(|other| other.status != OrderStatus::Pending)
            {
                state.beside.edit().insert(other.id, ());
                moved.closing.push(other.id);
                let closing = CheckoutOrder { status: OrderStatus::Closing, ..other };
                state.orders.edit().insert(closing.id, closing);
            }
            if in_the_way.is_some() {
                state.beside.edit().insert(order.id, ());
            } else {
                state.beside.edit().remove(&order.id);
            }
            if OrderStatus::PAYABLE.contains(&order.status) {
                order.status = OrderStatus::Closing;
                moved.closing.push(order.id);
            }
            if order.opened.is_some() {
                order.customer_email = to.email.clone();
            }
            order.visitor_id = to.id;
            let group_buy = order.group_buy_id;
            state.orders.edit().insert(order.id, order);
            if let Some(group_buy) = group_buy {
                state.move_interest(group_buy, from, to.id);
            }
        }
        Ok(moved)
    }
}

#[async_trait]
impl PayPages for MemoryUnit {
    async fn close(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutId>, StoreError> {
        let open = [OrderStatus::Creating, OrderStatus::Open];
        let orders = self.state().await?.orders.edit();
        let theirs = orders.values_mut().find(|order| {
            order.visitor_id == visitor && order.page_id == page && open.contains(&order.status)
        });
        Ok(theirs.map(|order| {
            order.status = OrderStatus::Closing;
            order.id
        }))
    }

    async fn close_of_page(&mut self, page: PageId) -> Result<Vec<CheckoutId>, StoreError> {
        Ok(close_open(self.state().await?, |order| order.page_id == page))
    }
}

/// Marks the open ones of these orders as ones that have to be closed.
fn close_open(state: &mut State, is_meant: impl Fn(&CheckoutOrder) -> bool) -> Vec<CheckoutId> {
    // The money of a pending order is on its way: closing it would have the visitor pay twice.
    let open = [OrderStatus::Creating, OrderStatus::Open];
    let orders = state.orders.edit().values_mut();
    let closing = orders.filter(|order| is_meant(order) && open.contains(&order.status));
    let closed = closing.map(|order| {
        order.status = OrderStatus::Closing;
        order.id
    });
    closed.collect()
}
