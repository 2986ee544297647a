//! What is behind a gate, a page or a file, and what facts are about.

use crate::id::{FileId, HandleId, PageId, PurchaseId, VisitorId};

/// A page or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A page.
    Page(PageId),
    /// A file.
    File(FileId),
}

/// The type of a [`Resource`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceType {
    /// A page.
    Page,
    /// A file.
    File,
}

impl Resource {
    /// Returns its type.
    pub fn resource_type(self) -> ResourceType {
        match self {
            Self::Page(_) => ResourceType::Page,
            Self::File(_) => ResourceType::File,
        }
    }

    /// Returns the page's id, if it is a page.
    pub fn page(self) -> Option<PageId> {
        match self {
            Self::Page(id) => Some(id),
            Self::File(_) => None,
        }
    }

    /// Returns the file's id, if it is a file.
    pub fn file(self) -> Option<FileId> {
        match self {
            Self::Page(_) => None,
            Self::File(id) => Some(id),
        }
    }
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The handle.
    pub handle_id: HandleId,
    /// The page or file.
    pub resource: Resource,
    /// The visitor, if it is about one.
    pub visitor_id: Option<VisitorId>,
    /// The purchase, if it is about one.
    pub purchase_id: Option<PurchaseId>,
}
