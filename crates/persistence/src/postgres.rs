//! PostgreSQL: a pool of connections for units of work, and shared connections that pipeline reads.
//!
//! The statements of a unit of work whose results are not asked for are sent together.

use std::{
    collections::HashMap,
    future::{Ready, ready},
    mem,
    sync::{Arc, PoisonError, RwLock},
    thread::{self, ThreadId},
    time::Duration,
};

use async_trait::async_trait;
use diesel::{
    ConnectionError, QueryResult,
    pg::Pg,
    query_builder::QueryFragment,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, RunQueryDsl, methods::LoadQuery};
use futures_util::{FutureExt, TryStreamExt, future::BoxFuture};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tollgate_domain::{
    store::{Store, UnitOfWork},
    store_error::StoreError,
};

use crate::{
    bodies::Bodies,
    cached::CachedStatement,
    count::{Count, CountAll},
    error::OpenError,
    sums::{SumPlace, Sums},
    url::PgAddress,
    waiting::Waiting,
    wakeup::{UnitWakeup, Wakeup},
};

mod connection;
mod group_commit;
#[path = "queries/mod.rs"]
mod queries;
mod reachability;
pub(crate) mod tls;
mod transaction;

pub(crate) use connection::Connector;
use connection::Shared;
use group_commit::{GroupCommit, GroupOutcome};
use transaction::{DeferredStatement, Manager};

pub(crate) type Database = PgStore;
pub(crate) type Conn = AsyncPgConnection;
pub(crate) type ReadConn<'c> = &'c AsyncPgConnection;

/// Returns the connection in the form that diesel's methods take.
pub(crate) fn on<'a, 'c>(conn: &'a mut ReadConn<'c>) -> &'a mut &'c AsyncPgConnection {
    conn
}

/// Loads a query of the hot path.
pub(crate) fn load<'c, Q, T>(query: Q, mut conn: ReadConn<'c>) -> BoxFuture<'c, QueryResult<Vec<T>>>
where
    Q: LoadQuery<'static, ReadConn<'c>, T> + Send + 'static,
    T: Send + 'static,
{
    async move { query.internal_load(&mut conn).await?.try_collect().await }.boxed()
}

/// Counts a request against limits until it exceeds one, and returns how many it does not exceed.
pub(crate) async fn count_all(conn: &mut ReadConn<'_>, counts: Vec<Count>) -> QueryResult<usize> {
    conn.execute_returning_count(CachedStatement(CountAll(counts))).await
}

/// Deletes at most `most` counters that are idle at `now`, and returns how many. Those that a request counts at this moment
/// are left out: it may wait for another one, which this would delete.
pub(crate) async fn forget_idle(conn: &mut Conn, now: i64, most: i64) -> QueryResult<usize> {
    let delete = diesel::sql_query(
        "DELETE FROM rate_limits WHERE subject IN \
         (SELECT subject FROM rate_limits WHERE idle_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
    );
    delete.bind::<BigInt, _>(now).bind::<BigInt, _>(most).execute(conn).await
}

/// Returns `true` at once: it is not known which processes are gone, so leases of jobs end by time.
pub(crate) fn may_claim(
    _: &PgStore,
    _: impl Future<Output = Result<(), StoreError>>,
) -> Ready<Result<bool, StoreError>> {
    ready(Ok(true))
}

/// The size of the pool. PostgreSQL makes those durable together that commit at the same time, so that more of them
/// are faster; three replicas have to fit into its usual hundred connections, with those of the [groups](group_commit).
const UNITS_AT_ONCE: u16 = 24 - group_commit::AT_ONCE;
/// The longest that a unit of work waits for its turn.
const MAX_WAIT_FOR_TURN: Duration = Duration::from_secs(10);
/// The longest wait for a connection, or for the answer to a statement.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// The longest life of a connection of the pool. A server that no longer takes writes says so itself.
const MAX_LIFE_IN_POOL: Duration = Duration::from_mins(5);
/// Time limits of the server, below those of the client, so that it cancels a statement first.
const SERVER_SETTINGS: &str =
    "-c statement_timeout=4500 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=15000";

/// The store on a PostgreSQL server.
pub struct PgStore {
    units: Units,
    /// For units of work that only write.
    groups: Arc<GroupCommit>,
    reads: Shared,
    /// For reports, so that they delay nothing else.
    reports: Shared,
    /// For limits, whose effect need not be durable.
    counts: Shared,
    /// For claims of jobs, whose effect need not be durable either. A unit of work may lock the row of a job, and requests
    /// must not wait for it.
    claims: Shared,
    /// A connection for each thread that makes access decisions. That thread's own runtime drives it, so
    /// that a query and its answer wake no other thread.
    hot: RwLock<HashMap<ThreadId, Arc<Shared>>>,
    pub(crate) bodies: Bodies,
    wakeup: Wakeup,
}

/// Opens the transactions of units of work.
#[derive(Clone)]
struct Units {
    pool: bb8::Pool<Manager>,
    /// One permit for each connection of the pool, which tells a wait for other units of work from a
    /// wait for a server that does not answer.
    turns: Arc<Semaphore>,
    connector: Arc<Connector>,
}

impl PgStore {
    /// Connects to the server.
    pub async fn open(address: &PgAddress) -> Result<Self, OpenError> {
        let connector = Connector::new(address)?;
        // Connect once without the pool, which would report the cause of a failure as a timeout.
        let failed = |error: ConnectionError| OpenError::Connect(error.to_string());
        let reads = Shared::new(connector.clone());
        let reports = Shared::for_reports(connector.clone());
        let relaxed = connector.with_option("synchronous_commit=off");
        let (counts, claims) = (Shared::new(relaxed.clone()), Shared::new(relaxed));
        reads.connect().await.map_err(failed)?;
        Ok(Self {
            units: Units::new(connector.clone(), UNITS_AT_ONCE).await?,
            groups: Arc::new(GroupCommit::new(&connector).await?),
            reads,
            reports,
            counts,
            claims,
            hot: RwLock::default(),
            bodies: Bodies::default(),
            wakeup: Wakeup::default(),
        })
    }

    async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.reads.read(query).await
    }

    /// Runs the queries of a report.
    async fn report<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.reports.read(query).await
    }

    /// Runs a query on a connection for access decisions, which never waits for a long list.
    async fn read_hot<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.hot().read(query).await
    }

    /// Runs statements, each by itself, and does not wait until they are durable.
    async fn write_relaxed<T, F>(&self, statements: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.counts.read(statements).await
    }

    /// Runs statements that claim jobs, each by itself, and does not wait until they are durable.
    async fn write_claim<T, F>(&self, statements: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.claims.read(statements).await
    }

    /// Returns this thread's connection for access decisions.
    fn hot(&self) -> Arc<Shared> {
        let thread = thread::current().id();
        let known = self.hot.read().unwrap_or_else(PoisonError::into_inner).get(&thread).cloned();
        known.unwrap_or_else(|| {
            let shared = Arc::new(Shared::new(self.units.connector.on_current_runtime()));
            let mut hot = self.hot.write().unwrap_or_else(PoisonError::into_inner);
            hot.entry(thread).or_insert(shared).clone()
        })
    }

    /// Runs statements in a unit of work of its own.
    async fn write<T, F>(&self, statements: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        let mut unit = self.unit();
        let result = unit.run(statements).await?;
        unit.finish().await?;
        Ok(result)
    }

    fn unit(&self) -> Unit {
        Unit {
            units: self.units.clone(),
            groups: self.groups.clone(),
            later: Vec::new(),
            sums: Sums::new(),
            begun: None,
            failed: false,
            wakeup: self.wakeup.of_unit(),
        }
    }
}

impl Units {
    async fn new(connector: Arc<Connector>, at_once: u16) -> Result<Self, OpenError> {
        let pool = bb8::Pool::builder()
            .max_size(u32::from(at_once))
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(MAX_WAIT)
            .max_lifetime(Some(MAX_LIFE_IN_POOL))
            .error_sink(Box::new(LoggedErrors))
            .build(Manager(connector.clone()))
            .await
            .map_err(|error| OpenError::Connect(error.to_string()))?;
        Ok(Self { pool, turns: Arc::new(Semaphore::new(usize::from(at_once))), connector })
    }

    /// Runs the last statements of a unit and commits it.
    async fn commit(
        &self,
        mut begun: Begun,
        last: impl Iterator<Item = &DeferredStatement> + Send,
    ) -> Result<(), StoreError> {
        self.connector.in_time(begun.conn.commit(last)).await
    }

    /// Waits for a connection.
    async fn begin(&self) -> Result<Begun, StoreError> {
        let waiting = Waiting::begin();
        let turn = self.connector.unless_unreachable(self.turn()).await?;
        drop(waiting);
        // After the server was down, all connections in the pool may have ended.
        for _ in 0..=UNITS_AT_ONCE {
            let mut conn = self.connector.unless_unreachable(self.connection()).await?;
            if !conn.is_broken() {
                return Ok(Begun { conn, _turn: turn });
            }
        }
        Err(StoreError::Unavailable("the connections to the database have ended".into()))
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        tokio::time::timeout(MAX_WAIT_FOR_TURN, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| StoreError::Unavailable("too many units of work are waiting".into()))?
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    async fn connection(&self) -> Result<bb8::PooledConnection<'static, Manager>, StoreError> {
        let connection = self.pool.get_owned().await;
        connection.map_err(|_| StoreError::Unavailable("no connection to the database".into()))
    }
}

#[async_trait]
impl Store for PgStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.unit()))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.schema_is_current().await
    }
}

/// A unit of work. It takes a connection when the result of a statement is asked for, or when it is committed.
pub(crate) struct Unit {
    units: Units,
    groups: Arc<GroupCommit>,
    later: Vec<DeferredStatement>,
    sums: Sums<DeferredStatement>,
    begun: Option<Begun>,
    /// Whether a statement has failed. The server would answer a commit as if nothing were wrong, and roll back.
    failed: bool,
    wakeup: UnitWakeup,
}

/// A connection with the transaction of a unit.
struct Begun {
    conn: bb8::PooledConnection<'static, Manager>,
    /// Released after the connection.
    _turn: OwnedSemaphorePermit,
}

impl Unit {
    /// Adds a statement whose result is not asked for. It runs before the next one whose result is asked for, and its
    /// error is that one's, or that of the commit.
    pub(crate) fn add<S>(&mut self, statement: S)
    where
        S: QueryFragment<Pg> + Send + Sync + 'static,
    {
        self.later.push(Box::new(move |mut conn| {
            let done = conn.execute_returning_count(CachedStatement(&statement));
            async { done.await.map(drop) }.boxed()
        }));
    }

    /// Adds a statement that adds to a sum of a day. It runs when the unit is committed.
    pub(crate) fn add_sum<S>(&mut self, place: SumPlace, statement: S)
    where
        S: QueryFragment<Pg> + Send + Sync + 'static,
    {
        self.add(statement);
        if let Some(statement) = self.later.pop() {
            self.sums.add(place, statement);
        }
    }

    async fn run<T, F>(&mut self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        // Stays so if this is given up in the middle.
        if mem::replace(&mut self.failed, true) {
            return Err(has_failed());
        }
        let begun = match &mut self.begun {
            Some(begun) => begun,
            None => self.begun.insert(self.units.begin().await?),
        };
        let earlier = mem::take(&mut self.later);
        let connector = &self.units.connector;
        connector.in_time(begun.conn.run(earlier)).await?;
        let result = connector.in_time(query(&mut begun.conn.conn)).await;
        self.failed = !matches!(result, Ok(_) | Err(StoreError::Corrupt(_)));
        result
    }

    async fn finish(self) -> Result<(), StoreError> {
        let Self { units, groups, mut later, sums, begun, failed, wakeup } = self;
        if failed {
            return Err(has_failed());
        }
        later.extend(sums.in_order());
        match begun {
            Some(begun) => units.commit(begun, later.iter()).await?,
            None if later.is_empty() => {}
            None => match groups.commit(later).await? {
                GroupOutcome::Committed => {}
                GroupOutcome::NotCommitted(later) => {
                    units.commit(units.begin().await?, later.iter()).await?;
                }
            },
        }
        wakeup.committed();
        Ok(())
    }
}

fn has_failed() -> StoreError {
    StoreError::Unavailable("an earlier statement of the unit of work has failed".into())
}

/// Logs why a connection failed; the pool reports to its callers only that time ran out.
#[derive(Debug, Clone)]
struct LoggedErrors;

impl<E: std::fmt::Display> bb8::ErrorSink<E> for LoggedErrors {
    fn sink(&self, error: E) {
        tracing::error!(%error, "database connection failed");
    }

    fn boxed_clone(&self) -> Box<dyn bb8::ErrorSink<E>> {
        Box::new(self.clone())
    }
}

#[derive(diesel::QueryableByName)]
struct Time {
    #[diesel(sql_type = BigInt)]
    micros: i64,
}

/// Returns the server's time in microseconds since 1970.
pub(crate) async fn server_time(address: &PgAddress) -> Result<i64, OpenError> {
    let connector = Connector::new(address)?;
    let connected = connector.connect().await;
    let mut conn = connected.map_err(|error| OpenError::Connect(error.to_string()))?.into_diesel();
    let query = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros";
    let time: QueryResult<Time> = diesel::sql_query(query).get_result(&mut conn).await;
    time.map(|time| time.micros).map_err(|error| OpenError::Connect(error.to_string()))
}

#[derive(diesel::QueryableByName)]
struct Encoding {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Refuses a database whose encoding does not have every character, so that some texts could never be stored. One
/// without an encoding stores them as they are.
pub(crate) async fn refuse_encoding(conn: &mut AsyncPgConnection) -> Result<(), OpenError> {
    let query = "SELECT current_setting('server_encoding') AS name";
    let encoding: QueryResult<Encoding> = diesel::sql_query(query).get_result(conn).await;
    let name = encoding.map_err(|error| OpenError::Connect(error.to_string()))?.name;
    if matches!(&*name, "UTF8" | "SQL_ASCII") { Ok(()) } else { Err(OpenError::Encoding(name)) }
}

/// Connects to the server, and refuses a database like [`refuse_encoding`].
pub(crate) async fn check_encoding(address: &PgAddress) -> Result<(), OpenError> {
    let connected = Connector::new(address)?.connect().await;
    let connected = connected.map_err(|error| OpenError::Connect(error.to_string()))?;
    refuse_encoding(&mut connected.into_diesel()).await
}

impl std::fmt::Debug for PgStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PgStore")
    }
}
