//! Fresh databases for tests.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::hash::{BuildHasher, Hasher, RandomState};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

/// Returns the address of a new SQLite file. It stays in the build directory: the store has it open until
/// the test's process ends.
pub(crate) fn sqlite_url() -> String {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
    format!("sqlite:{}/tollgate.db", folder.display())
}

/// Returns the address of the PostgreSQL server for tests.
pub(crate) fn server() -> String {
    std::env::var("TOLLGATE_TEST_POSTGRES_URL").expect(
        "TOLLGATE_TEST_POSTGRES_URL is not set: run the tests with `scripts/test`, or with \
         `scripts/with-postgres cargo nextest run`",
    )
}

/// Returns a name that no other test has. Ids of processes are used again while the server runs.
pub(crate) fn random_name(kind: &str) -> String {
    format!("{kind}_{:016x}", RandomState::new().build_hasher().finish())
}

/// Returns the address of a new, empty PostgreSQL database. It is deleted with the server.
pub(crate) async fn postgres_url() -> String {
    let name = random_name("test");
    as_admin(&format!("CREATE DATABASE {name}")).await;
    address(&name)
}

/// Returns the address of a database on the PostgreSQL server.
pub(crate) fn address(name: &str) -> String {
    server().replace("/postgres", &format!("/{name}"))
}

/// Connects to the PostgreSQL server.
pub(crate) async fn admin() -> AsyncPgConnection {
    AsyncPgConnection::establish(&server()).await.unwrap()
}

/// Runs a statement on the PostgreSQL server.
pub(crate) async fn as_admin(sql: &str) {
    admin().await.batch_execute(sql).await.unwrap();
}
