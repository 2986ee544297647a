//! What creators do with their files.

use std::sync::Arc;

use super::{
    AllowlistEntry, AttachedPage, File, FileAccess, FileChange, FileError, FileFact, FileFactKind,
    file::checked_name,
    ports::{FileReads, FileStore},
};
use crate::{
    clock::{Clock, plus_seconds},
    creators::{Creator, Handle, HandleName, Handles, Slug, ports::CreatorReads},
    email::Email,
    id::{AllowlistId, FactId, FileId},
    paging::{Listing, PageRequest},
    random::Random,
    store::{Store, StoreError, UnitOfWork},
    validation::FieldErrors,
};

/// How long whoever clears an object away, or uploads one, is left alone with it.
pub(super) const LEASE_SECONDS: i64 = 60;

/// Two people who edit one file at once are few; more rounds than this mean that something is wrong.
const MAX_ROUNDS: u32 = 8;

/// The files of creators. A file of somebody else is not found, like one that does not exist.
#[derive(Clone)]
pub struct Files {
    pub(super) store: Arc<dyn Store>,
    pub(super) reads: Arc<dyn FileReads>,
    pub(super) objects: Arc<dyn FileStore>,
    pub(super) pages: Arc<dyn CreatorReads>,
    pub(super) handles: Handles,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) most_bytes: u64,
}

impl Files {
    /// Files of at most `most_bytes` each, kept in `store` and `objects`.
    #[expect(clippy::too_many_arguments, reason = "the ports that it needs, each of its own type")]
    pub fn new(
        store: Arc<dyn Store>,
        reads: Arc<dyn FileReads>,
        objects: Arc<dyn FileStore>,
        pages: Arc<dyn CreatorReads>,
        handles: Handles,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        most_bytes: u64,
    ) -> Self {
        Self { store, reads, objects, pages, handles, clock, random, most_bytes }
    }

    /// The most bytes that a file may have.
    pub fn most_bytes(&self) -> u64 {
        self.most_bytes
    }

    /// A file of the creator's own.
    pub async fn owned(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<(Handle, File), FileError> {
        let handle = self.handles.owned(creator, handle).await?;
        let file = self.reads.file(handle.id, slug).await?;
        Ok((handle, file.ok_or(FileError::NotFound)?))
    }

    /// The files of the creator's own handle, newest first.
    pub async fn list(
        &self,
        creator: &Creator,
        handle: &HandleName,
        page: &PageRequest,
    ) -> Result<Listing<File>, FileError> {
        let handle = self.handles.owned(creator, handle).await?;
        Ok(self.reads.files_of(handle.id, page).await?)
    }

    /// Changes what is said of a file, and who may have it. Its content never changes, and its list
    /// stays: it counts again when access is given by list again.
    pub async fn change(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        change: FileChange,
    ) -> Result<File, FileError> {
        for _ in 0..MAX_ROUNDS {
            let (handle, before) = self.owned(creator, handle, slug).await?;
            let after = self.changed(&handle, &before, change.clone()).await?;
            let mut unit = self.store.begin().await?;
            match unit.files().update(&after, before.updated_at).await {
                Ok(true) => {
                    unit.commit().await?;
                    return Ok(after);
                }
                Ok(false) => {}
                Err(StoreError::Conflict) if after.slug != before.slug => {
                    return Err(FileError::SlugTaken);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn changed(
        &self,
        handle: &Handle,
        before: &File,
        change: FileChange,
    ) -> Result<File, FileError> {
        let access = change.access.unwrap_or(before.access);
        let page = match change.page_slug {
            Some(slug) => {
                access.check_page(true).map_err(FileError::Invalid)?;
                Some(self.attached(handle, slug).await?)
            }
            None => before.page.clone().filter(|_| access == FileAccess::Page),
        };
        // A page that was deleted meanwhile is missed only by who speaks of access.
        if change.access.is_some() {
            access.check_page(page.is_some()).map_err(FileError::Invalid)?;
        }
        let name = change.name.as_deref().map(checked_name).transpose();
        let name = name.map_err(FileError::Invalid)?;
        // Strictly later than before, since the instant is what tells two versions apart.
        let just_after = before.updated_at.saturating_add(jiff::SignedDuration::from_micros(1));
        let updated_at = self.clock.now().max(just_after.unwrap_or(before.updated_at));
        Ok(File {
            slug: change.slug.unwrap_or_else(|| before.slug.clone()),
            name: name.unwrap_or_else(|| before.name.clone()),
            access,
            page,
            updated_at,
            ..before.clone()
        })
    }

    /// The page of the handle that a file is to be attached to.
    pub(super) async fn attached(
        &self,
        handle: &Handle,
        slug: Slug,
    ) -> Result<AttachedPage, FileError> {
        let page = self.pages.page(handle.id, &slug).await?;
        let page = page.map(|page| AttachedPage { id: page.id, slug: page.slug });
        page.ok_or_else(|| {
            FileError::Invalid(FieldErrors::one("pageSlug", "is no page of this handle"))
        })
    }

    /// Deletes a file: nobody gets it from now on, and its object is cleared away.
    pub async fn delete(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<(), FileError> {
        let (_, file) = self.owned(creator, handle, slug).await?;
        let now = self.clock.now();
        let mut unit = self.store.begin().await?;
        // Held first, so that nobody comes onto the list of a file that is gone.
        if !unit.files().retire(file.id, plus_seconds(now, LEASE_SECONDS)).await? {
            return Err(FileError::NotFound);
        }
        unit.allowlists().remove_all(file.id, now).await?;
        self.note(&mut *unit, FileFactKind::FileDeleted, file.id.to_string(), &file).await?;
        unit.commit().await?;
        self.clear(file.id).await;
        Ok(())
    }

    /// Best effort: what stays is swept when its lease ends.
    pub(super) async fn clear(&self, id: FileId) {
        if let Err(error) = clear(&*self.store, &*self.objects, id).await {
            tracing::warn!(file = %id, %error, "the object of a deleted file is left to the sweep");
        }
    }

    /// Puts an address on the file's list; `true` if it was not on it.
    pub async fn allow(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        email: Email,
    ) -> Result<(AllowlistEntry, bool), FileError> {
        let (_, file) = self.owned(creator, handle, slug).await?;
        let now = self.clock.now();
        let id = AllowlistId::new(now, &*self.random);
        let entry = AllowlistEntry { id, file_id: file.id, email, added_at: now };
        let mut unit = self.store.begin().await?;
        unit.files().lock(file.id).await?.ok_or(FileError::NotFound)?;
        if !unit.allowlists().insert(&entry).await? {
            let known = unit.allowlists().find(file.id, &entry.email).await?;
            unit.commit().await?;
            return Ok((known.ok_or(StoreError::Conflict)?, false));
        }
        self.note(&mut *unit, FileFactKind::Allowlisted, entry.id.to_string(), &file).await?;
        unit.commit().await?;
        Ok((entry, true))
    }

    /// Takes an address off the file's list; nothing happens if it is not on it.
    pub async fn disallow(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        email: &Email,
    ) -> Result<(), FileError> {
        let (_, file) = self.owned(creator, handle, slug).await?;
        let mut unit = self.store.begin().await?;
        let removed = unit.allowlists().remove(file.id, email, self.clock.now()).await?;
        if let Some(entry) = removed {
            let (kind, reference) = (FileFactKind::AllowlistRemoved, entry.id.to_string());
            self.note(&mut *unit, kind, reference, &file).await?;
        }
        Ok(unit.commit().await?)
    }

    /// Who is on the file's list, newest first.
    pub async fn allowlist(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        page: &PageRequest,
    ) -> Result<Listing<AllowlistEntry>, FileError> {
        let (_, file) = self.owned(creator, handle, slug).await?;
        Ok(self.reads.allowlist(file.id, page).await?)
    }

    async fn note(
        &self,
        unit: &mut dyn UnitOfWork,
        kind: FileFactKind,
        reference: String,
        file: &File,
    ) -> Result<(), StoreError> {
        let at = self.clock.now();
        let id = FactId::new(at, &*self.random);
        let (handle_id, file_id) = (file.handle_id, file.id);
        let fact = FileFact { id, at, kind, reference, handle_id, file_id };
        unit.file_ledger().append(&fact).await.map(drop)
    }
}

/// Clears the object of a retired file away. The row is forgotten last, so that a crash in between
/// leaves it to be cleared again.
pub(super) async fn clear(
    store: &dyn Store,
    objects: &dyn FileStore,
    id: FileId,
) -> Result<(), FileError> {
    objects.delete(id).await?;
    let mut unit = store.begin().await?;
    unit.files().forget(id).await?;
    Ok(unit.commit().await?)
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Files")
    }
}
