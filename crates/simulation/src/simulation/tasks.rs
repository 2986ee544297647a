//! The operations that are under way.

use std::{future::Future, pin::Pin, task::Poll};

use tollgate_domain_testing::SeededRandom;

use super::Simulation;
use crate::{
    machine::{Driver, Gates, ReplicaId, Request},
    violation::Violation,
};

/// An operation of a replica. It ends with what the model is told of its outcome.
pub(crate) type Operation = Pin<Box<dyn Future<Output = Done> + Send>>;

/// Tells the model of an operation's outcome. The flag says whether nothing disturbed the operation: no
/// other operation, no fault and nothing else that changed.
pub(crate) type Done = Box<dyn FnOnce(&mut Simulation, bool) -> Result<(), Violation> + Send>;

/// Who an operation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// It ends when the process of this replica ends.
    Replica(ReplicaId),
    /// It is on its way to the provider.
    Network,
}

struct Task {
    id: u64,
    owner: Owner,
    is_undisturbed: bool,
    operation: Operation,
}

/// The operations that are under way.
#[derive(Default)]
pub(crate) struct Tasks {
    tasks: Vec<Task>,
    last_id: u64,
}

impl Tasks {
    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Begins an operation. `is_calm` says whether nothing is told to fail.
    pub(crate) fn begin(&mut self, owner: Owner, operation: Operation, is_calm: bool) {
        self.disturb();
        self.last_id += 1;
        let is_undisturbed = is_calm && self.tasks.is_empty();
        self.tasks.push(Task { id: self.last_id, owner, is_undisturbed, operation });
    }

    /// Takes over requests whose senders have stopped waiting.
    pub(crate) fn take_over(&mut self, requests: Vec<Request>) {
        for request in requests {
            let operation = async move {
                request.await;
                let done: Done = Box::new(|_, _| Ok(()));
                done
            };
            self.begin(Owner::Network, Box::pin(operation), false);
        }
    }

    /// Notes that something changes while operations are under way.
    pub(crate) fn disturb(&mut self) {
        for task in &mut self.tasks {
            task.is_undisturbed = false;
        }
    }

    /// Lets one operation go on, and returns its outcome if it ended.
    pub(crate) fn advance(
        &mut self,
        random: &SeededRandom,
        driver: &Driver,
        gates: &Gates,
    ) -> Option<(Done, bool)> {
        let count = u64::try_from(self.tasks.len()).ok().filter(|count| *count > 0)?;
        let chosen = usize::try_from(random.below(count)).ok()?;
        let task = self.tasks.get_mut(chosen)?;
        gates.enter(task.id);
        match driver.advance(task.operation.as_mut(), gates) {
            Poll::Pending => None,
            Poll::Ready(done) => Some((done, self.tasks.remove(chosen).is_undisturbed)),
        }
    }

    /// Ends all operations where they are.
    pub(crate) fn clear(&mut self) {
        self.tasks.clear();
    }

    /// Ends the operations of a replica where they are.
    pub(crate) fn kill(&mut self, replica: ReplicaId) {
        self.disturb();
        self.tasks.retain(|task| task.owner != Owner::Replica(replica));
    }
}
