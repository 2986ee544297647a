//! What can go wrong with files.

use super::ports::FileStoreError;
use crate::{creators::HandleError, store::StoreError, validation::FieldErrors};

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
        most_bytes: u64,
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

impl From<HandleError> for FileError {
    fn from(error: HandleError) -> Self {
        match error {
            HandleError::Invalid(fields) => Self::Invalid(fields),
            HandleError::NotFound | HandleError::Taken => Self::HandleNotFound,
            HandleError::Store(error) => Self::Store(error),
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
