//! SQLite: one thread that writes, a few that read. Each owns its connection, and receives its work
//! through a channel.
//!
//! A unit of work that asks for no result before its commit is handed to the writer as a whole. Any other occupies
//! the writer from its savepoint on. When such a unit is dropped its channel closes, and the writer rolls back to
//! the savepoint before it begins the next one. Reads then wait for the end of the transaction, if others are part
//! of it.

use std::{path::Path, sync::mpsc, thread, time::Duration};

use async_trait::async_trait;
use crossbeam_channel::{Receiver, Sender, TrySendError};
use diesel::{QueryResult, SqliteConnection, sql_types::BigInt};
use diesel_async::{RunQueryDsl, sync_connection_wrapper::SyncConnectionWrapper};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tollgate_domain::{
    store::{Store, UnitOfWork},
    store_error::StoreError,
};

use crate::{
    bodies::Bodies,
    cached::CachedStatement,
    count::Count,
    error::{OpenError, store_error},
    waiting::Counted,
    wakeup::Wakeup,
};

mod claimant;
mod connection;
mod fence;
#[path = "queries/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "the queries are compiled once for each database")]
mod queries;
pub(crate) mod statements;
mod unit;
mod writer;

use claimant::Claimant;
pub(crate) use connection::{raw_connection, writable_connection};
use fence::Fence;
use statements::finish;
pub(crate) use statements::{Conn, ReadConn};
use unit::Steps;
pub(crate) use unit::Unit;
use writer::{Begun, Completion, Refusal, WholeUnit, WriteRequest, write};

pub(crate) type Database = SqliteStore;

/// Returns the connection in the form that diesel's methods take.
pub(crate) fn on<'a>(conn: &'a mut ReadConn<'_>) -> &'a mut Conn {
    conn
}

/// Loads a query of the hot path with diesel's own connection, which looks the statement up by its type.
/// [`Conn`] would build its text each time.
pub(crate) fn load<Q, T>(query: Q, conn: ReadConn<'_>) -> BoxFuture<'_, QueryResult<Vec<T>>>
where
    Q: diesel::query_dsl::methods::LoadQuery<'static, SqliteConnection, T> + Send + 'static,
    T: Send + 'static,
{
    conn.spawn_blocking(move |conn| query.internal_load(conn)?.collect())
}

/// Counts a request against limits until it exceeds one, and returns how many it does not exceed.
pub(crate) async fn count_all(conn: &mut Conn, counts: Vec<Count>) -> QueryResult<usize> {
    let limits = counts.len();
    for (number, count) in counts.into_iter().enumerate() {
        if CachedStatement(count).execute(conn).await? == 0 {
            return Ok(number);
        }
    }
    Ok(limits)
}

/// Deletes at most `most` counters that are idle at `now`, and returns how many.
pub(crate) async fn forget_idle(conn: &mut Conn, now: i64, most: i64) -> QueryResult<usize> {
    let delete = diesel::sql_query(
        "DELETE FROM rate_limits WHERE subject IN \
         (SELECT subject FROM rate_limits WHERE idle_at <= ? LIMIT ?)",
    );
    delete.bind::<BigInt, _>(now).bind::<BigInt, _>(most).execute(conn).await
}

/// Returns whether this process may claim jobs. Before its first claim, `end_leases` ends the leases of processes that
/// are gone.
pub(crate) async fn may_claim<'a>(
    store: &SqliteStore,
    end_leases: impl FnOnce() -> BoxFuture<'a, Result<(), StoreError>> + Send,
) -> Result<bool, StoreError> {
    store.claimant.may_claim(end_leases).await
}

/// The number of reader threads. In WAL mode reads wait only for a processor, so more do not help.
const READERS: usize = 2;
/// The most work that may wait. Beyond this the machine cannot keep up, and further work is refused.
const MAX_QUEUE: usize = 8_192;
/// The most reports that may wait, and how long each waits at most.
const MAX_REPORTS: usize = 256;
const MAX_WAIT_FOR_REPORT: Duration = Duration::from_secs(5);
/// The longest that a unit of work waits for its turn.
const MAX_WAIT: Duration = Duration::from_secs(10);

pub(crate) type Work = Box<dyn FnOnce(&mut Conn) + Send>;

/// Whom the result of a unit of work is sent to.
type Asker<T> = oneshot::Sender<Result<T, StoreError>>;

/// The store in an SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    reads: Sender<Work>,
    reports: Sender<Work>,
    turns: Sender<WriteRequest>,
    fence: Fence,
    pub(crate) bodies: Bodies,
    wakeup: Wakeup,
    claimant: Claimant,
}

impl SqliteStore {
    /// Opens the file at `path`.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let (reads, waiting_reads) = crossbeam_channel::bounded(MAX_QUEUE);
        let (reports, waiting_reports) = crossbeam_channel::bounded(MAX_REPORTS);
        let (turns, waiting_turns) = crossbeam_channel::bounded(MAX_QUEUE);
        let writer = SyncConnectionWrapper::new(writable_connection(path)?);
        let fence = Fence::new();
        let writers_fence = fence.clone();
        spawn("sqlite-writer", move || write(&waiting_turns, writer, &writers_fence))?;
        for _ in 0..READERS {
            let reader = connect(path)?;
            let waiting = waiting_reads.clone();
            spawn("sqlite-reader", move || read(&waiting, reader))?;
        }
        let reader = connect(path)?;
        spawn("sqlite-reports", move || read(&waiting_reports, reader))?;
        let (bodies, wakeup) = (Bodies::default(), Wakeup::default());
        let claimant = Claimant::new(path);
        Ok(Self { reads, reports, turns, fence, bodies, wakeup, claimant })
    }

    async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.fence.pass().await;
        ask(&self.reads, query)?.await.map_err(|_| gone())?.map_err(store_error)
    }

    /// Runs the queries of a report, on a thread of their own, so that they delay nothing else.
    async fn report<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.fence.pass().await;
        tokio::time::timeout(MAX_WAIT_FOR_REPORT, ask(&self.reports, query)?)
            .await
            .map_err(|_| StoreError::Unavailable("too many reports are asked for".into()))?
            .map_err(|_| gone())?
            .map_err(store_error)
    }

    /// Runs a query for an access decision, on the same readers as other queries.
    async fn read_hot<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.read(query).await
    }

    /// Runs statements in a unit of work of its own, which the writer gets as a whole.
    async fn write<T, F>(&self, statements: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        let tell = |answer: Asker<T>, value| -> Completion {
            Box::new(|durable| drop(answer.send(durable.map(|()| value))))
        };
        self.write_whole(statements, tell).await
    }

    /// Hands a unit of work to the writer as a whole. `tell` gets the result of its statements, and returns what is done
    /// once it is known whether they are durable.
    async fn write_whole<T, F>(
        &self,
        statements: F,
        tell: impl FnOnce(Asker<T>, T) -> Completion + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let unit: WholeUnit = Box::new(move |conn| {
            // Skip the statements if their request was cancelled.
            if answer.is_closed() {
                return Err(nobody_to_tell());
            }
            match conn.and_then(|conn| finish(statements(conn)).map_err(store_error)) {
                Ok(value) => Ok(tell(answer, value)),
                Err(error) => Err(refusal(answer, error)),
            }
        });
        let _waiting = Counted::waiting();
        self.turns.try_send(WriteRequest::Whole(unit)).map_err(|error| refused(&error))?;
        tokio::time::timeout(MAX_WAIT, answered)
            .await
            .map_err(|_| StoreError::Unavailable("the writer is busy".into()))?
            .map_err(|_| gone())?
    }

    /// Runs statements in a unit of work of its own, and does not wait until they are durable.
    async fn write_relaxed<T, F>(&self, statements: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        let tell = |answer: Asker<T>, value| -> Completion {
            let _ = answer.send(Ok(value));
            Box::new(|_| {})
        };
        self.write_whole(statements, tell).await
    }

    /// Runs statements that claim jobs like [`write_relaxed`](Self::write_relaxed): there is one writer.
    async fn write_claim<T, F>(&self, statements: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.write_relaxed(statements).await
    }

    fn unit(&self) -> Unit {
        Unit::new(self.clone(), self.wakeup.of_unit())
    }

    /// Waits for a turn of the writer.
    async fn begin_steps(&self) -> Result<Steps, StoreError> {
        let (steps, waiting_steps) = mpsc::channel();
        let (begun, has_begun) = oneshot::channel::<Begun>();
        let _waiting = Counted::waiting();
        self.turns
            .try_send(WriteRequest::Steps { steps: waiting_steps, begun })
            .map_err(|error| refused(&error))?;
        let fence = tokio::time::timeout(MAX_WAIT, has_begun)
            .await
            .map_err(|_| StoreError::Unavailable("the writer is busy".into()))?
            .map_err(|_| gone())??;
        Ok(Steps { fence, steps })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.unit()))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.schema_is_current().await
    }
}

/// Hands a query to the threads that take from `queue`.
fn ask<T, F>(
    queue: &Sender<Work>,
    query: F,
) -> Result<oneshot::Receiver<QueryResult<T>>, StoreError>
where
    T: Send + 'static,
    F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let work: Work = Box::new(move |conn| {
        // Skip the query if its request was cancelled.
        if !answer.is_closed() {
            let _ = answer.send(finish(query(conn)));
        }
    });
    queue.try_send(work).map_err(|error| refused(&error))?;
    Ok(answered)
}

fn refused<T>(error: &TrySendError<T>) -> StoreError {
    match error {
        TrySendError::Full(_) => StoreError::Unavailable("too much is waiting".into()),
        TrySendError::Disconnected(_) => gone(),
    }
}

/// Tells the caller of a unit that it failed.
fn refusal<T: Send + 'static>(answer: Asker<T>, error: StoreError) -> Refusal {
    Box::new(move || drop(answer.send(Err(error))))
}

fn nobody_to_tell() -> Refusal {
    Box::new(|| {})
}

fn gone() -> StoreError {
    StoreError::Unavailable("the database thread gave the work up".into())
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
    thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .map(|_| ())
        .map_err(|error| OpenError::Connect(error.to_string()))
}

fn read(waiting: &Receiver<Work>, mut conn: Conn) {
    while let Ok(work) = waiting.recv() {
        work(&mut conn);
    }
}

fn connect(path: &Path) -> Result<Conn, OpenError> {
    raw_connection(path).map(SyncConnectionWrapper::new)
}
