//! A visitor's access history: three lists, each read along its index, merged by time.

use tollgate_domain::{
    access::{AccessRecord, AccessStatus, AccessType, GrantType, Holding, PageGate, ResourceType},
    id::VisitorId,
    paging::{Cursor, Listing, PageRequest},
};

use super::prelude::*;
use crate::{
    rows::{instant, instant_option, money_option, parse},
    schema::{file_allowlist, files, handles, pages, purchases, visitors, visits},
};

/// Handle, slug and title.
type Place = (String, String, String);

#[derive(Queryable)]
struct Bought {
    id: String,
    place: Place,
    at: i64,
    granted_as: String,
    grant_type: String,
    revoked_at: Option<i64>,
    suspended_at: Option<i64>,
    amount: Option<i64>,
    currency: Option<String>,
}

#[derive(Queryable)]
struct Visited {
    page_id: String,
    place: Place,
    at: i64,
    /// Handle, creator, mode and status: what tells whether it still lets anybody in.
    gate: (String, String, String, String),
    closed_at: Option<i64>,
}

#[derive(Queryable)]
struct Listed {
    id: String,
    /// The title is the file's name.
    place: Place,
    at: i64,
    removed_at: Option<i64>,
}

impl Database {
    pub(super) async fn access_history(
        &self,
        visitor: VisitorId,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError> {
        let visitor = visitor.to_string();
        let (after, limit) = (page.after.clone(), i64::from(page.limit) + 1);
        let (bought, visited, listed) = read!(self, |conn| {
            let mut bought = purchases::table
                .inner_join(pages::table.on(pages::id.eq(purchases::page_id)))
                .inner_join(handles::table.on(handles::id.eq(purchases::handle_id)))
                .filter(purchases::visitor_id.eq(visitor.clone()))
                .order((purchases::created_at.desc(), purchases::id.desc()))
                .limit(limit)
                .select((
                    purchases::id,
                    (handles::name, pages::slug, pages::title),
                    purchases::created_at,
                    purchases::granted_as,
                    purchases::grant_type,
                    purchases::revoked_at,
                    purchases::suspended_at,
                    purchases::amount,
                    purchases::currency,
                ))
                .into_boxed();
            let mut visited = visits::table
                .inner_join(pages::table.on(pages::id.eq(visits::page_id)))
                .inner_join(handles::table.on(handles::id.eq(pages::handle_id)))
                .filter(visits::visitor_id.eq(visitor.clone()))
                .order((visits::at.desc(), visits::page_id.desc()))
                .limit(limit)
                .select((
                    visits::page_id,
                    (handles::name, pages::slug, pages::title),
                    visits::at,
                    (handles::id, handles::creator_id, pages::mode, pages::status),
                    pages::closed_at,
                ))
                .into_boxed();
            let mut listed = file_allowlist::table
                .inner_join(files::table.on(files::id.eq(file_allowlist::file_id)))
                .inner_join(handles::table.on(handles::id.eq(files::handle_id)))
                .inner_join(visitors::table.on(visitors::email.eq(file_allowlist::email)))
                .filter(visitors::id.eq(visitor))
                .order((file_allowlist::added_at.desc(), file_allowlist::id.desc()))
                .limit(limit)
                .select((
                    file_allowlist::id,
                    (handles::name, files::slug, files::name),
                    file_allowlist::added_at,
                    file_allowlist::removed_at,
                ))
                .into_boxed();
            if let Some(Cursor { at, id }) = after {
                let at = micros(at);
                bought = bought
                    .filter(purchases::created_at.le(at))
                    .filter(purchases::created_at.lt(at).or(purchases::id.lt(id.clone())));
                visited = visited
                    .filter(visits::at.le(at))
                    .filter(visits::at.lt(at).or(visits::page_id.lt(id.clone())));
                listed = listed
                    .filter(file_allowlist::added_at.le(at))
                    .filter(file_allowlist::added_at.lt(at).or(file_allowlist::id.lt(id)));
            }
            let bought: Vec<Bought> = bought.load(on(&mut conn)).await?;
            let visited: Vec<Visited> = visited.load(on(&mut conn)).await?;
            let listed: Vec<Listed> = listed.load(on(&mut conn)).await?;
            QueryResult::Ok((bought, visited, listed))
        })?;
        let bought = bought.into_iter().map(AccessRecord::try_from);
        let visited = visited.into_iter().map(AccessRecord::try_from);
        let listed = listed.into_iter().map(AccessRecord::try_from);
        let mut records = bought.chain(visited).chain(listed).collect::<Result<Vec<_>, _>>()?;
        records.sort_by(|one, other| (other.granted_at, &other.id).cmp(&(one.granted_at, &one.id)));
        Ok(Listing::cut(records, page, |record| Cursor {
            at: record.granted_at,
            id: record.id.clone(),
        }))
    }
}

impl TryFrom<Bought> for AccessRecord {
    type Error = StoreError;

    fn try_from(row: Bought) -> Result<Self, StoreError> {
        let (handle, slug, title) = row.place;
        let granted_as: GrantType = parse("purchases.granted_as", &row.granted_as)?;
        let holding = Holding {
            grant_type: parse("purchases.grant_type", &row.grant_type)?,
            revoked: row.revoked_at.is_some(),
            suspended: row.suspended_at.is_some(),
        };
        Ok(Self {
            id: row.id,
            resource_type: ResourceType::Page,
            access_type: AccessType::of_grant(granted_as),
            status: AccessStatus::of_holding(holding),
            handle: parse("handles.name", &handle)?,
            slug: parse("pages.slug", &slug)?,
            title,
            granted_at: instant("purchases.created_at", row.at)?,
            ended_at: instant_option("purchases.revoked_at", row.revoked_at)?,
            amount: money_option("purchases.currency", row.amount, row.currency.as_deref())?,
        })
    }
}

impl TryFrom<Visited> for AccessRecord {
    type Error = StoreError;

    fn try_from(row: Visited) -> Result<Self, StoreError> {
        let (handle, slug, title) = row.place;
        let (handle_id, creator_id, mode, status) = row.gate;
        let gate = PageGate {
            page_id: parse("visits.page_id", &row.page_id)?,
            handle_id: parse("handles.id", &handle_id)?,
            creator_id: parse("handles.creator_id", &creator_id)?,
            mode: parse("pages.mode", &mode)?,
            status: parse("pages.status", &status)?,
        };
        Ok(Self {
            id: row.page_id,
            resource_type: ResourceType::Page,
            access_type: AccessType::FreeLogin,
            status: AccessStatus::of_visit(&gate),
            handle: parse("handles.name", &handle)?,
            slug: parse("pages.slug", &slug)?,
            title,
            granted_at: instant("visits.at", row.at)?,
            ended_at: instant_option("pages.closed_at", row.closed_at)?,
            amount: None,
        })
    }
}

impl TryFrom<Listed> for AccessRecord {
    type Error = StoreError;

    fn try_from(row: Listed) -> Result<Self, StoreError> {
        let (handle, slug, title) = row.place;
        let ended_at = instant_option("file_allowlist.removed_at", row.removed_at)?;
        Ok(Self {
            id: row.id,
            resource_type: ResourceType::File,
            access_type: AccessType::Allowlist,
            status: AccessStatus::of_place(ended_at),
            handle: parse("handles.name", &handle)?,
            slug: parse("files.slug", &slug)?,
            title,
            granted_at: instant("file_allowlist.added_at", row.at)?,
            ended_at,
            amount: None,
        })
    }
}
