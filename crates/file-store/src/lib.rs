//! Tollgate's file store: a directory, or a bucket of an S3-compatible service.
//!
//! Objects are named by Tollgate's ids, so that no client chooses a part of a path.
//! `docs/decisions/0004-files.md` explains why only the bucket uses a library.

mod bucket;
mod directory;
mod error;
mod url;

use std::sync::Arc;

use tollgate_domain::files::ports::FileStore;

pub use bucket::BucketStore;
pub use directory::DirectoryStore;
pub use error::OpenError;
pub use url::{FilesUrl, FilesUrlError};

/// Opens the file store at `url`. `environment` holds a bucket's credentials, region and endpoint
/// in the `AWS_…` variables that S3 tools use.
pub fn open(
    url: &FilesUrl,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Arc<dyn FileStore>, OpenError> {
    Ok(match url {
        FilesUrl::Directory(path) => Arc::new(DirectoryStore::open(path)?),
        FilesUrl::S3 { bucket, prefix } => Arc::new(BucketStore::s3(bucket, prefix, environment)?),
    })
}
