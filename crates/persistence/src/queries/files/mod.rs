//! Files, and what happens to them.

mod allowlist;
mod reads;

use diesel::sql_types::BigInt;
use tollgate_domain::{
    files::{
        File,
        ports::{FileRepository, ObjectUse},
    },
    id::{CreatorId, FileId, HandleId},
    names::Slug,
};

use super::prelude::*;
use crate::{
    rows::{FileRow, FileState, PlacedFile},
    schema::{files, handles, pages},
};

#[async_trait]
impl FileRepository for Unit {
    async fn reserve(&mut self, file: &File, leased_until: Timestamp) -> Result<bool, StoreError> {
        let slug = AsText(file.slug.clone());
        let row = (
            FileRow::from(file),
            files::live_slug.eq(slug.clone()),
            files::state.eq(FileState::Uploading.as_str()),
            files::was_complete.eq(false),
            files::due_at.eq(AsInt(leased_until)),
        );
        let lapsed = files::table
            .filter(files::handle_id.eq(AsText(file.handle_id)))
            .filter(files::live_slug.eq(slug))
            .filter(files::state.eq(FileState::Uploading.as_str()))
            .filter(files::due_at.le(AsInt(file.created_at)));
        let retired =
            (files::live_slug.eq(None::<String>), files::state.eq(FileState::Retired.as_str()));
        run!(self, |conn| {
            diesel::update(lapsed).set(retired).execute(conn).await?;
            let affected = diesel::insert_into(files::table)
                .values(row)
                .on_conflict((files::handle_id, files::live_slug))
                .do_nothing()
                .execute(conn)
                .await?;
            Ok(affected > 0)
        })
    }

    async fn count_of(&mut self, handle: HandleId) -> Result<u64, StoreError> {
        let theirs = files::table.filter(files::handle_id.eq(AsText(handle)));
        count!(self, theirs.filter(files::live_slug.is_not_null()))
    }

    async fn renew(
        &mut self,
        id: FileId,
        received: u64,
        leased_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let uploading =
            files::table.find(AsText(id)).filter(files::state.eq(FileState::Uploading.as_str()));
        let renewed = (files::size.eq(AsInt(received)), files::due_at.eq(AsInt(leased_until)));
        changes!(self, diesel::update(uploading).set(renewed))
    }

    async fn complete(&mut self, file: &File) -> Result<bool, StoreError> {
        let uploading = files::table
            .find(AsText(file.id))
            .filter(files::state.eq(FileState::Uploading.as_str()));
        let complete = (
            files::size.eq(AsInt(file.size)),
            files::sha256.eq(AsBytes(file.sha256)),
            files::content_type.eq(file.content_type.clone()),
            files::media.eq(file.media.map(AsText)),
            files::state.eq(FileState::Ready.as_str()),
            files::was_complete.eq(true),
            files::due_at.eq(None::<i64>),
        );
        changes!(self, diesel::update(uploading).set(complete))
    }

    async fn update(
        &mut self,
        file: &File,
        unchanged_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let unchanged = files::table
            .find(AsText(file.id))
            .filter(files::state.eq(FileState::Ready.as_str()))
            .filter(files::updated_at.eq(AsInt(unchanged_since)));
        let changed = (
            files::slug.eq(AsText(file.slug.clone())),
            files::live_slug.eq(AsText(file.slug.clone())),
            files::name.eq(file.name.clone()),
            files::access.eq(AsText(file.access)),
            files::page_id.eq(file.page.as_ref().map(|page| AsText(page.id))),
            files::updated_at.eq(AsInt(file.updated_at)),
            files::unlisted_at.eq(file.unlisted_at.map(AsInt)),
        );
        changes!(self, diesel::update(unchanged).set(changed))
    }

    async fn lock(&mut self, id: FileId) -> Result<Option<File>, StoreError> {
        let ready =
            files::table.find(AsText(id)).filter(files::state.eq(FileState::Ready.as_str()));
        // Updating a row, even without a change, locks it in both databases.
        let lock = diesel::update(ready)
            .set(files::updated_at.eq(files::updated_at))
            .returning((FileRow::as_returning(), files::page_id));
        let locked: Option<PlacedFile> = run!(self, |conn| {
            let row: Option<(FileRow, Option<String>)> = lock.get_result(conn).await.optional()?;
            let Some((file, page)) = row else { return Ok(None) };
            let page = pages::table
                .filter(pages::id.nullable().eq(page))
                .select((pages::slug, pages::title));
            let named: Option<(AsText<Slug>, String)> = page.first(conn).await.optional()?;
            let (page_slug, page_title) = named.unzip();
            Ok(Some(PlacedFile { file, page_slug, page_title }))
        })?;
        Ok(locked.map(Into::into))
    }

    async fn retire(&mut self, id: FileId, due_at: Timestamp) -> Result<bool, StoreError> {
        let live = files::table.find(AsText(id)).filter(files::live_slug.is_not_null());
        let retired = (
            files::live_slug.eq(None::<String>),
            files::state.eq(FileState::Retired.as_str()),
            files::due_at.eq(AsInt(due_at)),
        );
        changes!(self, diesel::update(live).set(retired))
    }

    async fn retire_lapsed(&mut self, id: FileId, now: Timestamp) -> Result<ObjectUse, StoreError> {
        let lapsed = files::table
            .find(AsText(id))
            .filter(files::state.eq(FileState::Uploading.as_str()))
            .filter(files::due_at.le(AsInt(now)));
        let retired =
            (files::live_slug.eq(None::<String>), files::state.eq(FileState::Retired.as_str()));
        let due = files::table.find(AsText(id)).select((files::state, files::due_at));
        let found: Option<(String, Option<AsInt<Timestamp>>)> = run!(self, |conn| {
            diesel::update(lapsed).set(retired).execute(conn).await?;
            due.first(conn).await.optional()
        })?;
        Ok(match found {
            Some((state, Some(_))) if state == FileState::Retired.as_str() => ObjectUse::Retired,
            Some((_, Some(until))) => ObjectUse::Uploading { until: until.0 },
            Some((_, None)) | None => ObjectUse::InUse,
        })
    }

    async fn stored_bytes(&mut self, creator: CreatorId) -> Result<u64, StoreError> {
        let sum = files::table
            .inner_join(handles::table.on(handles::id.eq(files::handle_id)))
            .filter(handles::creator_id.eq(AsText(creator)))
            .filter(files::live_slug.is_not_null())
            .select(sql::<BigInt>("CAST(COALESCE(SUM(files.size), 0) AS BIGINT)"));
        let sum: i64 = run!(self, |conn| { sum.first(conn).await })?;
        Ok(sum.unsigned_abs())
    }

    async fn forget(&mut self, id: FileId) -> Result<(), StoreError> {
        let retired =
            files::table.find(AsText(id)).filter(files::state.eq(FileState::Retired.as_str()));
        let never_complete = retired.filter(files::was_complete.eq(false));
        let gone = (files::state.eq(FileState::Gone.as_str()), files::due_at.eq(None::<i64>));
        run!(self, |conn| {
            diesel::delete(never_complete).execute(conn).await?;
            diesel::update(retired).set(gone).execute(conn).await.map(drop)
        })
    }
}
