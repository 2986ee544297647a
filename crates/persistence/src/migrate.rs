//! Embedded migrations.

use std::path::Path;

use diesel::{RunQueryDsl, migration::Migration};
use diesel_async::{AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio_postgres::Config;

use crate::{error::OpenError, postgres::Connector, sqlite};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The version of the newest migration, which both databases share.
pub(crate) const NEWEST: &str = "20261122000001";

/// Any number, as long as nothing else on the server uses it: replicas take turns by it.
const ADVISORY_LOCK: i64 = 0x746f_6c6c_6761_7465;

fn failed(error: &(impl ToString + ?Sized)) -> OpenError {
    OpenError::Migrate(error.to_string())
}

pub(crate) fn sqlite(path: &Path) -> Result<Vec<String>, OpenError> {
    let mut conn = sqlite::raw_connection(path)?;
    // Asking does not write, so a database that is up to date is not locked.
    if !conn.has_pending_migration(SQLITE).map_err(|error| failed(&*error))? {
        return Ok(Vec::new());
    }
    run(&mut conn, SQLITE).or_else(|error| {
        // Another program may have been faster.
        match conn.has_pending_migration(SQLITE) {
            Ok(false) => Ok(Vec::new()),
            _ => Err(error),
        }
    })
}

pub(crate) async fn postgres(config: &Config) -> Result<Vec<String>, OpenError> {
    // Making an index on a large table takes its time.
    let connector =
        Connector::with_options(config, "-c statement_timeout=0 -c lock_timeout=60000")?;
    let connected = connector.connect().await;
    let connected = connected.map_err(|error| OpenError::Connect(error.to_string()))?;
    tokio::task::spawn_blocking(move || {
        let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::from(connected.conn);
        let lock = format!("SELECT pg_advisory_lock({ADVISORY_LOCK})");
        diesel::sql_query(lock).execute(&mut conn).map_err(|error| failed(&error))?;
        // The lock ends with the connection.
        run(&mut conn, POSTGRES)
    })
    .await
    .map_err(|error| failed(&error))?
}

fn run<DB, C>(conn: &mut C, migrations: EmbeddedMigrations) -> Result<Vec<String>, OpenError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    let mut names = Vec::new();
    for migration in conn.pending_migrations(migrations).map_err(|error| failed(&*error))? {
        conn.run_migration(&migration).map_err(|error| failed(&*error))?;
        names.push(Migration::<DB>::name(&migration).to_string());
    }
    Ok(names)
}
