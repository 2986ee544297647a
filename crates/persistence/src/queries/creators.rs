//! Creators and pages, and what is read of creators and all that is theirs.

use tollgate_domain::{
    creators::{
        Creator, FrontendOrigin, Handle, HandleName, Page, PageStatus, Slug,
        ports::{CreatorReads, Creators, PageRepository},
    },
    email::Email,
    id::{CreatorId, CreatorSessionId, HandleId, PageId},
    paging::{Cursor, Listing, PageRequest},
};

use super::prelude::*;
use crate::{
    rows::{CreatorRow, HandleRow, PageRow, parse, parse_option},
    schema::{
        checkout_orders, creator_sessions, creators, frontend_origins, group_buys, handles, pages,
        purchases, visits,
    },
};

#[async_trait]
impl Creators for Unit {
    async fn insert(&mut self, creator: &Creator) -> Result<bool, StoreError> {
        let row = CreatorRow::from(creator);
        run!(self, |conn| {
            let affected = diesel::insert_into(creators::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn email_of_handle(&mut self, handle: HandleId) -> Result<Option<Email>, StoreError> {
        let handle = handle.to_string();
        let email: Option<String> = run!(self, |conn| {
            handles::table
                .inner_join(creators::table.on(creators::id.eq(handles::creator_id)))
                .filter(handles::id.eq(handle))
                .select(creators::email)
                .first(conn)
                .await
                .optional()
        })?;
        parse_option("creators.email", email.as_deref())
    }

    async fn replace_password_hash(
        &mut self,
        id: CreatorId,
        from: &str,
        to: &str,
    ) -> Result<bool, StoreError> {
        let (id, from, to) = (id.to_string(), from.to_owned(), to.to_owned());
        run!(self, |conn| {
            let unchanged = creators::table.find(id).filter(creators::password_hash.eq(from));
            let affected =
                diesel::update(unchanged).set(creators::password_hash.eq(to)).execute(conn).await?;
            Ok(affected == 1)
        })
    }

    async fn rename(&mut self, id: CreatorId, name: &str) -> Result<(), StoreError> {
        let (id, name) = (id.to_string(), name.to_owned());
        run!(self, |conn| {
            diesel::update(creators::table.find(id))
                .set(creators::name.eq(name))
                .execute(conn)
                .await
                .map(drop)
        })
    }
}

#[async_trait]
impl PageRepository for Unit {
    async fn insert(&mut self, page: &Page) -> Result<bool, StoreError> {
        let row = PageRow::from(page);
        run!(self, |conn| {
            let affected = diesel::insert_into(pages::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn update(
        &mut self,
        page: &Page,
        unchanged_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = PageRow::from(page);
        let (id, unchanged_since) = (page.id.to_string(), micros(unchanged_since));
        run!(self, |conn| {
            let unchanged = pages::table.find(id).filter(pages::updated_at.eq(unchanged_since));
            let affected = diesel::update(unchanged).set(row).execute(conn).await?;
            Ok(affected == 1)
        })
    }

    async fn delete_if_unused(&mut self, id: PageId) -> Result<bool, StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            let ordered = checkout_orders::table
                .filter(checkout_orders::page_id.eq(id.clone()))
                .select(checkout_orders::id);
            let bought =
                purchases::table.filter(purchases::page_id.eq(id.clone())).select(purchases::id);
            let visited =
                visits::table.filter(visits::page_id.eq(id.clone())).select(visits::page_id);
            let in_group_buy =
                group_buys::table.filter(group_buys::page_id.eq(id.clone())).select(group_buys::id);
            let unused = pages::table
                .find(id)
                .filter(diesel::dsl::not(diesel::dsl::exists(ordered)))
                .filter(diesel::dsl::not(diesel::dsl::exists(bought)))
                .filter(diesel::dsl::not(diesel::dsl::exists(visited)))
                .filter(diesel::dsl::not(diesel::dsl::exists(in_group_buy)));
            let affected = diesel::delete(unused).execute(conn).await?;
            Ok(affected == 1)
        })
    }

    async fn find(&mut self, id: PageId) -> Result<Option<Page>, StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            pages::table.find(id).select(PageRow::as_select()).first(conn).await.optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn lock(&mut self, id: PageId) -> Result<Option<Page>, StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            // Writing a row, even as it was, is the lock that both databases know.
            diesel::update(pages::table.find(id))
                .set(pages::updated_at.eq(pages::updated_at))
                .returning(PageRow::as_returning())
                .get_result(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }
}

#[async_trait]
impl CreatorReads for Database {
    async fn creator_by_email(&self, email: &Email) -> Result<Option<Creator>, StoreError> {
        let email = email.to_string();
        read!(self, |conn| {
            creators::table
                .filter(creators::email.eq(email))
                .select(CreatorRow::as_select())
                .first(on(&mut conn))
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn creator(&self, id: CreatorId) -> Result<Option<Creator>, StoreError> {
        let id = id.to_string();
        read!(self, |conn| {
            creators::table
                .find(id)
                .select(CreatorRow::as_select())
                .first(on(&mut conn))
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn creator_in_session(
        &self,
        session: CreatorSessionId,
        now: Timestamp,
    ) -> Result<Option<Creator>, StoreError> {
        let (session, now) = (session.to_string(), micros(now));
        read!(self, |conn| {
            creator_sessions::table
                .inner_join(creators::table.on(creators::id.eq(creator_sessions::creator_id)))
                .filter(creator_sessions::id.eq(session))
                .filter(creator_sessions::revoked_at.is_null())
                .filter(creator_sessions::expires_at.gt(now))
                .select(CreatorRow::as_select())
                .first(on(&mut conn))
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn handle(&self, name: &HandleName) -> Result<Option<Handle>, StoreError> {
        let name = name.to_string();
        read!(self, |conn| {
            handles::table
                .filter(handles::name.eq(name))
                .select(HandleRow::as_select())
                .first(on(&mut conn))
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn frontend_origins(&self, handle: HandleId) -> Result<Vec<FrontendOrigin>, StoreError> {
        let handle = handle.to_string();
        let origins: Vec<String> = read!(self, |conn| {
            frontend_origins::table
                .filter(frontend_origins::handle_id.eq(handle))
                .order(frontend_origins::place)
                .select(frontend_origins::origin)
                .load(on(&mut conn))
                .await
        })?;
        origins.iter().map(|origin| parse("frontend_origins.origin", origin)).collect()
    }

    async fn is_frontend_origin(
        &self,
        origin: &FrontendOrigin,
        handle: Option<HandleName>,
    ) -> Result<bool, StoreError> {
        let registered = frontend_origins::table
            .inner_join(handles::table.on(handles::id.eq(frontend_origins::handle_id)))
            .filter(frontend_origins::origin.eq(origin.to_string()))
            .select(frontend_origins::origin)
            .limit(1);
        let found: Vec<String> = match handle {
            Some(name) => read_hot!(self, registered.filter(handles::name.eq(name.to_string())))?,
            None => read_hot!(self, registered)?,
        };
        Ok(!found.is_empty())
    }

    async fn handles_of(
        &self,
        creator: CreatorId,
        page: &PageRequest,
    ) -> Result<Listing<Handle>, StoreError> {
        let creator = creator.to_string();
        let (after, limit) = (page.after.clone(), i64::from(page.limit) + 1);
        let rows: Vec<HandleRow> = read!(self, |conn| {
            let mut query = handles::table
                .filter(handles::creator_id.eq(creator))
                .order((handles::created_at.desc(), handles::id.desc()))
                .limit(limit)
                .select(HandleRow::as_select())
                .into_boxed();
            if let Some(after) = after {
                let at = micros(after.at);
                query = query
                    .filter(handles::created_at.le(at))
                    .filter(handles::created_at.lt(at).or(handles::id.lt(after.id)));
            }
            query.load(on(&mut conn)).await
        })?;
        let handles = rows.into_iter().map(Handle::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::cut(handles, page, |handle| Cursor {
            at: handle.created_at,
            id: handle.id.to_string(),
        }))
    }

    async fn page(&self, handle: HandleId, slug: &Slug) -> Result<Option<Page>, StoreError> {
        let (handle, slug) = (handle.to_string(), slug.to_string());
        read!(self, |conn| {
            pages::table
                .filter(pages::handle_id.eq(handle))
                .filter(pages::slug.eq(slug))
                .select(PageRow::as_select())
                .first(on(&mut conn))
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn pages_of(
        &self,
        handle: HandleId,
        status: Option<PageStatus>,
        page: &PageRequest,
    ) -> Result<Listing<Page>, StoreError> {
        let handle = handle.to_string();
        let (after, limit) = (page.after.clone(), i64::from(page.limit) + 1);
        let rows: Vec<PageRow> = read!(self, |conn| {
            let mut query = pages::table
                .filter(pages::handle_id.eq(handle))
                .order((pages::created_at.desc(), pages::id.desc()))
                .limit(limit)
                .select(PageRow::as_select())
                .into_boxed();
            if let Some(status) = status {
                query = query.filter(pages::status.eq(status.as_str()));
            }
            if let Some(after) = after {
                let at = micros(after.at);
                query = query
                    .filter(pages::created_at.le(at))
                    .filter(pages::created_at.lt(at).or(pages::id.lt(after.id)));
            }
            query.load(on(&mut conn)).await
        })?;
        let pages = rows.into_iter().map(Page::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::cut(pages, page, |page| Cursor {
            at: page.created_at,
            id: page.id.to_string(),
        }))
    }

    async fn any_creator(&self) -> Result<bool, StoreError> {
        read!(self, |conn| {
            let anybody = creators::table.select(creators::id);
            diesel::select(diesel::dsl::exists(anybody)).get_result(on(&mut conn)).await
        })
    }
}
