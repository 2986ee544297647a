//! The queries, written once. `super` is the database that this copy is compiled for: it gives `Conn`,
//! `ReadConn` and `on`, `Unit` with `run`, and the `Database` with `read` and `read_hot`.

/// A query has to be a future that borrows its connection and nothing else: these say so once.
/// `run!` runs it in a unit of work, `write!` in one of its own, `read!` outside of any,
/// `read_hot!` loads one statement on the lane that access decisions have for themselves.
macro_rules! run {
    ($unit:ident, |$conn:ident| $query:block) => {
        $unit.run(move |$conn| async move { $query }.boxed()).await
    };
}
macro_rules! write {
    ($store:ident, |$conn:ident| $query:block) => {
        $store.write(move |$conn| async move { $query }.boxed()).await
    };
}
macro_rules! read {
    ($store:ident, |$conn:ident| $query:block) => {
        $store.read(move |mut $conn| async move { $query }.boxed()).await
    };
}
macro_rules! read_hot {
    ($store:ident, $statement:expr) => {{
        let statement = $statement;
        $store.read_hot(move |conn| load(statement, conn)).await
    }};
}

mod access;
mod checkout;
mod creator_sessions;
mod creators;
mod files;
mod group_buys;
mod handles;
mod history;
mod idempotency;
mod interests;
mod limits;
mod people;
mod purchases;
mod queues;
mod refunds;
mod reports;
mod schema_version;
mod unit;
mod visitor_auth;

/// What every file here needs.
mod prelude {
    pub(super) use async_trait::async_trait;
    pub(super) use diesel::{QueryResult, prelude::*};
    pub(super) use diesel_async::RunQueryDsl;
    pub(super) use futures_util::FutureExt;
    pub(super) use tollgate_domain::{Timestamp, store::StoreError};

    pub(super) use super::super::{Database, Unit, load, on};
    pub(super) use crate::rows::micros;
}
