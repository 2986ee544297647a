//! Allowlists of files.

use std::collections::BTreeSet;

use tollgate_domain::{
    email::Email,
    files::{AllowlistEntry, File, ports::Allowlists},
    id::{FileId, HandleId},
};

use super::super::prelude::*;
use crate::{
    many::{Place, Value},
    rows::{AllowlistRow, place_key},
    schema::{file_allowlist, files},
};

const ALLOWLIST: Place =
    Place { table: "file_allowlist", columns: &["id", "file_id", "email", "added_at", "live_key"] };

const PEOPLE: Place = Place { table: "people", columns: &["handle_id", "email"] };

fn entry_values(entry: &AllowlistEntry) -> Vec<Value> {
    let AllowlistEntry { id, file_id, email, added_at } = entry;
    vec![
        Value::text(id),
        Value::text(file_id),
        Value::text(email),
        Value::int(added_at),
        Value::Text(place_key(*file_id, email)),
    ]
}

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

    async fn insert_all(
        &mut self,
        file: &File,
        entries: &[AllowlistEntry],
    ) -> Result<Vec<AllowlistEntry>, StoreError> {
        let new = self.insert_new(ALLOWLIST, entries.iter().map(entry_values).collect()).await?;
        let new: BTreeSet<_> = new.into_iter().collect();
        let new = entries.iter().filter(|entry| new.contains(&entry.id.to_string()));
        let new: Vec<_> = new.cloned().collect();
        let person =
            |entry: &AllowlistEntry| vec![Value::text(&file.handle_id), Value::text(&entry.email)];
        self.insert_new(PEOPLE, new.iter().map(person).collect()).await?;
        Ok(new)
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
