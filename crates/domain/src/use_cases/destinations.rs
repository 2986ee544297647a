//! Names what visitors sign in for, out of the stories that come after signing in.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    creators::{Handle, ports::CreatorReads},
    files::ports::FileReads,
    group_buys::{GroupBuyView, ports::GroupBuyReads},
    names::Slug,
    opaque_debug::opaque_debug,
    store_error::StoreError,
    visitor_auth::ports::Destinations,
};

/// Looks up the titles of files and group buys that visitors sign in for.
#[derive(Clone)]
pub struct StoredDestinations {
    creators: Arc<dyn CreatorReads>,
    files: Arc<dyn FileReads>,
    group_buys: Arc<dyn GroupBuyReads>,
}

impl StoredDestinations {
    /// Creates the destinations that these ports read.
    pub fn new(
        creators: Arc<dyn CreatorReads>,
        files: Arc<dyn FileReads>,
        group_buys: Arc<dyn GroupBuyReads>,
    ) -> Self {
        Self { creators, files, group_buys }
    }
}

#[async_trait]
impl Destinations for StoredDestinations {
    async fn group_buy(&self, handle: &Handle, slug: &Slug) -> Result<Option<String>, StoreError> {
        let view = self.group_buys.group_buy(&handle.name, slug).await?;
        let view = view.filter(GroupBuyView::is_public);
        Ok(view.map(|view| view.group_buy.title))
    }

    async fn file(&self, handle: &Handle, slug: &Slug) -> Result<Option<String>, StoreError> {
        let Some(file) = self.files.file(handle.id, slug).await? else { return Ok(None) };
        let page = match &file.page {
            Some(page) => self.creators.page(handle.id, &page.slug).await?,
            None => None,
        };
        Ok(file.may_be_named(page.as_ref()).then_some(file.name))
    }
}

opaque_debug!(StoredDestinations);
