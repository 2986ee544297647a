//! Copies of an SQLite database, taken while programs use it.

use std::path::Path;

use diesel::{
    Connection, ExpressionMethods, JoinOnDsl, QueryDsl, QueryableByName, RunQueryDsl,
    SqliteConnection, connection::SimpleConnection, sql_types::Text,
};
use tollgate_domain::{
    id::FileId,
    names::{HandleName, Slug},
};

use crate::{
    columns::{AsBytes, AsInt, AsText},
    error::OpenError,
    rows::FileState,
    schema::{files, handles},
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

/// A file that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyFile {
    /// Its id, the name of its object.
    pub id: FileId,
    /// The handle that it belongs to.
    pub handle: HandleName,
    /// Its slug under the handle.
    pub slug: Slug,
}

type NamedRow = (AsText<FileId>, AsText<HandleName>, AsText<Slug>);
type Row = (AsText<FileId>, AsInt<u64>, AsBytes<[u8; 32]>);

#[derive(QueryableByName)]
struct QuickCheckRow {
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
pub fn ready_files(path: &Path) -> Result<Vec<ReadyFile>, OpenError> {
    let mut conn = sqlite::raw_connection(path)?;
    let ready = files::table
        .inner_join(handles::table.on(handles::id.eq(files::handle_id)))
        .filter(files::state.eq(FileState::Ready.as_str()))
        .order(files::id)
        .select((files::id, handles::name, files::slug));
    let rows: Vec<NamedRow> = ready.load(&mut conn).map_err(|error| failed(&error))?;
    let file =
        |(id, handle, slug): NamedRow| ReadyFile { id: id.0, handle: handle.0, slug: slug.0 };
    Ok(rows.into_iter().map(file).collect())
}

/// Checks that the file at `path` is a sound SQLite database.
pub fn check(path: &Path) -> Result<(), OpenError> {
    let path = path.to_str().ok_or_else(|| failed(&"the path is not UTF-8"))?;
    let mut conn = SqliteConnection::establish(path).map_err(|error| failed(&error))?;
    let row = diesel::sql_query("PRAGMA quick_check(1)").get_result::<QuickCheckRow>(&mut conn);
    match row.map_err(|error| looked_through(&error))?.quick_check.as_str() {
        "ok" => Ok(()),
        fault => Err(OpenError::Damaged(fault.to_owned())),
    }
}

/// Turns the error of a check into what it means for the file. Diesel passes on the messages of SQLite but not its codes, which are
/// `SQLITE_CORRUPT` and `SQLITE_NOTADB` here.
fn looked_through(error: &diesel::result::Error) -> OpenError {
    let told = error.to_string();
    if told.contains("malformed") || told.contains("is not a database") {
        OpenError::Damaged(told)
    } else {
        failed(error)
    }
}
