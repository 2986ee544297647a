//! Names what visitors sign in for, out of the stories that come after signing in.

use async_trait::async_trait;

use crate::{
    creators::Handle, group_buys::GroupBuyView, names::Slug, opaque_debug::opaque_debug,
    store::Stores, store_error::StoreError, visitor_auth::ports::Destinations,
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
        let view = view.filter(GroupBuyView::is_public);
        Ok(view.map(|view| view.group_buy.title))
    }

    async fn file(&self, handle: &Handle, slug: &Slug) -> Result<Option<String>, StoreError> {
        let Some(file) = self.stores.files.file(handle.id, slug).await? else { return Ok(None) };
        let page = match &file.page {
            Some(page) => self.stores.creators.page(handle.id, &page.slug).await?,
            None => None,
        };
        Ok(file.may_be_named(page.as_ref()).then_some(file.name))
    }
}

opaque_debug!(StoredDestinations);
