//! Creators, their sessions, handles and pages.

use std::cmp::Reverse;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{CreatorSessionRow, State, forget_oldest, part},
    unit::MemoryUnit,
};
use tollgate_domain::{
    creators::{
        AccessMode, AccountToken, Creator, CreatorSession, FrontendOrigin, Handle, HandleChange,
        HandleSettings, Page, PageLabel, PageOverview, PageStatus, PricedPage, TokenPurpose,
        ports::{
            AccountTokens, CreatorReads, CreatorSessions, Creators, HandleRepository,
            PageRepository,
        },
    },
    email::Email,
    id::{CreatorId, CreatorSessionId, HandleId, PageId},
    names::{HandleName, Slug},
    paging::{Cursor, Listing, PageRequest},
    store_error::StoreError,
    token::TokenHash,
};

#[async_trait]
impl Creators for MemoryUnit {
    async fn insert(&mut self, creator: &Creator) -> Result<bool, StoreError> {
        let creators = self.state().await?.creators.edit();
        if creators.values().any(|known| known.email == creator.email) {
            return Ok(false);
        }
        creators.insert(creator.id, creator.clone());
        Ok(true)
    }

    async fn email_of_handle(&mut self, handle: HandleId) -> Result<Option<Email>, StoreError> {
        let state = self.state().await?;
        let handle = state.handles.get(&handle);
        let owner = handle.and_then(|handle| state.creators.get(&handle.creator_id));
        Ok(owner.map(|creator| creator.email.clone()))
    }

    async fn replace_password_hash(
        &mut self,
        id: CreatorId,
        from: &str,
        to: &str,
    ) -> Result<bool, StoreError> {
        let creators = self.state().await?.creators.edit();
        let known = creators.get_mut(&id).filter(|creator| creator.password_hash == from);
        Ok(known.map(|creator| to.clone_into(&mut creator.password_hash)).is_some())
    }

    async fn rename(&mut self, id: CreatorId, name: &str) -> Result<(), StoreError> {
        if let Some(creator) = self.state().await?.creators.edit().get_mut(&id) {
            name.clone_into(&mut creator.name);
        }
        Ok(())
    }

    async fn set_password_hash(&mut self, id: CreatorId, hash: &str) -> Result<(), StoreError> {
        if let Some(creator) = self.state().await?.creators.edit().get_mut(&id) {
            hash.clone_into(&mut creator.password_hash);
        }
        Ok(())
    }

    async fn set_suspended(
        &mut self,
        id: CreatorId,
        since: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        if let Some(creator) = self.state().await?.creators.edit().get_mut(&id) {
            creator.suspended_at = since;
        }
        Ok(())
    }

    async fn lock(&mut self, _: CreatorId) -> Result<(), StoreError> {
        // Units run one after the other.
        self.state().await.map(drop)
    }

    async fn verify_email(&mut self, id: CreatorId, now: Timestamp) -> Result<(), StoreError> {
        if let Some(creator) = self.state().await?.creators.edit().get_mut(&id) {
            creator.email_verified_at = creator.email_verified_at.or(Some(now));
        }
        Ok(())
    }
}

#[async_trait]
impl AccountTokens for MemoryUnit {
    async fn insert(&mut self, token: &AccountToken) -> Result<(), StoreError> {
        let tokens = self.state().await?.account_tokens.edit();
        match tokens.insert(*token.token.as_bytes(), token.clone()) {
            Some(_) => Err(StoreError::Conflict),
            None => Ok(()),
        }
    }

    async fn redeem(
        &mut self,
        token: TokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<CreatorId>, StoreError> {
        let tokens = self.state().await?.account_tokens.edit();
        let is_redeemable = |known: &&AccountToken| {
            known.purpose == purpose && known.used_at.is_none() && now < known.expires_at
        };
        let redeemable = tokens.get(token.as_bytes()).filter(is_redeemable);
        let Some(creator) = redeemable.map(|known| known.creator_id) else { return Ok(None) };
        for known in tokens.values_mut() {
            if known.creator_id == creator && known.purpose == purpose {
                known.used_at = known.used_at.or(Some(now));
            }
        }
        Ok(Some(creator))
    }

    async fn void_all_of(
        &mut self,
        creator: CreatorId,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for known in self.state().await?.account_tokens.edit().values_mut() {
            if known.creator_id == creator && known.purpose == purpose {
                known.used_at = known.used_at.or(Some(now));
            }
        }
        Ok(())
    }

    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let tokens = self.state().await?.account_tokens.edit();
        Ok(forget_oldest(tokens, instant, most, |known| Some(known.expires_at)))
    }
}

#[async_trait]
impl CreatorSessions for MemoryUnit {
    async fn insert(&mut self, session: &CreatorSession) -> Result<(), StoreError> {
        let sessions = self.state().await?.creator_sessions.edit();
        if sessions.contains_key(&session.id) {
            return self.conflict();
        }
        let row =
            CreatorSessionRow { session: session.clone(), before: Vec::new(), revoked_at: None };
        sessions.insert(session.id, row);
        Ok(())
    }

    async fn rotate(
        &mut self,
        from: TokenHash,
        to: TokenHash,
        now: Timestamp,
    ) -> Result<Option<CreatorSession>, StoreError> {
        let sessions = self.state().await?.creator_sessions.edit();
        let row = sessions.values_mut().find(|row| row.session.token == from && row.is_alive(now));
        Ok(row.map(|row| {
            row.before.push((from, now));
            row.session.token = to;
            row.session.clone()
        }))
    }

    async fn spent(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<(CreatorSession, Timestamp)>, StoreError> {
        let sessions = &self.state().await?.creator_sessions;
        let mut alive = sessions.values().filter(|row| row.is_alive(now));
        Ok(alive.find_map(|row| {
            let (_, at) = row.before.iter().find(|(spent, _)| *spent == token)?;
            Some((row.session.clone(), *at))
        }))
    }

    async fn revoke_reused(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sessions = self.state().await?.creator_sessions.edit();
        let row = sessions.values_mut().find(|row| {
            row.before.iter().any(|(spent, _)| *spent == token) && row.revoked_at.is_none()
        });
        Ok(row.map(|row| row.revoked_at = Some(now)).is_some())
    }

    async fn revoke(&mut self, id: CreatorSessionId, now: Timestamp) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.creator_sessions.edit().get_mut(&id) {
            row.revoked_at = row.revoked_at.or(Some(now));
        }
        Ok(())
    }

    async fn revoke_of(
        &mut self,
        creator: CreatorId,
        session: CreatorSessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sessions = self.state().await?.creator_sessions.edit();
        let alive = sessions
            .get_mut(&session)
            .filter(|row| row.session.creator_id == creator && row.is_alive(now));
        Ok(alive.map(|row| row.revoked_at = Some(now)).is_some())
    }

    async fn revoke_by_token(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for row in self.state().await?.creator_sessions.edit().values_mut() {
            if row.session.token == token {
                row.revoked_at = row.revoked_at.or(Some(now));
            }
        }
        Ok(())
    }

    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let sessions = self.state().await?.creator_sessions.edit();
        Ok(forget_oldest(sessions, instant, most, |row| Some(row.session.expires_at)))
    }

    async fn revoke_all_of(
        &mut self,
        creator: CreatorId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for row in self.state().await?.creator_sessions.edit().values_mut() {
            if row.session.creator_id == creator {
                row.revoked_at = row.revoked_at.or(Some(now));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl HandleRepository for MemoryUnit {
    async fn insert(&mut self, handle: &Handle) -> Result<bool, StoreError> {
        let handles = self.state().await?.handles.edit();
        if handles.values().any(|known| known.name == handle.name) {
            return Ok(false);
        }
        handles.insert(handle.id, handle.clone());
        Ok(true)
    }

    async fn change(&mut self, id: HandleId, change: &HandleChange) -> Result<(), StoreError> {
        let state = self.state().await?;
        let Some(handle) = state.handles.edit().get_mut(&id) else { return Ok(()) };
        if let Some(title) = &change.title {
            handle.title.clone_from(title);
        }
        if let Some(support_email) = &change.support_email {
            handle.texts.support_email.clone_from(support_email);
        }
        if let Some(mail_footer) = &change.mail_footer {
            handle.texts.mail_footer.clone_from(mail_footer);
        }
        if let Some(description) = &change.description {
            handle.description.clone_from(description);
        }
        if let Some(picture) = &change.picture {
            handle.picture.clone_from(picture);
        }
        let extras = &mut handle.extras;
        extras.invoice = change.invoice.unwrap_or(extras.invoice);
        extras.automatic_tax = change.automatic_tax.unwrap_or(extras.automatic_tax);
        extras.tax_id = change.tax_id.unwrap_or(extras.tax_id);
        handle.second_payments = change.second_payments.unwrap_or(handle.second_payments);
        if let Some(origins) = &change.frontend_origins {
            state.frontend_origins.edit().insert(id, origins.clone());
        }
        Ok(())
    }

    async fn find(&mut self, id: HandleId) -> Result<Option<Handle>, StoreError> {
        Ok(self.state().await?.handles.get(&id).cloned())
    }

    async fn lock(&mut self, id: HandleId) -> Result<Option<HandleSettings>, StoreError> {
        // Units run one after the other, so nothing changes in between.
        let state = self.state().await?;
        let Some(handle) = state.handles.get(&id).cloned() else { return Ok(None) };
        let frontend_origins = state.frontend_origins.get(&id).cloned().unwrap_or_default();
        Ok(Some(HandleSettings { handle, frontend_origins }))
    }

    async fn replace_picture(
        &mut self,
        id: HandleId,
        from: &Slug,
        to: Option<Slug>,
    ) -> Result<(), StoreError> {
        let handle = self.state().await?.handles.edit().get_mut(&id);
        if let Some(handle) = handle.filter(|handle| handle.picture.as_ref() == Some(from)) {
            handle.picture = to;
        }
        Ok(())
    }

    async fn count_of(&mut self, creator: CreatorId) -> Result<u64, StoreError> {
        let handles = &self.state().await?.handles;
        let count = handles.values().filter(|handle| handle.creator_id == creator).count();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

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

    async fn page_labels(&self, handle: HandleId) -> Result<Vec<PageLabel>, StoreError> {
        let label = |page: &Page| PageLabel {
            slug: page.slug.clone(),
            title: page.title.clone(),
            mode: page.mode,
            price: page.price,
            status: page.status,
        };
        let state = self.read().await?;
        Ok(newest_first(&state, handle).into_iter().map(label).collect())
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
