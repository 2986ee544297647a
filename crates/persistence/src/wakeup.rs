//! Wakes the runner of jobs when this process has enqueued one.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;
use tollgate_domain::jobs::JobKind;

/// Wakes one waiting task for each commit of a unit of work that enqueued a job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wakeup(Arc<State>);

#[derive(Debug, Default)]
struct State {
    notify: Notify,
    /// The kinds of the jobs that are not told of yet.
    kinds: Mutex<Vec<JobKind>>,
}

impl Wakeup {
    /// Waits for such a commit, and returns the kinds of its jobs; those that have happened since the last wait count.
    pub(crate) async fn wait(&self) -> Vec<JobKind> {
        self.0.notify.notified().await;
        mem::take(&mut *self.0.kinds.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Creates the part that a unit of work holds.
    pub(crate) fn of_unit(&self) -> UnitWakeup {
        UnitWakeup { wakeup: self.clone(), kinds: Vec::new() }
    }
}

/// The kinds of the jobs that a unit of work has enqueued.
#[derive(Debug)]
pub(crate) struct UnitWakeup {
    wakeup: Wakeup,
    kinds: Vec<JobKind>,
}

impl UnitWakeup {
    /// Notes that the unit has enqueued a job.
    pub(crate) fn add(&mut self, kind: JobKind) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }

    /// Tells who waits for jobs that the unit is committed.
    pub(crate) fn committed(self) {
        if self.kinds.is_empty() {
            return;
        }
        let State { notify, kinds } = &*self.wakeup.0;
        {
            let mut waiting = kinds.lock().unwrap_or_else(PoisonError::into_inner);
            for kind in self.kinds {
                if !waiting.contains(&kind) {
                    waiting.push(kind);
                }
            }
        }
        notify.notify_one();
    }
}
