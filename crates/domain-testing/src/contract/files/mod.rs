//! Files.

mod pages;
mod storing;
mod uploads;

use jiff::Timestamp;

pub use self::{pages::*, storing::*, uploads::*};
use super::fixture::Fixture;
use crate::{FileBuilder, at};
use tollgate_domain::{
    email::Email,
    files::{AllowlistEntry, File, ports::ObjectUse},
};

impl Fixture {
    /// Begins to upload a file under the fixture's handle; `false` if its slug is taken.
    pub(super) async fn reserve(&self, file: &File, leased_until: Timestamp) -> bool {
        self.commit(async |unit| unit.files().reserve(file, leased_until).await).await
    }

    pub(super) async fn complete(&self, file: &File) -> bool {
        self.commit(async |unit| unit.files().complete(file).await).await
    }

    /// A file that is there.
    pub(super) async fn file(&self, file: FileBuilder) -> File {
        let file = file.of(&self.handle).build();
        assert!(self.reserve(&file, at(60)).await);
        assert!(self.complete(&file).await);
        file
    }

    pub(super) async fn found(&self, file: &File) -> Option<File> {
        self.on.files.file(self.handle.id, &file.slug).await.unwrap()
    }

    pub(super) async fn retire(&self, file: &File, due_at: Timestamp) -> bool {
        self.commit(async |unit| unit.files().retire(file.id, due_at).await).await
    }

    pub(super) async fn forget(&self, file: &File) {
        self.commit(async |unit| unit.files().forget(file.id).await).await;
    }

    pub(super) async fn place(&self, entry: &AllowlistEntry) -> bool {
        self.commit(async |unit| unit.allowlists().insert(entry).await).await
    }

    pub(super) async fn unplace(
        &self,
        file: &File,
        email: &Email,
        now: Timestamp,
    ) -> Option<AllowlistEntry> {
        self.commit(async |unit| unit.allowlists().remove(file.id, email, now).await).await
    }

    /// Asks what a file's object is used for, and retires an upload whose lease has ended.
    async fn retire_lapsed(&self, file: &File, now: Timestamp) -> ObjectUse {
        self.commit(async |unit| unit.files().retire_lapsed(file.id, now).await).await
    }
}
