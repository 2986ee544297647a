//! The queries, written once. `super` is the database that this copy is compiled for. It defines `Conn`, `ReadConn`, `load`,
//! `on`, `count_all`, `forget_idle` and `may_claim`; `Unit` with `run`, `add` and `add_sum`; and the `Database` with `read`,
//! `read_hot`, `report`, `write`, `write_relaxed` and `write_claim`.

/// Runs a block of queries in a unit of work. A query has to be a future that borrows its connection
/// and nothing else, which this macro and the next two arrange.
macro_rules! run {
    ($unit:ident, |$conn:ident| $query:block) => {
        $unit.run(move |$conn| async move { $query }.boxed()).traced("statement").await
    };
}

/// Runs a block of queries in a unit of work of its own.
macro_rules! write {
    ($store:ident, |$conn:ident| $query:block) => {
        $store.write(move |$conn| async move { $query }.boxed()).traced("write").await
    };
}

/// Runs a block of statements without waiting until they are durable. On PostgreSQL each is by itself.
macro_rules! write_relaxed {
    ($store:ident, |$conn:ident| $query:block) => {
        $store.write_relaxed(move |mut $conn| async move { $query }.boxed()).traced("count").await
    };
}

/// Runs a block of statements that claim jobs, like [`write_relaxed`], where no limit waits for them.
macro_rules! write_claim {
    ($store:ident, |$conn:ident| $query:block) => {
        $store.write_claim(move |mut $conn| async move { $query }.boxed()).traced("claim").await
    };
}

/// Runs a block of queries outside any unit of work.
macro_rules! read {
    ($store:ident, |$conn:ident| $query:block) => {
        $store.read(move |mut $conn| async move { $query }.boxed()).traced("read").await
    };
}

/// Adds a statement to a unit of work, as all that a method does.
macro_rules! execute {
    ($unit:ident, $statement:expr) => {{
        $unit.add($statement);
        Ok::<(), StoreError>(())
    }};
}
/// Runs a statement in a unit of work, and returns whether it changed a row.
macro_rules! changes {
    ($unit:ident, $statement:expr) => {{
        let statement = $statement;
        $unit.execute(statement).await.map(|rows| rows > 0)
    }};
}
/// Inserts a row in a unit of work, and returns whether it was free of conflicts with others.
macro_rules! insert {
    ($unit:ident, $table:ident, $row:expr) => {
        changes!($unit, diesel::insert_into($table::table).values($row).on_conflict_do_nothing())
    };
}
/// Returns the value that an UPDATE of at most one row changed.
macro_rules! updated {
    ($unit:ident, $row:ident, $statement:expr) => {{
        let statement = $statement.returning($row::as_returning());
        $unit.first::<$row, _>(statement).await.map(|row| row.map(Into::into))
    }};
}
/// Returns the first value of a query in a unit of work.
macro_rules! find {
    ($unit:ident, $row:ident, $query:expr) => {{
        let query = $query.select($row::as_select());
        $unit.first::<$row, _>(query.limit(1)).await.map(|row| row.map(Into::into))
    }};
}
/// Counts the rows of a query in a unit of work.
macro_rules! count {
    ($unit:ident, $query:expr) => {{
        let query = $query.count();
        run!($unit, |conn| { query.get_result::<i64>(conn).await }).map(i64::unsigned_abs)
    }};
}
/// Returns all values of a query in a unit of work.
macro_rules! find_all {
    ($unit:ident, $row:ident, $query:expr) => {{
        let query = $query.select($row::as_select());
        run!($unit, |conn| { query.load::<$row>(conn).await })
            .map(|rows| rows.into_iter().map(Into::into).collect())
    }};
}

/// Returns the first value of a query outside any unit of work.
macro_rules! read_first {
    ($store:ident, $row:ident, $query:expr) => {{
        let query = $query.select($row::as_select());
        read!($store, |conn| { query.first::<$row>(on(&mut conn)).await.optional() })
            .map(|row| row.map(Into::into))
    }};
}
/// Loads a query outside any unit of work.
macro_rules! read_all {
    ($store:ident, $query:expr) => {{
        let query = $query;
        read!($store, |conn| { query.load(on(&mut conn)).await })
    }};
}
/// Runs a block of queries of a report.
macro_rules! report {
    ($store:ident, |$conn:ident| $query:block) => {
        $store.report(move |mut $conn| async move { $query }.boxed()).traced("report").await
    };
}
/// Loads a query of a report.
macro_rules! report_all {
    ($store:ident, $query:expr) => {{
        let query = $query;
        report!($store, |conn| { query.load(on(&mut conn)).await })
    }};
}
/// Loads a query on the connection that access decisions have for themselves.
macro_rules! read_hot {
    ($store:ident, $statement:expr) => {{
        let statement = $statement;
        $store.read_hot(move |conn| load(statement, conn)).traced("read").await
    }};
}

/// Runs a statement on about `$most` of `$rows`, those whose `$at` comes first, and returns whether there may be others. Rows
/// of the same instant stay together.
macro_rules! oldest {
    ($conn:ident, $rows:expr, $at:expr, $most:ident, |$some:ident| $statement:expr) => {{
        let nth = i64::from($most.saturating_sub(1));
        let nth = $rows.select($at).order($at.asc()).limit(1).offset(nth);
        let nth: Option<AsInt<Timestamp>> =
            CachedStatement(nth).get_result(&mut *$conn).await.optional()?;
        match nth {
            Some(instant) => {
                let $some = $rows.filter($at.le(instant));
                $statement.execute(&mut *$conn).await?;
            }
            None => {
                let $some = $rows;
                $statement.execute(&mut *$conn).await?;
            }
        }
        nth.is_some()
    }};
}

/// Deletes about `$most` of `$rows` in a unit of work; see [`oldest`].
macro_rules! forget_oldest {
    ($unit:ident, $rows:ident, $at:expr, $most:ident) => {
        run!($unit, |conn| { Ok(oldest!(conn, $rows, $at, $most, |some| diesel::delete(some))) })
    };
}

/// Orders a query from new to old, by `$at` and then by `$id`, and restricts it to what `$page` asks
/// for. There is one row more if another page follows: see [`listing`](prelude::listing).
macro_rules! seek {
    ($page:ident, $at:expr, $id:expr, $query:expr) => {{
        let limit = i64::from($page.limit) + 1;
        let mut query = $query.order(($at.desc(), $id.desc())).limit(limit).into_boxed();
        if let Some(Cursor { at, id }) = $page.after.clone() {
            let at = AsInt(at);
            query = query.filter($at.le(at)).filter($at.lt(at).or($id.lt(id)));
        }
        query
    }};
}

/// The columns of a mail in the log. The last one is whether its recipient stopped the mails of the handle.
macro_rules! logged_mail {
    () => {
        (
            outbox::id,
            outbox::kind,
            outbox::recipient,
            outbox::status,
            outbox::attempts,
            outbox::queued_at,
            outbox::sent_at,
            outbox::last_error,
            diesel::dsl::exists(
                mail_stops::table
                    .filter(mail_stops::handle_id.nullable().eq(outbox::handle_id))
                    .filter(mail_stops::email.eq(outbox::recipient)),
            ),
        )
    };
}

/// A query for the address of a visitor.
macro_rules! address_of {
    ($visitor:expr) => {
        visitors::table.find($visitor).select(visitors::email).single_value().assume_not_null()
    };
}

/// Whether the payment in the session of an order in `checkout_orders`, which does not match it, is refunded, and with an instant,
/// whether it was refunded then or later. The references are those of `Fact::quarantine_refund`. Each turn is looked for by its own
/// reference, so that nothing is read of the payments of others, and the next one only if this one failed.
macro_rules! is_quarantine_refunded {
    () => {
        crate::cached::sql::<diesel::sql_types::Bool>(concat!(is_quarantine_refunded!(text), "))"))
    };
    (since $since:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!(
            is_quarantine_refunded!(text),
            " AND refunded.at >= "
        ))
        .bind::<diesel::sql_types::BigInt, _>(AsInt($since))
        .sql("))")
    };
    (text) => {
        "EXISTS (WITH RECURSIVE turns (number, reference) AS (\
            SELECT 0, checkout_orders.session \
            UNION ALL \
            SELECT turns.number + 1, checkout_orders.session || '@' || (turns.number + 1) FROM turns \
            WHERE EXISTS (SELECT 1 FROM ledger failed \
                WHERE failed.kind = 'quarantine_refund_failed' AND failed.reference = turns.reference)) \
        SELECT 1 FROM turns WHERE NOT EXISTS (SELECT 1 FROM ledger failed \
            WHERE failed.kind = 'quarantine_refund_failed' AND failed.reference = turns.reference) \
        AND EXISTS (SELECT 1 FROM ledger refunded \
            WHERE refunded.kind = 'quarantine_refunded' AND refunded.reference = turns.reference"
    };
}

/// A query for the payment that a visitor made last for a page, that does not match its order and was not refunded, with
/// the instant at which that was noted.
macro_rules! quarantined {
    ($visitor:expr, $page:expr) => {{
        let is_of_session = ledger::reference.nullable().eq(checkout_orders::session);
        checkout_orders::table
            .inner_join(ledger::table.on(is_of_session))
            .filter(checkout_orders::visitor_id.eq($visitor))
            .filter(checkout_orders::page_id.eq($page))
            .filter(checkout_orders::status.eq(Literal(OrderStatus::Quarantined.as_str())))
            .filter(ledger::kind.eq(Literal(FactKind::PaymentQuarantined.as_str())))
            .filter(diesel::dsl::not(is_quarantine_refunded!()))
            .order((ledger::at.desc(), ledger::id.desc()))
            .limit(1)
            .select((OrderRow::as_select(), ledger::at))
    }};
}

mod access;
mod account_tokens;
mod activity;
mod checkout;
mod creator_sessions;
mod creators;
mod disputes;
mod events;
mod files;
mod group_buys;
mod handles;
mod history;
mod idempotency;
mod interests;
mod jobs;
mod ledger;
mod limits;
mod mail;
mod many;
mod moves;
mod overview;
mod people;
mod purchases;
mod refunds;
mod reports;
mod schema_version;
mod sweeps;
mod unit;
mod visitor_auth;

/// What the files here need.
mod prelude {
    pub(super) use async_trait::async_trait;
    pub(super) use diesel::{QueryResult, prelude::*};
    pub(super) use diesel_async::RunQueryDsl;
    pub(super) use futures_util::{FutureExt, future::BoxFuture};
    use tollgate_domain::clock::DAY_SECONDS;
    pub(super) use tollgate_domain::{
        Timestamp,
        paging::{Cursor, Listing, PageRequest},
        store_error::StoreError,
    };

    pub(super) use super::super::{Database, ReadConn, Unit, load, on};
    pub(super) use crate::{
        cached::{CachedStatement, Literal, padded, sql},
        columns::{AsBytes, AsInt, AsText},
        traces::Traced,
    };

    /// The length of a day in microseconds.
    pub(super) const DAY_MICROS: i64 = DAY_SECONDS * 1_000_000;

    /// A query of the hot path that joins many tables. It is built in a plain function: in an
    /// asynchronous one the compiler would prove everything about its type anew in each pass.
    pub(super) trait HotQuery<T>:
        for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<Vec<T>>> + Send + 'static
    {
    }

    impl<T, F> HotQuery<T> for F where
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<Vec<T>>> + Send + 'static
    {
    }

    /// Returns a page of values from rows that `seek!` restricted; `key` is what they are ordered by.
    pub(super) fn listing<R, T: From<R>, I: ToString>(
        rows: Vec<R>,
        page: &PageRequest,
        key: impl Fn(&T) -> (Timestamp, I),
    ) -> Listing<T> {
        Listing::cut(rows.into_iter().map(T::from).collect(), page, |value| {
            let (at, id) = key(value);
            Cursor { at, id: id.to_string() }
        })
    }
}
