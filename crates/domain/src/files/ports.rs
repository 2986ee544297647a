//! What files need from a store and from a file store.

use std::{collections::BTreeSet, ops::Range, pin::Pin};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use jiff::Timestamp;

use super::{AllowlistEntry, File};
use crate::{
    access::ports::{ResourceAccess, ResourceQuery},
    email::Email,
    id::{FileId, HandleId, PageId},
    names::Slug,
    paging::{Listing, PageRequest},
    store_error::StoreError,
};

/// What the object of a file is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectUse {
    /// The file is there, or its row is gone: nothing is to be deleted.
    InUse,
    /// It is being uploaded, and the lease of the upload has not ended.
    Uploading {
        /// When the lease ends.
        until: Timestamp,
    },
    /// Nobody can get the file any more: its object is to be deleted.
    Retired,
}

/// Files, inside a unit of work. A file that is being uploaded or was deleted is none for whoever reads;
/// only these methods know of it.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait FileRepository: Send {
    /// Notes that a file is being uploaded, and takes its slug; `false`, and nothing is stored, if the
    /// handle has a file with the slug. An upload whose lease has ended by `file.created_at` MUST give
    /// the slug up.
    async fn reserve(&mut self, file: &File, leased_until: Timestamp) -> Result<bool, StoreError>;

    /// Goes on with an upload; `false` if somebody took it away. MUST be one conditional statement.
    async fn renew(&mut self, id: FileId, leased_until: Timestamp) -> Result<bool, StoreError>;

    /// Makes the file there for everyone, with its size and hash; `false` if the upload was taken away.
    /// MUST be one conditional statement.
    async fn complete(&mut self, file: &File) -> Result<bool, StoreError>;

    /// Stores the file's changed fields if it is still as it was at `unchanged_since`; `false` if
    /// somebody was faster, [`StoreError::Conflict`] if the slug is taken. MUST be one conditional
    /// statement.
    async fn update(&mut self, file: &File, unchanged_since: Timestamp)
    -> Result<bool, StoreError>;

    /// The file with this id. Until the unit ends, other units that hold, change or delete it MUST
    /// wait.
    async fn lock(&mut self, id: FileId) -> Result<Option<File>, StoreError>;

    /// Takes the file, or the upload, away from everyone and frees its slug; `false` if there is none.
    /// MUST be one conditional statement.
    async fn retire(&mut self, id: FileId, due_at: Timestamp) -> Result<bool, StoreError>;

    /// Retires an upload whose lease has ended by `now`, and returns what the object is used for then.
    /// MUST be one conditional statement.
    async fn retire_lapsed(&mut self, id: FileId, now: Timestamp) -> Result<ObjectUse, StoreError>;

    /// The object of a retired file is gone: nothing is due any more. What was once complete stays
    /// known, since histories name it.
    async fn forget(&mut self, id: FileId) -> Result<(), StoreError>;
}

/// Who is on the lists of files, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Allowlists: Send {
    /// Puts somebody on a list; `false`, and nothing is stored, if the address is on it.
    async fn insert(&mut self, entry: &AllowlistEntry) -> Result<bool, StoreError>;

    /// The address's place on a list.
    async fn find(
        &mut self,
        file: FileId,
        email: &Email,
    ) -> Result<Option<AllowlistEntry>, StoreError>;

    /// Takes an address off a list and gives the place that it had. MUST be one conditional
    /// statement: of two parallel calls one gets the place, the other `None`.
    async fn remove(
        &mut self,
        file: FileId,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<AllowlistEntry>, StoreError>;

    /// Ends all places on a list.
    async fn remove_all(&mut self, file: FileId, now: Timestamp) -> Result<(), StoreError>;
}

/// Files and their lists, read outside a unit of work and without a write lock.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait FileReads: Send + Sync {
    /// Returns a file with what is known of it and a visitor, under the obligations of
    /// [`AccessReads`](crate::access::ports::AccessReads).
    async fn file_with_access(
        &self,
        query: &ResourceQuery,
    ) -> Result<Option<(File, ResourceAccess)>, StoreError>;

    /// A file of a handle.
    async fn file(&self, handle: HandleId, slug: &Slug) -> Result<Option<File>, StoreError>;

    /// The files of a handle, newest first.
    async fn files_of(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<File>, StoreError>;

    /// The files that are attached to a page, oldest first, at most `limit`.
    async fn files_on(&self, page: PageId, limit: u32) -> Result<Vec<File>, StoreError>;

    /// Who is on a file's list, newest first.
    async fn allowlist(
        &self,
        file: FileId,
        page: &PageRequest,
    ) -> Result<Listing<AllowlistEntry>, StoreError>;

    /// Those of `ids` whose object somebody may still need or has yet to clear: uploads, files, and
    /// retired files that were not forgotten.
    async fn known(&self, ids: &[FileId]) -> Result<BTreeSet<FileId>, StoreError>;
}

/// The file store does not do what it was asked; the text says why, for an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file store is unavailable: {0}")]
pub struct FileStoreError(pub String);

/// The bytes of an object, in parts of bounded size.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, FileStoreError>> + Send>>;

/// Ids of objects, in any order.
pub type ObjectIds = Pin<Box<dyn Stream<Item = Result<FileId, FileStoreError>> + Send>>;

/// An object that was opened.
pub struct OpenObject {
    /// The size of the whole object.
    pub size: u64,
    /// The bytes that were asked for.
    pub chunks: Chunks,
}

/// Keeps the content of files. Objects are known by ids of our own; no name that a client chose gets
/// here. An object is never changed once it is finished.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Begins an object.
    async fn create(&self, id: FileId) -> Result<Box<dyn ObjectWriter>, FileStoreError>;

    /// Opens an object; with a `range`, which MUST lie within it and not be empty, only those bytes.
    /// MUST NOT hold more than a part of it in memory.
    async fn open(
        &self,
        id: FileId,
        range: Option<Range<u64>>,
    ) -> Result<Option<OpenObject>, FileStoreError>;

    /// The size of an object.
    async fn size(&self, id: FileId) -> Result<Option<u64>, FileStoreError>;

    /// Deletes an object, and whatever an unfinished writer of it left behind. It is no error if there
    /// is nothing.
    async fn delete(&self, id: FileId) -> Result<(), FileStoreError>;

    /// The ids of all objects, and of unfinished ones that `delete` could clear.
    async fn list(&self) -> Result<ObjectIds, FileStoreError>;
}

/// An object that is being written. Nobody sees it before it is finished; one that is dropped is never
/// seen.
#[async_trait]
pub trait ObjectWriter: Send {
    /// Adds bytes at the end.
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileStoreError>;

    /// Makes the object there, whole and durably, before it returns. Nothing MUST be called after it.
    async fn finish(&mut self) -> Result<(), FileStoreError>;

    /// Clears away what was written so far, as well as can be. Nothing MUST be called after it.
    async fn abandon(&mut self);
}

#[cfg(feature = "testing")]
mockall::mock! {
    /// A mock of [`FileStore`].
    #[derive(Debug)]
    pub FileStore {}
    #[async_trait]
    impl FileStore for FileStore {
        async fn create(&self, id: FileId) -> Result<Box<dyn ObjectWriter>, FileStoreError>;
        async fn open(
            &self,
            id: FileId,
            range: Option<Range<u64>>,
        ) -> Result<Option<OpenObject>, FileStoreError>;
        async fn size(&self, id: FileId) -> Result<Option<u64>, FileStoreError>;
        async fn delete(&self, id: FileId) -> Result<(), FileStoreError>;
        async fn list(&self) -> Result<ObjectIds, FileStoreError>;
    }
}

impl std::fmt::Debug for OpenObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenObject").field("size", &self.size).finish_non_exhaustive()
    }
}
