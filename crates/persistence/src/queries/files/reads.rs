//! Reads of files, and access decisions about them: one statement reads what a decision needs.

use std::collections::BTreeSet;

use tollgate_domain::{
    access::{
        PageTerms, Resource, ResourceGate,
        ports::{ResourceAccess, ResourceQuery},
    },
    creators::{AccessMode, PageStatus},
    email::Email,
    files::{AllowlistEntry, File, FileAccess, ports::FileReads},
    id::{CreatorId, FileId, HandleId, PageId, VisitorId},
    names::Slug,
};

use super::super::prelude::*;
use crate::{
    rows::{AllowlistRow, FileRow, FileState, HoldingColumns, PlacedFile, holding, place_key},
    schema::{
        file_allowlist, files, handles, pages, purchases, visitor_sessions, visitors, visits,
    },
};

/// The viewer, the owner of the handle, the page, and the file with the page's slug and title.
type AskedRow = (ViewerColumns, AsText<CreatorId>, PageColumns, PlacedFile);
/// Id, mode and status, set together or not at all.
type PageColumns = (Option<AsText<PageId>>, Option<AsText<AccessMode>>, Option<AsText<PageStatus>>);
/// The visitor, one of the visitor's purchases, first view, and entry in the allowlist.
type ViewerColumns = (Option<AsText<VisitorId>>, HoldingColumns, Option<i64>, Option<String>);

fn asked_rows(query: &ResourceQuery) -> impl HotQuery<AskedRow> {
    let ResourceQuery { handle, slug, session, now } = query;
    let session_is_good = visitor_sessions::token
        .nullable()
        .eq(session.map(AsBytes))
        .and(visitor_sessions::revoked_at.is_null())
        .and(visitor_sessions::expires_at.gt(AsInt(*now)));
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
        .filter(handles::name.eq(AsText(handle.clone())))
        .filter(files::live_slug.eq(AsText(slug.clone())))
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
            (pages::id.nullable(), pages::mode.nullable(), pages::status.nullable()),
            (FileRow::as_select(), pages::slug.nullable(), pages::title.nullable()),
        ));
    move |conn: ReadConn<'_>| load(statement, conn)
}

/// Combines the rows of one file: there is one for each purchase, or one without a purchase.
fn file_access(rows: Vec<AskedRow>) -> Option<(File, ResourceAccess)> {
    let holdings = rows.iter().filter_map(|((_, columns, ..), ..)| holding(columns)).collect();
    let ((visitor_id, _, visited_at, place), creator_id, page, file) = rows.into_iter().next()?;
    let file = File::from(file);
    let page = match page {
        (Some(page_id), Some(mode), Some(status)) => {
            Some(PageTerms { page_id: page_id.0, mode: mode.0, status: status.0 })
        }
        _ => None,
    };
    let access = ResourceAccess {
        resource: Resource::File(file.id),
        handle_id: file.handle_id,
        gate: ResourceGate { creator_id: creator_id.0, terms: file.access.terms(page) },
        visitor_id: visitor_id.map(|visitor| visitor.0),
        holdings,
        listed: place.is_some(),
        visited: visited_at.is_some(),
    };
    Some((file, access))
}

/// Files that can be downloaded, each with the slug and the title of its page.
macro_rules! placed_files {
    () => {
        files::table
            .left_join(pages::table.on(pages::id.nullable().eq(files::page_id)))
            .filter(files::state.eq(FileState::Ready.as_str()))
            .select((FileRow::as_select(), pages::slug.nullable(), pages::title.nullable()))
    };
}

#[async_trait]
impl FileReads for Database {
    async fn file_with_access(
        &self,
        query: &ResourceQuery,
    ) -> Result<Option<(File, ResourceAccess)>, StoreError> {
        let rows = self.read_hot(asked_rows(query)).traced("read").await?;
        Ok(file_access(rows))
    }

    async fn file(&self, handle: HandleId, slug: &Slug) -> Result<Option<File>, StoreError> {
        let file = placed_files!()
            .filter(files::handle_id.eq(AsText(handle)))
            .filter(files::live_slug.eq(AsText(slug.clone())));
        let found: Option<PlacedFile> =
            read!(self, |conn| { file.first(on(&mut conn)).await.optional() })?;
        Ok(found.map(Into::into))
    }

    async fn files_named(
        &self,
        handle: HandleId,
        names: &[String],
    ) -> Result<Vec<File>, StoreError> {
        let names = padded(names.to_vec());
        let has_slug = || files::live_slug.assume_not_null().eq_any(names.clone());
        let files = placed_files!()
            .filter(files::handle_id.eq(AsText(handle)))
            .filter(has_slug().or(files::name.eq_any(names.clone())))
            .order((has_slug().desc(), files::created_at.desc(), files::id.desc()))
            .limit(100);
        let rows: Vec<PlacedFile> = read_all!(self, CachedStatement(files))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn files_of(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<File>, StoreError> {
        let files = placed_files!().filter(files::handle_id.eq(AsText(handle)));
        let rows: Vec<PlacedFile> =
            read_all!(self, seek!(page, files::created_at, files::id, files))?;
        Ok(listing(rows, page, |file: &File| (file.created_at, file.id)))
    }

    async fn public_pictures(&self, handle: HandleId, limit: u32) -> Result<Vec<File>, StoreError> {
        // The access is in the text, as the partial index has it. There are few sounds and videos among the pictures.
        let files = placed_files!()
            .filter(files::handle_id.eq(AsText(handle)))
            .filter(files::access.eq(Literal(FileAccess::Public.as_str())))
            .filter(files::media.is_not_null())
            .filter(files::media.like("image/%"))
            .order((files::created_at.desc(), files::id.desc()))
            .limit(limit.into());
        let rows: Vec<PlacedFile> = read_all!(self, files)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn files_on(&self, page: PageId, limit: u32) -> Result<Vec<File>, StoreError> {
        let files = placed_files!()
            .filter(files::page_id.eq(AsText(page)))
            .order((files::created_at, files::id))
            .limit(limit.into());
        let rows: Vec<PlacedFile> = read_all!(self, files)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn allowlist(
        &self,
        file: FileId,
        page: &PageRequest,
    ) -> Result<Listing<AllowlistEntry>, StoreError> {
        let entries = file_allowlist::table
            .filter(file_allowlist::file_id.eq(AsText(file)))
            .filter(file_allowlist::removed_at.is_null())
            .select(AllowlistRow::as_select());
        let rows: Vec<AllowlistRow> =
            read_all!(self, seek!(page, file_allowlist::added_at, file_allowlist::id, entries))?;
        Ok(listing(rows, page, |entry: &AllowlistEntry| (entry.added_at, entry.id)))
    }

    async fn count_allowed(&self, file: FileId, emails: &[Email]) -> Result<usize, StoreError> {
        let keys: Vec<_> = emails.iter().map(|email| place_key(file, email)).collect();
        let present = file_allowlist::table
            .filter(file_allowlist::live_key.assume_not_null().eq_any(keys))
            .select(file_allowlist::id);
        let present: Vec<String> = read_all!(self, present)?;
        Ok(present.len())
    }

    async fn known(&self, ids: &[FileId]) -> Result<BTreeSet<FileId>, StoreError> {
        let ids: Vec<_> = ids.iter().copied().map(AsText).collect();
        let known = files::table
            .filter(files::id.eq_any(ids))
            .filter(files::state.ne(FileState::Gone.as_str()))
            .select(files::id);
        let known: Vec<AsText<FileId>> = read_all!(self, known)?;
        Ok(known.into_iter().map(|id| id.0).collect())
    }
}
