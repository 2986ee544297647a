//! Deletion of the objects of abandoned uploads and of deleted files.

use std::sync::Arc;

use futures_util::StreamExt;

use super::{
    FileError,
    ports::{FileReads, FileStore, ObjectUse},
};
use crate::{
    clock::{DAY_SECONDS, plus_seconds},
    id::FileId,
    jobs::{Finish, Outcome},
    opaque_debug::opaque_debug,
    store::Runtime,
};

/// How long objects without a row are kept, in seconds. They are kept for a day, since the database may
/// have been restored to an earlier state.
const STRAYS_KEPT_SECONDS: i64 = DAY_SECONDS;
/// The number of objects that are looked up at once.
const BATCH: usize = 100;

/// Deletes objects that are no longer needed.
#[derive(Clone)]
pub struct FileSweep {
    runtime: Runtime,
    reads: Arc<dyn FileReads>,
    objects: Arc<dyn FileStore>,
}

impl FileSweep {
    /// Creates the use case.
    pub fn new(runtime: Runtime, reads: Arc<dyn FileReads>, objects: Arc<dyn FileStore>) -> Self {
        Self { runtime, reads, objects }
    }

    /// Deletes the object of a deleted file, or of an upload whose lease has ended. The row is forgotten
    /// last, so that the deletion is repeated after a crash in between.
    pub async fn clear(&self, id: FileId) -> Result<Finish, FileError> {
        let mut unit = self.runtime.begin().await?;
        match unit.files().retire_lapsed(id, self.runtime.now()).await? {
            ObjectUse::InUse => return Ok(Finish::done()),
            ObjectUse::Uploading { until } => return Ok(Finish::of(Outcome::NotBefore(until))),
            ObjectUse::Retired => unit.commit().await?,
        }
        self.objects.delete(id).await?;
        let mut unit = self.runtime.begin().await?;
        unit.files().forget(id).await?;
        Ok(Finish::done().within(unit))
    }

    /// Deletes objects without a row, and returns their number. Normally there are none: an upload would
    /// have to lose its lease and crash before it noticed.
    pub async fn delete_strays(&self) -> Result<usize, FileError> {
        let mut parts = self.objects.list().await?.ready_chunks(BATCH);
        let mut count = 0;
        while let Some(part) = parts.next().await {
            let ids = part.into_iter().collect::<Result<Vec<_>, _>>()?;
            count += self.delete_unknown(ids).await?;
        }
        Ok(count)
    }

    async fn delete_unknown(&self, mut ids: Vec<FileId>) -> Result<usize, FileError> {
        let latest = plus_seconds(self.runtime.now(), -STRAYS_KEPT_SECONDS);
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

opaque_debug!(FileSweep);
