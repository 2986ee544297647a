//! The decision whether somebody may have a file now. It is made here and nowhere else; what a page
//! opens is asked of the page's own decision.

use std::borrow::Cow;

use super::FileAccess;
use crate::{
    access::{PageGate, Reason, Rule, Viewer, rule},
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

/// The rule that decides about a file. Each gives one reason, or says that for the viewer there is no such
/// file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileRule {
    /// Public.
    PublicFile,
    /// Attached to a page, whose rule decides.
    OfPage(Rule),
    /// Attached to a page that was deleted.
    PageGone,
    /// Not open to everyone, asked for by its creator.
    CreatorsFile,
    /// Given by list, and nobody is signed in.
    SignInFirst,
    /// Given by list, and the visitor is on it.
    Listed,
    /// Given by list, and the visitor is not on it.
    NotListed,
}

impl FileRule {
    /// Its name, which stays the same.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PublicFile => "public_file",
            Self::OfPage(rule) => rule.as_str(),
            Self::PageGone => "page_gone",
            Self::CreatorsFile => "creators_file",
            Self::SignInFirst => "sign_in_first",
            Self::Listed => "listed",
            Self::NotListed => "not_listed",
        }
    }

    /// The rule in words, for the creator.
    pub fn text(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::PublicFile => "The file is PUBLIC: it is open to everyone.",
            Self::OfPage(rule) => {
                let text = rule.text();
                return Cow::Owned(format!("The file is open to whoever may see its page. {text}"));
            }
            Self::PageGone => {
                "The page that the file was attached to was deleted: nobody but its creator has access."
            }
            Self::CreatorsFile => "A creator has the creator's own files.",
            Self::SignInFirst => "The file is given by list, and nobody is signed in.",
            Self::Listed => "The file is given by list, and this person is on it.",
            Self::NotListed => "The file is given by list, and this person is not on it.",
        })
    }

    /// What it decides. `None` means that for the viewer there is no such file.
    pub fn reason(self) -> Option<FileReason> {
        Some(match self {
            Self::PublicFile => FileReason::Gate(Reason::Public),
            Self::OfPage(rule) => FileReason::Gate(rule.reason()?),
            Self::PageGone => return None,
            Self::CreatorsFile | Self::Listed => FileReason::Gate(Reason::Entitled),
            Self::SignInFirst => FileReason::Gate(Reason::VisitorAuthRequired),
            Self::NotListed => FileReason::NotListed,
        })
    }
}

/// Decides. `None` means that for this viewer there is no such file.
pub fn decide_file(file: &FileGate<'_>, viewer: Viewer<'_>, listed: bool) -> Option<FileReason> {
    file_rule(file, viewer, listed).reason()
}

/// Finds the rule that decides.
///
/// `viewer.holdings` are the visitor's purchases of the page that the file is attached to, and `listed`
/// is whether the visitor's address is on the file's list. Source: product contract, "Files".
pub fn file_rule(file: &FileGate<'_>, viewer: Viewer<'_>, listed: bool) -> FileRule {
    let own = viewer.creator == Some(file.creator_id);
    match (file.access, file.page) {
        (FileAccess::Public, _) => FileRule::PublicFile,
        (FileAccess::Page, Some(page)) => FileRule::OfPage(rule(page, viewer)),
        (FileAccess::Page | FileAccess::Allowlist, _) if own => FileRule::CreatorsFile,
        (FileAccess::Page, None) => FileRule::PageGone,
        (FileAccess::Allowlist, _) if !viewer.signed_in => FileRule::SignInFirst,
        (FileAccess::Allowlist, _) if listed => FileRule::Listed,
        (FileAccess::Allowlist, _) => FileRule::NotListed,
    }
}
