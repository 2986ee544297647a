//! Errors of opening a database, and how diesel's errors become the domain's.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, DeserializeFieldError, Error};
use tollgate_domain::store_error::StoreError;

use crate::columns::Unreadable;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be reached or opened.
    #[error("cannot open the database: {0}")]
    Connect(String),
    /// Its server is starting, or nothing listens at its address yet. It may be there in a moment.
    #[error("cannot open the database: {0}")]
    Starting(String),
    /// A pooler is in front of its server that does not keep connections apart, or takes no settings for them.
    #[error(
        "cannot use the database behind this connection pooler: {0}; connect to the server itself, or let the \
         pooler keep a connection for each client (PgBouncer: pool_mode = session, \
         ignore_startup_parameters = options)"
    )]
    Pooler(String),
    /// It cannot hold every text.
    #[error("the database is encoded in {0}; create the database with ENCODING 'UTF8'")]
    Encoding(String),
    /// Its schema cannot be brought up to date.
    #[error("cannot migrate the database: {0}")]
    Migrate(String),
    /// It cannot be copied or looked through.
    #[error("cannot copy the database: {0}")]
    Copy(String),
    /// Its file is damaged.
    #[error("the file of the database is damaged: {0}")]
    Damaged(String),
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
        Error::DatabaseError(DatabaseErrorKind::Unknown, information)
            if is_deadlock(&*information) =>
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

/// Returns whether PostgreSQL ended a unit because it and another waited for each other. Nothing of the unit was stored then.
///
/// Diesel has no kind for it, and keeps its code to itself. The message is in the language of the server, but in the detail, which
/// has a line for each unit that waits, the names of the locks are the same in every language.
fn is_deadlock(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> bool {
    let names_lock = |line: &str| line.contains("ShareLock") || line.contains("ExclusiveLock");
    let detail = information.details().unwrap_or_default();
    information.message() == "deadlock detected"
        || detail.lines().count() > 1 && detail.lines().all(names_lock)
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
