//! What can go wrong when a creator looks into the books.

use crate::{
    creators::{HandleError, PageError},
    store::StoreError,
    validation::FieldErrors,
};

/// Why there was nothing to see.
#[derive(Debug, thiserror::Error)]
pub enum ReportsError {
    /// The question is not sound.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// There is no such handle, or it is somebody else's.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such page.
    #[error("no such page")]
    PageNotFound,
    /// The handle has no such file.
    #[error("no such file")]
    FileNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<HandleError> for ReportsError {
    fn from(error: HandleError) -> Self {
        match error {
            HandleError::Invalid(fields) => Self::Invalid(fields),
            HandleError::NotFound | HandleError::Taken => Self::HandleNotFound,
            HandleError::Store(error) => Self::Store(error),
        }
    }
}

impl From<PageError> for ReportsError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Invalid(fields) => Self::Invalid(fields),
            PageError::HandleNotFound => Self::HandleNotFound,
            PageError::NotFound | PageError::SlugTaken => Self::PageNotFound,
            PageError::Store(error) => Self::Store(error),
        }
    }
}
