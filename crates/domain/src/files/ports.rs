//! What files need from a store and from a file store.

use std::{collections::BTreeSet, ops::Range, pin::Pin};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use jiff::Timestamp;

use super::{AllowlistEntry, File, FileFact};
use crate::{
    access::{Holding, PageGate},
    creators::{HandleName, Slug},
    email::Email,
    id::{CreatorId, FileId, HandleId, PageId, VisitorId},
    paging::{Listing, PageRequest},
    store::StoreError,
    token::TokenHash,
};

/// Which file, and who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileQuery {
    /// The handle.
    pub handle: HandleName,
    /// The file's slug.
    pub slug: Slug,
    /// The session that the visitor claims to have.
    pub session: Option<TokenHash>,
    /// The instant of the question.
    pub now: Timestamp,
}

/// What the store knows when a decision about a file is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedFile {
    /// The file.
    pub file: File,
    /// Who owns its handle.
    pub creator_id: CreatorId,
    /// The gate of the page that it is attached to.
    pub page: Option<PageGate>,
    /// Who holds the session, if it is valid.
    pub visitor_id: Option<VisitorId>,
    /// That visitor's purchases of the page.
    pub holdings: Vec<Holding>,
    /// Whether that visitor's first view of the page is recorded.
    pub visited: bool,
    /// Whether that visitor's address is on the file's list.
    pub listed: bool,
}

/// Files, inside a unit of work. A file that is being uploaded or was deleted is none for whoever reads;
/// only these methods know of it.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait FileRepository: Send {
    /// Notes that a file is being uploaded, and takes its slug; `false`, and nothing is stored, if the
    /// handle has a file with the slug. An upload whose lease has ended by `file.created_at` MUST give
    /// the slug up. What is noted MUST become due for [`FileQueue::claim`] at `leased_until`.
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
    /// Its object becomes due for [`FileQueue::claim`] at `due_at`. MUST be one conditional statement.
    async fn retire(&mut self, id: FileId, due_at: Timestamp) -> Result<bool, StoreError>;

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

/// The part of the ledger that is about files, inside a unit of work. There is no way to change or
/// delete a fact.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait FileLedger: Send {
    /// Adds a fact; `false`, and nothing is stored, if a fact of this kind and reference is there.
    async fn append(&mut self, fact: &FileFact) -> Result<bool, StoreError>;

    /// The facts about a file, oldest first.
    async fn of_file(&mut self, file: FileId) -> Result<Vec<FileFact>, StoreError>;
}

/// Files and their lists, read outside a unit of work and without a write lock.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait FileReads: Send + Sync {
    /// What is known about a file and a visitor. MUST be one statement, MUST NOT be answered from
    /// memory, and MUST know a session only while it is not revoked and `now` is before its expiry.
    async fn asked_file(&self, query: &FileQuery) -> Result<Option<AskedFile>, StoreError>;

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

/// Objects that are to be cleared away.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait FileQueue: Send + Sync {
    /// Gives the file that has been due longest and hides it until `leased_until`. An upload whose
    /// lease has ended MUST be retired by this. Two claims MUST NOT get the same file at the same time.
    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<FileId>, StoreError>;
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
