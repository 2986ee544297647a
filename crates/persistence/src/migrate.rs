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
pub(crate) const NEWEST: &str = "20261122000004";

/// Any number, as long as nothing else on the server uses it: replicas take turns by it.
const ADVISORY_LOCK: i64 = 0x746f_6c6c_6761_7465;

fn failed(error: &(impl ToString + ?Sized)) -> OpenError {
    OpenError::Migrate(error.to_string())
}

pub(crate) fn sqlite(path: &Path) -> Result<Vec<String>, OpenError> {
    let mut conn = sqlite::raw_connection(path)?;
    let mut names = Vec::new();
    loop {
        // Asking does not write, so a database that is up to date is not locked.
        let before = pending(&mut conn)?;
        if before == 0 {
            return Ok(names);
        }
        // Another program may be at it too: as long as it gets on, there is less left to do.
        if let Err(error) = run(&mut conn, SQLITE, &mut names)
            && pending(&mut conn)? == before
        {
            return Err(error);
        }
    }
}

fn pending(conn: &mut diesel::SqliteConnection) -> Result<usize, OpenError> {
    conn.pending_migrations(SQLITE).map(|pending| pending.len()).map_err(|error| failed(&*error))
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
        let mut names = Vec::new();
        run(&mut conn, POSTGRES, &mut names)?;
        Ok(names)
    })
    .await
    .map_err(|error| failed(&error))?
}

/// Notes the name of each migration that it ran.
fn run<DB, C>(
    conn: &mut C,
    migrations: EmbeddedMigrations,
    names: &mut Vec<String>,
) -> Result<(), OpenError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    for migration in conn.pending_migrations(migrations).map_err(|error| failed(&*error))? {
        conn.run_migration(&migration).map_err(|error| failed(&*error))?;
        names.push(Migration::<DB>::name(&migration).to_string());
    }
    Ok(())
}
