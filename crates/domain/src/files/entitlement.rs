//! The decision whether somebody may have a file now. It is made here and nowhere else; what a page
//! opens is asked of the page's own decision.

use super::FileAccess;
use crate::{
    access::{PageGate, Reason, Viewer, decide},
    id::CreatorId,
};

/// What a decision needs to know of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileGate<'a> {
    /// Who owns the handle.
    pub creator_id: CreatorId,
    /// How the gate is set.
    pub access: FileAccess,
    /// The gate of the page that the file is attached to, if it is and the page is still there.
    pub page: Option<&'a PageGate>,
}

/// Why a file is open or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileReason {
    /// For a reason that pages know, too.
    Gate(Reason),
    /// Closed: the visitor is not on the list.
    NotListed,
}

impl FileReason {
    /// As it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gate(reason) => reason.as_str(),
            Self::NotListed => "file_forbidden",
        }
    }

    /// Whether it opens the file.
    pub fn has_access(self) -> bool {
        matches!(self, Self::Gate(reason) if reason.has_access())
    }
}

/// Decides. `None` means that for this viewer there is no such file.
///
/// `viewer.holdings` are the visitor's purchases of the page that the file is attached to, and `listed`
/// is whether the visitor's address is on the file's list. Source: product contract, "Files".
pub fn decide_file(file: &FileGate<'_>, viewer: Viewer<'_>, listed: bool) -> Option<FileReason> {
    let own = viewer.creator == Some(file.creator_id);
    let reason = match file.access {
        FileAccess::Public => Reason::Public,
        FileAccess::Page => match file.page {
            Some(page) => decide(page, viewer)?,
            None if own => Reason::Entitled,
            None => return None,
        },
        FileAccess::Allowlist if own || viewer.signed_in && listed => Reason::Entitled,
        FileAccess::Allowlist if viewer.signed_in => return Some(FileReason::NotListed),
        FileAccess::Allowlist => Reason::VisitorAuthRequired,
    };
    Some(FileReason::Gate(reason))
}
