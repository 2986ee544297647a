//! Checkout orders, connected accounts, received events.

use tollgate_domain::{
    checkout::{
        AccountId, AccountState, CheckoutOrder, CheckoutSessionId, ConnectedAccount, OpenedSession,
        OrderStatus, ProviderEvent,
        ports::{CheckoutOrders, ConnectedAccounts, ProviderEvents},
    },
    id::{CheckoutId, HandleId, PageId, VisitorId},
};

use super::prelude::*;
use crate::{
    rows::{ConnectedAccountRow, EventRow, OrderRow, live_key},
    schema::{checkout_orders, connected_accounts, provider_events},
};

#[async_trait]
impl CheckoutOrders for Unit {
    async fn insert(&mut self, order: &CheckoutOrder) -> Result<bool, StoreError> {
        let row = OrderRow::from(order);
        run!(self, |conn| {
            let affected = diesel::insert_into(checkout_orders::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn open_of(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let key = live_key(visitor, page);
        run!(self, |conn| {
            checkout_orders::table
                .filter(checkout_orders::live_key.eq(key))
                .select(OrderRow::as_select())
                .first(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn find(&mut self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            checkout_orders::table
                .find(id)
                .select(OrderRow::as_select())
                .first(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn by_session(
        &mut self,
        session: &CheckoutSessionId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let session = session.to_string();
        run!(self, |conn| {
            checkout_orders::table
                .filter(checkout_orders::session.eq(session))
                .select(OrderRow::as_select())
                .first(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn opened(
        &mut self,
        id: CheckoutId,
        session: &OpenedSession,
    ) -> Result<bool, StoreError> {
        let id = id.to_string();
        let (session, url) = (session.session.to_string(), session.url.clone());
        run!(self, |conn| {
            let is_new = checkout_orders::status.eq(OrderStatus::Creating.as_str());
            let is_same = checkout_orders::session
                .eq(session.clone())
                .assume_not_null()
                .and(checkout_orders::status.eq(OrderStatus::Open.as_str()));
            let openable = checkout_orders::table.find(id).filter(is_new.or(is_same));
            let affected = diesel::update(openable)
                .set((
                    checkout_orders::status.eq(OrderStatus::Open.as_str()),
                    checkout_orders::session.eq(session),
                    checkout_orders::url.eq(url),
                ))
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn advance(
        &mut self,
        id: CheckoutId,
        from: &[OrderStatus],
        to: OrderStatus,
    ) -> Result<bool, StoreError> {
        let id = id.to_string();
        let from: Vec<_> = from.iter().map(|status| status.as_str()).collect();
        run!(self, |conn| {
            let movable =
                checkout_orders::table.find(id).filter(checkout_orders::status.eq_any(from));
            let status = checkout_orders::status.eq(to.as_str());
            let affected = if to.is_live() {
                diesel::update(movable).set(status).execute(conn).await?
            } else {
                diesel::update(movable)
                    .set((status, checkout_orders::live_key.eq(None::<String>)))
                    .execute(conn)
                    .await?
            };
            Ok(affected == 1)
        })
    }

    async fn close_open_of_page(
        &mut self,
        page: PageId,
        _now: Timestamp,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let page = page.to_string();
        run!(self, |conn| {
            let open = checkout_orders::table.filter(checkout_orders::page_id.eq(page)).filter(
                checkout_orders::status
                    .eq_any([OrderStatus::Creating.as_str(), OrderStatus::Open.as_str()]),
            );
            diesel::update(open)
                .set((
                    checkout_orders::status.eq(OrderStatus::Expired.as_str()),
                    checkout_orders::live_key.eq(None::<String>),
                ))
                .returning(OrderRow::as_returning())
                .get_results(conn)
                .await
        })?
        .into_iter()
        .map(TryInto::try_into)
        .collect()
    }
}

#[async_trait]
impl ConnectedAccounts for Unit {
    async fn insert(&mut self, account: &ConnectedAccount) -> Result<bool, StoreError> {
        let row = ConnectedAccountRow::from(account);
        run!(self, |conn| {
            let affected = diesel::insert_into(connected_accounts::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn of_handle(
        &mut self,
        handle: HandleId,
    ) -> Result<Option<ConnectedAccount>, StoreError> {
        let handle = handle.to_string();
        run!(self, |conn| {
            connected_accounts::table
                .filter(connected_accounts::live_handle_id.eq(handle))
                .select(ConnectedAccountRow::as_select())
                .first(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn count_of_handle(&mut self, handle: HandleId) -> Result<u64, StoreError> {
        let handle = handle.to_string();
        let count: i64 = run!(self, |conn| {
            connected_accounts::table
                .filter(connected_accounts::handle_id.eq(handle))
                .count()
                .get_result(conn)
                .await
        })?;
        Ok(count.unsigned_abs())
    }

    async fn set_state(
        &mut self,
        account: &AccountId,
        state: AccountState,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (account, now) = (account.to_string(), micros(now));
        run!(self, |conn| {
            diesel::update(connected_accounts::table.find(account))
                .set((
                    connected_accounts::charges_enabled.eq(state.charges_enabled),
                    connected_accounts::payouts_enabled.eq(state.payouts_enabled),
                    connected_accounts::details_submitted.eq(state.details_submitted),
                    connected_accounts::updated_at.eq(now),
                ))
                .execute(conn)
                .await
                .map(drop)
        })
    }

    async fn disconnect(&mut self, account: &AccountId, now: Timestamp) -> Result<(), StoreError> {
        let (account, now) = (account.to_string(), micros(now));
        run!(self, |conn| {
            diesel::update(connected_accounts::table.find(account))
                .set((
                    connected_accounts::live_handle_id.eq(None::<String>),
                    connected_accounts::charges_enabled.eq(false),
                    connected_accounts::payouts_enabled.eq(false),
                    connected_accounts::updated_at.eq(now),
                ))
                .execute(conn)
                .await
                .map(drop)
        })
    }
}

#[async_trait]
impl ProviderEvents for Unit {
    async fn insert(&mut self, event: &ProviderEvent) -> Result<bool, StoreError> {
        let row = EventRow::from(event);
        run!(self, |conn| {
            let affected = diesel::insert_into(provider_events::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }
}
