//! Allowlists of files.

use tollgate_domain::{
    email::Email,
    files::{AllowlistEntry, ports::Allowlists},
    id::{FileId, HandleId},
};

use super::super::prelude::*;
use crate::{
    rows::{AllowlistRow, place_key},
    schema::{file_allowlist, files},
};

#[async_trait]
impl Allowlists for Unit {
    async fn insert(&mut self, entry: &AllowlistEntry) -> Result<bool, StoreError> {
        let key = place_key(entry.file_id, &entry.email);
        let row = (AllowlistRow::from(entry), file_allowlist::live_key.eq(key));
        let insert = diesel::insert_into(file_allowlist::table).values(row);
        if !changes!(self, insert.on_conflict(file_allowlist::live_key).do_nothing())? {
            return Ok(false);
        }
        self.relate_by_file(AsText(entry.file_id), AsText(entry.email.clone()));
        Ok(true)
    }

    async fn count_of(&mut self, file: FileId) -> Result<u64, StoreError> {
        let on_it = file_allowlist::table.filter(file_allowlist::file_id.eq(AsText(file)));
        count!(self, on_it.filter(file_allowlist::removed_at.is_null()))
    }

    async fn find(
        &mut self,
        file: FileId,
        email: &Email,
    ) -> Result<Option<AllowlistEntry>, StoreError> {
        let is_it = file_allowlist::live_key.eq(place_key(file, email));
        find!(self, AllowlistRow, file_allowlist::table.filter(is_it))
    }

    async fn remove(
        &mut self,
        file: FileId,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<AllowlistEntry>, StoreError> {
        let is_it = file_allowlist::live_key.eq(place_key(file, email));
        let removed = (
            file_allowlist::live_key.eq(None::<String>),
            file_allowlist::removed_at.eq(AsInt(now)),
        );
        let entry = file_allowlist::table.filter(is_it);
        updated!(self, AllowlistRow, diesel::update(entry).set(removed))
    }

    async fn move_to(
        &mut self,
        handle: HandleId,
        from: &Email,
        to: &Email,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let present = file_allowlist::table
            .inner_join(files::table.on(files::id.eq(file_allowlist::file_id)))
            .filter(files::handle_id.eq(AsText(handle)))
            .filter(file_allowlist::email.eq(AsText(from.clone())))
            .filter(file_allowlist::removed_at.is_null())
            .select((file_allowlist::id, file_allowlist::file_id));
        self.relate_address(AsText(handle), AsText(to.clone()));
        let to = to.clone();
        run!(self, |conn| {
            let entries: Vec<(String, AsText<FileId>)> = present.load(conn).await?;
            let mut count = 0;
            for (id, file) in entries {
                let key = place_key(file.0, &to);
                // Another unit may have removed it since it was read.
                let entry =
                    file_allowlist::table.find(id).filter(file_allowlist::removed_at.is_null());
                let is_known = file_allowlist::table
                    .filter(file_allowlist::live_key.eq(key.clone()))
                    .select(file_allowlist::id);
                let known: Option<String> = is_known.first(conn).await.optional()?;
                let changed = (
                    file_allowlist::live_key.eq(known.is_none().then_some(key)),
                    known.is_none().then(|| file_allowlist::email.eq(AsText(to.clone()))),
                    known.is_some().then(|| file_allowlist::removed_at.eq(AsInt(now))),
                );
                count += diesel::update(entry).set(changed).execute(conn).await?;
            }
            Ok(count)
        })
    }

    async fn remove_all(&mut self, file: FileId, now: Timestamp) -> Result<(), StoreError> {
        let present = file_allowlist::table
            .filter(file_allowlist::file_id.eq(AsText(file)))
            .filter(file_allowlist::removed_at.is_null());
        let removed = (
            file_allowlist::live_key.eq(None::<String>),
            file_allowlist::removed_at.eq(AsInt(now)),
        );
        execute!(self, diesel::update(present).set(removed))
    }
}
