//! Group commit: units of work that only write, and that wait at the same time, are committed in one transaction.
//!
//! Most of what such a unit costs is a transaction of its own: a connection that wakes up, a beginning, and an end that
//! is made durable. If a statement fails, the whole transaction is rolled back and each unit runs by itself, so that
//! whether a unit is kept depends on itself alone.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tollgate_domain::store_error::StoreError;

use super::{Units, connection::Connector, transaction::DeferredStatement};
use crate::{error::OpenError, waiting::Waiting};

/// The number of transactions at the same time. While one is made durable, the next one runs.
const AT_ONCE: u16 = 2;
/// The most units that are committed together.
const MAX_TOGETHER: usize = 64;
/// How long a statement waits for a lock that a unit elsewhere holds. After that its own unit alone waits.
const MAX_WAIT_FOR_LOCK: &str = "lock_timeout=50";

/// Commits units of work that only write.
pub(super) struct GroupCommit {
    units: Units,
    waiting: Mutex<VecDeque<(PureWrites, Waiting)>>,
    /// One permit for each task that commits.
    committers: Arc<Semaphore>,
}

/// A unit of work that only writes.
struct PureWrites {
    statements: Vec<DeferredStatement>,
    told: oneshot::Sender<Result<Fate, StoreError>>,
}

/// What became of a unit.
pub(super) enum Fate {
    Committed,
    /// The transaction was rolled back. The unit has to run by itself.
    Alone(Vec<DeferredStatement>),
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
    /// known whether the unit was committed, or that there is no connection.
    pub(super) async fn commit(
        self: &Arc<Self>,
        statements: Vec<DeferredStatement>,
    ) -> Result<Fate, StoreError> {
        let (told, fate) = oneshot::channel();
        self.queue().push_back((PureWrites { statements, told }, Waiting::begin()));
        if let Ok(permit) = self.committers.clone().try_acquire_owned() {
            // A caller that goes away must not take the others' units with it.
            self.units.connector.spawn(self.clone().commit_all(permit));
        }
        fate.await.map_err(|_| StoreError::Unavailable("the unit of work was given up".into()))?
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<(PureWrites, Waiting)>> {
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
            // A unit that came before the permit was free has found none for a task of its own.
            if self.queue().is_empty() {
                return;
            }
            match self.committers.clone().try_acquire_owned() {
                Ok(again) => permit = again,
                Err(_) => return,
            }
        }
    }

    /// Takes the units of the next transaction, without those that nobody waits for any more.
    fn next(&self) -> Vec<PureWrites> {
        let mut queue = self.queue();
        let together = queue.len().min(MAX_TOGETHER);
        let units = queue.drain(..together).map(|(unit, _)| unit);
        units.filter(|unit| !unit.told.is_closed()).collect()
    }

    async fn commit_together(&self, units: Vec<PureWrites>) {
        let mut begun = match self.units.begin().await {
            Ok(begun) => begun,
            Err(error) => return tell(units, |_| Err(error.clone())),
        };
        let statements = units.iter().flat_map(|unit| &unit.statements);
        match self.units.connector.in_time(begun.conn.commit(statements)).await {
            Ok(()) => tell(units, |_| Ok(Fate::Committed)),
            Err(_) if begun.conn.has_rolled_back() => {
                tell(units, |statements| Ok(Fate::Alone(statements)));
            }
            Err(error) => tell(units, |_| Err(error.clone())),
        }
    }
}

/// Tells the callers of units what became of them.
fn tell(units: Vec<PureWrites>, fate: impl Fn(Vec<DeferredStatement>) -> Result<Fate, StoreError>) {
    for PureWrites { statements, told } in units {
        let _ = told.send(fate(statements));
    }
}
