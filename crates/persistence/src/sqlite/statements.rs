//! A connection, and running statements on it.

use diesel::{QueryResult, SqliteConnection};
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::{FutureExt, future::BoxFuture};

pub(crate) type Conn = SyncConnectionWrapper<SqliteConnection, Inline>;
pub(crate) type ReadConn<'c> = &'c mut Conn;

/// Runs work on the thread that owns the connection, where diesel-async would use a blocking pool.
#[derive(Debug)]
pub(crate) struct Inline;

impl SpawnBlocking for Inline {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn std::error::Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        std::future::ready(Ok(task())).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// A statement of a unit of work whose result is not asked for.
pub(crate) type DeferredStatement =
    Box<dyn for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<()>> + Send>;

/// Runs statements one after another, until one fails.
pub(crate) fn run_all(statements: Vec<DeferredStatement>, conn: &mut Conn) -> QueryResult<()> {
    statements.into_iter().try_for_each(|statement| finish(statement(conn)))
}

/// Returns the result of a query, which is complete when it is first polled on the connection's thread.
pub(crate) fn finish<T>(query: BoxFuture<'_, QueryResult<T>>) -> QueryResult<T> {
    query.now_or_never().unwrap_or(Err(diesel::result::Error::BrokenTransactionManager))
}
