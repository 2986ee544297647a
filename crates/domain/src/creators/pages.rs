//! The use cases for creating and changing pages.

use std::sync::Arc;

use super::{
    Creator, Handle, NewPage, Ownership, Page, PageChange, PageError, PageLabel, PageOverview,
    PageStatus, Quotas, ports::CreatorReads,
};
use crate::{
    clock::just_after,
    id::PageId,
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    paging::{Listing, PageRequest},
    payments::close_orders_of_page,
    store::Runtime,
    store_error::StoreError,
    version::BasedOn,
};

/// The use cases of creators' pages.
#[derive(Clone)]
pub struct Pages {
    runtime: Runtime,
    reads: Arc<dyn CreatorReads>,
    ownership: Ownership,
    quotas: Quotas,
}

/// The maximum number of attempts to store a change while others edit the same page.
const MAX_ROUNDS: u32 = 8;

impl Pages {
    /// Creates the use cases.
    pub fn new(runtime: Runtime, reads: Arc<dyn CreatorReads>, quotas: Quotas) -> Self {
        let ownership = Ownership::new(reads.clone());
        Self { runtime, reads, ownership, quotas }
    }

    /// Creates a page, within the quota.
    pub async fn create(
        &self,
        creator: &Creator,
        handle: &HandleName,
        new: NewPage,
    ) -> Result<Page, PageError> {
        let handle = self.ownership.handle(creator, handle).await?;
        let now = self.runtime.now();
        let page = Page {
            id: PageId::new(now, &*self.runtime.random),
            handle_id: handle.id,
            slug: new.slug,
            title: new.title,
            teaser: new.teaser,
            body: new.body,
            mode: new.mode,
            price: new.price,
            status: new.status,
            created_at: now,
            updated_at: now,
            closed_at: None,
        };
        page.check().map_err(PageError::Invalid)?;
        let mut unit = self.runtime.begin().await?;
        // Locked first, so that of parallel calls each counts what the others made.
        unit.creators().lock(creator.id).await?;
        if !unit.pages().insert(&page).await? {
            return Err(PageError::SlugTaken);
        }
        self.quotas.check_pages(unit.pages().count_of(handle.id).await?)?;
        unit.commit().await?;
        Ok(page)
    }

    /// Returns a page of the creator's handle, in any status.
    pub async fn owned(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<(Handle, Page), PageError> {
        Ok(self.ownership.page(creator, handle, slug).await?)
    }

    /// Returns a part of the pages of the creator's handle, newest first; only those with `status` if one is given.
    pub async fn list(
        &self,
        creator: &Creator,
        handle: &HandleName,
        status: Option<PageStatus>,
        page: &PageRequest,
    ) -> Result<Listing<Page>, PageError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.reads.pages_of(handle.id, status, page).await?)
    }

    /// Returns what [`list`](Self::list) does, without the texts of the pages.
    pub async fn labels(
        &self,
        creator: &Creator,
        handle: &HandleName,
        status: Option<PageStatus>,
        page: &PageRequest,
    ) -> Result<Listing<PageLabel>, PageError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.reads.labels_of(handle.id, status, page).await?)
    }

    /// Returns all pages of the creator's handle without their texts, newest first.
    pub async fn all_labels(
        &self,
        creator: &Creator,
        handle: &HandleName,
    ) -> Result<Vec<PageLabel>, PageError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.reads.page_labels(handle.id).await?)
    }

    /// Returns how many pages the creator's handle has, and which of them matters most for selling.
    pub async fn overview(
        &self,
        creator: &Creator,
        handle: &HandleName,
    ) -> Result<PageOverview, PageError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.reads.page_overview(handle.id).await?)
    }

    /// Changes a page if its [`version`](Page::version) is one that the change may be based on. Purchases are not affected.
    /// Open checkouts are closed if the page is no longer offered at their price.
    pub async fn change(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        change: PageChange,
        based_on: &BasedOn,
    ) -> Result<Page, PageError> {
        for _ in 0..MAX_ROUNDS {
            let (_, before) = self.owned(creator, handle, slug).await?;
            if !based_on.allows(&before.version()) {
                return Err(PageError::VersionConflict(Box::new(before)));
            }
            // The instant identifies the version, so it has to be later than the previous one.
            let now = self.runtime.now().max(just_after(before.updated_at));
            let after = before.changed(change.clone(), now).map_err(PageError::Invalid)?;
            if (Page { updated_at: before.updated_at, ..after.clone() }) == before {
                return Ok(before);
            }
            match self.store_change(&before, &after).await {
                Ok(true) => return Ok(after),
                // Somebody else changed it, or bought it, at the same time.
                Ok(false) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Stores a change of a page, and closes the checkouts at a price that is offered no more. Returns `false` if the page
    /// has changed since it was read.
    async fn store_change(&self, before: &Page, after: &Page) -> Result<bool, StoreError> {
        let mut unit = self.runtime.begin().await?;
        if !unit.pages().update(after, before.updated_at).await? {
            return Ok(false);
        }
        if before.offer().is_some() && before.offer() != after.offer() {
            close_orders_of_page(&mut *unit, after.id, self.runtime.now()).await?;
        }
        unit.commit().await?;
        Ok(true)
    }

    /// Deletes a page if it was never used, and archives it otherwise, if its [`version`](Page::version) is one that this may
    /// be based on. Returns the archived page, or `None` if it is gone.
    pub async fn delete(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        based_on: &BasedOn,
    ) -> Result<Option<Page>, PageError> {
        for _ in 0..MAX_ROUNDS {
            let (_, page) = self.owned(creator, handle, slug).await?;
            if !based_on.allows(&page.version()) {
                return Err(PageError::VersionConflict(Box::new(page)));
            }
            let mut unit = self.runtime.begin().await?;
            let is_deleted = match unit.pages().delete_if_unused(page.id, page.updated_at).await {
                // It began to be used while it was deleted, which the next round sees.
                Err(StoreError::Conflict) => continue,
                deleted => deleted?,
            };
            if is_deleted {
                unit.commit().await?;
                return Ok(None);
            }
            drop(unit);
            let archive =
                PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
            // It is in use, or was changed since it was read.
            let seen = BasedOn::from(page.version());
            match self.change(creator, handle, slug, archive, &seen).await {
                Err(PageError::VersionConflict(_)) if *based_on == BasedOn::Any => {}
                archived => return archived.map(Some),
            }
        }
        Err(StoreError::Conflict.into())
    }
}

opaque_debug!(Pages);
