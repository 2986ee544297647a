//! Connections of units of work, and how their statements are sent: as many as possible at once, since each answer that
//! is waited for costs far more than a statement.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use diesel::{
    ConnectionError, QueryResult,
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::Error,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::PoolableConnection};
use futures_util::{
    FutureExt,
    future::{BoxFuture, maybe_done},
};

use super::{Connector, ReadConn};

/// A statement of a unit of work whose result is not asked for. It can be run again in another transaction.
pub(super) type DeferredStatement =
    Box<dyn for<'c> Fn(ReadConn<'c>) -> BoxFuture<'c, QueryResult<()>> + Send + Sync>;

/// The beginning or the end of a transaction. It stays prepared like any other statement, so that diesel sends it in
/// its turn.
#[derive(Debug, Clone, Copy)]
struct Command(&'static str);

const BEGIN: Command = Command("BEGIN");
const COMMIT: Command = Command("COMMIT");

impl QueryFragment<Pg> for Command {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

impl QueryId for Command {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Command {
    fn run(self, mut conn: ReadConn<'_>) -> BoxFuture<'_, QueryResult<()>> {
        async move { self.execute(&mut conn).await.map(drop) }.boxed()
    }
}

/// A connection for units of work.
pub(super) struct UnitConn {
    pub(super) conn: AsyncPgConnection,
    transaction: Transaction,
}

/// How far the transaction of a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transaction {
    /// There is none.
    None,
    /// It has begun. The server rolls it back when the connection is closed.
    Open,
    /// It may have been committed.
    Committing,
}

impl UnitConn {
    /// Returns whether no unit of work can have this connection.
    pub(super) fn is_broken(&mut self) -> bool {
        self.transaction != Transaction::None || self.conn.is_broken()
    }

    /// Returns whether it is certain that a transaction whose [commit](Self::commit) failed has no effect.
    pub(super) fn has_rolled_back(&self) -> bool {
        self.transaction != Transaction::Committing
    }

    /// Runs statements in the transaction, which begins if it has not yet.
    pub(super) async fn run(&mut self, statements: Vec<DeferredStatement>) -> QueryResult<()> {
        let begin = self.begin();
        let conn = &self.conn;
        let begin = begin.into_iter().map(|begin| begin.run(conn));
        in_order(begin.chain(statements.iter().map(|it| it(conn))).collect()).await
    }

    /// Runs statements in the transaction, which begins if it has not yet, and commits it.
    pub(super) async fn commit(
        &mut self,
        statements: impl Iterator<Item = &DeferredStatement> + Send,
    ) -> QueryResult<()> {
        let begin = self.begin();
        // Stays so if this is given up in the middle.
        self.transaction = Transaction::Committing;
        let (conn, has_failed) = (&self.conn, &AtomicBool::new(false));
        let (is_sent, is_over) = (&AtomicBool::new(false), &AtomicBool::new(false));
        let has_not_begun = &AtomicBool::new(false);
        let commit = async move {
            // What cannot be sent has failed by now, and what the server refuses makes it roll back.
            if has_failed.load(Ordering::Relaxed) {
                return Err(Error::RollbackTransaction);
            }
            is_sent.store(true, Ordering::Relaxed);
            COMMIT.run(conn).await?;
            is_over.store(true, Ordering::Relaxed);
            Ok(())
        };
        let begin = begin.into_iter().map(|begin| noted(begin.run(conn), has_not_begun).boxed());
        let statements = begin.chain(statements.map(|it| it(conn)));
        let all =
            statements.map(|it| noted(it, has_failed).boxed()).chain([commit.boxed()]).collect();
        let result = in_order(all).await;
        // Without a beginning, the server may have kept each statement by itself.
        if !has_not_begun.load(Ordering::Relaxed) {
            if is_over.load(Ordering::Relaxed) {
                self.transaction = Transaction::None;
            } else if !is_sent.load(Ordering::Relaxed) {
                self.transaction = Transaction::Open;
            }
        }
        result
    }

    fn begin(&mut self) -> Option<Command> {
        let has_begun = self.transaction != Transaction::None;
        self.transaction = Transaction::Open;
        (!has_begun).then_some(BEGIN)
    }
}

async fn noted(
    statement: BoxFuture<'_, QueryResult<()>>,
    has_failed: &AtomicBool,
) -> QueryResult<()> {
    let result = statement.await;
    has_failed.fetch_or(result.is_err(), Ordering::Relaxed);
    result
}

/// Sends statements one after another without waiting for answers in between. Returns the first error: those of the
/// statements after it only say that the transaction has failed.
async fn in_order(statements: Vec<BoxFuture<'_, QueryResult<()>>>) -> QueryResult<()> {
    let mut waiting: Vec<_> = statements.into_iter().map(maybe_done).collect();
    // Diesel sends a statement when it is first polled, or after those that were polled before it if one of them has to
    // be prepared.
    poll_fn(|cx| {
        let mut done = Poll::Ready(());
        for statement in &mut waiting {
            if Pin::new(statement).poll(cx).is_pending() {
                done = Poll::Pending;
            }
        }
        done
    })
    .await;
    waiting.iter_mut().filter_map(|it| Pin::new(it).take_output()).collect()
}

/// Opens and checks connections for the pool.
pub(super) struct Manager(pub(super) Arc<Connector>);

impl bb8::ManageConnection for Manager {
    type Connection = UnitConn;
    type Error = ConnectionError;

    async fn connect(&self) -> Result<UnitConn, ConnectionError> {
        Ok(UnitConn { conn: self.0.connect().await?.into_diesel(), transaction: Transaction::None })
    }

    async fn is_valid(&self, _: &mut UnitConn) -> Result<(), ConnectionError> {
        Ok(())
    }

    fn has_broken(&self, conn: &mut UnitConn) -> bool {
        conn.is_broken()
    }
}
