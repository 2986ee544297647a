//! The errors of files.

use super::ports::FileStoreError;
use crate::{
    access::AccessError,
    creators::{QuotaExceeded, from_ownership_error},
    store_error::StoreError,
    validation::FieldErrors,
};

/// The error of a creator's operation on a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The input is not valid.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such file.
    #[error("no such file")]
    NotFound,
    /// The file was changed since the version that the change is based on.
    #[error("the file was changed in the meantime")]
    VersionConflict,
    /// The handle already has a file with this slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The content exceeds the installation's limit.
    #[error("the file is too large")]
    TooLarge {
        /// The maximum size in bytes.
        max_bytes: u64,
    },
    /// The creator's files would be larger in sum than the installation allows.
    #[error("the creator's files are too large in sum")]
    QuotaExceeded {
        /// The largest sum of the sizes of all files of one creator, in bytes.
        max_bytes: u64,
    },
    /// The handle has as many files, or the allowlist as many addresses, as the installation allows.
    #[error(transparent)]
    TooMany(#[from] QuotaExceeded),
    /// The file store failed.
    #[error(transparent)]
    Objects(#[from] FileStoreError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of an upload.
#[derive(Debug, thiserror::Error)]
pub enum UploadError<E> {
    /// The content did not arrive completely.
    #[error("the content did not arrive")]
    Content(E),
    /// The file was rejected or could not be stored.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The error of a download.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The file does not exist for this viewer.
    #[error("no such file")]
    NotFound,
    /// The visitor has to sign in first.
    #[error("a visitor session is required")]
    Unauthorized,
    /// The visitor has no access to the file.
    #[error("the visitor has no access to the file")]
    Forbidden,
    /// The object of the file is missing or differs from what was stored, so nothing is sent.
    #[error("the content of the file is lost")]
    Lost,
    /// The file store failed.
    #[error(transparent)]
    Objects(#[from] FileStoreError),
    /// The store failed, so nothing is sent.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_ownership_error!(FileError, HandleNotFound);

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
