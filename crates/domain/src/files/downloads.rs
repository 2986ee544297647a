//! Downloads of files. Access is decided for every request, including requests for a part of a file.

use std::{cmp::Reverse, ops::Range, sync::Arc};

use super::{
    DownloadError, File,
    file::spellings,
    ports::{Chunks, FileReads, FileStore},
};
use crate::{
    access::{Gate, Reason, ViewerClaim},
    activity::ActivityKind,
    id::{HandleId, PageId},
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    store_error::StoreError,
};

/// The maximum number of files listed on a page.
const MAX_ON_A_PAGE: u32 = 100;

/// The use cases of downloads.
#[derive(Clone)]
pub struct Downloads {
    gate: Gate,
    reads: Arc<dyn FileReads>,
    objects: Arc<dyn FileStore>,
}

impl Downloads {
    /// Creates the use cases.
    pub fn new(gate: Gate, reads: Arc<dyn FileReads>, objects: Arc<dyn FileStore>) -> Self {
        Self { gate, reads, objects }
    }

    /// Returns the file if the viewer may download it now.
    pub async fn admit(
        &self,
        handle: HandleName,
        slug: Slug,
        claim: ViewerClaim,
    ) -> Result<File, DownloadError> {
        let query = self.gate.query(handle, slug, claim);
        let found = self.reads.file_with_access(&query).await?;
        let (file, access) = found.ok_or(DownloadError::NotFound)?;
        let (reason, is_first) = self.gate.decide(&access, claim)?;
        let is_use = reason.has_access()
            && self.gate.note(&access, claim, ActivityKind::Downloaded, &file.slug);
        self.gate.record(&access, claim, is_first || is_use).await?;
        match reason {
            Reason::Public | Reason::Entitled => Ok(file),
            Reason::VisitorAuthRequired => Err(DownloadError::Unauthorized),
            Reason::PurchaseRequired | Reason::FileForbidden => Err(DownloadError::Forbidden),
        }
    }

    /// Returns the bytes of a file that the viewer was admitted to. With a `range`, which has to lie
    /// within the file and not be empty, only those bytes are returned.
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

    /// Checks that the content exists, for requests that do not read it.
    pub async fn look(&self, file: &File) -> Result<(), DownloadError> {
        let size = self.objects.size(file.id).await?;
        if size == Some(file.size) { Ok(()) } else { Err(lost(file)) }
    }

    /// Returns the files of a handle that a page shows by these slugs or names; see [`File::is_named`]. Of files of one name, the
    /// newest is meant, and comes first.
    pub async fn named(&self, handle: HandleId, names: &[String]) -> Result<Vec<File>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<_> = names.iter().flat_map(|name| spellings(name)).collect();
        let mut files = self.reads.files_named(handle, &names).await?;
        files.sort_by_key(|file| Reverse((file.created_at, file.id)));
        Ok(files)
    }

    /// Returns a file and whether the viewer may download it, for the page about the file.
    pub async fn describe(
        &self,
        handle: HandleName,
        slug: Slug,
        claim: ViewerClaim,
    ) -> Result<(File, Reason), DownloadError> {
        let query = self.gate.query(handle, slug, claim);
        let found = self.reads.file_with_access(&query).await?;
        let (file, access) = found.ok_or(DownloadError::NotFound)?;
        let (reason, is_first) = self.gate.decide(&access, claim)?;
        self.gate.record(&access, claim, is_first).await?;
        Ok((file, reason))
    }

    /// Returns the files attached to a page, for a viewer who may see the page.
    pub async fn of_page(&self, page: PageId) -> Result<Vec<File>, StoreError> {
        self.reads.files_on(page, MAX_ON_A_PAGE).await
    }
}

fn lost(file: &File) -> DownloadError {
    tracing::error!(file = %file.id, "the object of a file is missing or has another size");
    DownloadError::Lost
}

opaque_debug!(Downloads);
