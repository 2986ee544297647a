//! PostgreSQL: a pool of connections for units of work, and shared connections that pipeline reads.
//!
//! The statements of a unit of work whose results are not asked for are sent together.

use std::{
    collections::HashMap,
    future::{Ready, ready},
    sync::{Arc, PoisonError, RwLock},
    thread::{self, ThreadId},
    time::Duration,
};

use async_trait::async_trait;
use diesel::{QueryResult, sql_types::BigInt};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, RunQueryDsl, methods::LoadQuery};
use futures_util::{FutureExt, TryStreamExt, future::BoxFuture};
use tollgate_domain::{
    store::{Store, UnitOfWork},
    store_error::StoreError,
};

use crate::{
    bodies::Bodies,
    cached::CachedStatement,
    count::{Count, CountAll},
    error::OpenError,
    url::PgAddress,
    wakeup::Wakeup,
};

mod backend;
mod connection;
mod group_commit;
mod pool;
#[path = "queries/mod.rs"]
mod queries;
mod reachability;
mod refusal;
mod server;
mod transaction;
mod unit;
mod written;

pub(crate) use connection::Connector;
use connection::Shared;
use group_commit::GroupCommit;
use pool::Units;
pub(crate) use server::{
    check_encoding, check_may_migrate, refuse_encoding, refuse_lending, server_time,
};
pub(crate) use unit::Unit;
pub(crate) use written::Written;

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
    Written<Q>: LoadQuery<'static, ReadConn<'c>, T> + Send + 'static,
    Q: Send + 'static,
    T: Send + 'static,
{
    let query = Written(query);
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
pub(crate) fn may_claim<'a>(
    _: &PgStore,
    _: impl FnOnce() -> BoxFuture<'a, Result<(), StoreError>>,
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
/// Time limits of the server, below those of the client, so that it cancels a statement first.
const SERVER_SETTINGS: &str =
    "-c statement_timeout=4500 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=15000";

/// What the queries rely on, whatever the server, the database, the user or the URL sets: at a stricter level, the server
/// refuses one of two units that change the same row one after the other.
const ISOLATION: &str = r"-c default_transaction_isolation=read\ committed";

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

impl PgStore {
    /// Connects to the server.
    pub async fn open(address: &PgAddress) -> Result<Self, OpenError> {
        let connector = Connector::new(address)?;
        // Connect once without the pool, which would report the cause of a failure as a timeout.
        let mut first = connector.connect_first().await?;
        refuse_lending(&connector, &mut first).await?;
        let reads = Shared::new(connector.clone());
        reads.keep(first);
        let reports = Shared::for_reports(connector.clone());
        let relaxed = connector.with_option("synchronous_commit=off");
        let (counts, claims) = (Shared::new(relaxed.clone()), Shared::new(relaxed));
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
        Unit::new(self.units.clone(), self.groups.clone(), self.wakeup.of_unit())
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

impl std::fmt::Debug for PgStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PgStore")
    }
}
