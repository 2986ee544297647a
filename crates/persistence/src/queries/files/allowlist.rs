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

    async fn of_address(
        &mut self,
        handle: HandleId,
        email: &Email,
    ) -> Result<Vec<AllowlistEntry>, StoreError> {
        let present = file_allowlist::table
            .inner_join(files::table.on(files::id.eq(file_allowlist::file_id)))
            .filter(files::handle_id.eq(AsText(handle)))
            .filter(file_allowlist::email.eq(AsText(email.clone())))
            .filter(file_allowlist::removed_at.is_null())
            .order(file_allowlist::file_id);
        find_all!(self, AllowlistRow, present)
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
