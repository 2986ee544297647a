//! Gates: the points at which an operation can be interrupted, and where its process can die.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tollgate_domain::store_error::StoreError;
use tollgate_domain_testing::yield_now;

use crate::violation::{Rule, Violation};

/// The number of replicas.
pub(crate) const REPLICAS: usize = 3;

/// The number of a replica.
pub(crate) type ReplicaId = usize;

/// How a commit fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitFault {
    /// Nothing is stored.
    Fails,
    /// Everything is stored, and the answer is lost.
    LosesAnswer,
}

/// The gates of all replicas. One unit of work is open at a time, as with the one writer of a database.
#[derive(Debug, Default)]
pub(crate) struct Gates(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The task that runs now.
    current: u64,
    /// The task that has the open unit of work.
    holder: Option<u64>,
    /// Whether the task that runs has come to a gate.
    is_at_gate: bool,
    /// After how many further gates each replica dies.
    deaths: [Option<u32>; REPLICAS],
    commit_faults: [VecDeque<CommitFault>; REPLICAS],
    /// Whether each replica has lost its connection to the database.
    cut_off: [bool; REPLICAS],
    violation: Option<Violation>,
}

/// The right to have the open unit of work, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn(Arc<Gates>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.state().holder = None;
    }
}

impl Gates {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets others go first, or ends the replica's process here.
    pub(crate) async fn pass(&self, replica: ReplicaId) {
        {
            let mut state = self.state();
            state.is_at_gate = true;
            if let Some(Some(left)) = state.deaths.get_mut(replica) {
                *left = left.saturating_sub(1);
            }
        }
        yield_now().await;
    }

    /// Waits until no unit of work is open.
    pub(crate) async fn turn(self: &Arc<Self>) -> Turn {
        loop {
            {
                let mut state = self.state();
                if state.holder.is_none() {
                    state.holder = Some(state.current);
                    return Turn(self.clone());
                }
                state.is_at_gate = true;
            }
            yield_now().await;
        }
    }

    /// Notes that the task that runs calls something remote.
    pub(crate) fn remote_call(&self, call: &str) {
        let mut state = self.state();
        if state.holder == Some(state.current) {
            let broken = Rule::NoRemoteCallInUnit.broken(call);
            state.violation.get_or_insert(broken);
        }
    }

    /// The store answers nothing while its replica is cut off.
    pub(crate) fn connected(&self, replica: ReplicaId) -> Result<(), StoreError> {
        if self.state().cut_off.get(replica).copied().unwrap_or_default() {
            return Err(StoreError::Unavailable("the database cannot be reached".into()));
        }
        Ok(())
    }

    /// How the next commit of a replica fails, if it does.
    pub(crate) fn commit_fault(&self, replica: ReplicaId) -> Option<CommitFault> {
        self.state().commit_faults.get_mut(replica)?.pop_front()
    }

    /// Makes the next commit of a replica fail.
    pub(crate) fn fail_commit(&self, replica: ReplicaId, fault: CommitFault) {
        if let Some(faults) = self.state().commit_faults.get_mut(replica) {
            faults.push_back(fault);
        }
    }

    /// Cuts a replica off from the database, or connects it again.
    pub(crate) fn cut_off(&self, replica: ReplicaId, is_cut_off: bool) {
        if let Some(it) = self.state().cut_off.get_mut(replica) {
            *it = is_cut_off;
        }
    }

    /// Has a replica die at the gate after `passes` further ones.
    pub(crate) fn doom(&self, replica: ReplicaId, passes: u32) {
        if let Some(death) = self.state().deaths.get_mut(replica) {
            *death = Some(passes + 1);
        }
    }

    /// Returns a replica that has to die now.
    pub(crate) fn take_dead(&self) -> Option<ReplicaId> {
        let mut state = self.state();
        let dead = state.deaths.iter().position(|left| *left == Some(0))?;
        if let Some(death) = state.deaths.get_mut(dead) {
            *death = None;
        }
        Some(dead)
    }

    /// Returns whether a unit of work is open.
    pub(crate) fn is_unit_open(&self) -> bool {
        self.state().holder.is_some()
    }

    /// Returns whether nothing is told to fail.
    pub(crate) fn is_calm(&self) -> bool {
        let state = self.state();
        state.deaths.iter().all(Option::is_none)
            && state.commit_faults.iter().all(VecDeque::is_empty)
            && !state.cut_off.contains(&true)
    }

    /// Forgets everything that was told to fail.
    pub(crate) fn heal(&self) {
        let mut state = self.state();
        state.deaths = Default::default();
        state.commit_faults = Default::default();
        state.cut_off = Default::default();
    }

    /// Notes which task runs from now on.
    pub(crate) fn enter(&self, task: u64) {
        let mut state = self.state();
        state.current = task;
        state.is_at_gate = false;
    }

    /// Returns whether the task that runs has come to a gate.
    #[cfg(feature = "stores")]
    pub(crate) fn is_at_gate(&self) -> bool {
        self.state().is_at_gate
    }

    /// Returns what an adapter found to be wrong.
    pub(crate) fn decision(&self) -> Result<(), Violation> {
        self.state().violation.clone().map_or(Ok(()), Err)
    }
}
