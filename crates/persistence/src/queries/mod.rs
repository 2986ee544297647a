//! The queries, written once. `super` is the database that this copy is compiled for: it gives `Conn`,
//! `ReadConn` and `on`, `Unit` with `run`, and the `Database` with `read` and `read_hot`.

mod access;
mod checkout;
mod creators;
mod history;
mod idempotency;
mod limits;
mod purchases;
mod queues;
mod refunds;
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

    pub(super) use super::super::{Database, Unit, on};
    pub(super) use crate::rows::micros;
}
