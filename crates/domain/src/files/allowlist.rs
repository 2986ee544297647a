//! Allowlists of files.

use jiff::Timestamp;

use crate::{
    email::Email,
    id::{AllowlistId, FileId},
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
