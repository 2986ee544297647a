//! Rows of files, of their lists, and of what happened to them.

use diesel::prelude::*;
use tollgate_domain::{
    files::{AllowlistEntry, AttachedPage, File, FileFact},
    store::StoreError,
};

use super::{corrupt, hash, instant, micros, parse};
use crate::schema::{file_allowlist, file_facts, files};

/// Where a file is in its life.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FileState {
    /// Its content is on its way.
    Uploading,
    /// It is there.
    Ready,
    /// Nobody gets it any more; its object is to be cleared away.
    Retired,
    /// Its object is gone.
    Gone,
}

impl FileState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "UPLOADING",
            Self::Ready => "READY",
            Self::Retired => "RETIRED",
            Self::Gone => "GONE",
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = files)]
pub(crate) struct FileRow {
    id: String,
    handle_id: String,
    slug: String,
    name: String,
    content_type: String,
    size: i64,
    sha256: Vec<u8>,
    access: String,
    page_id: Option<String>,
    created_at: i64,
    updated_at: i64,
}

/// A file with the slug of its page, if that is still there.
pub(crate) type PlacedFile = (FileRow, Option<String>);

impl From<&File> for FileRow {
    fn from(file: &File) -> Self {
        Self {
            id: file.id.to_string(),
            handle_id: file.handle_id.to_string(),
            slug: file.slug.to_string(),
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            size: i64::try_from(file.size).unwrap_or(i64::MAX),
            sha256: file.sha256.to_vec(),
            access: file.access.as_str().to_owned(),
            page_id: file.page.as_ref().map(|page| page.id.to_string()),
            created_at: micros(file.created_at),
            updated_at: micros(file.updated_at),
        }
    }
}

impl FileRow {
    /// The file, with the slug of the page that it is attached to.
    pub(crate) fn placed(self, page_slug: Option<String>) -> Result<File, StoreError> {
        let page = match (self.page_id, page_slug) {
            (Some(id), Some(slug)) => Some(AttachedPage {
                id: parse("files.page_id", &id)?,
                slug: parse("pages.slug", &slug)?,
            }),
            _ => None,
        };
        Ok(File {
            id: parse("files.id", &self.id)?,
            handle_id: parse("files.handle_id", &self.handle_id)?,
            slug: parse("files.slug", &self.slug)?,
            name: self.name,
            content_type: self.content_type,
            size: u64::try_from(self.size).map_err(|_| corrupt("files.size"))?,
            sha256: hash("files.sha256", self.sha256)?,
            access: parse("files.access", &self.access)?,
            page,
            created_at: instant("files.created_at", self.created_at)?,
            updated_at: instant("files.updated_at", self.updated_at)?,
        })
    }
}

/// What keeps an address from being on a list twice.
pub(crate) fn place_key(file: &str, email: &str) -> String {
    format!("{file} {email}")
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = file_allowlist)]
pub(crate) struct AllowlistRow {
    id: String,
    file_id: String,
    email: String,
    added_at: i64,
}

impl From<&AllowlistEntry> for AllowlistRow {
    fn from(entry: &AllowlistEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            file_id: entry.file_id.to_string(),
            email: entry.email.to_string(),
            added_at: micros(entry.added_at),
        }
    }
}

impl TryFrom<AllowlistRow> for AllowlistEntry {
    type Error = StoreError;

    fn try_from(row: AllowlistRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("file_allowlist.id", &row.id)?,
            file_id: parse("file_allowlist.file_id", &row.file_id)?,
            email: parse("file_allowlist.email", &row.email)?,
            added_at: instant("file_allowlist.added_at", row.added_at)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = file_facts)]
pub(crate) struct FileFactRow {
    id: String,
    at: i64,
    kind: String,
    reference: String,
    handle_id: String,
    file_id: String,
}

impl From<&FileFact> for FileFactRow {
    fn from(fact: &FileFact) -> Self {
        Self {
            id: fact.id.to_string(),
            at: micros(fact.at),
            kind: fact.kind.as_str().to_owned(),
            reference: fact.reference.clone(),
            handle_id: fact.handle_id.to_string(),
            file_id: fact.file_id.to_string(),
        }
    }
}

impl TryFrom<FileFactRow> for FileFact {
    type Error = StoreError;

    fn try_from(row: FileFactRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("file_facts.id", &row.id)?,
            at: instant("file_facts.at", row.at)?,
            kind: parse("file_facts.kind", &row.kind)?,
            reference: row.reference,
            handle_id: parse("file_facts.handle_id", &row.handle_id)?,
            file_id: parse("file_facts.file_id", &row.file_id)?,
        })
    }
}
