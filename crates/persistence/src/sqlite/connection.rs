//! Connections to a file: their settings, and why a file cannot be opened or written.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection, QueryResult, SqliteConnection, connection::SimpleConnection, result::Error,
};

use super::MAX_WAIT;
use crate::error::OpenError;

/// Opens a connection with the settings that all connections share.
pub(crate) fn raw_connection(path: &Path) -> Result<SqliteConnection, OpenError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    }
    let url = path.to_str().ok_or_else(|| failed(path, &"the path is not UTF-8"))?;
    let mut conn = SqliteConnection::establish(url).map_err(|error| match cause(path) {
        Some(cause) => failed(path, &cause),
        None => failed(path, &error),
    })?;
    prepare(&mut conn).map_err(|error| unusable(path, &error))?;
    Ok(conn)
}

/// Opens a connection like [`raw_connection`], and refuses a file that cannot be written.
pub(crate) fn writable_connection(path: &Path) -> Result<SqliteConnection, OpenError> {
    let mut conn = raw_connection(path)?;
    match try_to_write(&mut conn) {
        Err(error) if is_read_only(&error) => Err(unusable(path, &error)),
        // Another program may hold the lock at this moment.
        _ => {
            conn.batch_execute(WAIT).map_err(|error| unusable(path, &error))?;
            Ok(conn)
        }
    }
}

/// How long a statement waits for a lock that another program holds.
const WAIT: &str = "PRAGMA busy_timeout = 5000";

fn failed(path: &Path, error: &dyn std::fmt::Display) -> OpenError {
    OpenError::Connect(format!("{}: {error}", path.display()))
}

fn unusable(path: &Path, error: &Error) -> OpenError {
    if is_read_only(error) {
        return failed(path, &"it cannot be written by this user, or its disk is read-only");
    }
    failed(path, error)
}

/// Returns why the system does not open a file, which SQLite does not say.
fn cause(path: &Path) -> Option<io::Error> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Some(ErrorKind::IsADirectory.into()),
        Ok(_) => File::open(path).err(),
        // An empty file is not a database yet.
        Err(error) if error.kind() == ErrorKind::NotFound => File::create_new(path).err(),
        Err(error) => Some(error),
    }
}

/// Writes something and takes it back, without waiting for a lock. A file that is read-only lets a transaction begin.
fn try_to_write(conn: &mut SqliteConnection) -> QueryResult<()> {
    conn.batch_execute("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE")?;
    let written = conn.batch_execute("PRAGMA user_version = 0");
    conn.batch_execute("ROLLBACK")?;
    written
}

fn prepare(conn: &mut SqliteConnection) -> QueryResult<()> {
    conn.batch_execute(WAIT)?;
    write_ahead(conn)?;
    conn.batch_execute(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA journal_size_limit = 67108864;",
    )
}

/// Turns on the write-ahead log, a permanent setting of the file. When two programs do so at once, each
/// holds a lock that the other needs; SQLite refuses one of them without waiting, which has to retry.
fn write_ahead(conn: &mut SqliteConnection) -> QueryResult<()> {
    let last = Instant::now() + MAX_WAIT;
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL") {
            Err(error) if is_locked(&error) && Instant::now() < last => {
                thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

fn is_locked(error: &Error) -> bool {
    has_message(error, "database is locked")
}

fn is_read_only(error: &Error) -> bool {
    has_message(error, "attempt to write a readonly database")
}

fn has_message(error: &Error, message: &str) -> bool {
    matches!(error, Error::DatabaseError(_, information) if information.message() == message)
}
