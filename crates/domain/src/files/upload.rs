//! Uploads of files: an upload is recorded first, then streamed, then made visible.

use std::pin::pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    File, FileError, Files, NewFile, UploadError,
    file::{cleaned_name, cleaned_type},
    manage::LEASE_SECONDS,
    ports::ObjectWriter,
};
use crate::{
    clock::plus_seconds,
    creators::Creator,
    id::FileId,
    jobs::{Job, NewJob},
    names::HandleName,
    store_error::StoreError,
};

/// How often the lease of a running upload is renewed, in seconds.
const RENEW_SECONDS: i64 = 15;

impl Files {
    /// Stores a new file. `content` is read as fast as it can be stored, and is never kept in memory as
    /// a whole. If anything fails, no part of the file becomes visible.
    pub async fn upload<E>(
        &self,
        creator: &Creator,
        handle: &HandleName,
        new: NewFile,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<File, UploadError<E>> {
        let mut file = self.reserved(creator, handle, new).await?;
        match self.take_in(&mut file, content).await {
            Ok(()) => Ok(file),
            Err(error) => {
                self.give_up(file.id).await;
                Err(error)
            }
        }
    }

    /// Records the upload before its object is created, so that every object has a row.
    async fn reserved(
        &self,
        creator: &Creator,
        handle: &HandleName,
        new: NewFile,
    ) -> Result<File, FileError> {
        let handle = self.ownership.handle(creator, handle).await?;
        new.access.check_page(new.page_slug.is_some()).map_err(FileError::Invalid)?;
        let page = match new.page_slug {
            Some(slug) => Some(self.attached(&handle, slug).await?),
            None => None,
        };
        let now = self.runtime.now();
        let file = File {
            id: FileId::new(now, &*self.runtime.random),
            handle_id: handle.id,
            slug: new.slug,
            name: cleaned_name(&new.name),
            content_type: cleaned_type(new.content_type.as_deref()),
            size: 0,
            sha256: [0; 32],
            access: new.access,
            page,
            created_at: now,
            updated_at: now,
        };
        let mut unit = self.runtime.begin().await?;
        let lease_ends_at = plus_seconds(now, LEASE_SECONDS);
        if !unit.files().reserve(&file, lease_ends_at).await? {
            return Err(FileError::SlugTaken);
        }
        unit.jobs().enqueue(&NewJob::new(Job::ClearFile(file.id), lease_ends_at)).await?;
        unit.commit().await?;
        Ok(file)
    }

    async fn take_in<E>(
        &self,
        file: &mut File,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<(), UploadError<E>> {
        let mut writer = self.objects.create(file.id).await?;
        let written = self.write(file, &mut *writer, content).await;
        if let Err(error) = written {
            writer.abandon().await;
            return Err(error);
        }
        writer.finish().await?;
        let mut unit = self.runtime.begin().await?;
        if !unit.files().complete(file).await? {
            return Err(taken_away());
        }
        Ok(unit.commit().await?)
    }

    async fn write<E>(
        &self,
        file: &mut File,
        writer: &mut dyn ObjectWriter,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<(), UploadError<E>> {
        let mut content = pin!(content);
        let mut hash = Sha256::new();
        let mut renewed_at = file.created_at;
        while let Some(chunk) = content.next().await {
            let chunk = chunk.map_err(UploadError::Content)?;
            file.size = file.size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if file.size > self.max_bytes {
                return Err(FileError::TooLarge { max_bytes: self.max_bytes }.into());
            }
            hash.update(&chunk);
            writer.write(chunk).await?;
            renewed_at = self.renewed(file.id, renewed_at).await?;
        }
        file.sha256 = hash.finalize().into();
        Ok(())
    }

    /// Renews the lease of the upload when it is due, and returns when it was last renewed.
    async fn renewed<E>(
        &self,
        id: FileId,
        renewed_at: Timestamp,
    ) -> Result<Timestamp, UploadError<E>> {
        let now = self.runtime.now();
        if now < plus_seconds(renewed_at, RENEW_SECONDS) {
            return Ok(renewed_at);
        }
        let mut unit = self.runtime.begin().await?;
        if !unit.files().renew(id, plus_seconds(now, LEASE_SECONDS)).await? {
            return Err(taken_away());
        }
        unit.commit().await?;
        Ok(now)
    }

    /// Removes what a failed upload left behind. The row is retired first: it may be unknown whether the
    /// last commit took effect, and no file may be visible whose object is deleted.
    async fn give_up(&self, id: FileId) {
        let retired = async {
            let mut unit = self.runtime.begin().await?;
            self.retire(&mut *unit, id).await?;
            unit.commit().await
        };
        match retired.await {
            Ok(()) => self.clear(id).await,
            Err(error) => {
                tracing::warn!(file = %id, %error, "a failed upload is left to a job");
            }
        }
    }
}

/// Returns the error of an upload that lost its lease and was retired.
fn taken_away<E>() -> UploadError<E> {
    StoreError::Conflict.into()
}
