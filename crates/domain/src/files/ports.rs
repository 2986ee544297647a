//! The ports through which files use the store and the file store.

use std::{collections::BTreeSet, ops::Range, pin::Pin};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use jiff::Timestamp;

use super::{AllowlistEntry, File};
use crate::{
    access::ports::{ResourceAccess, ResourceQuery},
    email::Email,
    id::{CreatorId, FileId, HandleId, PageId},
    names::Slug,
    paging::{Listing, PageRequest},
    store_error::StoreError,
};

/// Whether the object of a file is still needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectUse {
    /// The file is complete, or its row no longer exists: the object must not be deleted.
    InUse,
    /// The file is being uploaded and the upload's lease has not ended.
    Uploading {
        /// When the lease ends.
        until: Timestamp,
    },
    /// The file is no longer available to anyone: its object is to be deleted.
    Retired,
}

/// Stores files, inside a unit of work. Files that are being uploaded or were deleted are hidden from
/// all reads; only these methods see them.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait FileRepository: Send {
    /// Records that a file is being uploaded and reserves its slug. Returns `false` and stores nothing
    /// if the handle already has a file with the slug. An upload whose lease has ended by
    /// `file.created_at` MUST release the slug.
    async fn reserve(&mut self, file: &File, leased_until: Timestamp) -> Result<bool, StoreError>;

    /// Extends the lease of an upload, and notes how many bytes it has received. Returns `false` if the upload was retired.
    /// MUST be one conditional statement.
    async fn renew(
        &mut self,
        id: FileId,
        received: u64,
        leased_until: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Makes the file visible, with its size, hash, type and media. Returns `false` if the upload was retired.
    /// MUST be one conditional statement.
    async fn complete(&mut self, file: &File) -> Result<bool, StoreError>;

    /// Stores the file's changed fields if it is unchanged since `unchanged_since`. Returns `false` if
    /// it was changed in between, and [`StoreError::Conflict`] if the slug is taken or the page no longer exists. MUST be
    /// one conditional statement.
    async fn update(&mut self, file: &File, unchanged_since: Timestamp)
    -> Result<bool, StoreError>;

    /// Returns the file with this id and locks it. Until the unit ends, other units that lock, change or
    /// delete it MUST wait.
    async fn lock(&mut self, id: FileId) -> Result<Option<File>, StoreError>;

    /// Retires the file or the upload, so that it is no longer available to anyone, and frees its slug.
    /// Returns `false` if there is none. MUST be one conditional statement.
    async fn retire(&mut self, id: FileId, due_at: Timestamp) -> Result<bool, StoreError>;

    /// Retires an upload whose lease has ended by `now`, and returns what its object is used for after
    /// that. MUST be one conditional statement.
    async fn retire_lapsed(&mut self, id: FileId, now: Timestamp) -> Result<ObjectUse, StoreError>;

    /// Returns the number of files of a handle, with running uploads.
    async fn count_of(&mut self, handle: HandleId) -> Result<u64, StoreError>;

    /// Returns the sum of the sizes of all files of a creator, in bytes. An upload counts with what was noted of it.
    async fn stored_bytes(&mut self, creator: CreatorId) -> Result<u64, StoreError>;

    /// Records that the object of a retired file was deleted, so that nothing is left to do. Files that
    /// were once complete stay stored, since histories name them.
    async fn forget(&mut self, id: FileId) -> Result<(), StoreError>;
}

/// Stores the allowlists of files, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Allowlists: Send {
    /// Adds an address to an allowlist. Returns `false` and stores nothing if the address is already on
    /// it.
    async fn insert(&mut self, entry: &AllowlistEntry) -> Result<bool, StoreError>;

    /// Adds different addresses to the file's allowlist with a few statements, however many they are. Returns those of
    /// `entries` that were not on it, in their order, and stores nothing of the others. The `file` is the one of all entries.
    async fn insert_all(
        &mut self,
        file: &File,
        entries: &[AllowlistEntry],
    ) -> Result<Vec<AllowlistEntry>, StoreError>;

    /// Returns the number of addresses on an allowlist.
    async fn count_of(&mut self, file: FileId) -> Result<u64, StoreError>;

    /// Returns the address's entry on an allowlist.
    async fn find(
        &mut self,
        file: FileId,
        email: &Email,
    ) -> Result<Option<AllowlistEntry>, StoreError>;

    /// Removes an address from an allowlist and returns the entry that it had. MUST be one conditional
    /// statement: of two parallel calls one returns the entry and the other `None`.
    async fn remove(
        &mut self,
        file: FileId,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<AllowlistEntry>, StoreError>;

    /// Returns the entries of an address on all allowlists of a handle's files. MUST have the same order in parallel calls, so
    /// that units which lock the files one by one do not wait for each other.
    async fn of_address(
        &mut self,
        handle: HandleId,
        email: &Email,
    ) -> Result<Vec<AllowlistEntry>, StoreError>;

    /// Removes all entries of a file's allowlist.
    async fn remove_all(&mut self, file: FileId, now: Timestamp) -> Result<(), StoreError>;
}

/// Reads files and their allowlists, outside a unit of work and without a write lock.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait FileReads: Send + Sync {
    /// Returns a file with the stored facts about it and a visitor, under the obligations of
    /// [`AccessReads`](crate::access::ports::AccessReads).
    async fn file_with_access(
        &self,
        query: &ResourceQuery,
    ) -> Result<Option<(File, ResourceAccess)>, StoreError>;

    /// Returns a file of a handle.
    async fn file(&self, handle: HandleId, slug: &Slug) -> Result<Option<File>, StoreError>;

    /// Returns those files of a handle whose slug or name is among `names`, at most 100: first those whose slug is, then the
    /// others, each newest first.
    async fn files_named(
        &self,
        handle: HandleId,
        names: &[String],
    ) -> Result<Vec<File>, StoreError>;

    /// Returns the files of a handle, newest first.
    async fn files_of(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<File>, StoreError>;

    /// Returns at most `limit` pictures of a handle that everybody may open, newest first. MUST NOT read other files than
    /// pictures, sounds and videos that everybody may open.
    async fn public_pictures(&self, handle: HandleId, limit: u32) -> Result<Vec<File>, StoreError>;

    /// Returns at most `limit` files that are attached to a page, oldest first.
    async fn files_on(&self, page: PageId, limit: u32) -> Result<Vec<File>, StoreError>;

    /// Returns the entries of a file's allowlist, newest first.
    async fn allowlist(
        &self,
        file: FileId,
        page: &PageRequest,
    ) -> Result<Listing<AllowlistEntry>, StoreError>;

    /// Returns how many of these addresses, which differ, are on a file's allowlist.
    async fn count_allowed(&self, file: FileId, emails: &[Email]) -> Result<usize, StoreError>;

    /// Returns those of `ids` whose object may still be in use or still has to be deleted: uploads,
    /// files, and retired files that were not forgotten.
    async fn known(&self, ids: &[FileId]) -> Result<BTreeSet<FileId>, StoreError>;
}

/// The error of a failed operation of the file store. The text gives the cause, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file store is unavailable: {0}")]
pub struct FileStoreError(pub String);

/// The bytes of an object, as a stream of chunks of bounded size.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, FileStoreError>> + Send>>;

/// The ids of objects, in any order.
pub type ObjectIds = Pin<Box<dyn Stream<Item = Result<FileId, FileStoreError>> + Send>>;

/// An object that is open for reading.
pub struct OpenObject {
    /// The size of the whole object in bytes.
    pub size: u64,
    /// The requested bytes.
    pub chunks: Chunks,
}

/// Stores the content of files. Objects are named by ids that Tollgate creates; names chosen by a client
/// are never used here. A finished object never changes.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Starts writing an object.
    async fn create(&self, id: FileId) -> Result<Box<dyn ObjectWriter>, FileStoreError>;

    /// Opens an object. With a `range`, which MUST lie within the object and not be empty, only those
    /// bytes are read. MUST NOT keep more than a part of the object in memory.
    async fn open(
        &self,
        id: FileId,
        range: Option<Range<u64>>,
    ) -> Result<Option<OpenObject>, FileStoreError>;

    /// Returns the size of an object in bytes, or `None` if it does not exist.
    async fn size(&self, id: FileId) -> Result<Option<u64>, FileStoreError>;

    /// Deletes an object and everything that an unfinished writer of it left behind. Succeeds if there
    /// is nothing to delete.
    async fn delete(&self, id: FileId) -> Result<(), FileStoreError>;

    /// Returns the ids of all objects, including unfinished ones that `delete` could remove.
    async fn list(&self) -> Result<ObjectIds, FileStoreError>;
}

/// An object that is being written. It is not visible before it is finished; if the writer is dropped,
/// the object never becomes visible.
#[async_trait]
pub trait ObjectWriter: Send {
    /// Appends bytes to the object.
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileStoreError>;

    /// Makes the object visible, complete and durable, before it returns. No method MUST be called after
    /// it.
    async fn finish(&mut self) -> Result<(), FileStoreError>;

    /// Deletes what was written so far, on a best-effort basis. No method MUST be called after it.
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
