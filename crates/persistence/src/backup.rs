//! Copies of an SQLite database, taken while programs use it.

use std::path::Path;

use diesel::{
    Connection, ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection, sql_types::Text,
};
use tollgate_domain::id::FileId;

use crate::{
    columns::{AsBytes, AsInt, AsText},
    error::OpenError,
    rows::FileState,
    schema::files,
    sqlite,
};

/// An object of the file store that a database refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// The name of the object.
    pub id: FileId,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 hash of its content.
    pub sha256: [u8; 32],
}

type Row = (AsText<FileId>, AsInt<u64>, AsBytes<[u8; 32]>);

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = Text)]
    quick_check: String,
}

fn failed(error: &dyn std::fmt::Display) -> OpenError {
    OpenError::Copy(error.to_string())
}

/// Copies the database at `from` into a new file at `to`, as it is at one instant, and returns the objects that
/// the copy refers to. Other programs may read and write in the meantime.
///
/// # Errors
///
/// If `to` is a file that is not empty, or if there is no room for the copy, of which a part may be left.
pub fn snapshot(from: &Path, to: &Path) -> Result<Vec<StoredObject>, OpenError> {
    let to = to.to_str().ok_or_else(|| failed(&"the path is not UTF-8"))?;
    let mut conn = sqlite::raw_connection(from)?;
    let copy = format!("VACUUM INTO '{}'", to.replace('\'', "''"));
    conn.batch_execute(&copy).map_err(|error| failed(&error))?;
    drop(conn);
    let mut copy = SqliteConnection::establish(to).map_err(|error| failed(&error))?;
    let ready = files::table
        .filter(files::state.eq(FileState::Ready.as_str()))
        .order(files::id)
        .select((files::id, files::size, files::sha256));
    let rows: Vec<Row> = ready.load(&mut copy).map_err(|error| failed(&error))?;
    let object =
        |(id, size, sha256): Row| StoredObject { id: id.0, size: size.0, sha256: sha256.0 };
    Ok(rows.into_iter().map(object).collect())
}

/// Returns the files of the database at `path` that were uploaded completely and not deleted.
pub fn ready_files(path: &Path) -> Result<Vec<FileId>, OpenError> {
    let mut conn = sqlite::raw_connection(path)?;
    let ready = files::table.filter(files::state.eq(FileState::Ready.as_str())).select(files::id);
    let ids: Vec<AsText<FileId>> = ready.load(&mut conn).map_err(|error| failed(&error))?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Checks that the file at `path` is a sound SQLite database.
pub fn check(path: &Path) -> Result<(), OpenError> {
    let path = path.to_str().ok_or_else(|| failed(&"the path is not UTF-8"))?;
    let mut conn = SqliteConnection::establish(path).map_err(|error| failed(&error))?;
    let verdict = diesel::sql_query("PRAGMA quick_check(1)").get_result::<Verdict>(&mut conn);
    match verdict.map_err(|error| failed(&error))?.quick_check.as_str() {
        "ok" => Ok(()),
        fault => Err(failed(&fault)),
    }
}
