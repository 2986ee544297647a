//! A file store in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::{locked, yield_now};
use tollgate_domain::{
    files::ports::{FileStore, FileStoreError, ObjectIds, ObjectWriter, OpenObject},
    id::FileId,
};

/// How many bytes come at once.
const CHUNK: usize = 16 * 1024;

/// Keeps objects in memory. Clones share their content. What was begun and not finished stays behind,
/// as after a crash, until it is deleted.
#[derive(Debug, Clone, Default)]
pub struct MemoryFileStore {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    objects: BTreeMap<FileId, Vec<u8>>,
    unfinished: BTreeSet<FileId>,
    down: bool,
    failing_deletes: u32,
}

impl MemoryFileStore {
    /// Creates an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has every call fail while it is down.
    pub fn set_down(&self, down: bool) {
        locked(&self.inner).down = down;
    }

    /// Has the next `count` deletions fail.
    pub fn fail_next_deletes(&self, count: u32) {
        locked(&self.inner).failing_deletes = count;
    }

    /// Puts an object there that no file has.
    pub fn put(&self, id: FileId, content: &[u8]) {
        locked(&self.inner).objects.insert(id, content.to_vec());
    }

    /// Returns the content of an object.
    pub fn content(&self, id: FileId) -> Option<Vec<u8>> {
        locked(&self.inner).objects.get(&id).cloned()
    }

    /// Returns how many objects there are, finished or not.
    pub fn count(&self) -> usize {
        let inner = locked(&self.inner);
        let unseen = inner.unfinished.iter().filter(|id| !inner.objects.contains_key(id));
        inner.objects.len() + unseen.count()
    }

    async fn pass(&self) -> Result<(), FileStoreError> {
        yield_now().await;
        if locked(&self.inner).down {
            return Err(FileStoreError("the file store is down".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl FileStore for MemoryFileStore {
    async fn create(&self, id: FileId) -> Result<Box<dyn ObjectWriter>, FileStoreError> {
        self.pass().await?;
        locked(&self.inner).unfinished.insert(id);
        Ok(Box::new(MemoryWriter { store: self.clone(), id, content: Vec::new() }))
    }

    async fn open(
        &self,
        id: FileId,
        range: Option<Range<u64>>,
    ) -> Result<Option<OpenObject>, FileStoreError> {
        self.pass().await?;
        let Some(content) = self.content(id) else { return Ok(None) };
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        let range = range.unwrap_or(0..size);
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let wanted = content.get(place(range.start)..place(range.end)).unwrap_or_default();
        let chunks: Vec<_> =
            wanted.chunks(CHUNK).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        Ok(Some(OpenObject { size, chunks: stream::iter(chunks).boxed() }))
    }

    async fn size(&self, id: FileId) -> Result<Option<u64>, FileStoreError> {
        self.pass().await?;
        Ok(self.content(id).map(|content| u64::try_from(content.len()).unwrap_or(u64::MAX)))
    }

    async fn delete(&self, id: FileId) -> Result<(), FileStoreError> {
        self.pass().await?;
        let mut inner = locked(&self.inner);
        if inner.failing_deletes > 0 {
            inner.failing_deletes -= 1;
            return Err(FileStoreError("a deletion was told to fail".to_owned()));
        }
        inner.objects.remove(&id);
        inner.unfinished.remove(&id);
        Ok(())
    }

    async fn list(&self) -> Result<ObjectIds, FileStoreError> {
        self.pass().await?;
        let inner = locked(&self.inner);
        let ids: BTreeSet<_> = inner.objects.keys().chain(&inner.unfinished).copied().collect();
        Ok(stream::iter(ids.into_iter().map(Ok)).boxed())
    }
}

struct MemoryWriter {
    store: MemoryFileStore,
    id: FileId,
    content: Vec<u8>,
}

#[async_trait]
impl ObjectWriter for MemoryWriter {
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileStoreError> {
        self.store.pass().await?;
        self.content.extend_from_slice(&chunk);
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), FileStoreError> {
        self.store.pass().await?;
        let mut inner = locked(&self.store.inner);
        inner.unfinished.remove(&self.id);
        inner.objects.insert(self.id, std::mem::take(&mut self.content));
        Ok(())
    }

    async fn abandon(&mut self) {
        locked(&self.store.inner).unfinished.remove(&self.id);
    }
}
