//! Where Tollgate keeps files: a directory, or a bucket of anything that speaks S3.
//!
//! Objects are named by Tollgate's own ids. Nothing that a client chose becomes a part of a path.
//! `docs/decisions/0004-files.md` tells why the directory is written by hand and the bucket is not.

mod bucket;
mod directory;
mod url;

use std::sync::Arc;

use tollgate_domain::files::ports::{FileStore, FileStoreError};

pub use bucket::BucketStore;
pub use directory::DirectoryStore;
pub use url::{FilesUrl, FilesUrlError};

/// Why the file store cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the file store: {0}")]
pub struct OpenError(String);

/// Opens the file store at `url`. `environment` is where a bucket's credentials, region and endpoint
/// are: the `AWS_…` variables that S3 tools share.
pub fn open(
    url: &FilesUrl,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Arc<dyn FileStore>, OpenError> {
    Ok(match url {
        FilesUrl::Directory(path) => Arc::new(DirectoryStore::open(path)?),
        FilesUrl::S3 { bucket, prefix } => Arc::new(BucketStore::s3(bucket, prefix, environment)?),
    })
}

fn failed(what: &str, error: &impl std::fmt::Display) -> FileStoreError {
    FileStoreError(format!("{what}: {error}"))
}
