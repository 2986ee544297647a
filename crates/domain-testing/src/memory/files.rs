//! Files, their lists, and what is to be cleared away.

use std::{cmp::Reverse, collections::BTreeSet};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{AllowlistRow, FileRow, FileState, State, at_most, newest, part},
    unit::MemoryUnit,
};
use tollgate_domain::{
    access::{
        AccessRecord, AccessStatus, AccessType, ResourceType,
        ports::{ResourceAccess, ResourceQuery},
    },
    email::Email,
    files::{
        AllowlistEntry, AttachedPage, File, end_of_place,
        ports::{Allowlists, FileReads, FileRepository, ObjectUse},
    },
    id::{CreatorId, FileId, HandleId, PageId, VisitorId},
    names::Slug,
    paging::{Cursor, Listing, PageRequest},
    store_error::StoreError,
};

impl State {
    /// The file as it is read: its page's slug and title are the page's own.
    fn file(&self, row: &FileRow) -> File {
        let page = row.file.page.as_ref().and_then(|page| self.pages.get(&page.id));
        let page = page.map(AttachedPage::from);
        File { page, ..row.file.clone() }
    }

    pub(super) fn ready_files(&self) -> impl Iterator<Item = File> {
        let ready = self.files.values().filter(|row| row.state == FileState::Ready);
        ready.map(|row| self.file(row))
    }

    pub(super) fn records_of_lists(&self, visitor: VisitorId) -> Vec<AccessRecord> {
        let Some(visitor) = self.visitors.get(&visitor) else { return Vec::new() };
        let theirs = self.allowlist.values().filter(|row| row.entry.email == visitor.email);
        let record = |row: &AllowlistRow| {
            let file = &self.files.get(&row.entry.file_id)?.file;
            let handle = self.handles.get(&file.handle_id)?;
            let ended_at = end_of_place(row.entry.added_at, row.removed_at, file.unlisted_at);
            Some(AccessRecord {
                id: row.entry.id.to_string(),
                resource_type: ResourceType::File,
                access_type: AccessType::Allowlist,
                status: AccessStatus::of_place(ended_at),
                handle: handle.name.clone(),
                seller: handle.title.clone(),
                slug: file.slug.clone(),
                title: file.name.clone(),
                granted_at: row.entry.added_at,
                ended_at,
                amount: None,
            })
        };
        theirs.filter_map(record).collect()
    }
}

#[async_trait]
impl FileRepository for MemoryUnit {
    async fn reserve(&mut self, file: &File, leased_until: Timestamp) -> Result<bool, StoreError> {
        let files = self.state().await?.files.edit();
        let namesake = files.values_mut().find(|row| {
            row.is_live() && row.file.handle_id == file.handle_id && row.file.slug == file.slug
        });
        if let Some(namesake) = namesake {
            if !namesake.is_lapsed(file.created_at) {
                return Ok(false);
            }
            namesake.state = FileState::Retired;
        }
        let state = FileState::Uploading;
        let row = FileRow { file: file.clone(), state, leased_until, was_complete: false };
        if files.insert(file.id, row).is_some() { Err(StoreError::Conflict) } else { Ok(true) }
    }

    async fn count_of(&mut self, handle: HandleId) -> Result<u64, StoreError> {
        let files = &self.state().await?.files;
        let theirs = |row: &&FileRow| row.is_live() && row.file.handle_id == handle;
        Ok(u64::try_from(files.values().filter(theirs).count()).unwrap_or(u64::MAX))
    }

    async fn renew(
        &mut self,
        id: FileId,
        received: u64,
        leased_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let files = self.state().await?.files.edit();
        let row = files.get_mut(&id).filter(|row| row.state == FileState::Uploading);
        Ok(row.map(|row| (row.file.size, row.leased_until) = (received, leased_until)).is_some())
    }

    async fn complete(&mut self, file: &File) -> Result<bool, StoreError> {
        let files = self.state().await?.files.edit();
        let Some(row) = files.get_mut(&file.id).filter(|row| row.state == FileState::Uploading)
        else {
            return Ok(false);
        };
        (row.state, row.was_complete) = (FileState::Ready, true);
        (row.file.size, row.file.sha256) = (file.size, file.sha256);
        row.file.content_type.clone_from(&file.content_type);
        row.file.media = file.media;
        Ok(true)
    }

    async fn update(
        &mut self,
        file: &File,
        unchanged_since: Timestamp,
    ) -> Result<bool, StoreError> {
        let state = self.state().await?;
        let on_no_page = file.page.as_ref().is_some_and(|page| !state.pages.contains_key(&page.id));
        let files = state.files.edit();
        let taken = files.values().any(|row| {
            row.is_live()
                && row.file.id != file.id
                && row.file.handle_id == file.handle_id
                && row.file.slug == file.slug
        });
        let unchanged = |row: &&mut FileRow| {
            row.state == FileState::Ready && row.file.updated_at == unchanged_since
        };
        let Some(row) = files.get_mut(&file.id).filter(unchanged) else { return Ok(false) };
        if taken || on_no_page {
            return self.conflict();
        }
        row.file.clone_from(file);
        Ok(true)
    }

    async fn lock(&mut self, id: FileId) -> Result<Option<File>, StoreError> {
        // Units run one after the other, so nothing changes in between.
        let state = self.state().await?;
        let row = state.files.get(&id).filter(|row| row.state == FileState::Ready);
        Ok(row.map(|row| state.file(row)))
    }

    async fn retire(&mut self, id: FileId, _due_at: Timestamp) -> Result<bool, StoreError> {
        let files = self.state().await?.files.edit();
        let row = files.get_mut(&id).filter(|row| row.is_live());
        Ok(row.map(|row| row.state = FileState::Retired).is_some())
    }

    async fn retire_lapsed(&mut self, id: FileId, now: Timestamp) -> Result<ObjectUse, StoreError> {
        let files = self.state().await?.files.edit();
        let Some(row) = files.get_mut(&id) else { return Ok(ObjectUse::InUse) };
        if row.is_lapsed(now) {
            row.state = FileState::Retired;
        }
        Ok(match row.state {
            FileState::Uploading => ObjectUse::Uploading { until: row.leased_until },
            FileState::Ready | FileState::Gone => ObjectUse::InUse,
            FileState::Retired => ObjectUse::Retired,
        })
    }

    async fn stored_bytes(&mut self, creator: CreatorId) -> Result<u64, StoreError> {
        let state = self.state().await?;
        let is_theirs = |handle: &HandleId| {
            state.handles.get(handle).is_some_and(|handle| handle.creator_id == creator)
        };
        let live = state.files.values().filter(|row| row.is_live());
        Ok(live.filter(|row| is_theirs(&row.file.handle_id)).map(|row| row.file.size).sum())
    }

    async fn forget(&mut self, id: FileId) -> Result<(), StoreError> {
        let files = self.state().await?.files.edit();
        let Some(row) = files.get_mut(&id).filter(|row| row.state == FileState::Retired) else {
            return Ok(());
        };
        if row.was_complete {
            row.state = FileState::Gone;
        } else {
            files.remove(&id);
        }
        Ok(())
    }
}

#[async_trait]
impl Allowlists for MemoryUnit {
    async fn insert(&mut self, entry: &AllowlistEntry) -> Result<bool, StoreError> {
        let allowlist = self.state().await?.allowlist.edit();
        if allowlist.values().any(|row| row.is_live(entry.file_id, &entry.email)) {
            return Ok(false);
        }
        allowlist.insert(entry.id, AllowlistRow { entry: entry.clone(), removed_at: None });
        Ok(true)
    }

    async fn insert_all(
        &mut self,
        file: &File,
        entries: &[AllowlistEntry],
    ) -> Result<Vec<AllowlistEntry>, StoreError> {
        let allowlist = self.state().await?.allowlist.edit();
        let mut new = Vec::new();
        for entry in entries {
            if !allowlist.values().any(|row| row.is_live(file.id, &entry.email)) {
                allowlist.insert(entry.id, AllowlistRow { entry: entry.clone(), removed_at: None });
                new.push(entry.clone());
            }
        }
        Ok(new)
    }

    async fn count_of(&mut self, file: FileId) -> Result<u64, StoreError> {
        let allowlist = &self.state().await?.allowlist;
        let on_it = |row: &&AllowlistRow| row.entry.file_id == file && row.removed_at.is_none();
        Ok(u64::try_from(allowlist.values().filter(on_it).count()).unwrap_or(u64::MAX))
    }

    async fn find(
        &mut self,
        file: FileId,
        email: &Email,
    ) -> Result<Option<AllowlistEntry>, StoreError> {
        let allowlist = &self.state().await?.allowlist;
        let row = allowlist.values().find(|row| row.is_live(file, email));
        Ok(row.map(|row| row.entry.clone()))
    }

    async fn remove(
        &mut self,
        file: FileId,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<AllowlistEntry>, StoreError> {
        let allowlist = self.state().await?.allowlist.edit();
        let row = allowlist.values_mut().find(|row| row.is_live(file, email));
        Ok(row.map(|row| {
            row.removed_at = Some(now);
            row.entry.clone()
        }))
    }

    async fn of_address(
        &mut self,
        handle: HandleId,
        email: &Email,
    ) -> Result<Vec<AllowlistEntry>, StoreError> {
        let state = self.state().await?;
        let files = state.files.values().filter(|row| row.file.handle_id == handle);
        let place = |file: FileId| state.allowlist.values().find(|row| row.is_live(file, email));
        let places = files.filter_map(|row| place(row.file.id));
        Ok(places.map(|row| row.entry.clone()).collect())
    }

    async fn remove_all(&mut self, file: FileId, now: Timestamp) -> Result<(), StoreError> {
        for row in self.state().await?.allowlist.edit().values_mut() {
            if row.entry.file_id == file {
                row.removed_at = row.removed_at.or(Some(now));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl FileReads for MemoryStore {
    async fn file_with_access(
        &self,
        query: &ResourceQuery,
    ) -> Result<Option<(File, ResourceAccess)>, StoreError> {
        Ok(self.read().await?.file_with_access(query))
    }

    async fn file(&self, handle: HandleId, slug: &Slug) -> Result<Option<File>, StoreError> {
        let state = self.read().await?;
        let mut files = state.ready_files();
        Ok(files.find(|file| file.handle_id == handle && file.slug == *slug))
    }

    async fn files_named(
        &self,
        handle: HandleId,
        names: &[String],
    ) -> Result<Vec<File>, StoreError> {
        let state = self.read().await?;
        let is_meant = |file: &File| {
            let is_named = |name: &String| *name == file.name || name == file.slug.as_str();
            file.handle_id == handle && names.iter().any(is_named)
        };
        let mut files: Vec<_> = state.ready_files().filter(is_meant).collect();
        let has_slug = |file: &File| names.iter().any(|name| name == file.slug.as_str());
        files.sort_by_key(|file| Reverse((has_slug(file), file.created_at, file.id)));
        files.truncate(100);
        Ok(files)
    }

    async fn files_of(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<File>, StoreError> {
        let state = self.read().await?;
        let files = state.ready_files().filter(|file| file.handle_id == handle).collect();
        let cursor = |row: &File| Cursor { at: row.created_at, id: row.id.to_string() };
        Ok(part(files, page, cursor))
    }

    async fn public_pictures(&self, handle: HandleId, limit: u32) -> Result<Vec<File>, StoreError> {
        let state = self.read().await?;
        let is_shown = |file: &File| file.handle_id == handle && file.is_public_picture();
        let shown = state.ready_files().filter(is_shown);
        Ok(newest(shown, limit, |file| (file.created_at, file.id)))
    }

    async fn files_on(&self, page: PageId, limit: u32) -> Result<Vec<File>, StoreError> {
        let state = self.read().await?;
        let on_page = |file: &File| file.page.as_ref().is_some_and(|of| of.id == page);
        let mut files: Vec<_> = state.ready_files().filter(on_page).collect();
        files.sort_by_key(|file| (file.created_at, file.id));
        files.truncate(at_most(limit));
        Ok(files)
    }

    async fn allowlist(
        &self,
        file: FileId,
        page: &PageRequest,
    ) -> Result<Listing<AllowlistEntry>, StoreError> {
        let state = self.read().await?;
        let live = state.allowlist.values().filter(|row| row.removed_at.is_none());
        let on_it = live.map(|row| row.entry.clone()).filter(|entry| entry.file_id == file);
        let cursor = |row: &AllowlistEntry| Cursor { at: row.added_at, id: row.id.to_string() };
        Ok(part(on_it.collect(), page, cursor))
    }

    async fn count_allowed(&self, file: FileId, emails: &[Email]) -> Result<usize, StoreError> {
        let state = self.read().await?;
        let is_on_it =
            |email: &&Email| state.allowlist.values().any(|row| row.is_live(file, email));
        Ok(emails.iter().filter(is_on_it).count())
    }

    async fn known(&self, ids: &[FileId]) -> Result<BTreeSet<FileId>, StoreError> {
        let state = self.read().await?;
        let is_known =
            |id: &&FileId| state.files.get(id).is_some_and(|row| row.state != FileState::Gone);
        Ok(ids.iter().filter(is_known).copied().collect())
    }
}
