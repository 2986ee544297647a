//! Making and changing pages.

use std::sync::Arc;

use super::{
    Creator, Handle, HandleName, Handles, NewPage, Page, PageChange, PageError, PageStatus, Slug,
    ports::CreatorReads,
};
use crate::{
    checkout::{CheckoutOrder, Fulfilment},
    clock::Clock,
    id::PageId,
    paging::{Listing, PageRequest},
    random::Random,
    store::{Store, StoreError},
};

/// The pages of creators.
#[derive(Clone)]
pub struct Pages {
    store: Arc<dyn Store>,
    reads: Arc<dyn CreatorReads>,
    handles: Handles,
    fulfilment: Fulfilment,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// Two people who edit one page at once are few; more rounds than this mean that something is wrong.
const MAX_ROUNDS: u32 = 8;

impl Pages {
    /// Pages kept in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        reads: Arc<dyn CreatorReads>,
        handles: Handles,
        fulfilment: Fulfilment,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { store, reads, handles, fulfilment, clock, random }
    }

    /// Makes a page.
    pub async fn create(
        &self,
        creator: &Creator,
        handle: &HandleName,
        new: NewPage,
    ) -> Result<Page, PageError> {
        let handle = self.handles.owned(creator, handle).await?;
        let now = self.clock.now();
        let page = Page {
            id: PageId::new(now, &*self.random),
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
        let mut unit = self.store.begin().await?;
        if !unit.pages().insert(&page).await? {
            return Err(PageError::SlugTaken);
        }
        unit.commit().await?;
        Ok(page)
    }

    /// A page of the creator's own, whatever its status.
    pub async fn owned(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<(Handle, Page), PageError> {
        let handle = self.handles.owned(creator, handle).await?;
        let page = self.reads.page(handle.id, slug).await?;
        Ok((handle, page.ok_or(PageError::NotFound)?))
    }

    /// The pages of the creator's own handle, newest first.
    pub async fn list(
        &self,
        creator: &Creator,
        handle: &HandleName,
        page: &PageRequest,
    ) -> Result<Listing<Page>, PageError> {
        let handle = self.handles.owned(creator, handle).await?;
        Ok(self.reads.pages_of(handle.id, None, page).await?)
    }

    /// Changes a page. Purchases stay as they are; checkouts that are open end when the page is no
    /// longer offered at their price.
    pub async fn change(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        change: PageChange,
    ) -> Result<Page, PageError> {
        for _ in 0..MAX_ROUNDS {
            let (_, before) = self.owned(creator, handle, slug).await?;
            // Strictly later than before, since the instant is what tells two versions apart.
            let now = self.clock.now().max(just_after(before.updated_at));
            let after = before.changed(change.clone(), now).map_err(PageError::Invalid)?;
            let mut unit = self.store.begin().await?;
            if !unit.pages().update(&after, before.updated_at).await? {
                continue;
            }
            let ended = if before.offer().is_some() && before.offer() != after.offer() {
                unit.checkout_orders().close_open_of_page(after.id, now).await?
            } else {
                Vec::new()
            };
            unit.commit().await?;
            self.close_at_provider(&ended).await;
            return Ok(after);
        }
        Err(StoreError::Conflict.into())
    }

    /// Deletes a page that nobody has a stake in, and archives any other.
    pub async fn delete(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<(), PageError> {
        let (_, page) = self.owned(creator, handle, slug).await?;
        let mut unit = self.store.begin().await?;
        let deleted = unit.pages().delete_if_unused(page.id).await?;
        unit.commit().await?;
        if !deleted {
            let archive =
                PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
            self.change(creator, handle, slug, archive).await?;
        }
        Ok(())
    }

    /// Best effort: a session that stays open at the provider and is paid is honoured at what was paid.
    async fn close_at_provider(&self, ended: &[CheckoutOrder]) {
        for order in ended {
            let Some(opened) = &order.opened else { continue };
            let closed = self.fulfilment.close_session(&order.account, &opened.session).await;
            if let Err(error) = closed {
                tracing::warn!(checkout = %order.id, %error, "a checkout session stays open at Stripe");
            }
        }
    }
}

fn just_after(instant: jiff::Timestamp) -> jiff::Timestamp {
    instant.saturating_add(jiff::SignedDuration::from_micros(1)).unwrap_or(instant)
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pages")
    }
}
