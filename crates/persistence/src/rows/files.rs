//! Files and their allowlists.

use tollgate_domain::{
    email::Email,
    files::{AllowlistEntry, AttachedPage, File, FileAccess, Media},
    id::{AllowlistId, FileId, HandleId, PageId},
    names::Slug,
};

use super::prelude::*;
use crate::schema::{file_allowlist, files};

#[derive(Debug, Clone, Copy)]
pub(crate) enum FileState {
    /// Its content is being uploaded.
    Uploading,
    /// It can be downloaded.
    Ready,
    /// It can no longer be downloaded, and its object is to be deleted.
    Retired,
    /// Its object is deleted.
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
    id: AsText<FileId>,
    handle_id: AsText<HandleId>,
    slug: AsText<Slug>,
    name: String,
    content_type: String,
    media: Option<AsText<Media>>,
    size: AsInt<u64>,
    sha256: AsBytes<[u8; 32]>,
    access: AsText<FileAccess>,
    page_id: Option<AsText<PageId>>,
    created_at: AsInt<Timestamp>,
    updated_at: AsInt<Timestamp>,
    unlisted_at: Option<AsInt<Timestamp>>,
}

/// A file with the slug and the title of its page, if it is attached to one that exists.
#[derive(Queryable)]
pub(crate) struct PlacedFile {
    pub(crate) file: FileRow,
    pub(crate) page_slug: Option<AsText<Slug>>,
    pub(crate) page_title: Option<String>,
}

impl From<&File> for FileRow {
    fn from(file: &File) -> Self {
        Self {
            id: AsText(file.id),
            handle_id: AsText(file.handle_id),
            slug: AsText(file.slug.clone()),
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            media: file.media.map(AsText),
            size: AsInt(file.size),
            sha256: AsBytes(file.sha256),
            access: AsText(file.access),
            page_id: file.page.as_ref().map(|page| AsText(page.id)),
            created_at: AsInt(file.created_at),
            updated_at: AsInt(file.updated_at),
            unlisted_at: file.unlisted_at.map(AsInt),
        }
    }
}

impl From<PlacedFile> for File {
    fn from(PlacedFile { file: row, page_slug, page_title }: PlacedFile) -> Self {
        let page = row.page_id.zip(page_slug).zip(page_title);
        Self {
            id: row.id.0,
            handle_id: row.handle_id.0,
            slug: row.slug.0,
            name: row.name,
            content_type: row.content_type,
            media: row.media.map(|media| media.0),
            size: row.size.0,
            sha256: row.sha256.0,
            access: row.access.0,
            page: page.map(|((id, slug), title)| AttachedPage { id: id.0, slug: slug.0, title }),
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
            unlisted_at: row.unlisted_at.into_value(),
        }
    }
}

/// Returns the key that keeps an address from being on a list twice.
pub(crate) fn place_key(file: FileId, email: &Email) -> String {
    format!("{file} {email}")
}

row! {
    AllowlistRow in file_allowlist {
        id: AsText<AllowlistId>,
        file_id: AsText<FileId>,
        email: AsText<Email>,
        added_at: AsInt<Timestamp>,
    }
    is AllowlistEntry { id, file_id, email, added_at }
}
