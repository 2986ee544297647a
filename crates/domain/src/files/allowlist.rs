//! Allowlists of files.

use jiff::Timestamp;

use crate::{
    email::Email,
    id::{AllowlistId, FileId},
};

/// A line of a list of addresses that is not an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidLine {
    /// The number of the line, from 1.
    pub line: usize,
    /// What the line says.
    pub text: String,
}

/// The outcome of adding many addresses to an allowlist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BulkOutcome {
    /// How many addresses were added.
    pub added: usize,
    /// How many were on the list already, or more than once in the request.
    pub known: usize,
    /// What is not an address; it was left out.
    pub invalid: Vec<InvalidLine>,
}

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
