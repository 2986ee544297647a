//! The location of files in the configuration.

use std::{path::PathBuf, str::FromStr};

use url::Url;

/// The location of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesUrl {
    /// A directory: `dir:var/files`.
    Directory(PathBuf),
    /// A bucket: `s3://bucket/prefix`.
    S3 {
        /// The name of the bucket.
        bucket: String,
        /// The start of the names of all objects; may be empty.
        prefix: String,
    },
}

/// The text is not a location of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a directory such as dir:var/files, or a bucket such as s3://bucket/prefix")]
pub struct FilesUrlError;

impl FromStr for FilesUrl {
    type Err = FilesUrlError;

    fn from_str(text: &str) -> Result<Self, FilesUrlError> {
        if let Some(path) = text.strip_prefix("dir:") {
            let path = path.trim();
            return if path.is_empty() {
                Err(FilesUrlError)
            } else {
                Ok(Self::Directory(PathBuf::from(path)))
            };
        }
        let url = Url::parse(text).map_err(|_| FilesUrlError)?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.port().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        let bucket = url.host_str().filter(|bucket| !bucket.is_empty() && plain);
        match (url.scheme(), bucket) {
            ("s3", Some(bucket)) => Ok(Self::S3 {
                bucket: bucket.to_owned(),
                prefix: url.path().trim_matches('/').to_owned(),
            }),
            _ => Err(FilesUrlError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_or_a_bucket_is_parsed() {
        assert_eq!("dir:var/files".parse(), Ok(FilesUrl::Directory("var/files".into())));
        for (text, bucket, prefix) in [
            ("s3://shop", "shop", ""),
            ("s3://shop/", "shop", ""),
            ("s3://shop/a/b/", "shop", "a/b"),
        ] {
            let expected = FilesUrl::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "dir:",
            "var/files",
            "s3:",
            "s3://",
            "s3://key:secret@shop",
            "s3://shop?region=x",
            "https://shop/x",
        ] {
            assert_eq!(text.parse::<FilesUrl>(), Err(FilesUrlError), "{text}");
        }
    }
}
