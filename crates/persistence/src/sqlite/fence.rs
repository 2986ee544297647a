//! Keeps reads from being older than what a unit of work has seen.
//!
//! A unit that runs in one transaction with others sees what those have written before that is durable, and before
//! readers see it. If the unit then ends without a commit, nothing makes its caller wait for the transaction, and
//! the caller's next read would find the state from before.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::watch;

/// What reads wait for: the end of a transaction, by its number.
#[derive(Debug, Clone)]
pub(super) struct Fence(Arc<State>);

#[derive(Debug)]
struct State {
    /// The last transaction that reads wait for; 0 for none.
    wanted: AtomicU64,
    /// The last transaction that has ended.
    ended: watch::Sender<u64>,
}

impl Fence {
    pub(super) fn new() -> Self {
        Self(Arc::new(State { wanted: AtomicU64::new(0), ended: watch::Sender::new(0) }))
    }

    /// Notes that a transaction has ended, durably or not at all.
    pub(super) fn ended(&self, transaction: u64) {
        self.0.ended.send_replace(transaction);
    }

    /// Creates the part of a unit that sees what others have written in this transaction.
    pub(super) fn of_unit(&self, transaction: u64) -> UnitFence {
        UnitFence { fence: self.clone(), transaction }
    }

    /// Waits until readers see all that units which ended without a commit have seen.
    pub(super) async fn pass(&self) {
        let wanted = self.0.wanted.load(Ordering::Acquire);
        if wanted == 0 || *self.0.ended.borrow() >= wanted {
            return;
        }
        // Fails only when the sender is gone, which this holds.
        let _ = self.0.ended.subscribe().wait_for(|ended| *ended >= wanted).await;
    }
}

/// A unit that has seen what is not durable yet. When it is dropped, reads wait.
#[derive(Debug)]
pub(super) struct UnitFence {
    fence: Fence,
    transaction: u64,
}

impl UnitFence {
    /// Takes the fence away, since the unit is being committed and its caller waits by itself.
    pub(super) fn lift(mut self) {
        self.transaction = 0;
    }
}

impl Drop for UnitFence {
    fn drop(&mut self) {
        self.fence.0.wanted.fetch_max(self.transaction, Ordering::AcqRel);
    }
}
