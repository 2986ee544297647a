//! Which processes run the jobs of a database, so that the leases of those that are gone can be told from others.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
};

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tollgate_domain::store_error::StoreError;

/// A lock beside the database, which every process that runs jobs shares from its first claim on. The system releases it
/// when the process ends, in whatever way.
#[derive(Debug, Clone)]
pub(super) struct Claimant(Arc<State>);

#[derive(Debug)]
struct State {
    path: PathBuf,
    lock: Mutex<Lock>,
}

#[derive(Debug)]
enum Lock {
    /// This process has claimed no job yet.
    NotTaken,
    /// The file is kept open while this process holds the lock.
    Shared { _file: File },
    /// The system has no such lock, so that leases end by time.
    Impossible,
}

impl Claimant {
    /// Creates the lock of the database at `path`, without taking it.
    pub(super) fn new(path: &Path) -> Self {
        let mut file = path.as_os_str().to_owned();
        file.push("-jobs");
        Self(Arc::new(State { path: file.into(), lock: Mutex::new(Lock::NotTaken) }))
    }

    /// Returns whether this process may claim jobs. Before its first claim it takes its share of the lock; if no other
    /// process has one, all leases belong to processes that are gone, and `end_leases` comes first.
    pub(super) async fn may_claim<'a>(
        &self,
        end_leases: impl FnOnce() -> BoxFuture<'a, Result<(), StoreError>> + Send,
    ) -> Result<bool, StoreError> {
        let mut lock = self.0.lock.lock().await;
        if matches!(*lock, Lock::NotTaken) {
            *lock = self.take(end_leases).await?;
        }
        Ok(!matches!(*lock, Lock::NotTaken))
    }

    /// Takes a share of the lock, unless another process ends leases at this moment: it would end that of a job which
    /// this process claims.
    async fn take<'a>(
        &self,
        end_leases: impl FnOnce() -> BoxFuture<'a, Result<(), StoreError>> + Send,
    ) -> Result<Lock, StoreError> {
        let file = File::options().create(true).truncate(false).write(true).open(&self.0.path);
        let Ok(file) = file else { return Ok(Lock::Impossible) };
        match file.try_lock() {
            Ok(()) => {
                end_leases().await?;
                // A process that comes between ends no lease: this one has none before it has its share.
                let _ = file.unlock();
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(_)) => return Ok(Lock::Impossible),
        }
        Ok(match file.try_lock_shared() {
            Ok(()) => Lock::Shared { _file: file },
            Err(TryLockError::WouldBlock) => Lock::NotTaken,
            Err(TryLockError::Error(_)) => Lock::Impossible,
        })
    }
}
