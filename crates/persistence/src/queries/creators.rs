//! Creators and pages, and the reads of a creator, its handles and pages.

use diesel::dsl::{exists, not};
use tollgate_domain::{
    creators::{
        AccountToken, Creator, CreatorSession, FrontendOrigin, Handle, Page, PageLabel,
        PageOverview, PageStatus,
        ports::{CreatorReads, Creators, PageRepository},
    },
    email::Email,
    id::{CreatorId, CreatorSessionId, HandleId, PageId},
    names::{HandleName, Slug},
    token::TokenHash,
};

use super::prelude::*;
use crate::{
    rows::{AccountTokenRow, CreatorRow, CreatorSessionRow, HandleRow, PageLabelRow, PageRow},
    schema::{
        account_tokens, checkout_orders, creator_sessions, creators, frontend_origins, group_buys,
        handles, pages, purchases, spent_refresh_tokens, visits,
    },
};

#[async_trait]
impl Creators for Unit {
    async fn insert(&mut self, creator: &Creator) -> Result<bool, StoreError> {
        insert!(self, creators, CreatorRow::from(creator))
    }

    async fn email_of_handle(&mut self, handle: HandleId) -> Result<Option<Email>, StoreError> {
        let email = handles::table
            .inner_join(creators::table.on(creators::id.eq(handles::creator_id)))
            .filter(handles::id.eq(AsText(handle)))
            .select(creators::email);
        let email: Option<AsText<Email>> = self.first(email).await?;
        Ok(email.map(|email| email.0))
    }

    async fn replace_password_hash(
        &mut self,
        id: CreatorId,
        from: &str,
        to: &str,
    ) -> Result<bool, StoreError> {
        let unchanged =
            creators::table.find(AsText(id)).filter(creators::password_hash.eq(from.to_owned()));
        changes!(self, diesel::update(unchanged).set(creators::password_hash.eq(to.to_owned())))
    }

    async fn rename(&mut self, id: CreatorId, name: &str) -> Result<(), StoreError> {
        let creator = creators::table.find(AsText(id));
        execute!(self, diesel::update(creator).set(creators::name.eq(name.to_owned())))
    }

    async fn set_password_hash(&mut self, id: CreatorId, hash: &str) -> Result<(), StoreError> {
        let hash = creators::password_hash.eq(hash.to_owned());
        execute!(self, diesel::update(creators::table.find(AsText(id))).set(hash))
    }

    async fn set_suspended(
        &mut self,
        id: CreatorId,
        since: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let suspended = creators::suspended_at.eq(since.map(AsInt));
        execute!(self, diesel::update(creators::table.find(AsText(id))).set(suspended))
    }

    async fn lock(&mut self, id: CreatorId) -> Result<(), StoreError> {
        // Updating a row, even without a change, locks it in both databases.
        let unchanged = creators::created_at.eq(creators::created_at);
        execute!(self, diesel::update(creators::table.find(AsText(id))).set(unchanged))
    }

    async fn verify_email(&mut self, id: CreatorId, now: Timestamp) -> Result<(), StoreError> {
        let unproved =
            creators::table.find(AsText(id)).filter(creators::email_verified_at.is_null());
        execute!(self, diesel::update(unproved).set(creators::email_verified_at.eq(AsInt(now))))
    }
}

#[async_trait]
impl PageRepository for Unit {
    async fn insert(&mut self, page: &Page) -> Result<bool, StoreError> {
        insert!(self, pages, PageRow::from(page))
    }

    async fn count_of(&mut self, handle: HandleId) -> Result<u64, StoreError> {
        count!(self, pages::table.filter(pages::handle_id.eq(AsText(handle))))
    }

    async fn update(
        &mut self,
        page: &Page,
        unchanged_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let unchanged =
            pages::table.find(AsText(page.id)).filter(pages::updated_at.eq(AsInt(unchanged_since)));
        changes!(self, diesel::update(unchanged).set(PageRow::from(page)))
    }

    async fn delete_if_unused(
        &mut self,
        id: PageId,
        unchanged_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = AsText(id);
        let ordered = checkout_orders::table.filter(checkout_orders::page_id.eq(id));
        let bought = purchases::table.filter(purchases::page_id.eq(id));
        let visited = visits::table.filter(visits::page_id.eq(id));
        let in_group_buy = group_buys::table.filter(group_buys::page_id.eq(id));
        let unused = pages::table
            .find(id)
            .filter(pages::updated_at.eq(AsInt(unchanged_since)))
            .filter(not(exists(ordered.select(checkout_orders::id))))
            .filter(not(exists(bought.select(purchases::id))))
            .filter(not(exists(visited.select(visits::page_id))))
            .filter(not(exists(in_group_buy.select(group_buys::id))));
        changes!(self, diesel::delete(unused))
    }

    async fn find(&mut self, id: PageId) -> Result<Option<Page>, StoreError> {
        find!(self, PageRow, pages::table.find(AsText(id)))
    }

    async fn lock(&mut self, id: PageId) -> Result<Option<Page>, StoreError> {
        // Updating a row, even without a change, locks it in both databases.
        let same = pages::updated_at.eq(pages::updated_at);
        updated!(self, PageRow, diesel::update(pages::table.find(AsText(id))).set(same))
    }
}

/// A part of a handle's pages, newest first; only those with a status if one is given.
macro_rules! listed {
    ($row:ident, $handle:expr, $status:expr, $page:ident) => {{
        let pages =
            pages::table.filter(pages::handle_id.eq(AsText($handle))).select($row::as_select());
        let mut query = seek!($page, pages::created_at, pages::id, pages);
        if let Some(status) = $status {
            query = query.filter(pages::status.eq(AsText(status)));
        }
        query
    }};
}

#[async_trait]
impl CreatorReads for Database {
    async fn creator_by_email(&self, email: &Email) -> Result<Option<Creator>, StoreError> {
        let creator = creators::table.filter(creators::email.eq(AsText(email.clone())));
        read_first!(self, CreatorRow, creator)
    }

    async fn creator(&self, id: CreatorId) -> Result<Option<Creator>, StoreError> {
        read_first!(self, CreatorRow, creators::table.find(AsText(id)))
    }

    async fn account_token(&self, token: TokenHash) -> Result<Option<AccountToken>, StoreError> {
        read_first!(self, AccountTokenRow, account_tokens::table.find(AsBytes(token)))
    }

    async fn creator_by_token(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<(Creator, CreatorSessionId)>, StoreError> {
        let session = creator_sessions::table
            .inner_join(creators::table.on(creators::id.eq(creator_sessions::creator_id)))
            .filter(creator_sessions::token.eq(AsBytes(token)))
            .filter(creators::suspended_at.is_null())
            .filter(creator_sessions::revoked_at.is_null())
            .filter(creator_sessions::expires_at.gt(AsInt(now)))
            .select((CreatorRow::as_select(), creator_sessions::id));
        let row: Option<(CreatorRow, AsText<CreatorSessionId>)> =
            read!(self, |conn| { session.first(on(&mut conn)).await.optional() })?;
        Ok(row.map(|(creator, session)| (creator.into(), session.0)))
    }

    async fn refresh_token_spent_at(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let spent_at = spent_refresh_tokens::table
            .inner_join(
                creator_sessions::table
                    .on(creator_sessions::id.eq(spent_refresh_tokens::session_id)),
            )
            .filter(spent_refresh_tokens::token.eq(AsBytes(token)))
            .filter(creator_sessions::revoked_at.is_null())
            .filter(creator_sessions::expires_at.gt(AsInt(now)))
            .select(spent_refresh_tokens::spent_at);
        let spent_at: Option<AsInt<Timestamp>> =
            read!(self, |conn| { spent_at.first(on(&mut conn)).await.optional() })?;
        Ok(spent_at.map(|at| at.0))
    }

    async fn creator_sessions_of(
        &self,
        creator: CreatorId,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Listing<CreatorSession>, StoreError> {
        let sessions = creator_sessions::table
            .filter(creator_sessions::creator_id.eq(AsText(creator)))
            .filter(creator_sessions::revoked_at.is_null())
            .filter(creator_sessions::expires_at.gt(AsInt(now)))
            .select(CreatorSessionRow::as_select());
        let sessions = seek!(page, creator_sessions::created_at, creator_sessions::id, sessions);
        let rows: Vec<CreatorSessionRow> = read_all!(self, sessions)?;
        Ok(listing(rows, page, |row: &CreatorSession| (row.created_at, row.id)))
    }

    async fn taken_names(&self, names: &[HandleName]) -> Result<Vec<HandleName>, StoreError> {
        let names: Vec<_> = names.iter().cloned().map(AsText).collect();
        let taken = handles::table.filter(handles::name.eq_any(names)).select(handles::name);
        let taken: Vec<AsText<HandleName>> = read_all!(self, taken)?;
        Ok(taken.into_iter().map(|name| name.0).collect())
    }

    async fn creator_in_session(
        &self,
        session: CreatorSessionId,
        now: Timestamp,
    ) -> Result<Option<Creator>, StoreError> {
        let creator = creator_sessions::table
            .inner_join(creators::table.on(creators::id.eq(creator_sessions::creator_id)))
            .filter(creator_sessions::id.eq(AsText(session)))
            .filter(creators::suspended_at.is_null())
            .filter(creator_sessions::revoked_at.is_null())
            .filter(creator_sessions::expires_at.gt(AsInt(now)));
        read_first!(self, CreatorRow, creator)
    }

    async fn handle(&self, name: &HandleName) -> Result<Option<Handle>, StoreError> {
        let handle = handles::table.filter(handles::name.eq(AsText(name.clone())));
        read_first!(self, HandleRow, handle)
    }

    async fn handle_and_proof(
        &self,
        name: &HandleName,
    ) -> Result<Option<(Handle, bool)>, StoreError> {
        let handle = handles::table
            .inner_join(creators::table.on(creators::id.eq(handles::creator_id)))
            .filter(handles::name.eq(AsText(name.clone())))
            .select((HandleRow::as_select(), creators::email_verified_at));
        let row: Option<(HandleRow, Option<AsInt<Timestamp>>)> =
            read!(self, |conn| { handle.first(on(&mut conn)).await.optional() })?;
        Ok(row.map(|(handle, proved_at)| (handle.into(), proved_at.is_some())))
    }

    async fn frontend_origins(&self, handle: HandleId) -> Result<Vec<FrontendOrigin>, StoreError> {
        let origins = frontend_origins::table
            .filter(frontend_origins::handle_id.eq(AsText(handle)))
            .order(frontend_origins::place)
            .select(frontend_origins::origin);
        let origins: Vec<AsText<FrontendOrigin>> = read_all!(self, origins)?;
        Ok(origins.into_iter().map(|origin| origin.0).collect())
    }

    async fn is_frontend_origin(
        &self,
        origin: &FrontendOrigin,
        handle: Option<HandleName>,
    ) -> Result<bool, StoreError> {
        let registered = frontend_origins::table
            .inner_join(handles::table.on(handles::id.eq(frontend_origins::handle_id)))
            .filter(frontend_origins::origin.eq(AsText(origin.clone())))
            .select(frontend_origins::origin)
            .limit(1);
        let found: Vec<String> = match handle {
            Some(name) => read_hot!(self, registered.filter(handles::name.eq(AsText(name))))?,
            None => read_hot!(self, registered)?,
        };
        Ok(!found.is_empty())
    }

    async fn handles_of_origin(
        &self,
        origin: &FrontendOrigin,
    ) -> Result<Vec<HandleId>, StoreError> {
        let registered = frontend_origins::table
            .filter(frontend_origins::origin.eq(AsText(origin.clone())))
            .order(frontend_origins::handle_id)
            .select(frontend_origins::handle_id);
        let handles: Vec<AsText<HandleId>> = read_all!(self, registered)?;
        Ok(handles.into_iter().map(|handle| handle.0).collect())
    }

    async fn only_handle_of_origin(
        &self,
        origin: &FrontendOrigin,
    ) -> Result<Option<HandleName>, StoreError> {
        let registered = frontend_origins::table
            .inner_join(handles::table.on(handles::id.eq(frontend_origins::handle_id)))
            .filter(frontend_origins::origin.eq(AsText(origin.clone())))
            .select(handles::name)
            .limit(2);
        let mut names: Vec<AsText<HandleName>> = read_all!(self, registered)?;
        let name = names.pop().filter(|_| names.is_empty());
        Ok(name.map(|name| name.0))
    }

    async fn handles_of(
        &self,
        creator: CreatorId,
        page: &PageRequest,
    ) -> Result<Listing<Handle>, StoreError> {
        let handles = handles::table
            .filter(handles::creator_id.eq(AsText(creator)))
            .select(HandleRow::as_select());
        let rows: Vec<HandleRow> =
            read_all!(self, seek!(page, handles::created_at, handles::id, handles))?;
        Ok(listing(rows, page, |handle: &Handle| (handle.created_at, handle.id)))
    }

    async fn page(&self, handle: HandleId, slug: &Slug) -> Result<Option<Page>, StoreError> {
        let page = pages::table
            .filter(pages::handle_id.eq(AsText(handle)))
            .filter(pages::slug.eq(AsText(slug.clone())));
        read_first!(self, PageRow, page)
    }

    async fn pages_of(
        &self,
        handle: HandleId,
        status: Option<PageStatus>,
        page: &PageRequest,
    ) -> Result<Listing<Page>, StoreError> {
        let rows: Vec<PageRow> = read_all!(self, listed!(PageRow, handle, status, page))?;
        Ok(listing(rows, page, |page: &Page| (page.created_at, page.id)))
    }

    async fn page_labels(&self, handle: HandleId) -> Result<Vec<PageLabel>, StoreError> {
        let labels = pages::table
            .filter(pages::handle_id.eq(AsText(handle)))
            .order((pages::created_at.desc(), pages::id.desc()))
            .select(PageLabelRow::as_select());
        let rows: Vec<PageLabelRow> = read_all!(self, labels)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn labels_of(
        &self,
        handle: HandleId,
        status: Option<PageStatus>,
        page: &PageRequest,
    ) -> Result<Listing<PageLabel>, StoreError> {
        let rows: Vec<PageLabelRow> = read_all!(self, listed!(PageLabelRow, handle, status, page))?;
        Ok(listing(rows, page, |label: &PageLabel| (label.created_at, label.id)))
    }

    async fn page_overview(&self, handle: HandleId) -> Result<PageOverview, StoreError> {
        self.overview_of(handle).await
    }

    async fn creators(&self, page: &PageRequest) -> Result<Listing<Creator>, StoreError> {
        let creators = creators::table.select(CreatorRow::as_select());
        let rows: Vec<CreatorRow> =
            read_all!(self, seek!(page, creators::created_at, creators::id, creators))?;
        Ok(listing(rows, page, |creator: &Creator| (creator.created_at, creator.id)))
    }

    async fn any_creator(&self) -> Result<bool, StoreError> {
        read!(self, |conn| {
            let anybody = creators::table.select(creators::id);
            diesel::select(exists(anybody)).get_result(on(&mut conn)).await
        })
    }
}
