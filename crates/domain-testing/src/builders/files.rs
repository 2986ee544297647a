//! Files, their lists and what is known about them.

use jiff::Timestamp;

use super::{RANDOM, builder, number, slug};
use crate::start_of_time;
use tollgate_domain::{
    creators::{Handle, Page},
    email::Email,
    files::{AllowlistEntry, File, FileAccess},
    id::{AllowlistId, FileId, HandleId},
    random,
};

/// A public file of 3 bytes under a handle of its own.
pub fn a_file() -> FileBuilder {
    FileBuilder(File {
        id: FileId::new(start_of_time(), &*RANDOM),
        handle_id: HandleId::new(start_of_time(), &*RANDOM),
        slug: slug(&format!("file-{}", number())),
        name: "A file.txt".into(),
        content_type: "text/plain".into(),
        media: None,
        size: 3,
        sha256: random::bytes(&*RANDOM),
        access: FileAccess::Public,
        page: None,
        created_at: start_of_time(),
        updated_at: start_of_time(),
        unlisted_at: None,
    })
}

builder! {
    /// See [`a_file`].
    FileBuilder of File;

    /// Sets the handle.
    pub fn of(mut self, handle: &Handle) -> Self {
        self.0.handle_id = handle.id;
        self
    }

    pub fn slug(mut self, text: &str) -> Self {
        self.0.slug = slug(text);
        self
    }

    /// Attached to a page.
    pub fn on(mut self, page: &Page) -> Self {
        self.0.access = FileAccess::Page;
        self.0.page = Some(page.into());
        self.0.unlisted_at = Some(self.0.created_at);
        self
    }

    /// Given by list.
    pub fn by_list(mut self) -> Self {
        self.0.access = FileAccess::Allowlist;
        self
    }

    /// Uploaded at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = FileId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.updated_at = instant;
        self.0.unlisted_at = self.0.unlisted_at.map(|_| instant);
        self
    }
}

/// The address's place on a file's list.
pub fn a_place(file: &File, email: &Email, added_at: Timestamp) -> AllowlistEntry {
    let id = AllowlistId::new(added_at, &*RANDOM);
    AllowlistEntry { id, file_id: file.id, email: email.clone(), added_at }
}
