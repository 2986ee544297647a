//! Pages.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::memory::unit::MemoryUnit;
use tollgate_domain::{
    creators::{Page, ports::PageRepository},
    id::{HandleId, PageId},
    store_error::StoreError,
};

#[async_trait]
impl PageRepository for MemoryUnit {
    async fn insert(&mut self, page: &Page) -> Result<bool, StoreError> {
        let pages = self.state().await?.pages.edit();
        let same = |known: &Page| known.handle_id == page.handle_id && known.slug == page.slug;
        if pages.values().any(same) {
            return Ok(false);
        }
        pages.insert(page.id, page.clone());
        Ok(true)
    }

    async fn count_of(&mut self, handle: HandleId) -> Result<u64, StoreError> {
        let pages = &self.state().await?.pages;
        let count = pages.values().filter(|page| page.handle_id == handle).count();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    async fn update(
        &mut self,
        page: &Page,
        unchanged_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let pages = self.state().await?.pages.edit();
        let unchanged = pages.get_mut(&page.id).filter(|known| known.updated_at == unchanged_since);
        Ok(unchanged.map(|known| known.clone_from(page)).is_some())
    }

    async fn delete_if_unused(
        &mut self,
        id: PageId,
        unchanged_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let state = self.state().await?;
        if state.pages.get(&id).is_none_or(|known| known.updated_at != unchanged_since) {
            return Ok(false);
        }
        let used = state.orders.values().any(|order| order.page_id == id)
            || state.purchases.values().any(|purchase| purchase.page_id == id)
            || state.visits.keys().any(|(_, page)| *page == id)
            || state.group_buys.values().any(|group_buy| group_buy.page_id == id);
        Ok(!used && state.pages.edit().remove(&id).is_some())
    }

    async fn find(&mut self, id: PageId) -> Result<Option<Page>, StoreError> {
        Ok(self.state().await?.pages.get(&id).cloned())
    }

    async fn lock(&mut self, id: PageId) -> Result<Option<Page>, StoreError> {
        // Units run one after the other, so nothing changes in between.
        PageRepository::find(self, id).await
    }
}
