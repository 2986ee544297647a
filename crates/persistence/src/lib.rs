//! Tollgate's stores: SQLite (the embedded default) and PostgreSQL, behind one set of queries.
//!
//! The files in `queries/` are written once against [diesel]'s DSL and compiled twice: inside
//! `postgres` and inside `sqlite`, which each say what a connection, a unit of work and a read are.
//! `docs/decisions/0002-one-set-of-queries.md` tells why.

mod error;
mod migrate;
mod postgres;
mod rows;
mod schema;
mod sqlite;
mod url;

use std::sync::Arc;

use tollgate_domain::{
    access::ports::AccessReads, checkout::ports::EventQueue, creators::ports::CreatorReads,
    idempotency::IdempotencyKeys, limits::RateLimits, outbox::MailQueue, store::Store,
    visitor_auth::ports::VisitorAuthReads,
};

pub use error::OpenError;
pub use postgres::PgStore;
pub use sqlite::SqliteStore;
pub use url::DatabaseUrl;

/// Every port of the domain that a database stands behind.
#[derive(Clone)]
pub struct Stores {
    /// Units of work.
    pub store: Arc<dyn Store>,
    /// Reads for signing in.
    pub visitor_auth: Arc<dyn VisitorAuthReads>,
    /// Reads for deciding about access.
    pub access: Arc<dyn AccessReads>,
    /// Reads for creators.
    pub creators: Arc<dyn CreatorReads>,
    /// Limits.
    pub limits: Arc<dyn RateLimits>,
    /// The outbox, for its worker.
    pub mails: Arc<dyn MailQueue>,
    /// Webhook events, for their worker.
    pub events: Arc<dyn EventQueue>,
    /// Remembered answers.
    pub idempotency: Arc<dyn IdempotencyKeys>,
}

impl Stores {
    /// All ports of one store.
    pub fn of<S>(store: S) -> Self
    where
        S: Store
            + VisitorAuthReads
            + AccessReads
            + CreatorReads
            + RateLimits
            + MailQueue
            + EventQueue
            + IdempotencyKeys
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            store: store.clone(),
            visitor_auth: store.clone(),
            access: store.clone(),
            creators: store.clone(),
            limits: store.clone(),
            mails: store.clone(),
            events: store.clone(),
            idempotency: store,
        }
    }

    /// Opens the database at `url`, whose schema has to be up to date: call [`migrate()`] before.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, OpenError> {
        Ok(match url {
            DatabaseUrl::Sqlite(path) => Self::of(SqliteStore::open(path)?),
            DatabaseUrl::Postgres(config) => Self::of(PgStore::open(config).await?),
        })
    }
}

/// Brings the schema of the database at `url` up to date, making an SQLite file if there is none, and
/// gives the names of the migrations that it ran. Any number of programs may call it at once.
pub async fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, OpenError> {
    match url {
        DatabaseUrl::Sqlite(path) => migrate::sqlite(path),
        DatabaseUrl::Postgres(config) => migrate::postgres(config).await,
    }
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stores")
    }
}
