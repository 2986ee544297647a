//! Checkout orders and connected accounts.

use diesel::dsl::{exists, not};
use tollgate_domain::{
    access::{FactKind, GrantType},
    checkout::{
        AccountTurn, CheckoutOrder, ConnectedAccount, OrderStatus, QuarantinedPayment,
        ReportedStatus,
        ports::{CheckoutOrders, CheckoutReads, ConnectedAccounts, MovedOrders},
    },
    creators::{AccessMode, PageStatus},
    group_buys::GroupBuyState,
    id::{CheckoutId, GroupBuyId, HandleId, PageId, VisitorId},
    names::{HandleName, Slug},
    payments::{AccountId, AccountState, CheckoutSessionId, OpenedSession, PayPages},
    visitor_auth::Visitor,
};

use super::prelude::*;
use crate::{
    rows::{ConnectedAccountRow, OrderRow, live_key},
    schema::{
        checkout_orders, connected_accounts, creators, group_buys, handles, ledger, pages,
        purchases,
    },
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
        let found: Option<AsText<Slug>> =
            run!(self, |conn| { slug.get_result(conn).await.optional() })?;
        Ok(found.map(|slug| slug.0))
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

#[async_trait]
impl PayPages for Unit {
    async fn close_of(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutId>, StoreError> {
        let is_open =
            checkout_orders::status.eq_any([OrderStatus::Creating, OrderStatus::Open].map(AsText));
        let open = checkout_orders::table
            .filter(checkout_orders::live_key.eq(live_key(visitor, page)))
            .filter(is_open);
        let close = diesel::update(open)
            .set(checkout_orders::status.eq(AsText(OrderStatus::Closing)))
            .returning(checkout_orders::id);
        let closed: Option<AsText<CheckoutId>> =
            run!(self, |conn| { CachedStatement(close).get_result(conn).await.optional() })?;
        Ok(closed.map(|id| id.0))
    }

    async fn close_of_page(&mut self, page: PageId) -> Result<Vec<CheckoutId>, StoreError> {
        let is_open =
            checkout_orders::status.eq_any([OrderStatus::Creating, OrderStatus::Open].map(AsText));
        let open = checkout_orders::table
            .filter(checkout_orders::page_id.eq(AsText(page)))
            .filter(is_open);
        let close = diesel::update(open)
            .set(checkout_orders::status.eq(AsText(OrderStatus::Closing)))
            .returning(checkout_orders::id);
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

#[async_trait]
impl ConnectedAccounts for Unit {
    async fn insert(&mut self, account: &ConnectedAccount) -> Result<bool, StoreError> {
        let is_live = connected_accounts::live_handle_id.eq(AsText(account.handle_id));
        insert!(self, connected_accounts, (ConnectedAccountRow::from(account), is_live))
    }

    async fn set_state(
        &mut self,
        account: &AccountId,
        state: AccountState,
        now: Timestamp,
    ) -> Result<Option<AccountTurn>, StoreError> {
        let account = connected_accounts::table.find(AsText(account.clone()));
        let new = (
            connected_accounts::charges_enabled.eq(state.charges_enabled),
            connected_accounts::payouts_enabled.eq(state.payouts_enabled),
            connected_accounts::details_submitted.eq(state.details_submitted),
            connected_accounts::updated_at.eq(AsInt(now)),
        );
        let otherwise = account
            .clone()
            .filter(connected_accounts::charges_enabled.eq(!state.charges_enabled))
            .filter(connected_accounts::live_handle_id.is_not_null());
        let turn = diesel::update(otherwise).set(new).returning(connected_accounts::handle_id);
        let turned: Option<AsText<HandleId>> = self.first(turn).await?;
        if let Some(AsText(handle)) = turned {
            let turn = if state.charges_enabled {
                AccountTurn::Opened(handle)
            } else {
                AccountTurn::Closed(handle)
            };
            return Ok(Some(turn));
        }
        execute!(self, diesel::update(account).set(new)).map(|()| None)
    }

    async fn disconnect(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<HandleId>, StoreError> {
        let account = connected_accounts::table
            .find(AsText(account.clone()))
            .filter(connected_accounts::live_handle_id.is_not_null());
        let disconnected = (
            connected_accounts::live_handle_id.eq(None::<String>),
            connected_accounts::charges_enabled.eq(false),
            connected_accounts::payouts_enabled.eq(false),
            connected_accounts::updated_at.eq(AsInt(now)),
        );
        let disconnect =
            diesel::update(account).set(disconnected).returning(connected_accounts::handle_id);
        let handle: Option<AsText<HandleId>> = self.first(disconnect).await?;
        Ok(handle.map(|handle| handle.0))
    }

    async fn reconnect(&mut self, account: &AccountId) -> Result<bool, StoreError> {
        let others = diesel::alias!(connected_accounts as others);
        let is_connected = others.field(connected_accounts::live_handle_id).is_not_null();
        let is_newer =
            others.field(connected_accounts::created_at).gt(connected_accounts::created_at);
        let in_the_way = others
            .filter(others.field(connected_accounts::handle_id).eq(connected_accounts::handle_id))
            .filter(is_connected.or(is_newer))
            .select(others.field(connected_accounts::account));
        let last =
            connected_accounts::table.find(AsText(account.clone())).filter(not(exists(in_the_way)));
        let live = connected_accounts::live_handle_id.eq(connected_accounts::handle_id.nullable());
        changes!(self, diesel::update(last).set(live))
    }
}

type NamedOrder = (OrderRow, AsText<HandleName>, AsText<Slug>);

fn named((order, handle, slug): NamedOrder) -> (CheckoutOrder, HandleName, Slug) {
    (order.into(), handle.0, slug.0)
}

/// The orders of a visitor for a page that got a pay page, newest first. Without a session there was none.
macro_rules! opened_orders {
    ($visitor:expr, $page:expr) => {
        checkout_orders::table
            .filter(checkout_orders::visitor_id.eq(AsText($visitor)))
            .filter(checkout_orders::page_id.eq(AsText($page)))
            .filter(checkout_orders::session.is_not_null())
            .order((checkout_orders::created_at.desc(), checkout_orders::id.desc()))
    };
}

/// The newest orders of a visitor in a status, with the names of their handles and pages.
macro_rules! told_orders {
    ($visitor:expr, $status:expr) => {
        checkout_orders::table
            .inner_join(handles::table.on(handles::id.eq(checkout_orders::handle_id)))
            .inner_join(pages::table.on(pages::id.eq(checkout_orders::page_id)))
            .filter(checkout_orders::visitor_id.eq(AsText($visitor)))
            .filter(checkout_orders::status.eq(Literal($status.as_str())))
            // Without a session there was no pay page.
            .filter(checkout_orders::session.is_not_null())
            .order((checkout_orders::created_at.desc(), checkout_orders::id.desc()))
            .limit(50)
            .select((OrderRow::as_select(), handles::name, pages::slug))
    };
}

/// The purchases of an order's visitor and page that were neither refunded nor revoked.
macro_rules! purchases_of_page {
    () => {
        purchases::table
            .filter(purchases::visitor_id.eq(checkout_orders::visitor_id))
            .filter(purchases::page_id.eq(checkout_orders::page_id))
            .filter(purchases::grant_type.ne(AsText(GrantType::Refunded)))
            .filter(purchases::revoked_at.is_null())
    };
}

#[async_trait]
impl CheckoutReads for Database {
    async fn order(&self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError> {
        read_first!(self, OrderRow, checkout_orders::table.find(AsText(id)))
    }

    async fn order_of_session(
        &self,
        session: &CheckoutSessionId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let session = checkout_orders::session.eq(AsText(session.clone()));
        read_first!(self, OrderRow, checkout_orders::table.filter(session))
    }

    async fn order_with_page(
        &self,
        id: CheckoutId,
    ) -> Result<Option<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let order = checkout_orders::table
            .inner_join(handles::table.on(handles::id.eq(checkout_orders::handle_id)))
            .inner_join(pages::table.on(pages::id.eq(checkout_orders::page_id)))
            .filter(checkout_orders::id.eq(AsText(id)))
            .select((OrderRow::as_select(), handles::name, pages::slug));
        let found: Option<(OrderRow, AsText<_>, AsText<_>)> =
            read!(self, |conn| { order.first(on(&mut conn)).await.optional() })?;
        Ok(found.map(|(order, handle, slug)| (order.into(), handle.0, slug.0)))
    }

    async fn told_order(
        &self,
        visitor: VisitorId,
        page: PageId,
        status: ReportedStatus,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let told = opened_orders!(visitor, page)
            .filter(checkout_orders::status.eq(Literal(OrderStatus::from(status).as_str())));
        read_first!(self, OrderRow, told)
    }

    async fn last_order(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        read_first!(self, OrderRow, opened_orders!(visitor, page))
    }

    async fn quarantined_payment(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<QuarantinedPayment>, StoreError> {
        let query = quarantined!(AsText(visitor), AsText(page));
        let row: Option<(OrderRow, AsInt<Timestamp>)> =
            read!(self, |conn| { query.get_result(on(&mut conn)).await.optional() })?;
        Ok(row.map(|(order, since)| QuarantinedPayment { order: order.into(), since: since.0 }))
    }

    async fn pending_orders_of(
        &self,
        visitor: VisitorId,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let rows: Vec<NamedOrder> = read_all!(self, told_orders!(visitor, OrderStatus::Pending))?;
        Ok(rows.into_iter().map(named).collect())
    }

    async fn failed_orders_of(
        &self,
        visitor: VisitorId,
        since: Timestamp,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let later = diesel::alias!(checkout_orders as later);
        let (at, id) = (later.field(checkout_orders::created_at), later.field(checkout_orders::id));
        let is_later = at
            .gt(checkout_orders::created_at)
            .or(at.eq(checkout_orders::created_at).and(id.gt(checkout_orders::id)));
        let begun = OrderStatus::BEGUN.map(OrderStatus::as_str);
        let paid_again = later
            .filter(later.field(checkout_orders::visitor_id).eq(checkout_orders::visitor_id))
            .filter(later.field(checkout_orders::page_id).eq(checkout_orders::page_id))
            .filter(later.field(checkout_orders::status).eq_any(begun))
            .filter(is_later);
        let failed = told_orders!(visitor, OrderStatus::Failed)
            .filter(checkout_orders::created_at.ge(AsInt(since)))
            .filter(pages::status.eq(AsText(PageStatus::Published)))
            .filter(pages::mode.eq(AsText(AccessMode::Paid)))
            .filter(not(exists(purchases_of_page!())))
            .filter(not(exists(paid_again)));
        let rows: Vec<NamedOrder> = read_all!(self, failed)?;
        Ok(rows.into_iter().map(named).collect())
    }

    async fn quarantined_orders_of(
        &self,
        visitor: VisitorId,
        since: Timestamp,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let refunded = ledger::table
            .filter(ledger::kind.eq(Literal(FactKind::QuarantineRefunded.as_str())))
            .filter(ledger::reference.nullable().eq(checkout_orders::session))
            .select(ledger::id);
        let quarantined = told_orders!(visitor, OrderStatus::Quarantined)
            .filter(checkout_orders::created_at.ge(AsInt(since)))
            .filter(not(exists(refunded)))
            .filter(not(exists(purchases_of_page!())));
        let rows: Vec<NamedOrder> = read_all!(self, quarantined)?;
        Ok(rows.into_iter().map(named).collect())
    }

    async fn connected_account(
        &self,
        handle: HandleId,
    ) -> Result<Option<ConnectedAccount>, StoreError> {
        let is_live = connected_accounts::live_handle_id.eq(AsText(handle));
        read_first!(self, ConnectedAccountRow, connected_accounts::table.filter(is_live))
    }

    async fn selling_account(
        &self,
        handle: HandleId,
    ) -> Result<Option<ConnectedAccount>, StoreError> {
        let account = connected_accounts::table
            .inner_join(handles::table.on(handles::id.eq(connected_accounts::handle_id)))
            .inner_join(creators::table.on(creators::id.eq(handles::creator_id)))
            .filter(connected_accounts::live_handle_id.eq(AsText(handle)))
            .filter(creators::suspended_at.is_null());
        read_first!(self, ConnectedAccountRow, account)
    }

    async fn count_of_accounts(&self, handle: HandleId) -> Result<u64, StoreError> {
        let accounts =
            connected_accounts::table.filter(connected_accounts::handle_id.eq(AsText(handle)));
        let count: i64 = read!(self, |conn| { accounts.count().get_result(on(&mut conn)).await })?;
        Ok(count.unsigned_abs())
    }
}
