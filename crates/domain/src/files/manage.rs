//! The use cases of creators' files.

use std::sync::Arc;

use super::{
    AttachedPage, File, FileAccess, FileChange, FileError,
    file::checked_name,
    ports::{FileReads, FileStore},
};
use crate::{
    access::{Fact, FactKind, Resource, Subject},
    clock::{just_after, plus_seconds},
    creators::{Creator, Handle, Ownership, Quotas},
    id::FileId,
    jobs::{Job, NewJob},
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    paging::{Listing, PageRequest},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    validation::{Field, FieldError, FieldErrors},
    version::BasedOn,
};

/// How long an upload or a deletion has an object for itself, in seconds.
pub(super) const LEASE_SECONDS: i64 = 60;

/// The maximum number of attempts to store a change while others edit the same file.
pub(super) const MAX_ROUNDS: u32 = 8;

/// The ports that creators' files need.
#[derive(Clone)]
pub struct FilesPorts {
    /// Reads files.
    pub reads: Arc<dyn FileReads>,
    /// Stores the content of files.
    pub objects: Arc<dyn FileStore>,
}

/// The use cases of creators' files. Files of other creators are reported as not found.
#[derive(Clone)]
pub struct Files {
    pub(super) runtime: Runtime,
    pub(super) ownership: Ownership,
    pub(super) reads: Arc<dyn FileReads>,
    pub(super) objects: Arc<dyn FileStore>,
    pub(super) max_bytes: u64,
    pub(super) quotas: Quotas,
}

impl Files {
    /// Creates the use cases for files of at most `max_bytes` each, within the quotas of a creator.
    pub fn new(
        runtime: Runtime,
        ports: FilesPorts,
        ownership: Ownership,
        max_bytes: u64,
        quotas: Quotas,
    ) -> Self {
        let FilesPorts { reads, objects } = ports;
        Self { runtime, ownership, reads, objects, max_bytes, quotas }
    }

    /// Returns the maximum size of a file in bytes.
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Returns one of the creator's own files.
    pub async fn owned(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<(Handle, File), FileError> {
        let handle = self.ownership.handle(creator, handle).await?;
        let file = self.reads.file(handle.id, slug).await?;
        Ok((handle, file.ok_or(FileError::NotFound)?))
    }

    /// Returns the files of the creator's handle, newest first.
    pub async fn list(
        &self,
        creator: &Creator,
        handle: &HandleName,
        page: &PageRequest,
    ) -> Result<Listing<File>, FileError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.reads.files_of(handle.id, page).await?)
    }

    /// Returns at most `limit` pictures of the creator's handle that everybody may open, newest first.
    pub async fn public_pictures(
        &self,
        creator: &Creator,
        handle: &HandleName,
        limit: u32,
    ) -> Result<Vec<File>, FileError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.reads.public_pictures(handle.id, limit).await?)
    }

    /// Changes the fields of a file, including who has access, if its [`version`](File::version) is one that the change may be
    /// based on. The content never changes. The allowlist is kept while it is not in use, and applies again when the access
    /// is set back to it.
    pub async fn change(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        change: FileChange,
        based_on: &BasedOn,
    ) -> Result<File, FileError> {
        for _ in 0..MAX_ROUNDS {
            let (handle, before) = self.owned(creator, handle, slug).await?;
            if !based_on.allows(&before.version()) {
                return Err(FileError::VersionConflict);
            }
            let after = self.changed(&handle, &before, change.clone()).await?;
            if (File { updated_at: before.updated_at, ..after.clone() }) == before {
                return Ok(before);
            }
            let mut unit = self.runtime.begin().await?;
            match unit.files().update(&after, before.updated_at).await {
                Ok(true) => {
                    if after.slug != before.slug {
                        let (from, to) = (&before.slug, Some(after.slug.clone()));
                        unit.handles().replace_picture(handle.id, from, to).await?;
                    }
                    unit.commit().await?;
                    return Ok(after);
                }
                Ok(false) => {}
                // Its page may have been deleted in the meantime, too.
                Err(StoreError::Conflict) => {
                    drop(unit);
                    let (handle, is_new) = (&handle.name, after.slug != before.slug);
                    if is_new && self.owned(creator, handle, &after.slug).await.is_ok() {
                        return Err(FileError::SlugTaken);
                    }
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
            Some(Some(slug)) => {
                access.check_page(true).map_err(FileError::Invalid)?;
                Some(self.attached(handle, slug).await?)
            }
            Some(None) => {
                access.check_page(false).map_err(FileError::Invalid)?;
                None
            }
            None => before.page.clone().filter(|_| access == FileAccess::Page),
        };
        // If the page was deleted in the meantime, it is an error only for a change of the access.
        if change.access.is_some() {
            access.check_page(page.is_some()).map_err(FileError::Invalid)?;
        }
        let name = change.name.as_deref().map(checked_name).transpose();
        let name = name.map_err(FileError::Invalid)?;
        // The instant identifies the version, so it has to be later than the previous one.
        let updated_at = self.runtime.now().max(just_after(before.updated_at));
        Ok(File {
            slug: change.slug.unwrap_or_else(|| before.slug.clone()),
            name: name.unwrap_or_else(|| before.name.clone()),
            access,
            page,
            updated_at,
            unlisted_at: access.unlisted_at(before.unlisted_at, updated_at),
            ..before.clone()
        })
    }

    /// Returns the page of the handle that a file is to be attached to.
    pub(super) async fn attached(
        &self,
        handle: &Handle,
        slug: Slug,
    ) -> Result<AttachedPage, FileError> {
        let page = self.ownership.page_of(handle, &slug).await?;
        let page = page.as_ref().map(AttachedPage::from);
        page.ok_or_else(|| {
            FileError::Invalid(FieldErrors::one(Field::PageOfFile, FieldError::NoPage))
        })
    }

    /// Deletes a file if its [`version`](File::version) is one that this may be based on. It is unavailable from now on, and its
    /// object is deleted afterwards.
    pub async fn delete(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        based_on: &BasedOn,
    ) -> Result<(), FileError> {
        let (_, file) = self.owned(creator, handle, slug).await?;
        let now = self.runtime.now();
        let mut unit = self.runtime.begin().await?;
        // Locked first, so that no address is added to the allowlist of a deleted file, and read again: it may have got
        // another slug, which the picture of the storefront has followed.
        let file = unit.files().lock(file.id).await?.ok_or(FileError::NotFound)?;
        if !based_on.allows(&file.version()) {
            return Err(FileError::VersionConflict);
        }
        if !self.retire(&mut *unit, file.id).await? {
            return Err(FileError::NotFound);
        }
        unit.allowlists().remove_all(file.id, now).await?;
        unit.handles().replace_picture(file.handle_id, &file.slug, None).await?;
        self.record(&mut *unit, FactKind::FileDeleted, &file.id, &file).await?;
        unit.commit().await?;
        self.clear(file.id).await;
        Ok(())
    }

    /// Deletes the object of a retired file. If this fails, a job deletes it.
    pub(super) async fn clear(&self, id: FileId) {
        if let Err(error) = self.delete_object(id).await {
            tracing::warn!(file = %id, %error, "the object of a deleted file is left to a job");
        }
    }

    async fn delete_object(&self, id: FileId) -> Result<(), FileError> {
        self.objects.delete(id).await?;
        let mut unit = self.runtime.begin().await?;
        unit.files().forget(id).await?;
        Ok(unit.commit().await?)
    }

    /// Records a fact about a file.
    pub(super) async fn record(
        &self,
        unit: &mut dyn UnitOfWork,
        kind: FactKind,
        reference: &(impl ToString + Sync),
        file: &File,
    ) -> Result<(), StoreError> {
        unit.ledger().record(&self.fact(kind, reference, file)).await.map(drop)
    }

    /// Returns a fact about a file, with the current time.
    pub(super) fn fact(&self, kind: FactKind, reference: &impl ToString, file: &File) -> Fact {
        let subject = Subject {
            handle_id: file.handle_id,
            resource: Resource::File(file.id),
            visitor_id: None,
            purchase_id: None,
        };
        Fact::new(&self.runtime, kind, reference, subject)
    }

    /// Retires a file or an upload. Returns `false` if there is none. Its object is deleted directly
    /// afterwards, or by a job if that fails.
    pub(super) async fn retire(
        &self,
        unit: &mut dyn UnitOfWork,
        id: FileId,
    ) -> Result<bool, StoreError> {
        let due_at = plus_seconds(self.runtime.now(), LEASE_SECONDS);
        unit.jobs().enqueue(&NewJob::new(Job::ClearFile(id), due_at)).await?;
        unit.files().retire(id, due_at).await
    }
}

opaque_debug!(Files, FilesPorts);
