//! Who is on the lists of files, and the facts about files.

use tollgate_domain::{
    email::Email,
    files::{
        AllowlistEntry, FileFact,
        ports::{Allowlists, FileLedger},
    },
    id::FileId,
};

use super::super::prelude::*;
use crate::{
    rows::{AllowlistRow, FileFactRow, place_key},
    schema::{file_allowlist, file_facts},
};

#[async_trait]
impl Allowlists for Unit {
    async fn insert(&mut self, entry: &AllowlistEntry) -> Result<bool, StoreError> {
        let key = place_key(&entry.file_id.to_string(), entry.email.as_str());
        let row = (AllowlistRow::from(entry), file_allowlist::live_key.eq(Some(key)));
        run!(self, |conn| {
            let affected = diesel::insert_into(file_allowlist::table)
                .values(row)
                .on_conflict(file_allowlist::live_key)
                .do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn find(
        &mut self,
        file: FileId,
        email: &Email,
    ) -> Result<Option<AllowlistEntry>, StoreError> {
        let key = place_key(&file.to_string(), email.as_str());
        run!(self, |conn| {
            file_allowlist::table
                .filter(file_allowlist::live_key.eq(key))
                .select(AllowlistRow::as_select())
                .first(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn remove(
        &mut self,
        file: FileId,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<AllowlistEntry>, StoreError> {
        let key = place_key(&file.to_string(), email.as_str());
        let now = micros(now);
        run!(self, |conn| {
            diesel::update(file_allowlist::table.filter(file_allowlist::live_key.eq(key)))
                .set((
                    file_allowlist::live_key.eq(None::<String>),
                    file_allowlist::removed_at.eq(now),
                ))
                .returning(AllowlistRow::as_returning())
                .get_result(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn remove_all(&mut self, file: FileId, now: Timestamp) -> Result<(), StoreError> {
        let (file, now) = (file.to_string(), micros(now));
        run!(self, |conn| {
            let held = file_allowlist::table
                .filter(file_allowlist::file_id.eq(file))
                .filter(file_allowlist::removed_at.is_null());
            diesel::update(held)
                .set((
                    file_allowlist::live_key.eq(None::<String>),
                    file_allowlist::removed_at.eq(now),
                ))
                .execute(conn)
                .await
                .map(drop)
        })
    }
}

#[async_trait]
impl FileLedger for Unit {
    async fn append(&mut self, fact: &FileFact) -> Result<bool, StoreError> {
        let row = FileFactRow::from(fact);
        run!(self, |conn| {
            let affected = diesel::insert_into(file_facts::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn of_file(&mut self, file: FileId) -> Result<Vec<FileFact>, StoreError> {
        let file = file.to_string();
        run!(self, |conn| {
            file_facts::table
                .filter(file_facts::file_id.eq(file))
                .order((file_facts::at, file_facts::id))
                .select(FileFactRow::as_select())
                .load(conn)
                .await
        })?
        .into_iter()
        .map(TryInto::try_into)
        .collect()
    }
}
