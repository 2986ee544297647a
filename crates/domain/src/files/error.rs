//! What can go wrong with files.

use super::ports::FileStoreError;
use crate::{
    access::AccessError, creators::OwnershipError, store_error::StoreError, validation::FieldErrors,
};

/// Why a file was not made, found or changed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The input is not sound.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// There is no such handle, or it is somebody else's.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such file.
    #[error("no such file")]
    NotFound,
    /// The handle has a file with this slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The content is larger than the installation takes.
    #[error("the file is too large")]
    TooLarge {
        /// The most that it takes.
        max_bytes: u64,
    },
    /// The file store failed.
    #[error(transparent)]
    Objects(#[from] FileStoreError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an upload came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum UploadError<E> {
    /// The content did not arrive whole.
    #[error("the content did not arrive")]
    Content(E),
    /// It was not taken.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Why a file was not handed out.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// For whoever asks there is no such file.
    #[error("no such file")]
    NotFound,
    /// A visitor session is needed first.
    #[error("a visitor session is required")]
    Unauthorized,
    /// The visitor may not have it.
    #[error("the visitor has no access to the file")]
    Forbidden,
    /// Its object is missing, or is not what was stored: nobody gets anything.
    #[error("the content of the file is lost")]
    Lost,
    /// The file store failed.
    #[error(transparent)]
    Objects(#[from] FileStoreError),
    /// The store failed: nobody gets anything.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OwnershipError> for FileError {
    fn from(error: OwnershipError) -> Self {
        match error {
            OwnershipError::HandleNotFound | OwnershipError::PageNotFound => Self::HandleNotFound,
            OwnershipError::Store(error) => Self::Store(error),
        }
    }
}

impl From<AccessError> for DownloadError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotFound(_) => Self::NotFound,
            AccessError::Store(error) => Self::Store(error),
        }
    }
}

impl<E> From<StoreError> for UploadError<E> {
    fn from(error: StoreError) -> Self {
        Self::File(error.into())
    }
}

impl<E> From<FileStoreError> for UploadError<E> {
    fn from(error: FileStoreError) -> Self {
        Self::File(error.into())
    }
}
