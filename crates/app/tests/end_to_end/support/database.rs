//! Databases for tests, and queries that bypass the program.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hasher, RandomState},
    path::{Path, PathBuf},
};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_types::{BigInt, Text},
};
use url::Url;

/// The kind of database that a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A database that only one test uses.
#[derive(Debug)]
pub(crate) enum Database {
    /// The file in the working directory that the program uses by default.
    Sqlite(PathBuf),
    /// The name of a database on the test server, which is removed with the server.
    Postgres(String),
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The tables that a census leaves out. Jobs come and go by themselves, views are stored a little later, a refused request
/// counts against a limit, and the last one is of the migrations.
const UNSTEADY: [&str; 4] = ["jobs", "activity", "rate_limits", "__diesel_schema_migrations"];

fn server() -> Url {
    let address = std::env::var("TOLLGATE_TEST_POSTGRES_URL").expect(
        "TOLLGATE_TEST_POSTGRES_URL is not set: run the tests with `scripts/with-postgres cargo \
         nextest run -p tollgate`",
    );
    address.parse().unwrap()
}

async fn connect(url: &Url) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(url.as_str(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn open(path: &Path) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    connection
}

/// Returns a name that no other test has. Ids of processes are used again while the server runs.
fn random_name() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

impl Database {
    pub(super) async fn fresh(backend: Backend, folder: &Path) -> Self {
        if backend == Backend::Sqlite {
            return Self::Sqlite(folder.join("var/tollgate.db"));
        }
        let name = format!("end_to_end_{}", random_name());
        let admin = connect(&server()).await;
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        Self::Postgres(name)
    }

    /// Returns the configured URL; `None` for the default.
    pub(super) fn setting(&self) -> Option<String> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(name) => Some(Self::address(name).into()),
        }
    }

    fn address(name: &str) -> Url {
        let mut url = server();
        url.set_path(name);
        url
    }

    /// Returns the single number that a query selects.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        match self {
            Self::Sqlite(path) => {
                let query = format!("SELECT ({query}) AS number");
                diesel::sql_query(query).get_result::<Count>(&mut open(path)).unwrap().number
            }
            Self::Postgres(name) => {
                let client = connect(&Self::address(name)).await;
                client.query_one(query, &[]).await.unwrap().get(0)
            }
        }
    }

    /// Changes rows without the program.
    pub(crate) async fn execute(&self, statements: &str) {
        match self {
            Self::Sqlite(path) => open(path).batch_execute(statements).unwrap(),
            Self::Postgres(name) => {
                connect(&Self::address(name)).await.batch_execute(statements).await.unwrap();
            }
        }
    }

    /// Runs a statement in a transaction on PostgreSQL, which holds its locks until the connection is dropped.
    pub(crate) async fn holding(&self, statement: &str) -> tokio_postgres::Client {
        let Self::Postgres(name) = self else { panic!("a file has one lock for all") };
        let client = connect(&Self::address(name)).await;
        client.batch_execute(&format!("BEGIN; {statement}")).await.unwrap();
        client
    }

    /// Returns the number of statements that wait for a lock on PostgreSQL.
    pub(crate) async fn waiting_for_locks(&self) -> i64 {
        self.number(
            "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .await
    }

    /// Returns bytes as a literal for a statement.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        let hex = hex::encode(bytes);
        match self {
            Self::Sqlite(_) => format!("X'{hex}'"),
            Self::Postgres(_) => format!("'\\x{hex}'::bytea"),
        }
    }

    /// Returns the number of rows of each table in which only a person or Stripe causes rows.
    pub(crate) async fn census(&self) -> BTreeMap<String, i64> {
        let mut census = BTreeMap::new();
        for table in self.tables().await {
            if !UNSTEADY.contains(&table.as_str()) {
                let rows = self.number(&format!("SELECT count(*) FROM {table}")).await;
                census.insert(table, rows);
            }
        }
        census
    }

    /// Returns the names of all tables, from the catalogue of the database.
    async fn tables(&self) -> Vec<String> {
        match self {
            Self::Sqlite(path) => {
                let query = "SELECT name FROM sqlite_master \
                             WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
                let tables = diesel::sql_query(query).load::<Table>(&mut open(path)).unwrap();
                tables.into_iter().map(|table| table.name).collect()
            }
            Self::Postgres(name) => {
                let query = "SELECT tablename::text FROM pg_tables \
                             WHERE schemaname = current_schema()";
                let rows = connect(&Self::address(name)).await.query(query, &[]).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Returns the number of events that were received and not yet processed.
    pub(crate) async fn waiting_events(&self) -> i64 {
        self.number("SELECT count(*) FROM provider_events WHERE done_at IS NULL").await
    }

    /// Closes every connection and refuses new ones, or allows them again.
    pub(crate) async fn set_reachable(&self, reachable: bool) {
        let Self::Postgres(name) = self else { panic!("a file cannot be cut off") };
        let admin = connect(&server()).await;
        admin
            .batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {reachable}"))
            .await
            .unwrap();
        if !reachable {
            let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
            admin.query(cut, &[name]).await.unwrap();
        }
    }
}
