//! How diesel's errors become the domain's.

use diesel::result::{DatabaseErrorKind, Error};
use tollgate_domain::store::StoreError;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be reached or opened.
    #[error("cannot open the database: {0}")]
    Connect(String),
    /// Its schema cannot be brought up to date.
    #[error("cannot migrate the database: {0}")]
    Migrate(String),
}

/// Values never become part of the message: it may end in a log.
pub(crate) fn store_error(error: Error) -> StoreError {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::SerializationFailure,
            _,
        ) => StoreError::Conflict,
        Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            StoreError::Unavailable(information.message().to_owned())
        }
        Error::DatabaseError(kind, _) => StoreError::Unavailable(format!("{kind:?}")),
        Error::DeserializationError(_) => StoreError::Corrupt("a column has another type".into()),
        other => StoreError::Unavailable(other.to_string()),
    }
}
