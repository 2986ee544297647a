//! Checkout orders and connected accounts.

/// The account with this id, if a payment was refused because of it after an instant.
macro_rules! refused_since {
    ($account:expr, $since:expr) => {
        connected_accounts::table
            .find(AsText($account.clone()))
            .filter(connected_accounts::refused_at.gt(AsInt($since)))
            .select(connected_accounts::account)
    };
}

mod accounts;
mod reads;

use tollgate_domain::{
    checkout::{
        CheckoutOrder, OrderStatus,
        ports::{CheckoutOrders, MovedOrders},
    },
    group_buys::GroupBuyState,
    id::{CheckoutId, GroupBuyId, HandleId, PageId, VisitorId},
    money::Money,
    names::Slug,
    payments::{CheckoutSessionId, OpenedSession, PayPages},
    visitor_auth::Visitor,
};

use super::prelude::*;
use crate::{
    rows::{OrderRow, live_key},
    schema::{checkout_orders, group_buys, pages},
};

#[async_trait]
impl CheckoutOrders for Unit {
    async fn insert(&mut self, order: &CheckoutOrder) -> Result<bool, StoreError> {
        let key = order.status.is_live().then(|| live_key(order.visitor_id, order.page_id));
        insert!(self, checkout_orders, (OrderRow::from(order), checkout_orders::live_key.eq(key)))
    }

    async fn open_of(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let key = live_key(visitor, page);
        find!(self, OrderRow, checkout_orders::table.filter(checkout_orders::live_key.eq(key)))
    }

    async fn beside(&mut self, order: &CheckoutOrder) -> Result<Vec<CheckoutOrder>, StoreError> {
        let in_the_way = [OrderStatus::Pending, OrderStatus::Closing].map(AsText);
        let others = checkout_orders::table
            .filter(checkout_orders::visitor_id.eq(AsText(order.visitor_id)))
            .filter(checkout_orders::page_id.eq(AsText(order.page_id)))
            .filter(checkout_orders::status.eq_any(in_the_way))
            .filter(checkout_orders::id.ne(AsText(order.id)));
        find_all!(self, OrderRow, others)
    }

    async fn find(&mut self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError> {
        find!(self, OrderRow, checkout_orders::table.find(AsText(id)))
    }

    async fn lock(&mut self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError> {
        // Updating a row, even without a change, locks it in both databases.
        let same = checkout_orders::created_at.eq(checkout_orders::created_at);
        let order = checkout_orders::table.find(AsText(id));
        updated!(self, OrderRow, diesel::update(order).set(same))
    }

    async fn offer_slug(
        &mut self,
        group_buy: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<Slug>, StoreError> {
        let slug = group_buys::table
            .find(AsText(group_buy))
            .filter(group_buys::state.eq(AsText(GroupBuyState::Active)))
            .filter(group_buys::offer_ends_at.assume_not_null().gt(AsInt(now)))
            .select(group_buys::slug);
        let found: Option<AsText<Slug>> = self.first(slug).await?;
        Ok(found.map(|slug| slug.0))
    }

    async fn is_group_price(
        &mut self,
        group_buy: GroupBuyId,
        page: PageId,
        price: Money,
    ) -> Result<bool, StoreError> {
        let of_page = group_buys::table
            .find(AsText(group_buy))
            .filter(group_buys::page_id.eq(AsText(page)))
            .filter(group_buys::price_amount.eq(price.amount))
            .filter(group_buys::price_currency.eq(AsText(price.currency)))
            .select(group_buys::id);
        let found: Option<AsText<GroupBuyId>> = self.first(of_page).await?;
        Ok(found.is_some())
    }

    async fn by_session(
        &mut self,
        session: &CheckoutSessionId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let session = checkout_orders::session.eq(AsText(session.clone()));
        find!(self, OrderRow, checkout_orders::table.filter(session))
    }

    async fn opened(
        &mut self,
        id: CheckoutId,
        session: &OpenedSession,
    ) -> Result<bool, StoreError> {
        let url = session.url.clone();
        let session = AsText(session.session.clone());
        let is_new = checkout_orders::status.eq(AsText(OrderStatus::Creating));
        let is_same = checkout_orders::session
            .eq(session.clone())
            .assume_not_null()
            .and(checkout_orders::status.eq(AsText(OrderStatus::Open)));
        let openable = checkout_orders::table.find(AsText(id)).filter(is_new.or(is_same));
        let opened = (
            checkout_orders::status.eq(AsText(OrderStatus::Open)),
            checkout_orders::session.eq(session),
            checkout_orders::url.eq(url),
        );
        changes!(self, diesel::update(openable).set(opened))
    }

    async fn lead_on_to(
        &mut self,
        id: CheckoutId,
        success_url: Option<String>,
    ) -> Result<(), StoreError> {
        let order = checkout_orders::table.find(AsText(id));
        let target = checkout_orders::success_url.eq(success_url);
        execute!(self, diesel::update(order).set(target))
    }

    async fn advance(
        &mut self,
        id: CheckoutId,
        from: &[OrderStatus],
        to: OrderStatus,
    ) -> Result<bool, StoreError> {
        let from: Vec<_> = from.iter().copied().map(AsText).collect();
        let movable =
            checkout_orders::table.find(AsText(id)).filter(checkout_orders::status.eq_any(from));
        let advanced = (
            checkout_orders::status.eq(AsText(to)),
            (!to.is_live()).then(|| checkout_orders::live_key.eq(None::<String>)),
        );
        changes!(self, diesel::update(movable).set(advanced))
    }

    async fn bring_back(&mut self, order: &CheckoutOrder) -> Result<bool, StoreError> {
        let closed = [OrderStatus::Expired, OrderStatus::Failed];
        let Some(order) = CheckoutOrders::lock(self, order.id).await? else { return Ok(false) };
        if !closed.contains(&order.status) {
            return Ok(false);
        }
        let key = live_key(order.visitor_id, order.page_id);
        let in_the_way = checkout_orders::table.filter(checkout_orders::live_key.eq(key.clone()));
        let payable =
            in_the_way.clone().filter(checkout_orders::status.ne(AsText(OrderStatus::Pending)));
        self.add(diesel::update(payable).set(checkout_orders::live_key.eq(None::<String>)));
        let in_the_way = in_the_way.select(checkout_orders::id).limit(1);
        let in_the_way: Option<AsText<CheckoutId>> = self.first(in_the_way).await?;
        let brought_back = (
            checkout_orders::status.eq(AsText(OrderStatus::Pending)),
            checkout_orders::live_key.eq(in_the_way.is_none().then_some(key)),
            checkout_orders::awaited_account.eq(None::<String>),
        );
        let order = checkout_orders::table.find(AsText(order.id));
        changes!(self, diesel::update(order).set(brought_back))
    }

    async fn await_end(&mut self, id: CheckoutId, is_awaited: bool) -> Result<(), StoreError> {
        let order = checkout_orders::table.find(AsText(id));
        if is_awaited {
            let at = checkout_orders::awaited_account.eq(checkout_orders::account.nullable());
            return execute!(self, diesel::update(order).set(at));
        }
        let none = checkout_orders::awaited_account.eq(None::<String>);
        execute!(self, diesel::update(order).set(none))
    }

    async fn unread(&mut self, id: CheckoutId, now: Timestamp) -> Result<bool, StoreError> {
        let is_live = checkout_orders::status.eq_any(OrderStatus::LIVE.map(AsText));
        let is_awaited = checkout_orders::status
            .eq(AsText(OrderStatus::Expired))
            .and(checkout_orders::awaited_account.is_not_null());
        let order = checkout_orders::table.find(AsText(id));
        let order = order.filter(checkout_orders::unread_at.is_null());
        let order = order.filter(is_live.or(is_awaited));
        changes!(self, diesel::update(order).set(checkout_orders::unread_at.eq(AsInt(now))))
    }

    async fn read_again(&mut self, id: CheckoutId, now: Timestamp) -> Result<(), StoreError> {
        let order = checkout_orders::table.find(AsText(id));
        let order = order.filter(checkout_orders::unread_at.is_not_null());
        execute!(self, diesel::update(order).set(checkout_orders::reread_at.eq(AsInt(now))))
    }

    async fn move_unpaid(
        &mut self,
        handle: HandleId,
        from: VisitorId,
        to: &Visitor,
    ) -> Result<MovedOrders, StoreError> {
        let here = pages::table.filter(pages::handle_id.eq(AsText(handle))).select(pages::id);
        let theirs = checkout_orders::table
            .filter(checkout_orders::page_id.eq_any(here))
            .filter(checkout_orders::status.eq_any(OrderStatus::NOT_PAID.map(AsText)))
            .filter(checkout_orders::visitor_id.eq(AsText(from)))
            // In the order in which payments lock them.
            .order(checkout_orders::id)
            .select(checkout_orders::id);
        let theirs: Vec<AsText<CheckoutId>> = run!(self, |conn| { theirs.load(conn).await })?;
        let mut moved = MovedOrders::default();
        for id in theirs {
            // Waits for a payment that is just being applied, and then finds the order paid.
            let order = CheckoutOrders::lock(self, id.0).await?;
            if let Some(order) = order.filter(|order| OrderStatus::NOT_PAID.contains(&order.status))
            {
                self.move_order(&order, to, &mut moved).await?;
            }
        }
        Ok(moved)
    }
}

/// Closes the orders with this condition whose pay pages may be open.
macro_rules! closed {
    ($is_meant:expr) => {{
        let is_open =
            checkout_orders::status.eq_any([OrderStatus::Creating, OrderStatus::Open].map(AsText));
        diesel::update(checkout_orders::table.filter($is_meant).filter(is_open))
            .set(checkout_orders::status.eq(AsText(OrderStatus::Closing)))
            .returning(checkout_orders::id)
    }};
}

#[async_trait]
impl PayPages for Unit {
    async fn close(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutId>, StoreError> {
        let close = closed!(checkout_orders::live_key.eq(live_key(visitor, page)));
        let closed: Option<AsText<CheckoutId>> = self.first(close).await?;
        Ok(closed.map(|id| id.0))
    }

    async fn close_of_page(&mut self, page: PageId) -> Result<Vec<CheckoutId>, StoreError> {
        let close = closed!(checkout_orders::page_id.eq(AsText(page)));
        let closed: Vec<AsText<CheckoutId>> = run!(self, |conn| { close.get_results(conn).await })?;
        Ok(closed.into_iter().map(|id| id.0).collect())
    }
}

impl Unit {
    /// Makes a locked order another visitor's.
    async fn move_order(
        &mut self,
        order: &CheckoutOrder,
        to: &Visitor,
        moved: &mut MovedOrders,
    ) -> Result<(), StoreError> {
        let key = live_key(to.id, order.page_id);
        let in_the_way = checkout_orders::table.filter(checkout_orders::live_key.eq(key.clone()));
        moved.payments += usize::from(OrderStatus::PAID_FOR.contains(&order.status));
        if order.status == OrderStatus::Pending {
            let payable =
                in_the_way.clone().filter(checkout_orders::status.ne(AsText(OrderStatus::Pending)));
            let closing = (
                checkout_orders::status.eq(AsText(OrderStatus::Closing)),
                checkout_orders::live_key.eq(None::<String>),
            );
            let close = diesel::update(payable).set(closing).returning(checkout_orders::id);
            let closed: Option<AsText<CheckoutId>> = self.first(close).await?;
            moved.closing.extend(closed.map(|id| id.0));
        }
        let in_the_way = in_the_way.select(checkout_orders::id).limit(1);
        let in_the_way: Option<AsText<CheckoutId>> = self.first(in_the_way).await?;
        let has_place = order.status.is_live() && in_the_way.is_none();
        let is_payable = OrderStatus::PAYABLE.contains(&order.status);
        moved.closing.extend(is_payable.then_some(order.id));
        // The request that opens a session is repeated as it was, with the address.
        let email = order.opened.is_some().then(|| AsText(to.email.clone()));
        let changes = (
            checkout_orders::visitor_id.eq(AsText(to.id)),
            email.map(|email| checkout_orders::customer_email.eq(email)),
            is_payable.then(|| checkout_orders::status.eq(AsText(OrderStatus::Closing))),
            checkout_orders::live_key.eq(has_place.then_some(key)),
        );
        self.add(diesel::update(checkout_orders::table.find(AsText(order.id))).set(changes));
        match order.group_buy_id {
            Some(group_buy) => self.move_interest(group_buy, order.visitor_id, to.id).await,
            None => Ok(()),
        }
    }
}
