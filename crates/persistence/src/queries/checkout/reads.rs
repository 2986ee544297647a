//! Reads of orders and connected accounts.

use diesel::dsl::{exists, not};
use tollgate_domain::{
    access::{FactKind, GrantType},
    checkout::{
        CheckoutOrder, ConnectedAccount, OrderStatus, QuarantinedPayment, ReportedStatus,
        ports::CheckoutReads,
    },
    creators::{AccessMode, PageStatus},
    email::Email,
    id::{CheckoutId, HandleId, PageId, VisitorId},
    names::{HandleName, Slug},
    payments::{AccountId, CheckoutSessionId},
};

use super::super::prelude::*;
use crate::{
    rows::{ConnectedAccountRow, OrderRow, live_key},
    schema::{
        checkout_orders, connected_accounts, creators, handles, ledger, pages, purchases, visitors,
    },
};

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

/// Orders with the names of their handles and pages.
macro_rules! named_orders {
    () => {
        checkout_orders::table
            .inner_join(handles::table.on(handles::id.eq(checkout_orders::handle_id)))
            .inner_join(pages::table.on(pages::id.eq(checkout_orders::page_id)))
            .select((OrderRow::as_select(), handles::name, pages::slug))
    };
}

/// The newest orders of a visitor in a status, with the names of their handles and pages.
macro_rules! told_orders {
    ($visitor:expr, $status:expr) => {
        named_orders!()
            .filter(checkout_orders::visitor_id.eq(AsText($visitor)))
            .filter(checkout_orders::status.eq(Literal($status.as_str())))
            // Without a session there was no pay page.
            .filter(checkout_orders::session.is_not_null())
            .order((checkout_orders::created_at.desc(), checkout_orders::id.desc()))
            .limit(50)
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

    async fn live_order(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let key = live_key(visitor, page);
        read_first!(
            self,
            OrderRow,
            checkout_orders::table.filter(checkout_orders::live_key.eq(key))
        )
    }

    async fn order_with_page(
        &self,
        id: CheckoutId,
    ) -> Result<Option<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let order = named_orders!().filter(checkout_orders::id.eq(AsText(id)));
        let found: Option<NamedOrder> =
            read!(self, |conn| { order.first(on(&mut conn)).await.optional() })?;
        Ok(found.map(named))
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
        let rows: Vec<NamedOrder> = read_all!(self, CachedStatement(failed))?;
        Ok(rows.into_iter().map(named).collect())
    }

    async fn quarantined_orders_of(
        &self,
        visitor: VisitorId,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let given = purchases_of_page!().filter(purchases::checkout_id.is_null());
        let quarantined = told_orders!(visitor, OrderStatus::Quarantined)
            .filter(not(is_quarantine_refunded!()))
            .filter(not(exists(given)));
        let rows: Vec<NamedOrder> = read_all!(self, quarantined)?;
        Ok(rows.into_iter().map(named).collect())
    }

    async fn visitor(&self, email: &Email) -> Result<Option<VisitorId>, StoreError> {
        let known =
            visitors::table.filter(visitors::email.eq(AsText(email.clone()))).select(visitors::id);
        let id: Option<AsText<VisitorId>> =
            read!(self, |conn| { known.first(on(&mut conn)).await.optional() })?;
        Ok(id.map(|id| id.0))
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

    async fn account_was_refused_since(
        &self,
        account: &AccountId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let refused: Vec<String> = read_all!(self, refused_since!(account, since))?;
        Ok(!refused.is_empty())
    }

    async fn handle_of_account(
        &self,
        account: &AccountId,
    ) -> Result<Option<(HandleId, HandleName)>, StoreError> {
        let handle = connected_accounts::table
            .inner_join(handles::table.on(handles::id.eq(connected_accounts::handle_id)))
            .filter(connected_accounts::account.eq(AsText(account.clone())))
            .select((handles::id, handles::name));
        let found: Option<(AsText<HandleId>, AsText<HandleName>)> =
            read!(self, |conn| { handle.first(on(&mut conn)).await.optional() })?;
        Ok(found.map(|(id, name)| (id.0, name.0)))
    }

    async fn count_of_accounts(&self, handle: HandleId) -> Result<u64, StoreError> {
        let accounts =
            connected_accounts::table.filter(connected_accounts::handle_id.eq(AsText(handle)));
        let count: i64 = read!(self, |conn| { accounts.count().get_result(on(&mut conn)).await })?;
        Ok(count.unsigned_abs())
    }
}
