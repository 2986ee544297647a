//! Units of work.

use std::{mem, sync::Arc};

use diesel::{QueryResult, pg::Pg, query_builder::QueryFragment};
use diesel_async::AsyncConnectionCore;
use futures_util::{FutureExt, future::BoxFuture};
use tollgate_domain::store_error::StoreError;

use super::{
    Conn,
    group_commit::{GroupCommit, GroupOutcome},
    pool::{Begun, Units},
    transaction::DeferredStatement,
};
use crate::{
    cached::CachedStatement,
    sums::{SumPlace, Sums},
    wakeup::UnitWakeup,
};

/// A unit of work. It takes a connection when the result of a statement is asked for, or when it is committed.
pub(crate) struct Unit {
    units: Units,
    groups: Arc<GroupCommit>,
    later: Vec<DeferredStatement>,
    sums: Sums<DeferredStatement>,
    begun: Option<Begun>,
    /// Whether a statement has failed. The server would answer a commit as if nothing were wrong, and roll back.
    failed: bool,
    pub(super) wakeup: UnitWakeup,
}

impl Unit {
    /// Creates a unit of work, which takes no connection yet.
    pub(super) fn new(units: Units, groups: Arc<GroupCommit>, wakeup: UnitWakeup) -> Self {
        let (later, sums) = (Vec::new(), Sums::new());
        Self { units, groups, later, sums, begun: None, failed: false, wakeup }
    }

    /// Adds a statement whose result is not needed. It runs before the next statement whose result is asked for, or at the commit. Its
    /// error is returned there.
    pub(crate) fn add<S>(&mut self, statement: S)
    where
        S: QueryFragment<Pg> + Send + Sync + 'static,
    {
        self.later.push(deferred(statement));
    }

    /// Adds a statement that adds to a sum of a day. It runs when the unit is committed.
    pub(crate) fn add_sum<S>(&mut self, place: SumPlace, statement: S)
    where
        S: QueryFragment<Pg> + Send + Sync + 'static,
    {
        self.sums.add(place, deferred(statement));
    }

    /// Runs a query, after the statements that were added before it.
    pub(super) async fn run<T, F>(&mut self, query: F) -> Result<T, StoreError>
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

    /// Runs the statements that are left, and commits.
    pub(super) async fn finish(self) -> Result<(), StoreError> {
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

fn deferred<S>(statement: S) -> DeferredStatement
where
    S: QueryFragment<Pg> + Send + Sync + 'static,
{
    Box::new(move |mut conn| {
        let done = conn.execute_returning_count(CachedStatement(&statement));
        async { done.await.map(drop) }.boxed()
    })
}

fn has_failed() -> StoreError {
    StoreError::Unavailable("an earlier statement of the unit of work has failed".into())
}
