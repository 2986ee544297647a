//! A visitor's access history: three lists, each read along its index, merged by time.

use tollgate_domain::{
    access::{AccessRecord, AccessStatus, AccessType, GrantType, Holding, PageTerms, ResourceType},
    creators::{AccessMode, PageStatus},
    files::end_of_place,
    id::{CreatorId, HandleId, PageId, VisitorId},
    names::{HandleName, Slug},
};

use super::prelude::*;
use crate::{
    columns::Stored,
    rows::PaidAmount,
    schema::{file_allowlist, files, handles, pages, purchases, visitors, visits},
};

/// Handle, its title, slug and title.
type Place = (AsText<HandleName>, String, AsText<Slug>, String);

#[derive(Queryable)]
struct Bought {
    id: String,
    place: Place,
    at: AsInt<Timestamp>,
    granted_as: AsText<GrantType>,
    grant_type: AsText<GrantType>,
    revoked_at: Option<AsInt<Timestamp>>,
    suspended_at: Option<AsInt<Timestamp>>,
    paid: PaidAmount,
}

#[derive(Queryable)]
struct Visited {
    page_id: AsText<PageId>,
    place: Place,
    at: AsInt<Timestamp>,
    /// Creator, mode and status, which decide whether the page is still accessible.
    gate: (AsText<CreatorId>, AsText<AccessMode>, AsText<PageStatus>),
    closed_at: Option<AsInt<Timestamp>>,
}

#[derive(Queryable)]
struct Listed {
    id: String,
    /// The title is the file's name.
    place: Place,
    at: AsInt<Timestamp>,
    removed_at: Option<AsInt<Timestamp>>,
    unlisted_at: Option<AsInt<Timestamp>>,
}

/// The purchases of a visitor.
macro_rules! bought_by {
    ($visitor:expr) => {
        purchases::table
            .inner_join(pages::table.on(pages::id.eq(purchases::page_id)))
            .inner_join(handles::table.on(handles::id.eq(purchases::handle_id)))
            .filter(purchases::visitor_id.eq($visitor))
            .select((
                purchases::id,
                (handles::name, handles::title, pages::slug, pages::title),
                purchases::created_at,
                purchases::granted_as,
                purchases::grant_type,
                purchases::revoked_at,
                purchases::suspended_at,
                (purchases::amount, purchases::currency),
            ))
    };
}

/// The first views of a visitor, of pages that are free with login.
macro_rules! visited_by {
    ($visitor:expr) => {
        visits::table
            .inner_join(pages::table.on(pages::id.eq(visits::page_id)))
            .inner_join(handles::table.on(handles::id.eq(pages::handle_id)))
            .filter(visits::visitor_id.eq($visitor))
            .select((
                visits::page_id,
                (handles::name, handles::title, pages::slug, pages::title),
                visits::at,
                (handles::creator_id, pages::mode, pages::status),
                pages::closed_at,
            ))
    };
}

/// The entries of a visitor's address on the allowlists of files.
macro_rules! listed_for {
    ($visitor:expr) => {
        file_allowlist::table
            .inner_join(files::table.on(files::id.eq(file_allowlist::file_id)))
            .inner_join(handles::table.on(handles::id.eq(files::handle_id)))
            .inner_join(visitors::table.on(visitors::email.eq(file_allowlist::email)))
            .filter(visitors::id.eq($visitor))
            .select((
                file_allowlist::id,
                (handles::name, handles::title, files::slug, files::name),
                file_allowlist::added_at,
                file_allowlist::removed_at,
                files::unlisted_at,
            ))
    };
}

impl Database {
    pub(super) async fn access_history(
        &self,
        visitor: VisitorId,
        within: Option<Vec<HandleId>>,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError> {
        let visitor = AsText(visitor);
        let bought = seek!(page, purchases::created_at, purchases::id, bought_by!(visitor));
        let visited = seek!(page, visits::at, visits::page_id, visited_by!(visitor));
        let listed =
            seek!(page, file_allowlist::added_at, file_allowlist::id, listed_for!(visitor));
        let (bought, visited, listed) = match within {
            None => (bought, visited, listed),
            Some(handles) => {
                let ids = padded(handles.into_iter().map(AsText).collect());
                let is_within = || handles::id.eq_any(ids.clone());
                (
                    bought.filter(is_within()),
                    visited.filter(is_within()),
                    listed.filter(is_within()),
                )
            }
        };
        let (bought, visited, listed) = read!(self, |conn| {
            let bought: Vec<Bought> = CachedStatement(bought).load(on(&mut conn)).await?;
            let visited: Vec<Visited> = CachedStatement(visited).load(on(&mut conn)).await?;
            let listed: Vec<Listed> = CachedStatement(listed).load(on(&mut conn)).await?;
            QueryResult::Ok((bought, visited, listed))
        })?;
        let bought = bought.into_iter().map(AccessRecord::from);
        let visited = visited.into_iter().map(AccessRecord::from);
        let listed = listed.into_iter().map(AccessRecord::from);
        let mut records: Vec<_> = bought.chain(visited).chain(listed).collect();
        records.sort_by(|one, other| (other.granted_at, &other.id).cmp(&(one.granted_at, &one.id)));
        Ok(listing(records, page, |record: &AccessRecord| (record.granted_at, record.id.clone())))
    }
}

impl From<Bought> for AccessRecord {
    fn from(row: Bought) -> Self {
        let (handle, seller, slug, title) = row.place;
        let revoked_at = row.revoked_at.into_value();
        let holding = Holding {
            grant_type: row.grant_type.0,
            revoked: revoked_at.is_some(),
            suspended: row.suspended_at.is_some(),
        };
        Self {
            id: row.id,
            resource_type: ResourceType::Page,
            access_type: AccessType::of_grant(row.granted_as.0),
            status: AccessStatus::of_holding(holding),
            handle: handle.0,
            seller,
            slug: slug.0,
            title,
            granted_at: row.at.0,
            ended_at: revoked_at,
            amount: row.paid.into_value(),
        }
    }
}

impl From<Visited> for AccessRecord {
    fn from(row: Visited) -> Self {
        let (handle, seller, slug, title) = row.place;
        let (creator_id, mode, status) = row.gate;
        let page = PageTerms { page_id: row.page_id.0, mode: mode.0, status: status.0 };
        Self {
            id: page.page_id.to_string(),
            resource_type: ResourceType::Page,
            access_type: AccessType::FreeLogin,
            status: AccessStatus::of_visit(creator_id.0, page),
            handle: handle.0,
            seller,
            slug: slug.0,
            title,
            granted_at: row.at.0,
            ended_at: row.closed_at.into_value(),
            amount: None,
        }
    }
}

impl From<Listed> for AccessRecord {
    fn from(row: Listed) -> Self {
        let (handle, seller, slug, title) = row.place;
        let (removed_at, unlisted_at) = (row.removed_at.into_value(), row.unlisted_at.into_value());
        let ended_at = end_of_place(row.at.0, removed_at, unlisted_at);
        Self {
            id: row.id,
            resource_type: ResourceType::File,
            access_type: AccessType::Allowlist,
            status: AccessStatus::of_place(ended_at),
            handle: handle.0,
            seller,
            slug: slug.0,
            title,
            granted_at: row.at.0,
            ended_at,
            amount: None,
        }
    }
}
