//! The errors of reports.

use crate::{creators::from_ownership_error, store_error::StoreError, validation::FieldErrors};

/// The error of a request for a report.
#[derive(Debug, thiserror::Error)]
pub enum ReportsError {
    /// The input is not valid.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// The handle does not exist or belongs to another creator.
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
