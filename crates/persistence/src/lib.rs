//! Tollgate's stores: SQLite (the embedded default) and PostgreSQL, behind one set of queries.
//!
//! The files in `queries/` are written once against [diesel]'s DSL and compiled twice: inside
//! `postgres` and inside `sqlite`, which each define a connection, a unit of work and a read.
//! `docs/decisions/0002-one-set-of-queries.md` explains why.

mod backup;
mod bodies;
mod cached;
mod columns;
mod count;
mod error;
mod many;
mod migrate;
mod postgres;
mod rows;
mod schema;
mod sqlite;
mod sums;
#[cfg(feature = "testing")]
pub mod testing;
mod tls;
mod traces;
mod url;
mod waiting;
mod wakeup;

use tollgate_domain::store::Stores;

pub use backup::{ReadyFile, StoredObject, check, ready_files, snapshot};
pub use error::OpenError;
pub use postgres::PgStore;
pub use sqlite::SqliteStore;
pub use url::{DatabaseUrl, PgAddress};

/// Opens the database at `url`. Its schema has to be up to date: call [`migrate()`] first.
pub async fn open(url: &DatabaseUrl) -> Result<Stores, OpenError> {
    Ok(match url {
        DatabaseUrl::Sqlite(path) => Stores::of(SqliteStore::open(path)?),
        DatabaseUrl::Postgres(address) => Stores::of(PgStore::open(address).await?),
    })
}

/// Returns the time by the clock of the database at `url`, in microseconds since 1970; `None` if it is this
/// machine's.
pub async fn server_time(url: &DatabaseUrl) -> Result<Option<i64>, OpenError> {
    match url {
        DatabaseUrl::Sqlite(_) => Ok(None),
        DatabaseUrl::Postgres(address) => postgres::server_time(address).await.map(Some),
    }
}

/// Refuses a database at `url` that cannot hold every text: PostgreSQL keeps texts in the encoding that a database was
/// created with.
pub async fn check_encoding(url: &DatabaseUrl) -> Result<(), OpenError> {
    match url {
        DatabaseUrl::Sqlite(_) => Ok(()),
        DatabaseUrl::Postgres(address) => postgres::check_encoding(address).await,
    }
}

/// Refuses a database at `url` in which its user may not make tables.
pub async fn check_may_migrate(url: &DatabaseUrl) -> Result<(), OpenError> {
    match url {
        DatabaseUrl::Sqlite(_) => Ok(()),
        DatabaseUrl::Postgres(address) => postgres::check_may_migrate(address).await,
    }
}

/// Brings the schema of the database at `url` up to date, and returns the names of the migrations that
/// it ran. Creates an SQLite file if there is none. Any number of programs may call it at once.
pub async fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, OpenError> {
    match url {
        DatabaseUrl::Sqlite(path) => migrate::sqlite(path.clone()).await,
        DatabaseUrl::Postgres(address) => migrate::postgres(address).await,
    }
}
