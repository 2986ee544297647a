//! Wakes the runner of jobs when this process has enqueued one.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;
use tollgate_domain::jobs::JobKind;

/// Wakes one waiting task after commits of units of work that enqueued jobs. Commits that come before it waits again wake it
/// once, with the kinds of all of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wakeup(Arc<State>);

#[derive(Debug, Default)]
struct State {
    notify: Notify,
    /// The kinds of the jobs that are not told of yet.
    kinds: Mutex<Vec<JobKind>>,
}

impl Wakeup {
    /// Waits until there was such a commit since the last wait, and returns the kinds of the jobs.
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
