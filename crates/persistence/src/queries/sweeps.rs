//! What sweeps of connected accounts read and note.

use std::collections::BTreeSet;

use diesel::{dsl::not, sql_types::Bool};
use tollgate_domain::{
    access::FactKind,
    checkout::{CheckoutOrder, OrderStatus},
    disputes::Dispute,
    id::{CheckoutId, HandleId},
    names::HandleName,
    payments::{AccountId, AccountState, CheckoutSessionId, DisputeId, PaymentIntentId},
    reconcile::ports::{OrderState, SweepReads, Sweeps, SweptAccount},
};

use super::prelude::*;
use crate::{
    cached::FixedSql,
    rows::{DisputeRow, OrderRow},
    schema::{checkout_orders, connected_accounts, disputes, handles, ledger, purchases},
};

/// Account, name of the handle, the handle while it is connected, capabilities, when it was connected, when it was swept, and where
/// sweeps go on.
type SweptRow = (
    AsText<AccountId>,
    AsText<HandleName>,
    Option<AsText<HandleId>>,
    (bool, bool, bool),
    AsInt<Timestamp>,
    Option<AsInt<Timestamp>>,
    Option<String>,
);

/// Reads the columns of a [`SweptRow`].
macro_rules! swept_accounts {
    () => {
        connected_accounts::table
            .inner_join(handles::table.on(connected_accounts::handle_id.eq(handles::id)))
            .select((
                connected_accounts::account,
                handles::name,
                connected_accounts::live_handle_id,
                (
                    connected_accounts::charges_enabled,
                    connected_accounts::payouts_enabled,
                    connected_accounts::details_submitted,
                ),
                connected_accounts::created_at,
                connected_accounts::swept_at,
                connected_accounts::sweep_place,
            ))
    };
}

/// Loads at most `$limit` of `$orders`, by their ids, from the one after `$after` on.
macro_rules! orders_after {
    ($store:ident, $orders:expr, $after:ident, $limit:ident) => {{
        // The empty text comes before every id.
        let after = $after.map(|id| id.to_string()).unwrap_or_default();
        let orders = $orders
            .filter(checkout_orders::id.gt(after))
            .order(checkout_orders::id)
            .limit(i64::from($limit))
            .select(OrderRow::as_select());
        let rows: Vec<OrderRow> = report_all!($store, orders)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }};
}

/// A query for the orders at an account whose payment does not match them. Few do not, so that they are looked for by that.
macro_rules! quarantined_at {
    ($account:ident) => {{
        let is_of_session = ledger::reference.nullable().eq(checkout_orders::session);
        checkout_orders::table
            .inner_join(ledger::table.on(is_of_session))
            .filter(ledger::kind.eq(Literal(FactKind::PaymentQuarantined.as_str())))
            .filter(checkout_orders::account.eq(AsText($account.clone())))
            .filter(checkout_orders::status.eq(Literal(OrderStatus::Quarantined.as_str())))
    }};
}

/// Id, account, status and session of an order, and whether the payment in it is refunded.
type OrderStateRow = (
    AsText<CheckoutId>,
    AsText<AccountId>,
    AsText<OrderStatus>,
    Option<AsText<CheckoutSessionId>>,
    bool,
);

#[async_trait]
impl Sweeps for Unit {
    async fn swept(&mut self, account: &AccountId, at: Timestamp) -> Result<(), StoreError> {
        let account = connected_accounts::table.find(AsText(account.clone()));
        let swept = connected_accounts::swept_at.eq(AsInt(at));
        execute!(self, diesel::update(account).set(swept))
    }

    async fn keep_place(
        &mut self,
        account: &AccountId,
        place: Option<String>,
    ) -> Result<(), StoreError> {
        let account = connected_accounts::table.find(AsText(account.clone()));
        let kept = connected_accounts::sweep_place.eq(place);
        execute!(self, diesel::update(account).set(kept))
    }
}

#[async_trait]
impl SweepReads for Database {
    async fn accounts_to_sweep(&self) -> Result<Vec<SweptAccount>, StoreError> {
        let rows: Vec<SweptRow> = report_all!(self, swept_accounts!())?;
        let mut accounts: Vec<_> = rows.into_iter().map(swept_account).collect();
        accounts.sort_by(|a, b| (a.swept_at, &a.account).cmp(&(b.swept_at, &b.account)));
        Ok(accounts)
    }

    async fn account_to_sweep(
        &self,
        account: &AccountId,
    ) -> Result<Option<SweptAccount>, StoreError> {
        let account =
            swept_accounts!().filter(connected_accounts::account.eq(AsText(account.clone())));
        let found: Option<SweptRow> =
            report!(self, |conn| { account.first(on(&mut conn)).await.optional() })?;
        Ok(found.map(swept_account))
    }

    async fn swept_at(&self, handle: HandleId) -> Result<Option<Timestamp>, StoreError> {
        let account = connected_accounts::table
            .filter(connected_accounts::live_handle_id.eq(AsText(handle)))
            .select(connected_accounts::swept_at);
        let found: Option<Option<AsInt<Timestamp>>> =
            report!(self, |conn| { account.first(on(&mut conn)).await.optional() })?;
        Ok(found.flatten().map(|at| at.0))
    }

    async fn order_states(&self, ids: &[CheckoutId]) -> Result<Vec<OrderState>, StoreError> {
        let ids: Vec<_> = ids.iter().copied().map(AsText).collect();
        let orders = checkout_orders::table.filter(checkout_orders::id.eq_any(ids)).select((
            checkout_orders::id,
            checkout_orders::account,
            checkout_orders::status,
            checkout_orders::session,
            is_quarantine_refunded!(),
        ));
        let rows: Vec<OrderStateRow> = report_all!(self, orders)?;
        let states = rows.into_iter();
        Ok(states
            .map(|(id, account, status, session, is_quarantine_refunded)| OrderState {
                id: id.0,
                account: account.0,
                status: status.0,
                session: session.map(|session| session.0),
                is_quarantine_refunded,
            })
            .collect())
    }

    async fn orders_without_session(
        &self,
        account: &AccountId,
        before: Timestamp,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let creating = checkout_orders::table
            .filter(checkout_orders::account.eq(AsText(account.clone())))
            .filter(is_unfinished())
            .filter(checkout_orders::status.eq(Literal(OrderStatus::Creating.as_str())))
            .filter(checkout_orders::session.is_null())
            .filter(checkout_orders::created_at.lt(AsInt(before)));
        orders_after!(self, creating, after, limit)
    }

    async fn pending_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let pending = checkout_orders::table
            .filter(checkout_orders::account.eq(AsText(account.clone())))
            .filter(is_unfinished())
            .filter(checkout_orders::status.eq(Literal(OrderStatus::Pending.as_str())));
        orders_after!(self, pending, after, limit)
    }

    async fn awaited_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let awaited = checkout_orders::table
            .filter(checkout_orders::awaited_account.eq(AsText(account.clone())))
            .filter(checkout_orders::status.eq(Literal(OrderStatus::Expired.as_str())));
        orders_after!(self, awaited, after, limit)
    }

    async fn unread_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let unread = checkout_orders::table
            .filter(checkout_orders::account.eq(AsText(account.clone())))
            .filter(checkout_orders::unread_at.is_not_null())
            .filter(checkout_orders::reread_at.is_null())
            .filter(checkout_orders::status.ne(Literal(OrderStatus::Paid.as_str())));
        orders_after!(self, unread, after, limit)
    }

    async fn quarantined_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let quarantined = quarantined_at!(account).filter(not(is_quarantine_refunded!()));
        orders_after!(self, quarantined, after, limit)
    }

    async fn quarantine_refunded_orders_at(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let refunded = quarantined_at!(account).filter(is_quarantine_refunded!(since since));
        orders_after!(self, refunded, after, limit)
    }

    async fn known_facts(
        &self,
        references: &[String],
    ) -> Result<BTreeSet<(&'static str, String)>, StoreError> {
        let facts = ledger::table
            .filter(ledger::reference.eq_any(references.to_vec()))
            .select((ledger::kind, ledger::reference));
        let rows: Vec<(AsText<FactKind>, String)> = report_all!(self, facts)?;
        Ok(rows.into_iter().map(|(kind, reference)| (kind.0.as_str(), reference)).collect())
    }

    async fn known_payments(
        &self,
        account: &AccountId,
        payments: &[PaymentIntentId],
    ) -> Result<Vec<PaymentIntentId>, StoreError> {
        let payments: Vec<_> = payments.iter().cloned().map(AsText).collect();
        let known = purchases::table
            .filter(purchases::account.eq(AsText(account.clone())))
            .filter(purchases::payment_intent.assume_not_null().eq_any(payments))
            .select(purchases::payment_intent.assume_not_null());
        let rows: Vec<AsText<PaymentIntentId>> = report_all!(self, known)?;
        Ok(rows.into_iter().map(|payment| payment.0).collect())
    }

    async fn known_disputes(&self, ids: &[DisputeId]) -> Result<Vec<Dispute>, StoreError> {
        let ids: Vec<_> = ids.iter().cloned().map(AsText).collect();
        let known =
            disputes::table.filter(disputes::id.eq_any(ids)).select(DisputeRow::as_select());
        let rows: Vec<DisputeRow> = report_all!(self, known)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn open_disputes_at(
        &self,
        account: &AccountId,
        after: Option<DisputeId>,
        limit: u32,
    ) -> Result<Vec<DisputeId>, StoreError> {
        let recorded = ledger::table
            .filter(ledger::kind.eq(AsText(FactKind::Disputed)))
            .filter(ledger::reference.eq(after.map(|id| id.to_string()).unwrap_or_default()))
            .select(ledger::id);
        let recorded: Vec<String> = report_all!(self, recorded)?;
        // The empty text comes before every id.
        let after = recorded.into_iter().next().unwrap_or_default();
        let facts = purchases::table
            .inner_join(ledger::table.on(ledger::purchase_id.eq(purchases::id.nullable())))
            .filter(purchases::account.eq(AsText(account.clone())))
            .filter(purchases::suspended_at.is_not_null())
            // Not as a plain column: SQLite would look for all facts of the kind, however few purchases are suspended.
            .filter(sql::<Bool>("ledger.kind || '' = 'disputed'"))
            .filter(ledger::id.gt(after))
            // Further turns of a dispute, which its first fact stands for.
            .filter(sql::<Bool>("ledger.reference NOT LIKE '%@%'"))
            .order(ledger::id)
            .limit(i64::from(limit))
            .select(ledger::reference);
        let references: Vec<String> = report_all!(self, facts)?;
        Ok(references.into_iter().map(DisputeId::new).collect())
    }
}

/// Returns the condition of the index that holds the orders which are not finished, as it is written there. An index
/// whose condition only follows from that of a statement is not found by SQLite.
fn is_unfinished() -> FixedSql<Bool> {
    sql("checkout_orders.status IN ('CREATING', 'PENDING')")
}

fn swept_account(row: SweptRow) -> SweptAccount {
    let (account, handle, connected_to, state, connected_at, swept_at, place) = row;
    let (charges_enabled, payouts_enabled, details_submitted) = state;
    SweptAccount {
        account: account.0,
        handle: handle.0,
        is_connected: connected_to.is_some(),
        state: AccountState { charges_enabled, payouts_enabled, details_submitted },
        connected_at: connected_at.0,
        swept_at: swept_at.map(|at| at.0),
        place,
    }
}
