//! The two migration folders stay in step.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeSet;

use diesel::{Connection, QueryableByName, SqliteConnection, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use tollgate_persistence::{DatabaseUrl, migrate, open};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// `table.column TYPE NULL|NOT NULL` of every column, in SQLite's words.
async fn sqlite_columns() -> BTreeSet<String> {
    let url = support::sqlite_url();
    migrate(&url.parse().unwrap()).await.unwrap();
    let path = url.strip_prefix("sqlite:").unwrap();
    let mut conn = SqliteConnection::establish(path).unwrap();
    let query = diesel::sql_query(
        "SELECT t.name || '.' || c.name || ' ' || c.type || \
                CASE WHEN c.\"notnull\" OR c.pk THEN ' NOT NULL' ELSE ' NULL' END AS line \
         FROM sqlite_master t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite%'",
    );
    let lines: Vec<Line> = diesel::RunQueryDsl::load(query, &mut conn).unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

/// The same of PostgreSQL, with its types in SQLite's words.
async fn postgres_columns() -> BTreeSet<String> {
    let url = support::postgres_url().await;
    migrate(&url.parse().unwrap()).await.unwrap();
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let lines: Vec<Line> = diesel_async::RunQueryDsl::load(
        diesel::sql_query(
            "SELECT table_name || '.' || column_name || ' ' || upper(data_type) || \
                    CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE ' NULL' END AS line \
             FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'",
        ),
        &mut conn,
    )
    .await
    .unwrap();
    lines.into_iter().map(|line| line.line.replace("BYTEA", "BLOB")).collect()
}

#[tokio::test]
async fn both_databases_have_the_same_columns() {
    let (sqlite, postgres) = (sqlite_columns().await, postgres_columns().await);
    assert!(sqlite.contains("magic_links.token BLOB NOT NULL"), "{sqlite:?}");
    assert_eq!(sqlite, postgres);
}

#[tokio::test]
async fn store_is_ready_only_when_its_schema_is_current() {
    let empty: DatabaseUrl = support::sqlite_url().parse().unwrap();
    let stores = open(&empty).await.unwrap();
    assert!(stores.store.ready().await.is_err());
    migrate(&empty).await.unwrap();
    assert_eq!(stores.store.ready().await, Ok(()));

    let empty: DatabaseUrl = support::postgres_url().await.parse().unwrap();
    let stores = open(&empty).await.unwrap();
    assert!(stores.store.ready().await.is_err());
    migrate(&empty).await.unwrap();
    assert_eq!(stores.store.ready().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_replicas_migrate_an_empty_database_at_once() {
    for url in [support::sqlite_url(), support::postgres_url().await] {
        let mut replicas = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let url: DatabaseUrl = url.parse().unwrap();
            replicas.spawn(async move { migrate(&url).await.map(|names| names.len()) });
        }
        let mut ran = 0;
        while let Some(names) = replicas.join_next().await {
            ran += names.unwrap().unwrap();
        }
        let migrations = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/sqlite");
        assert_eq!(ran, std::fs::read_dir(migrations).unwrap().count(), "{url}");
        assert_eq!(support::stores(&url.parse().unwrap()).await.store.ready().await, Ok(()));
    }
}
