//! Whether the server can be reached, so that requests do not wait for one that is known to be away.

use std::{
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};

use tokio::sync::watch;
use tollgate_domain::store_error::StoreError;

/// The pause between two attempts to reach a server that is away.
pub(super) const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(250);

/// What is known of the server.
#[derive(Debug)]
pub(super) struct Reachability {
    is_away: watch::Sender<bool>,
    /// When the server of the newest connection was started, which tells it from every other server. Every
    /// new connection is to a server that takes writes.
    newest: AtomicI64,
    /// Whether the server is being tried, since it did not answer.
    is_probed: AtomicBool,
}

impl Default for Reachability {
    fn default() -> Self {
        Self {
            is_away: watch::Sender::new(false),
            newest: AtomicI64::new(0),
            is_probed: AtomicBool::new(false),
        }
    }
}

impl Reachability {
    /// Returns whether to try the server: no other request does, and it is not known to be away.
    pub(super) fn begin_probe(&self) -> bool {
        !self.is_away() && !self.is_probed.swap(true, Ordering::AcqRel)
    }

    /// Records that the server was tried.
    pub(super) fn end_probe(&self) {
        self.is_probed.store(false, Ordering::Release);
    }

    /// Records that the server did not answer, and returns whether that is news.
    pub(super) fn mark_unreachable(&self) -> bool {
        !self.is_away.send_replace(true)
    }

    /// Records a new connection.
    pub(super) fn mark_reachable(&self, server: i64) {
        self.newest.store(server, Ordering::Release);
        self.is_away.send_replace(false);
    }

    /// Records that a server turned out to take no writes: its other connections are not to be used.
    pub(super) fn mark_read_only(&self) {
        self.newest.store(0, Ordering::Release);
    }

    /// Returns whether new connections lead to this server.
    pub(super) fn is_newest(&self, server: i64) -> bool {
        self.newest.load(Ordering::Acquire) == server
    }

    /// Waits for what needs the server, until the server is away.
    pub(super) async fn unless_unreachable<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut away = self.is_away.subscribe();
        tokio::select! {
            biased;
            _ = away.wait_for(|is_away| *is_away) => {
                Err(StoreError::Unavailable("the database cannot be reached".into()))
            }
            done = work => done,
        }
    }

    /// Returns whether the server did not answer when it was last tried.
    pub(super) fn is_away(&self) -> bool {
        *self.is_away.borrow()
    }
}
