//! Uploads of files: an upload is recorded first, then streamed, then made visible.

use std::pin::pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    File, FileError, Files, Media, NewFile, UploadError,
    content_type::decided_type,
    file::{cleaned_name, cleaned_type},
    manage::LEASE_SECONDS,
    media::HEAD_BYTES,
    ports::ObjectWriter,
};
use crate::{
    clock::plus_seconds,
    creators::Creator,
    id::{CreatorId, FileId},
    jobs::{Job, NewJob},
    names::HandleName,
    store::UnitOfWork,
    store_error::StoreError,
};

/// How often the lease of a running upload is renewed, in seconds. What is left of the lease is longer than a file store
/// may take to accept a part.
const RENEW_SECONDS: i64 = 15;
/// After how many further bytes a running upload notes its size, so that others of its creator count it.
const NOTE_BYTES: u64 = 16 << 20;

/// The number of slugs that are looked up at once, and how often, to find a free one.
const BATCH: u32 = 50;
const MAX_BATCHES: u32 = 20;

/// An upload that is recorded.
struct Reserved {
    file: File,
    creator: CreatorId,
    /// How many bytes the creator's quota has left.
    room: u64,
}

/// What the row of a running upload says.
#[derive(Clone, Copy)]
struct NotedSize {
    at: Timestamp,
    size: u64,
}

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
        let reserved = self.reserved(creator, handle, new).await?;
        self.filled(reserved, content).await
    }

    /// Stores a new file like [`upload`](Self::upload). If its slug is taken, the file gets the first free
    /// one of `slug-2`, `slug-3` and so on.
    pub async fn upload_beside<E>(
        &self,
        creator: &Creator,
        handle: &HandleName,
        new: NewFile,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<File, UploadError<E>> {
        let reserved = self.reserved_beside(creator, handle, new).await?;
        self.filled(reserved, content).await
    }

    async fn filled<E>(
        &self,
        mut reserved: Reserved,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<File, UploadError<E>> {
        match self.take_in(&mut reserved, content).await {
            Ok(()) => Ok(reserved.file),
            Err(error) => {
                self.give_up(reserved.file.id).await;
                Err(error)
            }
        }
    }

    /// Records the upload under the first number of its slug that is free.
    async fn reserved_beside(
        &self,
        creator: &Creator,
        handle: &HandleName,
        new: NewFile,
    ) -> Result<Reserved, FileError> {
        let owned = self.ownership.handle(creator, handle).await?;
        for batch in 0..MAX_BATCHES {
            let first = batch * BATCH + 1;
            let slugs: Vec<_> = (first..first + BATCH).map(|n| new.slug.numbered(n)).collect();
            let names: Vec<_> = slugs.iter().map(ToString::to_string).collect();
            let taken = self.reads.files_named(owned.id, &names).await?;
            for slug in slugs {
                if taken.iter().any(|file| file.slug == slug) {
                    continue;
                }
                let numbered = NewFile { slug, ..new.clone() };
                // Running uploads are not among the files that were read.
                match self.reserved(creator, handle, numbered).await {
                    Err(FileError::SlugTaken) => {}
                    result => return result,
                }
            }
        }
        Err(FileError::SlugTaken)
    }

    /// Records the upload before its object is created, so that every object has a row.
    async fn reserved(
        &self,
        creator: &Creator,
        handle: &HandleName,
        new: NewFile,
    ) -> Result<Reserved, FileError> {
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
            media: None,
            size: 0,
            sha256: [0; 32],
            access: new.access,
            page,
            created_at: now,
            updated_at: now,
            unlisted_at: new.access.unlisted_at(None, now),
        };
        let mut unit = self.runtime.begin().await?;
        // Each of several parallel uploads counts the others.
        unit.creators().lock(creator.id).await?;
        let stored = unit.files().stored_bytes(creator.id).await?;
        // A creator above the quota cannot upload an empty file either.
        let room = self.quotas.max_stored_bytes.checked_sub(stored);
        let room = room.ok_or_else(|| self.quota_exceeded())?;
        let lease_ends_at = plus_seconds(now, LEASE_SECONDS);
        if !unit.files().reserve(&file, lease_ends_at).await? {
            return Err(FileError::SlugTaken);
        }
        self.quotas.check_files(unit.files().count_of(handle.id).await?)?;
        unit.jobs().enqueue(&NewJob::new(Job::ClearFile(file.id), lease_ends_at)).await?;
        unit.commit().await?;
        Ok(Reserved { file, creator: creator.id, room })
    }

    fn quota_exceeded(&self) -> FileError {
        FileError::QuotaExceeded { max_bytes: self.quotas.max_stored_bytes }
    }

    async fn take_in<E>(
        &self,
        reserved: &mut Reserved,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<(), UploadError<E>> {
        let mut writer = self.objects.create(reserved.file.id).await?;
        let written = self.write(reserved, &mut *writer, content).await;
        if let Err(error) = written {
            writer.abandon().await;
            return Err(error);
        }
        writer.finish().await?;
        let mut unit = self.runtime.begin().await?;
        // Other uploads may have taken the room in the meantime.
        unit.creators().lock(reserved.creator).await?;
        if !unit.files().complete(&reserved.file).await? {
            return Err(taken_away());
        }
        self.check_stored(&mut *unit, reserved.creator).await?;
        Ok(unit.commit().await?)
    }

    /// Refuses more than the creator's quota, with what the unit of work has changed.
    async fn check_stored(
        &self,
        unit: &mut dyn UnitOfWork,
        creator: CreatorId,
    ) -> Result<(), FileError> {
        if unit.files().stored_bytes(creator).await? > self.quotas.max_stored_bytes {
            return Err(self.quota_exceeded());
        }
        Ok(())
    }

    async fn write<E>(
        &self,
        reserved: &mut Reserved,
        writer: &mut dyn ObjectWriter,
        content: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<(), UploadError<E>> {
        let mut content = pin!(content);
        let mut hash = Sha256::new();
        let mut head = Vec::new();
        let mut noted = NotedSize { at: reserved.file.created_at, size: 0 };
        while let Some(chunk) = content.next().await {
            let chunk = chunk.map_err(UploadError::Content)?;
            let file = &mut reserved.file;
            file.size = file.size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if file.size > self.max_bytes {
                return Err(FileError::TooLarge { max_bytes: self.max_bytes }.into());
            }
            if file.size > reserved.room {
                return Err(self.quota_exceeded().into());
            }
            hash.update(&chunk);
            let missing = HEAD_BYTES.saturating_sub(head.len()).min(chunk.len());
            head.extend_from_slice(chunk.get(..missing).unwrap_or_default());
            writer.write(chunk).await?;
            noted = self.renewed(reserved, noted).await?;
        }
        let file = &mut reserved.file;
        file.media = Media::of(&head);
        if file.media.is_none() {
            file.content_type = decided_type(&file.content_type, &head);
        }
        file.sha256 = hash.finalize().into();
        Ok(())
    }

    /// Renews the lease of the upload and notes its size when that is due, and returns what was noted last. Running uploads
    /// of a creator together keep to the quota, except for what each has not noted yet.
    async fn renewed<E>(
        &self,
        Reserved { file, creator, .. }: &Reserved,
        noted: NotedSize,
    ) -> Result<NotedSize, UploadError<E>> {
        let now = self.runtime.now();
        let has_grown = file.size.saturating_sub(noted.size) >= NOTE_BYTES;
        if !has_grown && now < plus_seconds(noted.at, RENEW_SECONDS) {
            return Ok(noted);
        }
        let mut unit = self.runtime.begin().await?;
        // Each of several parallel uploads counts the others.
        unit.creators().lock(*creator).await?;
        if !unit.files().renew(file.id, file.size, plus_seconds(now, LEASE_SECONDS)).await? {
            return Err(taken_away());
        }
        self.check_stored(&mut *unit, *creator).await?;
        unit.commit().await?;
        Ok(NotedSize { at: now, size: file.size })
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
