//! Whether this process alone runs the jobs of a database, so that the leases of others belong to processes that are gone.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// A lock beside the database, held from the first claim of a job on. The system releases it when the process ends, in
/// whatever way.
#[derive(Debug, Clone)]
pub(super) struct Claimant(Arc<Mutex<State>>);

#[derive(Debug)]
enum State {
    NotClaimed(PathBuf),
    /// The file is kept open while this process holds the lock.
    Claimed {
        _lock: Option<File>,
    },
}

impl Claimant {
    /// Creates the lock of the database at `path`, which nobody holds yet.
    pub(super) fn new(path: &Path) -> Self {
        let mut lock = path.as_os_str().to_owned();
        lock.push("-jobs");
        Self(Arc::new(Mutex::new(State::NotClaimed(lock.into()))))
    }

    /// Returns, at the first call, whether no other process that runs jobs is alive, and makes others know of this one.
    pub(super) fn is_first(&self) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let State::NotClaimed(path) = &*state else { return false };
        // Without the file, leases end by time.
        let file = File::options().create(true).truncate(false).write(true).open(path);
        let lock = file.ok().filter(|file| file.try_lock().is_ok());
        let is_first = lock.is_some();
        *state = State::Claimed { _lock: lock };
        is_first
    }
}
