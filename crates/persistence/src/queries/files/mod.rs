//! Files: changing them, reading them, deciding about them.

mod allowlist;
mod reads;

use tollgate_domain::{
    files::{
        File,
        ports::{FileQueue, FileRepository},
    },
    id::FileId,
};

use super::prelude::*;
use crate::{
    rows::{FileRow, FileState, parse},
    schema::{files, pages},
};

#[async_trait]
impl FileRepository for Unit {
    async fn reserve(&mut self, file: &File, leased_until: Timestamp) -> Result<bool, StoreError> {
        let (now, slug) = (micros(file.created_at), file.slug.to_string());
        let handle = file.handle_id.to_string();
        let row = (
            FileRow::from(file),
            files::live_slug.eq(Some(slug.clone())),
            files::state.eq(FileState::Uploading.as_str()),
            files::was_complete.eq(false),
            files::due_at.eq(Some(micros(leased_until))),
        );
        run!(self, |conn| {
            let lapsed = files::table
                .filter(files::handle_id.eq(handle))
                .filter(files::live_slug.eq(slug))
                .filter(files::state.eq(FileState::Uploading.as_str()))
                .filter(files::due_at.le(now));
            diesel::update(lapsed)
                .set((
                    files::live_slug.eq(None::<String>),
                    files::state.eq(FileState::Retired.as_str()),
                ))
                .execute(conn)
                .await?;
            let affected = diesel::insert_into(files::table)
                .values(row)
                .on_conflict((files::handle_id, files::live_slug))
                .do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn renew(&mut self, id: FileId, leased_until: Timestamp) -> Result<bool, StoreError> {
        let (id, leased_until) = (id.to_string(), micros(leased_until));
        run!(self, |conn| {
            let uploading =
                files::table.find(id).filter(files::state.eq(FileState::Uploading.as_str()));
            let affected =
                diesel::update(uploading).set(files::due_at.eq(leased_until)).execute(conn).await?;
            Ok(affected == 1)
        })
    }

    async fn complete(&mut self, file: &File) -> Result<bool, StoreError> {
        let id = file.id.to_string();
        let size = i64::try_from(file.size).unwrap_or(i64::MAX);
        let sha256 = file.sha256.to_vec();
        run!(self, |conn| {
            let uploading =
                files::table.find(id).filter(files::state.eq(FileState::Uploading.as_str()));
            let affected = diesel::update(uploading)
                .set((
                    files::size.eq(size),
                    files::sha256.eq(sha256),
                    files::state.eq(FileState::Ready.as_str()),
                    files::was_complete.eq(true),
                    files::due_at.eq(None::<i64>),
                ))
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn update(
        &mut self,
        file: &File,
        unchanged_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, unchanged_since) = (file.id.to_string(), micros(unchanged_since));
        let changed = (
            files::slug.eq(file.slug.to_string()),
            files::live_slug.eq(Some(file.slug.to_string())),
            files::name.eq(file.name.clone()),
            files::access.eq(file.access.as_str()),
            files::page_id.eq(file.page.as_ref().map(|page| page.id.to_string())),
            files::updated_at.eq(micros(file.updated_at)),
        );
        run!(self, |conn| {
            let unchanged = files::table
                .find(id)
                .filter(files::state.eq(FileState::Ready.as_str()))
                .filter(files::updated_at.eq(unchanged_since));
            let affected = diesel::update(unchanged).set(changed).execute(conn).await?;
            Ok(affected == 1)
        })
    }

    async fn lock(&mut self, id: FileId) -> Result<Option<File>, StoreError> {
        let id = id.to_string();
        let held: Option<(FileRow, Option<String>)> = run!(self, |conn| {
            // Writing a row, even as it was, is the lock that both databases know.
            let ready = files::table.find(id).filter(files::state.eq(FileState::Ready.as_str()));
            let row: Option<(FileRow, Option<String>)> = diesel::update(ready)
                .set(files::updated_at.eq(files::updated_at))
                .returning((FileRow::as_returning(), files::page_id))
                .get_result(conn)
                .await
                .optional()?;
            let Some((row, page)) = row else { return Ok(None) };
            let slug = pages::table.filter(pages::id.nullable().eq(page)).select(pages::slug);
            let slug: Option<String> = slug.first(conn).await.optional()?;
            Ok(Some((row, slug)))
        })?;
        held.map(|(row, slug)| row.placed(slug)).transpose()
    }

    async fn retire(&mut self, id: FileId, due_at: Timestamp) -> Result<bool, StoreError> {
        let (id, due_at) = (id.to_string(), micros(due_at));
        run!(self, |conn| {
            let live = files::table.find(id).filter(files::live_slug.is_not_null());
            let affected = diesel::update(live)
                .set((
                    files::live_slug.eq(None::<String>),
                    files::state.eq(FileState::Retired.as_str()),
                    files::due_at.eq(due_at),
                ))
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn forget(&mut self, id: FileId) -> Result<(), StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            let retired =
                files::table.find(id).filter(files::state.eq(FileState::Retired.as_str()));
            let never_there = retired.clone().filter(files::was_complete.eq(false));
            diesel::delete(never_there).execute(conn).await?;
            diesel::update(retired)
                .set((files::state.eq(FileState::Gone.as_str()), files::due_at.eq(None::<i64>)))
                .execute(conn)
                .await
                .map(drop)
        })
    }
}

#[async_trait]
impl FileQueue for Database {
    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<FileId>, StoreError> {
        let (now, leased_until) = (micros(now), micros(leased_until));
        loop {
            let oldest: Option<(String, Option<i64>)> = read!(self, |conn| {
                files::table
                    .filter(files::due_at.le(now))
                    .order((files::due_at, files::id))
                    .select((files::id, files::due_at))
                    .first(on(&mut conn))
                    .await
                    .optional()
            })?;
            let Some((id, due_at)) = oldest else { return Ok(None) };
            let claimed: Option<String> = write!(self, |conn| {
                let unclaimed = files::table.find(id).filter(files::due_at.eq(due_at));
                diesel::update(unclaimed)
                    .set((
                        files::live_slug.eq(None::<String>),
                        files::state.eq(FileState::Retired.as_str()),
                        files::due_at.eq(leased_until),
                    ))
                    .returning(files::id)
                    .get_result(conn)
                    .await
                    .optional()
            })?;
            if let Some(id) = claimed {
                return parse("files.id", &id).map(Some);
            }
        }
    }
}
