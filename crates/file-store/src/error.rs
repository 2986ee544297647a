//! The errors of the stores.

use std::fmt::Display;

use tollgate_domain::files::ports::FileStoreError;

/// The file store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the file store: {0}")]
pub struct OpenError(pub(crate) String);

/// Creates the error of an operation, whose description is `what`.
pub(crate) fn failed(what: &str, error: &impl Display) -> FileStoreError {
    FileStoreError(format!("{what}: {error}"))
}
