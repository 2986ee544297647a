//! What can go wrong when a creator looks into the books.

use crate::{creators::from_ownership_error, store_error::StoreError, validation::FieldErrors};

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

from_ownership_error!(ReportsError);
