//! Wakes the runner of jobs when this process has enqueued one.

use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes one waiting task for each commit of a unit of work that enqueued a job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wakeup(Arc<Notify>);

impl Wakeup {
    /// Waits for such a commit; one that has happened since the last wait counts.
    pub(crate) async fn wait(&self) {
        self.0.notified().await;
    }

    /// Creates the part that a unit of work holds.
    pub(crate) fn of_unit(&self) -> UnitWakeup {
        UnitWakeup { wakeup: self.clone(), is_set: false }
    }
}

/// Whether a unit of work has enqueued a job.
#[derive(Debug)]
pub(crate) struct UnitWakeup {
    wakeup: Wakeup,
    is_set: bool,
}

impl UnitWakeup {
    /// Notes that the unit has enqueued a job.
    pub(crate) fn set(&mut self) {
        self.is_set = true;
    }

    /// The unit is committed.
    pub(crate) fn committed(self) {
        if self.is_set {
            self.wakeup.0.notify_one();
        }
    }
}
