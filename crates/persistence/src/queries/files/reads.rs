//! Reading files, and what a decision about one needs, in one statement.

use std::collections::BTreeSet;

use tollgate_domain::{
    access::{Holding, PageGate},
    creators::Slug,
    files::{
        AllowlistEntry, File,
        ports::{AskedFile, FileQuery, FileReads},
    },
    id::{FileId, HandleId, PageId},
    paging::{Cursor, Listing, PageRequest},
};

use super::super::prelude::*;
use crate::{
    rows::{AllowlistRow, FileRow, FileState, PlacedFile, parse, parse_option},
    schema::{
        file_allowlist, files, handles, pages, purchases, visitor_sessions, visitors, visits,
    },
};

/// What is known of who asks, the owner of the handle, the gate of the page, and the file.
type AskedRow = (ViewerColumns, String, PageColumns, FileRow);
/// Id, slug, mode and status; all of them are there, or none.
type PageColumns = (Option<String>, Option<String>, Option<String>, Option<String>);
/// The visitor, one of their purchases, their first view, and their place on the list.
type ViewerColumns =
    (Option<String>, (Option<String>, Option<i64>, Option<i64>), Option<i64>, Option<String>);

/// Puts the rows of one file together: there is one for each purchase, or one without a purchase.
fn asked_file(rows: Vec<AskedRow>) -> Result<Option<AskedFile>, StoreError> {
    let mut holdings = Vec::new();
    for ((_, (grant_type, revoked_at, suspended_at), ..), ..) in &rows {
        if let Some(grant_type) = grant_type {
            holdings.push(Holding {
                grant_type: parse("purchases.grant_type", grant_type)?,
                revoked: revoked_at.is_some(),
                suspended: suspended_at.is_some(),
            });
        }
    }
    let Some(((visitor_id, _, visited_at, place), creator_id, page, file)) =
        rows.into_iter().next()
    else {
        return Ok(None);
    };
    let creator_id = parse("handles.creator_id", &creator_id)?;
    let (page_id, slug, mode, status) = page;
    let file = file.placed(slug)?;
    let page = match (page_id, mode, status) {
        (Some(id), Some(mode), Some(status)) => Some(PageGate {
            page_id: parse("pages.id", &id)?,
            handle_id: file.handle_id,
            creator_id,
            mode: parse("pages.mode", &mode)?,
            status: parse("pages.status", &status)?,
        }),
        _ => None,
    };
    Ok(Some(AskedFile {
        page,
        creator_id,
        visitor_id: parse_option("visitor_sessions.visitor_id", visitor_id.as_deref())?,
        holdings,
        visited: visited_at.is_some(),
        listed: place.is_some(),
        file,
    }))
}

#[async_trait]
impl FileReads for Database {
    async fn asked_file(&self, query: &FileQuery) -> Result<Option<AskedFile>, StoreError> {
        let FileQuery { handle, slug, session, now } = query;
        let token = session.map(|session| session.as_bytes().to_vec());
        let session_is_good = visitor_sessions::token
            .nullable()
            .eq(token)
            .and(visitor_sessions::revoked_at.is_null())
            .and(visitor_sessions::expires_at.gt(micros(*now)));
        let is_visitor = visitors::id.nullable().eq(visitor_sessions::visitor_id.nullable());
        let is_buyer = purchases::page_id
            .nullable()
            .eq(pages::id.nullable())
            .and(purchases::visitor_id.nullable().eq(visitor_sessions::visitor_id.nullable()));
        let has_visited = visits::page_id
            .nullable()
            .eq(pages::id.nullable())
            .and(visits::visitor_id.nullable().eq(visitor_sessions::visitor_id.nullable()));
        let is_listed = file_allowlist::file_id
            .eq(files::id)
            .and(file_allowlist::removed_at.is_null())
            .and(file_allowlist::email.nullable().eq(visitors::email.nullable()));
        let statement = handles::table
            .inner_join(files::table.on(files::handle_id.eq(handles::id)))
            .left_join(pages::table.on(pages::id.nullable().eq(files::page_id)))
            .left_join(visitor_sessions::table.on(session_is_good))
            .left_join(visitors::table.on(is_visitor))
            .left_join(purchases::table.on(is_buyer))
            .left_join(visits::table.on(has_visited))
            .left_join(file_allowlist::table.on(is_listed))
            .filter(handles::name.eq(handle.to_string()))
            .filter(files::live_slug.eq(slug.to_string()))
            .filter(files::state.eq(FileState::Ready.as_str()))
            .select((
                (
                    visitor_sessions::visitor_id.nullable(),
                    (
                        purchases::grant_type.nullable(),
                        purchases::revoked_at.nullable(),
                        purchases::suspended_at.nullable(),
                    ),
                    visits::at.nullable(),
                    file_allowlist::id.nullable(),
                ),
                handles::creator_id,
                (
                    pages::id.nullable(),
                    pages::slug.nullable(),
                    pages::mode.nullable(),
                    pages::status.nullable(),
                ),
                FileRow::as_select(),
            ));
        let rows: Vec<AskedRow> = read_hot!(self, statement)?;
        asked_file(rows)
    }

    async fn file(&self, handle: HandleId, slug: &Slug) -> Result<Option<File>, StoreError> {
        let (handle, slug) = (handle.to_string(), slug.to_string());
        let found: Option<PlacedFile> = read!(self, |conn| {
            files::table
                .left_join(pages::table.on(pages::id.nullable().eq(files::page_id)))
                .filter(files::handle_id.eq(handle))
                .filter(files::live_slug.eq(slug))
                .filter(files::state.eq(FileState::Ready.as_str()))
                .select((FileRow::as_select(), pages::slug.nullable()))
                .first(on(&mut conn))
                .await
                .optional()
        })?;
        found.map(|(row, slug)| row.placed(slug)).transpose()
    }

    async fn files_of(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<File>, StoreError> {
        let handle = handle.to_string();
        let (after, limit) = (page.after.clone(), i64::from(page.limit) + 1);
        let rows: Vec<PlacedFile> = read!(self, |conn| {
            let mut query = files::table
                .left_join(pages::table.on(pages::id.nullable().eq(files::page_id)))
                .filter(files::handle_id.eq(handle))
                .filter(files::state.eq(FileState::Ready.as_str()))
                .order((files::created_at.desc(), files::id.desc()))
                .limit(limit)
                .select((FileRow::as_select(), pages::slug.nullable()))
                .into_boxed();
            if let Some(after) = after {
                let at = micros(after.at);
                query = query
                    .filter(files::created_at.le(at))
                    .filter(files::created_at.lt(at).or(files::id.lt(after.id)));
            }
            query.load(on(&mut conn)).await
        })?;
        let files = rows.into_iter().map(|(row, slug)| row.placed(slug));
        let files = files.collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::cut(files, page, |file| Cursor {
            at: file.created_at,
            id: file.id.to_string(),
        }))
    }

    async fn files_on(&self, page: PageId, limit: u32) -> Result<Vec<File>, StoreError> {
        let page = page.to_string();
        let rows: Vec<PlacedFile> = read!(self, |conn| {
            files::table
                .left_join(pages::table.on(pages::id.nullable().eq(files::page_id)))
                .filter(files::page_id.eq(page))
                .filter(files::state.eq(FileState::Ready.as_str()))
                .order((files::created_at, files::id))
                .limit(i64::from(limit))
                .select((FileRow::as_select(), pages::slug.nullable()))
                .load(on(&mut conn))
                .await
        })?;
        rows.into_iter().map(|(row, slug)| row.placed(slug)).collect()
    }

    async fn allowlist(
        &self,
        file: FileId,
        page: &PageRequest,
    ) -> Result<Listing<AllowlistEntry>, StoreError> {
        let file = file.to_string();
        let (after, limit) = (page.after.clone(), i64::from(page.limit) + 1);
        let rows: Vec<AllowlistRow> = read!(self, |conn| {
            let mut query = file_allowlist::table
                .filter(file_allowlist::file_id.eq(file))
                .filter(file_allowlist::removed_at.is_null())
                .order((file_allowlist::added_at.desc(), file_allowlist::id.desc()))
                .limit(limit)
                .select(AllowlistRow::as_select())
                .into_boxed();
            if let Some(after) = after {
                let at = micros(after.at);
                query = query
                    .filter(file_allowlist::added_at.le(at))
                    .filter(file_allowlist::added_at.lt(at).or(file_allowlist::id.lt(after.id)));
            }
            query.load(on(&mut conn)).await
        })?;
        let entries = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::cut(entries, page, |entry: &AllowlistEntry| Cursor {
            at: entry.added_at,
            id: entry.id.to_string(),
        }))
    }

    async fn known(&self, ids: &[FileId]) -> Result<BTreeSet<FileId>, StoreError> {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let known: Vec<String> = read!(self, |conn| {
            files::table
                .filter(files::id.eq_any(ids))
                .filter(files::state.ne(FileState::Gone.as_str()))
                .select(files::id)
                .load(on(&mut conn))
                .await
        })?;
        known.iter().map(|id| parse("files.id", id)).collect()
    }
}
