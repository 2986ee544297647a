//! Files, which creators publish, sell with a page, or share with the people on an allowlist.
//!
//! The content is stored in a [`FileStore`](ports::FileStore) under the file's id, everything else in
//! the store. A row is created before its object and deleted after it, so that an interruption leaves no
//! object without a row. [`FileSweep`] deletes what interrupted uploads and deletions leave behind.

mod allowlist;
mod content_type;
mod downloads;
pub mod error;
mod file;
mod manage;
mod media;
mod orientation;
pub mod ports;
mod sweep;
mod upload;

pub use allowlist::{BulkOutcome, InvalidLine};
pub use downloads::Downloads;
pub use error::{DownloadError, FileError, UploadError};
pub use file::{AllowlistEntry, AttachedPage, File, FileAccess, FileChange, NewFile, end_of_place};
pub use manage::{Files, FilesPorts};
pub use media::{Media, MediaError, MediaKind};
pub use sweep::FileSweep;
