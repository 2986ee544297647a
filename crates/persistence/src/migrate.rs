//! Embedded migrations.

use std::{error::Error, path::PathBuf};

use diesel::{
    RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    migration::{Migration, MigrationVersion},
};
use diesel_async::{AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{
    error::OpenError,
    postgres::{Connector, refuse_encoding, refuse_lending},
    sqlite,
    url::PgAddress,
};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The version of the newest migration, the same in both databases.
pub(crate) const NEWEST: &str = "20261130000046";

/// The key of the lock by which replicas take turns. It may be any number that nothing else on the
/// server uses.
const ADVISORY_LOCK: i64 = 0x746f_6c6c_6761_7465;

type Failure = Box<dyn Error + Send + Sync>;

fn failed(error: &(impl ToString + ?Sized)) -> OpenError {
    OpenError::Migrate(error.to_string())
}

pub(crate) async fn sqlite(path: PathBuf) -> Result<Vec<String>, OpenError> {
    tokio::task::spawn_blocking(move || {
        let mut conn = sqlite::writable_connection(&path)?;
        bring_up_to_date(&mut conn).map_err(|error| failed(&*error))
    })
    .await
    .map_err(|error| failed(&error))?
}

fn bring_up_to_date(conn: &mut SqliteConnection) -> Result<Vec<String>, Failure> {
    // Creating an index on a large table takes long, and other programs wait for it.
    conn.batch_execute("PRAGMA busy_timeout = 60000")?;
    refuse_newer(&conn.applied_migrations()?)?;
    // The check does not write, so a database that is up to date is not locked.
    if !conn.has_pending_migration(SQLITE)? {
        return Ok(Vec::new());
    }
    // Programs take turns by the write lock; later ones find no pending migrations.
    conn.immediate_transaction(|conn| run(conn, SQLITE))
}

pub(crate) async fn postgres(address: &PgAddress) -> Result<Vec<String>, OpenError> {
    let connector = Connector::for_migrating(address)?;
    let mut connected = connector.connect_first().await?;
    refuse_lending(&connector, &mut connected).await?;
    let mut connected = connected.into_diesel();
    refuse_encoding(&mut connected).await?;
    tokio::task::spawn_blocking(move || {
        let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::from(connected);
        let lock = format!("SELECT pg_advisory_lock({ADVISORY_LOCK})");
        diesel::sql_query(lock).execute(&mut conn).map_err(|error| failed(&error))?;
        refuse_elsewhere(&mut conn)?;
        // The lock is released when the connection closes.
        run(&mut conn, POSTGRES).map_err(|error| failed(&*error))
    })
    .await
    .map_err(|error| failed(&error))?
}

/// Whether the tables are where new ones are created.
#[derive(diesel::QueryableByName)]
struct Placed {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    is_here: bool,
}

/// Refuses a `search_path` whose first schema is not the one that has the tables: new ones would hide them.
fn refuse_elsewhere(conn: &mut AsyncConnectionWrapper<AsyncPgConnection>) -> Result<(), OpenError> {
    let query = "SELECT coalesce((SELECT relnamespace = current_schema()::regnamespace FROM pg_class \
                 WHERE oid = to_regclass('__diesel_schema_migrations')), true) AS is_here";
    let placed: Placed =
        diesel::sql_query(query).get_result(conn).map_err(|error| failed(&error))?;
    if placed.is_here {
        return Ok(());
    }
    Err(OpenError::Migrate(
        "its tables are not in the first schema of the search_path; put that schema first".into(),
    ))
}

/// Refuses a database that a newer version of the program has changed.
fn refuse_newer(applied: &[MigrationVersion<'_>]) -> Result<(), Failure> {
    let newer = applied.iter().map(ToString::to_string).find(|version| version.as_str() > NEWEST);
    match newer {
        Some(version) => Err(format!(
            "it was changed by a newer version of Tollgate (schema {version}); start that one"
        )
        .into()),
        None => Ok(()),
    }
}

/// Runs the pending migrations, and returns their names.
fn run<DB, C>(conn: &mut C, migrations: EmbeddedMigrations) -> Result<Vec<String>, Failure>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    refuse_newer(&conn.applied_migrations()?)?;
    let mut names = Vec::new();
    for migration in conn.pending_migrations(migrations)? {
        conn.run_migration(&migration)?;
        names.push(Migration::<DB>::name(&migration).to_string());
    }
    Ok(names)
}
