//! Lookups of what belongs to a creator.

use std::sync::Arc;

use super::{Creator, Handle, Page, ports::CreatorReads};
use crate::{
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    store_error::StoreError,
};

/// The error of a lookup. Handles and pages of other creators are reported as not found.
#[derive(Debug, thiserror::Error)]
pub enum OwnershipError {
    /// The creator has no such handle.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such page.
    #[error("no such page")]
    PageNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Converts an [`OwnershipError`] into the variants of the same names. Where no page is looked up, the variant for a
/// missing handle is given.
macro_rules! from_ownership_error {
    ($error:ty) => {
        $crate::creators::from_ownership_error!($error, HandleNotFound, PageNotFound);
    };
    ($error:ty, $handle:ident) => {
        $crate::creators::from_ownership_error!($error, $handle, $handle);
    };
    ($error:ty, $handle:ident, $page:ident) => {
        impl From<$crate::creators::OwnershipError> for $error {
            fn from(error: $crate::creators::OwnershipError) -> Self {
                match error {
                    $crate::creators::OwnershipError::HandleNotFound => Self::$handle,
                    $crate::creators::OwnershipError::PageNotFound => Self::$page,
                    $crate::creators::OwnershipError::Store(error) => Self::Store(error),
                }
            }
        }
    };
}
pub(crate) use from_ownership_error;

/// Finds handles and pages of a creator.
#[derive(Clone)]
pub struct Ownership {
    reads: Arc<dyn CreatorReads>,
}

impl Ownership {
    /// Creates the lookup.
    pub fn new(reads: Arc<dyn CreatorReads>) -> Self {
        Self { reads }
    }

    /// Returns the creator's handle with this name.
    pub async fn handle(
        &self,
        creator: &Creator,
        name: &HandleName,
    ) -> Result<Handle, OwnershipError> {
        let handle = self.reads.handle(name).await?;
        let owned = handle.filter(|handle| handle.creator_id == creator.id);
        owned.ok_or(OwnershipError::HandleNotFound)
    }

    /// Returns a page of the creator's handle, in any status.
    pub async fn page(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<(Handle, Page), OwnershipError> {
        let handle = self.handle(creator, handle).await?;
        let page = self.page_of(&handle, slug).await?;
        Ok((handle, page.ok_or(OwnershipError::PageNotFound)?))
    }

    /// Returns a page of a handle, in any status.
    pub async fn page_of(&self, handle: &Handle, slug: &Slug) -> Result<Option<Page>, StoreError> {
        self.reads.page(handle.id, slug).await
    }
}

opaque_debug!(Ownership);
