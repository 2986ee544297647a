//! The list of those who may have a file, and the facts that it leaves behind.

use jiff::Timestamp;

use crate::{
    creators::text_enum,
    email::Email,
    id::{AllowlistId, FactId, FileId, HandleId},
};

/// A place on a file's list. It is for whoever signs in with the address, before or after it was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowlistEntry {
    /// Its id; somebody who is added again gets another.
    pub id: AllowlistId,
    /// The file.
    pub file_id: FileId,
    /// Who may have it.
    pub email: Email,
    /// Since when.
    pub added_at: Timestamp,
}

/// What happened to a file or its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileFactKind {
    /// Somebody was put on the list. Reference: the place on it.
    Allowlisted,
    /// Somebody was taken off the list. Reference: the place on it.
    AllowlistRemoved,
    /// The file was deleted, which ends all places on its list. Reference: the file.
    FileDeleted,
}

text_enum!(
    FileFactKind,
    "the kinds of facts about files",
    Allowlisted = "allowlisted",
    AllowlistRemoved = "allowlist_removed",
    FileDeleted = "file_deleted"
);

/// A fact about a file: the part of the ledger that is about no purchase. It is never changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFact {
    /// Its id.
    pub id: FactId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: FileFactKind,
    /// With `kind`, what makes the fact this one.
    pub reference: String,
    /// The handle that it is about.
    pub handle_id: HandleId,
    /// The file that it is about.
    pub file_id: FileId,
}
