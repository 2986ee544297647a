//! Making and changing handles.

use std::sync::Arc;

use super::{Creator, Handle, HandleError, HandleName, ports::CreatorReads};
use crate::{
    clock::Clock,
    id::HandleId,
    paging::{Listing, PageRequest},
    random::Random,
    store::{Store, StoreError},
    validation::{self, FieldErrors},
};

/// The handles of creators. A handle of somebody else is not found, like one that does not exist.
#[derive(Clone)]
pub struct HandleBook {
    store: Arc<dyn Store>,
    reads: Arc<dyn CreatorReads>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl HandleBook {
    /// Handles kept in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        reads: Arc<dyn CreatorReads>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { store, reads, clock, random }
    }

    /// Makes a handle for `creator`.
    pub async fn create(
        &self,
        creator: &Creator,
        name: HandleName,
        title: &str,
    ) -> Result<Handle, HandleError> {
        let now = self.clock.now();
        let handle = Handle {
            id: HandleId::new(now, &*self.random),
            creator_id: creator.id,
            name,
            title: checked_title(title)?,
            created_at: now,
        };
        let mut unit = self.store.begin().await?;
        if !unit.handles().insert(&handle).await? {
            return Err(HandleError::Taken);
        }
        unit.commit().await?;
        Ok(handle)
    }

    /// The creator's handle of this name.
    pub async fn owned(&self, creator: &Creator, name: &HandleName) -> Result<Handle, HandleError> {
        let handle = self.reads.handle(name).await?;
        handle.filter(|handle| handle.creator_id == creator.id).ok_or(HandleError::NotFound)
    }

    /// Anybody's handle of this name.
    pub async fn find(&self, name: &HandleName) -> Result<Handle, HandleError> {
        self.reads.handle(name).await?.ok_or(HandleError::NotFound)
    }

    /// The creator's handles, newest first.
    pub async fn list(
        &self,
        creator: &Creator,
        page: &PageRequest,
    ) -> Result<Listing<Handle>, StoreError> {
        self.reads.handles_of(creator.id, page).await
    }

    /// Changes the storefront's name.
    pub async fn rename(
        &self,
        creator: &Creator,
        name: &HandleName,
        title: &str,
    ) -> Result<Handle, HandleError> {
        let handle = self.owned(creator, name).await?;
        let title = checked_title(title)?;
        let mut unit = self.store.begin().await?;
        unit.handles().rename(handle.id, &title).await?;
        unit.commit().await?;
        Ok(Handle { title, ..handle })
    }
}

fn checked_title(title: &str) -> Result<String, HandleError> {
    validation::line(title, 1, 100)
        .map_err(|error| HandleError::Invalid(FieldErrors::one("name", error)))
}

impl std::fmt::Debug for HandleBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HandleBook")
    }
}
