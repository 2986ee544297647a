//! How many connections the process can hold.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for everything but connections: the database, the log, mail servers, Stripe and the runtime.
const RESERVED: u64 = 48;
/// More connections than this are not taken, whatever the system allows.
const MAX_CONNECTIONS: u64 = 20_000;
/// With fewer descriptors than this, clients that wait for their turn delay the checks of those who watch the server.
const FEW: u64 = 256;
/// Where the system sets no limit.
const UNLIMITED: u64 = 1 << 16;

static OPEN: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn open() -> usize {
    OPEN.load(Ordering::Relaxed)
}

/// A connection that counts as open until this is dropped.
pub(super) struct Open(());

impl Open {
    pub(super) fn begin() -> Self {
        OPEN.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the process can hold at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// Open connections.
    pub(crate) connections: usize,
    /// Bodies that are being received. Fewer, so that slow ones leave room for other requests.
    pub(crate) bodies: usize,
}

impl Capacity {
    /// Raises the limit of descriptors as far as the system allows, and returns what fits in it. Warns if that is little.
    pub(crate) fn of_process() -> Self {
        let limit = getrlimit(Resource::Nofile);
        let wanted = limit.maximum.unwrap_or(UNLIMITED).min(UNLIMITED);
        let mut current = limit.current.unwrap_or(UNLIMITED);
        if current < wanted {
            let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
            if setrlimit(Resource::Nofile, raised).is_ok() {
                current = wanted;
            }
        }
        let capacity = Self::of(current);
        if current < FEW {
            tracing::warn!(
                descriptors = current,
                connections = capacity.connections,
                "few file descriptors, so clients may wait for one another: allow at least {FEW} (ulimit -n, LimitNOFILE)"
            );
        }
        capacity
    }

    /// Returns the capacity of so many descriptors: of each two, one is for a connection and one for the file that it may
    /// send.
    fn of(descriptors: u64) -> Self {
        let connections = descriptors.saturating_sub(RESERVED) / 2;
        let connections = connections.clamp(8, MAX_CONNECTIONS);
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        Self { connections, bodies: connections / 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_everything_else() {
        for (descriptors, connections) in [(32, 8), (160, 56), (1_024, 488), (1_048_576, 20_000)] {
            assert_eq!(Capacity::of(descriptors).connections, connections, "{descriptors}");
        }
    }
}
