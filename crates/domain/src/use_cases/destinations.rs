//! Names what visitors sign in for, out of the stories that come after signing in.

use async_trait::async_trait;

use crate::{
    creators::{Handle, PageStatus},
    files::FileAccess,
    names::Slug,
    opaque_debug::opaque_debug,
    store::Stores,
    store_error::StoreError,
    visitor_auth::ports::Destinations,
};

/// The destinations that are stored.
#[derive(Clone)]
pub struct StoredDestinations {
    stores: Stores,
}

impl StoredDestinations {
    /// Creates the destinations of a store.
    pub fn new(stores: Stores) -> Self {
        Self { stores }
    }
}

#[async_trait]
impl Destinations for StoredDestinations {
    async fn group_buy(&self, handle: &Handle, slug: &Slug) -> Result<Option<String>, StoreError> {
        let view = self.stores.group_buys.group_buy(&handle.name, slug).await?;
        let view = view.filter(|view| view.page.status == PageStatus::Published);
        Ok(view.map(|view| view.group_buy.title))
    }

    async fn file(&self, handle: &Handle, slug: &Slug) -> Result<Option<String>, StoreError> {
        let Some(file) = self.stores.files.file(handle.id, slug).await? else { return Ok(None) };
        let is_open = match (file.access, &file.page) {
            (FileAccess::Public, _) => true,
            (FileAccess::Page, Some(page)) => {
                let page = self.stores.creators.page(handle.id, &page.slug).await?;
                page.is_some_and(|page| page.status == PageStatus::Published)
            }
            (FileAccess::Page, None) | (FileAccess::Allowlist, _) => false,
        };
        Ok(is_open.then_some(file.name))
    }
}

opaque_debug!(StoredDestinations);
