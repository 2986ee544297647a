//! Allowlists of files.

use jiff::Timestamp;

use crate::{
    email::Email,
    id::{AllowlistId, FileId},
};

/// An entry on a file's allowlist. It applies to everyone who signs in with the address, before or after
/// it was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowlistEntry {
    /// The identifier of the entry. An address that is added again gets a new one.
    pub id: AllowlistId,
    /// The file that the entry belongs to.
    pub file_id: FileId,
    /// The address that has access.
    pub email: Email,
    /// When the address was added.
    pub added_at: Timestamp,
}
