//! Databases with the newest schema. Running all migrations takes longer than most tests, so it is done once on a PostgreSQL
//! server, and copied.

use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use tollgate_persistence::migrate;

use crate::support::{address, admin, as_admin, postgres_url, random_name};

/// The database that others are copied from.
const TEMPLATE: &str = "test_template";

/// Returns the address of a new PostgreSQL database with the newest schema. It is deleted with the server.
pub(crate) async fn migrated_postgres_url() -> String {
    let (name, mut admin) = (random_name("test"), admin().await);
    let copy = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}");
    if admin.batch_execute(&copy).await.is_err() {
        make_template(&mut admin).await;
        admin.batch_execute(&copy).await.unwrap();
    }
    let url = address(&name);
    // On a server that outlives a test run, the template may have an older schema.
    migrate(&url.parse().unwrap()).await.unwrap();
    url
}

/// Makes the template, unless another test did. It gets its name when it is complete.
async fn make_template(admin: &mut AsyncPgConnection) {
    // The lock lasts as long as the connection.
    admin.batch_execute("SELECT pg_advisory_lock(1)").await.unwrap();
    let named = format!("SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}'");
    if diesel::sql_query(named).execute(admin).await.unwrap() == 0 {
        let url = postgres_url().await;
        migrate(&url.parse().unwrap()).await.unwrap();
        let draft = url.rsplit('/').next().unwrap();
        as_admin(&format!("ALTER DATABASE {draft} RENAME TO {TEMPLATE}")).await;
    }
}
