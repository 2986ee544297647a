//! Clearing away the objects of uploads that failed and of files that were deleted.

use std::sync::Arc;

use futures_util::StreamExt;

use super::{
    FileError,
    manage::{LEASE_SECONDS, clear},
    ports::{FileQueue, FileReads, FileStore},
};
use crate::{
    clock::{Clock, plus_seconds},
    id::FileId,
    store::Store,
};

/// What one step of the sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweepStep {
    /// Nothing was due.
    Idle,
    /// An object was cleared away.
    Cleared,
}

/// An object that no row knows of is left alone for a day: the database may just have been put back
/// to an earlier state.
const STRAYS_KEPT_SECONDS: i64 = 24 * 3600;
/// How many objects are looked up at once.
const AT_ONCE: usize = 100;

/// The sweep. Any number of replicas may run it.
#[derive(Clone)]
pub struct FileSweep {
    queue: Arc<dyn FileQueue>,
    reads: Arc<dyn FileReads>,
    objects: Arc<dyn FileStore>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl FileSweep {
    /// A sweep of `objects`.
    pub fn new(
        queue: Arc<dyn FileQueue>,
        reads: Arc<dyn FileReads>,
        objects: Arc<dyn FileStore>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { queue, reads, objects, store, clock }
    }

    /// Clears one object away that is due. If it cannot be, it is due again a minute later.
    pub async fn step(&self) -> Result<SweepStep, FileError> {
        let now = self.clock.now();
        let Some(id) = self.queue.claim(now, plus_seconds(now, LEASE_SECONDS)).await? else {
            return Ok(SweepStep::Idle);
        };
        clear(&*self.store, &*self.objects, id).await?;
        Ok(SweepStep::Cleared)
    }

    /// Deletes objects that no row knows of, and tells how many there were. There should be none: an
    /// upload would have to lose its claim and then crash before it noticed.
    pub async fn strays(&self) -> Result<usize, FileError> {
        let mut parts = self.objects.list().await?.ready_chunks(AT_ONCE);
        let mut count = 0;
        while let Some(part) = parts.next().await {
            let ids = part.into_iter().collect::<Result<Vec<_>, _>>()?;
            count += self.delete_unknown(ids).await?;
        }
        Ok(count)
    }

    async fn delete_unknown(&self, mut ids: Vec<FileId>) -> Result<usize, FileError> {
        let latest = plus_seconds(self.clock.now(), -STRAYS_KEPT_SECONDS);
        ids.retain(|id| id.made_at() < latest);
        if ids.is_empty() {
            return Ok(0);
        }
        let known = self.reads.known(&ids).await?;
        let mut count = 0;
        for id in ids.into_iter().filter(|id| !known.contains(id)) {
            self.objects.delete(id).await?;
            tracing::warn!(file = %id, "deleted an object that no file has");
            count += 1;
        }
        Ok(count)
    }
}

impl std::fmt::Debug for FileSweep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileSweep")
    }
}
