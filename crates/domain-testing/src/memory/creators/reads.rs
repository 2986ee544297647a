//! What is read of creators, handles and pages.

use std::cmp::Reverse;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::memory::{
    MemoryStore,
    state::{State, part},
};
use tollgate_domain::{
    creators::{
        AccessMode, AccountToken, Creator, CreatorSession, FrontendOrigin, Handle, Page, PageLabel,
        PageOverview, PageStatus, PricedPage, ports::CreatorReads,
    },
    email::Email,
    id::{CreatorId, CreatorSessionId, HandleId},
    names::{HandleName, Slug},
    paging::{Cursor, Listing, PageRequest},
    store_error::StoreError,
    token::TokenHash,
};

#[async_trait]
impl CreatorReads for MemoryStore {
    async fn creator_by_email(&self, email: &Email) -> Result<Option<Creator>, StoreError> {
        let state = self.read().await?;
        Ok(state.creators.values().find(|creator| creator.email == *email).cloned())
    }

    async fn account_token(&self, token: TokenHash) -> Result<Option<AccountToken>, StoreError> {
        Ok(self.read().await?.account_tokens.get(token.as_bytes()).cloned())
    }

    async fn creator_by_token(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<(Creator, CreatorSessionId)>, StoreError> {
        let state = self.read().await?;
        let mut sessions = state.creator_sessions.values();
        let found = sessions.find(|row| row.session.token == token && row.is_alive(now));
        Ok(found.and_then(|row| {
            let creator = state.creators.get(&row.session.creator_id)?.clone();
            creator.suspended_at.is_none().then_some((creator, row.session.id))
        }))
    }

    async fn refresh_token_spent_at(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let state = self.read().await?;
        let mut alive = state.creator_sessions.values().filter(|row| row.is_alive(now));
        Ok(alive.find_map(|row| {
            let (_, at) = row.before.iter().find(|(spent, _)| *spent == token)?;
            Some(*at)
        }))
    }

    async fn creator_sessions_of(
        &self,
        creator: CreatorId,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Listing<CreatorSession>, StoreError> {
        let state = self.read().await?;
        let rows = state.creator_sessions.values();
        let theirs = rows.filter(|row| row.session.creator_id == creator && row.is_alive(now));
        let cursor = |row: &CreatorSession| Cursor { at: row.created_at, id: row.id.to_string() };
        Ok(part(theirs.map(|row| row.session.clone()).collect(), page, cursor))
    }

    async fn taken_names(&self, names: &[HandleName]) -> Result<Vec<HandleName>, StoreError> {
        let state = self.read().await?;
        let taken = state.handles.values().map(|handle| handle.name.clone());
        Ok(taken.filter(|name| names.contains(name)).collect())
    }

    async fn creator(&self, id: CreatorId) -> Result<Option<Creator>, StoreError> {
        Ok(self.read().await?.creators.get(&id).cloned())
    }

    async fn creator_in_session(
        &self,
        session: CreatorSessionId,
        now: Timestamp,
    ) -> Result<Option<Creator>, StoreError> {
        let state = self.read().await?;
        let alive = state.creator_sessions.get(&session).filter(|row| row.is_alive(now));
        let creator = alive.and_then(|row| state.creators.get(&row.session.creator_id));
        Ok(creator.filter(|creator| creator.suspended_at.is_none()).cloned())
    }

    async fn handle(&self, name: &HandleName) -> Result<Option<Handle>, StoreError> {
        let state = self.read().await?;
        Ok(state.handles.values().find(|handle| handle.name == *name).cloned())
    }

    async fn handle_and_proof(
        &self,
        name: &HandleName,
    ) -> Result<Option<(Handle, bool)>, StoreError> {
        let state = self.read().await?;
        let handle = state.handles.values().find(|handle| handle.name == *name);
        Ok(handle.map(|handle| {
            let owner = state.creators.get(&handle.creator_id);
            (handle.clone(), owner.is_some_and(|owner| owner.email_verified_at.is_some()))
        }))
    }

    async fn frontend_origins(&self, handle: HandleId) -> Result<Vec<FrontendOrigin>, StoreError> {
        Ok(self.read().await?.frontend_origins.get(&handle).cloned().unwrap_or_default())
    }

    async fn is_frontend_origin(
        &self,
        origin: &FrontendOrigin,
        handle: Option<HandleName>,
    ) -> Result<bool, StoreError> {
        let state = self.read().await?;
        let is_meant = |id: &HandleId| {
            let found = state.handles.get(id);
            handle.as_ref().is_none_or(|name| found.is_some_and(|found| found.name == *name))
        };
        let mut registered = state.frontend_origins.iter();
        Ok(registered.any(|(id, origins)| is_meant(id) && origins.contains(origin)))
    }

    async fn handles_of_origin(
        &self,
        origin: &FrontendOrigin,
    ) -> Result<Vec<HandleId>, StoreError> {
        let state = self.read().await?;
        let registered =
            state.frontend_origins.iter().filter(|(_, origins)| origins.contains(origin));
        Ok(registered.map(|(handle, _)| *handle).collect())
    }

    async fn only_handle_of_origin(
        &self,
        origin: &FrontendOrigin,
    ) -> Result<Option<HandleName>, StoreError> {
        let mut handles = self.handles_of_origin(origin).await?;
        let only = handles.pop().filter(|_| handles.is_empty());
        let Some(only) = only else { return Ok(None) };
        Ok(self.read().await?.handles.get(&only).map(|handle| handle.name.clone()))
    }

    async fn handles_of(
        &self,
        creator: CreatorId,
        page: &PageRequest,
    ) -> Result<Listing<Handle>, StoreError> {
        let state = self.read().await?;
        let theirs = state.handles.values().filter(|handle| handle.creator_id == creator);
        let cursor = |row: &Handle| Cursor { at: row.created_at, id: row.id.to_string() };
        Ok(part(theirs.cloned().collect(), page, cursor))
    }

    async fn page(&self, handle: HandleId, slug: &Slug) -> Result<Option<Page>, StoreError> {
        let state = self.read().await?;
        let named = |page: &&Page| page.handle_id == handle && page.slug == *slug;
        Ok(state.pages.values().find(named).cloned())
    }

    async fn pages_of(
        &self,
        handle: HandleId,
        status: Option<PageStatus>,
        page: &PageRequest,
    ) -> Result<Listing<Page>, StoreError> {
        let state = self.read().await?;
        let wanted = state
            .pages
            .values()
            .filter(|page| page.handle_id == handle)
            .filter(|page| status.is_none_or(|status| page.status == status));
        let cursor = |row: &Page| Cursor { at: row.created_at, id: row.id.to_string() };
        Ok(part(wanted.cloned().collect(), page, cursor))
    }

    async fn labels_of(
        &self,
        handle: HandleId,
        status: Option<PageStatus>,
        page: &PageRequest,
    ) -> Result<Listing<PageLabel>, StoreError> {
        let Listing { items, next } = self.pages_of(handle, status, page).await?;
        Ok(Listing { items: items.iter().map(PageLabel::from).collect(), next })
    }

    async fn page_labels(&self, handle: HandleId) -> Result<Vec<PageLabel>, StoreError> {
        let state = self.read().await?;
        Ok(newest_first(&state, handle).into_iter().map(PageLabel::from).collect())
    }

    async fn page_overview(&self, handle: HandleId) -> Result<PageOverview, StoreError> {
        let state = self.read().await?;
        let pages = newest_first(&state, handle);
        let with = |status: PageStatus| pages.iter().filter(move |page| page.status == status);
        let priced = [PageStatus::Published, PageStatus::Draft]
            .into_iter()
            .flat_map(with)
            .find(|page| page.mode == AccessMode::Paid);
        let priced = priced.and_then(|page| {
            let (slug, title) = (page.slug.clone(), page.title.clone());
            Some(PricedPage { slug, title, price: page.price?, status: page.status })
        });
        Ok(PageOverview {
            total: u64::try_from(pages.len()).unwrap_or(u64::MAX),
            published: u64::try_from(with(PageStatus::Published).count()).unwrap_or(u64::MAX),
            newest: pages.first().map(|page| page.slug.clone()),
            priced,
        })
    }

    async fn creators(&self, page: &PageRequest) -> Result<Listing<Creator>, StoreError> {
        let state = self.read().await?;
        let cursor = |row: &Creator| Cursor { at: row.created_at, id: row.id.to_string() };
        Ok(part(state.creators.values().cloned().collect(), page, cursor))
    }

    async fn any_creator(&self) -> Result<bool, StoreError> {
        Ok(!self.read().await?.creators.is_empty())
    }
}

fn newest_first(state: &State, handle: HandleId) -> Vec<&Page> {
    let mut pages: Vec<_> = state.pages.values().filter(|page| page.handle_id == handle).collect();
    pages.sort_by_key(|page| Reverse((page.created_at, page.id)));
    pages
}
