//! Units of work.

use std::{mem, sync::mpsc};

use diesel::QueryResult;
use diesel_async::{RunQueryDsl, methods::ExecuteDsl};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::oneshot;
use tollgate_domain::store_error::StoreError;

use super::{
    Conn, SqliteStore,
    fence::UnitFence,
    gone,
    statements::{DeferredStatement, finish, run_all},
    writer::{Last, Step},
};
use crate::{
    cached::CachedStatement,
    error::store_error,
    sums::{SumPlace, Sums},
    wakeup::UnitWakeup,
};

/// A unit of work. It takes its turn on the writer's thread when the result of a statement is asked for, and is else
/// handed over as a whole when it is committed.
pub(crate) struct Unit {
    store: SqliteStore,
    later: Vec<DeferredStatement>,
    sums: Sums<DeferredStatement>,
    begun: Option<Steps>,
    pub(super) wakeup: UnitWakeup,
}

/// A turn on the writer's thread.
pub(super) struct Steps {
    // Dropped before `steps`, so that reads wait before the writer can go on.
    pub(super) fence: Option<UnitFence>,
    pub(super) steps: mpsc::Sender<Step>,
}

impl Unit {
    /// Creates a unit of work, which takes no turn yet.
    pub(super) fn new(store: SqliteStore, wakeup: UnitWakeup) -> Self {
        Self { store, later: Vec::new(), sums: Sums::new(), begun: None, wakeup }
    }

    /// Adds a statement whose result is not needed. It runs before the next statement whose result is asked for, or at the commit. Its
    /// error is returned there.
    pub(crate) fn add<S>(&mut self, statement: S)
    where
        CachedStatement<S>: ExecuteDsl<Conn>,
        S: Send + 'static,
    {
        self.later.push(deferred(statement));
    }

    /// Adds a statement that adds to a sum of a day. It runs when the unit is committed.
    pub(crate) fn add_sum<S>(&mut self, place: SumPlace, statement: S)
    where
        CachedStatement<S>: ExecuteDsl<Conn>,
        S: Send + 'static,
    {
        self.sums.add(place, deferred(statement));
    }

    /// Runs a query, after the statements that were added before it.
    pub(super) async fn run<T, F>(&mut self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        let begun = match &self.begun {
            Some(begun) => begun,
            None => self.begun.insert(self.store.begin_steps().await?),
        };
        let earlier = mem::take(&mut self.later);
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move |conn: &mut Conn| {
            let result = run_all(earlier, conn).and_then(|()| finish(query(conn)));
            let goes_on = result.as_ref().err().is_none_or(is_harmless);
            let _ = answer.send(result);
            goes_on
        });
        begun.steps.send(Step::Run(work)).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?.map_err(store_error)
    }

    /// Runs the statements that are left, and commits.
    pub(super) async fn finish(self) -> Result<(), StoreError> {
        let Self { store, mut later, sums, begun, wakeup } = self;
        later.extend(sums.in_order());
        match begun {
            None if later.is_empty() => {}
            None => {
                store.write(|conn| std::future::ready(run_all(later, conn)).boxed()).await?;
            }
            Some(Steps { fence, steps }) => {
                let (done, is_done) = oneshot::channel();
                // The writer lifts the fence. If the caller is cancelled while it waits, other units may join the transaction,
                // and their reads must not wait for it.
                steps.send(Step::Commit(Last { later, fence, done })).map_err(|_| gone())?;
                is_done.await.map_err(|_| gone())??;
            }
        }
        wakeup.committed();
        Ok(())
    }
}

fn deferred<S>(statement: S) -> DeferredStatement
where
    CachedStatement<S>: ExecuteDsl<Conn>,
    S: Send + 'static,
{
    Box::new(|conn| async { CachedStatement(statement).execute(conn).await.map(drop) }.boxed())
}

/// Returns whether a unit can go on after an error, which is about reading and not about the database.
const fn is_harmless(error: &diesel::result::Error) -> bool {
    matches!(error, diesel::result::Error::DeserializationError(_))
}
