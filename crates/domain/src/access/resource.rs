//! Resources, which are the pages and files behind a gate, and the subjects of facts.

use crate::id::{FileId, HandleId, PageId, PurchaseId, VisitorId};

/// A page or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A page, by its id.
    Page(PageId),
    /// A file, by its id.
    File(FileId),
}

/// The type of a [`Resource`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceType {
    /// The resource is a page.
    Page,
    /// The resource is a file.
    File,
}

impl Resource {
    /// Returns whether the resource is a page or a file.
    pub fn resource_type(self) -> ResourceType {
        match self {
            Self::Page(_) => ResourceType::Page,
            Self::File(_) => ResourceType::File,
        }
    }

    /// Returns the page's id, if the resource is a page.
    pub fn page(self) -> Option<PageId> {
        match self {
            Self::Page(id) => Some(id),
            Self::File(_) => None,
        }
    }

    /// Returns the file's id, if the resource is a file.
    pub fn file(self) -> Option<FileId> {
        match self {
            Self::Page(_) => None,
            Self::File(id) => Some(id),
        }
    }
}

/// The subject of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The handle that the page or file belongs to.
    pub handle_id: HandleId,
    /// The page or file that the fact is about.
    pub resource: Resource,
    /// The visitor, if the fact is about one.
    pub visitor_id: Option<VisitorId>,
    /// The purchase, if the fact is about one.
    pub purchase_id: Option<PurchaseId>,
}
