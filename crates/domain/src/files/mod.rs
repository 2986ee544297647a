//! Files: what creators give away, sell with a page, or hand to people whom they name.
//!
//! The bytes lie in a [`FileStore`](ports::FileStore) under the file's id, everything else in the store. A
//! row comes before its object and outlives it, so that whatever stops in between leaves nothing
//! that nobody knows of: [`FileSweep`] clears up behind it.

mod allowlist;
mod downloads;
pub mod error;
mod file;
mod manage;
pub mod ports;
mod sweep;
mod upload;

pub use allowlist::AllowlistEntry;
pub use downloads::Downloads;
pub use error::{DownloadError, FileError, UploadError};
pub use file::{AttachedPage, File, FileAccess, FileChange, NewFile};
pub use manage::Files;
pub use sweep::FileSweep;
