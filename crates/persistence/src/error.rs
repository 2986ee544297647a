//! Errors of opening a database, and how diesel's errors become the domain's.

use diesel::result::{DatabaseErrorKind, DeserializeFieldError, Error};
use tollgate_domain::store_error::StoreError;

use crate::columns::Unreadable;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be reached or opened.
    #[error("cannot open the database: {0}")]
    Connect(String),
    /// It cannot hold every text.
    #[error("the database is encoded in {0}; create the database with ENCODING 'UTF8'")]
    Encoding(String),
    /// Its schema cannot be brought up to date.
    #[error("cannot migrate the database: {0}")]
    Migrate(String),
    /// It cannot be copied, or its copy is damaged.
    #[error("cannot copy the database: {0}")]
    Copy(String),
}

/// Converts an error of a statement. Its message may end in a log, so it names the kind and the constraint, and no
/// values; what diesel has no kind for has the server's own message.
pub(crate) fn store_error(error: Error) -> StoreError {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::SerializationFailure,
            _,
        ) => StoreError::Conflict,
        // Diesel has no kind for it. A server that speaks another language ends the unit all the same.
        Error::DatabaseError(DatabaseErrorKind::Unknown, information)
            if information.message() == "deadlock detected" =>
        {
            StoreError::Conflict
        }
        Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            StoreError::Unavailable(information.message().to_owned())
        }
        Error::DatabaseError(kind, information) => {
            let constraint = information.constraint_name().map(|name| format!(" of {name}"));
            StoreError::Unavailable(format!("{kind:?}{}", constraint.unwrap_or_default()))
        }
        Error::DeserializationError(error) => StoreError::Corrupt(unreadable(&*error)),
        other => StoreError::Unavailable(other.to_string()),
    }
}

/// Returns the name of the column that cannot be read, if it is known, and the type that it should have.
fn unreadable(error: &(dyn std::error::Error + 'static)) -> String {
    let field = error.downcast_ref::<DeserializeFieldError>();
    let column = field.and_then(|field| field.field_name.as_deref()).unwrap_or("a column");
    let cause = error.source().unwrap_or(error).downcast_ref::<Unreadable>();
    cause.map_or_else(
        || format!("{column} has another type"),
        |cause| if field.is_some() { format!("{column}: {cause}") } else { cause.to_string() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PostgreSQL ends one of two units that wait for each other. Nothing was stored.
    #[test]
    fn what_a_concurrent_unit_prevents_may_be_repeated() {
        let of = |kind, message: &str| {
            store_error(Error::DatabaseError(kind, Box::new(message.to_owned())))
        };
        let failed = of(DatabaseErrorKind::SerializationFailure, "could not serialize access");
        assert_eq!(failed, StoreError::Conflict);
        let deadlock = of(DatabaseErrorKind::Unknown, "deadlock detected");
        assert_eq!(deadlock, StoreError::Conflict);
        let full = of(DatabaseErrorKind::Unknown, "could not extend file");
        assert_eq!(full, StoreError::Unavailable("could not extend file".into()));
    }
}
