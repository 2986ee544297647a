//! Group commit: units of work that only write, and that wait at the same time, are committed in one transaction.
//!
//! Most of what such a unit costs is a transaction of its own: a connection that wakes up, a beginning, and an end that
//! is made durable. If a statement fails, the whole transaction is rolled back and each unit runs by itself, so that
//! whether a unit is kept depends on itself alone.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};
use tollgate_domain::store_error::StoreError;

use super::{
    MAX_WAIT, MAX_WAIT_FOR_TURN, connection::Connector, pool::Units, transaction::DeferredStatement,
};
use crate::{error::OpenError, waiting::Counted};

/// The number of transactions at the same time. While one is made durable, the next one runs.
pub(super) const AT_ONCE: u16 = 2;
/// The most units that are committed together.
const MAX_TOGETHER: usize = 64;
/// The most statements of such a unit. One with more, such as the views of some seconds, would hold up the others.
const MAX_STATEMENTS: usize = 16;
/// How long a statement waits for a lock that a unit elsewhere holds. After that its own unit alone waits.
const MAX_WAIT_FOR_LOCK: &str = "lock_timeout=50";

/// Commits units of work that only write.
pub(super) struct GroupCommit {
    units: Units,
    waiting: Mutex<VecDeque<(WaitingUnit, Counted)>>,
    /// One permit for each task that commits.
    committers: Arc<Semaphore>,
}

/// A unit of work that only writes.
struct WaitingUnit {
    statements: Vec<DeferredStatement>,
    sender: oneshot::Sender<Result<GroupOutcome, StoreError>>,
}

/// What became of a unit.
pub(super) enum GroupOutcome {
    Committed,
    /// These statements of the unit have had no effect. It has to run by itself.
    NotCommitted(Vec<DeferredStatement>),
}

impl GroupCommit {
    pub(super) async fn new(connector: &Connector) -> Result<Self, OpenError> {
        let connector = connector.with_option(MAX_WAIT_FOR_LOCK);
        Ok(Self {
            units: Units::new(connector, AT_ONCE).await?,
            waiting: Mutex::default(),
            committers: Arc::new(Semaphore::new(usize::from(AT_ONCE))),
        })
    }

    /// Runs the statements of a unit and commits it, together with others that wait. An error means that it is not
    /// known whether the unit was committed.
    pub(super) async fn commit(
        self: &Arc<Self>,
        statements: Vec<DeferredStatement>,
    ) -> Result<GroupOutcome, StoreError> {
        if statements.len() > MAX_STATEMENTS {
            return Ok(GroupOutcome::NotCommitted(statements));
        }
        let (sender, outcome) = oneshot::channel();
        self.queue().push_back((WaitingUnit { statements, sender }, Counted::waiting()));
        if let Ok(permit) = self.committers.clone().try_acquire_owned() {
            // A caller that goes away must not take the others' units with it.
            self.units.connector.spawn(self.clone().commit_all(permit));
        }
        timeout(MAX_WAIT_FOR_TURN + MAX_WAIT, outcome)
            .await
            .map_err(|_| StoreError::Unavailable("too many units of work are waiting".into()))?
            .map_err(|_| StoreError::Unavailable("the unit of work was given up".into()))?
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<(WaitingUnit, Counted)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits units until none waits.
    async fn commit_all(self: Arc<Self>, mut permit: OwnedSemaphorePermit) {
        loop {
            loop {
                let units = self.next();
                if units.is_empty() {
                    break;
                }
                self.commit_together(units).await;
            }
            drop(permit);
            // A unit that was queued while all permits were taken has started no task.
            if self.queue().is_empty() {
                return;
            }
            match self.committers.clone().try_acquire_owned() {
                Ok(again) => permit = again,
                Err(_) => return,
            }
        }
    }

    /// Takes the units of the next transaction, without those whose requests were cancelled.
    fn next(&self) -> Vec<WaitingUnit> {
        let mut queue = self.queue();
        let together = queue.len().min(MAX_TOGETHER);
        let units = queue.drain(..together).map(|(unit, _)| unit);
        units.filter(|unit| !unit.sender.is_closed()).collect()
    }

    async fn commit_together(&self, units: Vec<WaitingUnit>) {
        let not_committed = |statements| Ok(GroupOutcome::NotCommitted(statements));
        // There may be connections for single units.
        let Ok(mut begun) = self.units.begin().await else {
            return answer_all(units, not_committed);
        };
        let statements = units.iter().flat_map(|unit| &unit.statements);
        match self.units.connector.in_time(begun.conn.commit(statements)).await {
            Ok(()) => answer_all(units, |_| Ok(GroupOutcome::Committed)),
            Err(_) if begun.conn.has_rolled_back() => answer_all(units, not_committed),
            Err(error) => answer_all(units, |_| Err(error.clone())),
        }
    }
}

/// Answers the callers of units with what `outcome` makes of their statements.
fn answer_all(
    units: Vec<WaitingUnit>,
    outcome: impl Fn(Vec<DeferredStatement>) -> Result<GroupOutcome, StoreError>,
) {
    for WaitingUnit { statements, sender } in units {
        let _ = sender.send(outcome(statements));
    }
}
