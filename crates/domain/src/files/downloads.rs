//! Handing files out. Every request is decided anew, whatever part of a file it asks for.

use std::{ops::Range, sync::Arc};

use super::{
    DownloadError, File, FileGate, FileReason, decide_file,
    ports::{AskedFile, Chunks, FileQuery, FileReads, FileStore},
};
use crate::{
    access::{Reason, Viewer, ViewerClaim},
    clock::Clock,
    creators::{AccessMode, HandleName, Slug},
    id::PageId,
    store::{Store, StoreError},
};

/// More files than this below a page help nobody.
const MAX_ON_A_PAGE: u32 = 100;

/// The desk where files are handed out.
#[derive(Clone)]
pub struct Downloads {
    reads: Arc<dyn FileReads>,
    objects: Arc<dyn FileStore>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Downloads {
    /// A desk in front of what `reads` knows and `objects` holds.
    pub fn new(
        reads: Arc<dyn FileReads>,
        objects: Arc<dyn FileStore>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { reads, objects, store, clock }
    }

    /// Whether the viewer may have the file now. One round trip to the store, but for the first time
    /// that a visitor gets through a page that is free with login, which is recorded.
    pub async fn check(
        &self,
        handle: HandleName,
        slug: Slug,
        claim: ViewerClaim,
    ) -> Result<FileReason, DownloadError> {
        Ok(self.decide(handle, slug, claim).await?.1)
    }

    /// The file, for a viewer who may have it now.
    pub async fn admit(
        &self,
        handle: HandleName,
        slug: Slug,
        claim: ViewerClaim,
    ) -> Result<File, DownloadError> {
        match self.decide(handle, slug, claim).await? {
            (file, FileReason::Gate(Reason::Public | Reason::Entitled)) => Ok(file),
            (_, FileReason::Gate(Reason::VisitorAuthRequired)) => Err(DownloadError::Unauthorized),
            (_, FileReason::Gate(Reason::PurchaseRequired) | FileReason::NotListed) => {
                Err(DownloadError::Forbidden)
            }
        }
    }

    async fn decide(
        &self,
        handle: HandleName,
        slug: Slug,
        claim: ViewerClaim,
    ) -> Result<(File, FileReason), DownloadError> {
        let query = FileQuery { handle, slug, session: claim.session, now: self.clock.now() };
        let asked = self.reads.asked_file(&query).await?.ok_or(DownloadError::NotFound)?;
        let viewer = Viewer {
            signed_in: asked.visitor_id.is_some(),
            creator: claim.creator,
            holdings: &asked.holdings,
        };
        let gate = FileGate {
            creator_id: asked.creator_id,
            access: asked.file.access,
            page: asked.page.as_ref(),
        };
        let reason = decide_file(&gate, viewer, asked.listed).ok_or(DownloadError::NotFound)?;
        self.record_first_visit(&asked, reason).await?;
        Ok((asked.file, reason))
    }

    /// The bytes of a file that the viewer was admitted to; with a `range`, which has to lie within it
    /// and not be empty, only those.
    pub async fn open(
        &self,
        file: &File,
        range: Option<Range<u64>>,
    ) -> Result<Chunks, DownloadError> {
        let object = self.objects.open(file.id, range).await?;
        match object {
            Some(object) if object.size == file.size => Ok(object.chunks),
            _ => Err(lost(file)),
        }
    }

    /// Whether the bytes are there, for whoever asks without wanting them.
    pub async fn look(&self, file: &File) -> Result<(), DownloadError> {
        let size = self.objects.size(file.id).await?;
        if size == Some(file.size) { Ok(()) } else { Err(lost(file)) }
    }

    /// The files that come with a page, for a viewer who may see it.
    pub async fn of_page(&self, page: PageId) -> Result<Vec<File>, StoreError> {
        self.reads.files_on(page, MAX_ON_A_PAGE).await
    }

    async fn record_first_visit(
        &self,
        asked: &AskedFile,
        reason: FileReason,
    ) -> Result<(), StoreError> {
        let (Some(visitor), Some(page), FileReason::Gate(Reason::Entitled), false) =
            (asked.visitor_id, &asked.page, reason, asked.visited)
        else {
            return Ok(());
        };
        if page.mode != AccessMode::FreeWithLogin {
            return Ok(());
        }
        let mut unit = self.store.begin().await?;
        unit.visits().record(visitor, page.page_id, self.clock.now()).await?;
        unit.commit().await
    }
}

fn lost(file: &File) -> DownloadError {
    tracing::error!(file = %file.id, "the object of a file is missing or has another size");
    DownloadError::Lost
}

impl std::fmt::Debug for Downloads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Downloads")
    }
}
