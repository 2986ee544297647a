//! Files in a bucket, through `object_store`. Small objects are uploaded in one request, larger
//! ones in parts. An object exists once its last part is confirmed.

use std::{ops::Range, str::FromStr, sync::Arc};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt};
use object_store::{
    ClientConfigKey, Error, GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt,
    PutPayload,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    path::Path,
};
use tokio::runtime::Handle;
use tollgate_domain::{
    files::ports::{FileStore, FileStoreError, ObjectIds, ObjectWriter, OpenObject},
    id::FileId,
};
use url::Url;

use crate::error::{OpenError, failed};

/// The size of a part, which is all that an upload keeps in memory. S3 accepts 10,000 parts of at
/// least 5 MiB; the last one may be smaller.
const PART: usize = 5 * 1024 * 1024;

/// A file store in a bucket.
#[derive(Debug, Clone)]
pub struct BucketStore {
    bucket: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl BucketStore {
    /// Opens a bucket of an S3-compatible service with the `AWS_…` variables of `environment`. An
    /// endpoint without TLS must be on this machine.
    pub fn s3(
        bucket: &str,
        prefix: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, OpenError> {
        let mut builder = AmazonS3Builder::new();
        for (name, value) in environment {
            if !name.starts_with("AWS_") || value.is_empty() {
                continue;
            }
            let key = AmazonS3ConfigKey::from_str(&name.to_ascii_lowercase());
            match key {
                Ok(AmazonS3ConfigKey::Endpoint | AmazonS3ConfigKey::S3Endpoint) => {
                    if is_plain_loopback(&value) {
                        builder = builder.with_allow_http(true);
                    } else if !value.to_ascii_lowercase().starts_with("https://") {
                        let refused =
                            "must start with https://, except on 127.0.0.1, localhost or [::1]";
                        return Err(OpenError(format!("{name} {refused}")));
                    }
                }
                Ok(AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp)) => continue,
                _ => {}
            }
            if let Ok(key) = key {
                builder = builder.with_config(key, value);
            }
        }
        let store = builder.with_bucket_name(bucket).build();
        let store = store.map_err(|error| OpenError(error.to_string()))?;
        Self::over(Arc::new(store), prefix)
    }

    /// Uses any store of `object_store`.
    pub fn over(bucket: Arc<dyn ObjectStore>, prefix: &str) -> Result<Self, OpenError> {
        let prefix = Path::parse(prefix).map_err(|error| OpenError(error.to_string()))?;
        Ok(Self { bucket, prefix })
    }

    fn path(&self, id: FileId) -> Path {
        self.prefix.clone().join(id.to_string())
    }
}

/// Returns whether an endpoint is on this machine and has no TLS.
fn is_plain_loopback(endpoint: &str) -> bool {
    Url::parse(endpoint).is_ok_and(|url| {
        url.scheme() == "http"
            && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
    })
}

#[async_trait]
impl FileStore for BucketStore {
    async fn create(&self, id: FileId) -> Result<Box<dyn ObjectWriter>, FileStoreError> {
        Ok(Box::new(BucketWriter {
            bucket: self.bucket.clone(),
            path: self.path(id),
            upload: None,
            waiting: BytesMut::new(),
        }))
    }

    async fn open(
        &self,
        id: FileId,
        range: Option<Range<u64>>,
    ) -> Result<Option<OpenObject>, FileStoreError> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        let found = match self.bucket.get_opts(&self.path(id), options).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(failed("cannot open an object", &error)),
        };
        let size = found.meta.size;
        let chunks = found.into_stream().map_err(|error| failed("cannot read an object", &error));
        Ok(Some(OpenObject { size, chunks: chunks.boxed() }))
    }

    async fn size(&self, id: FileId) -> Result<Option<u64>, FileStoreError> {
        match self.bucket.head(&self.path(id)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed("cannot look at an object", &error)),
        }
    }

    async fn delete(&self, id: FileId) -> Result<(), FileStoreError> {
        match self.bucket.delete(&self.path(id)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed("cannot delete an object", &error)),
        }
    }

    async fn list(&self) -> Result<ObjectIds, FileStoreError> {
        let prefix = Some(&self.prefix).filter(|prefix| !prefix.as_ref().is_empty());
        let ids = self.bucket.list(prefix).filter_map(|found| async {
            match found {
                // Ignores objects that are not Tollgate's.
                Ok(meta) => meta.location.filename()?.parse::<FileId>().ok().map(Ok),
                Err(error) => Some(Err(failed("cannot list the bucket", &error))),
            }
        });
        Ok(ids.boxed())
    }
}

struct BucketWriter {
    bucket: Arc<dyn ObjectStore>,
    path: Path,
    /// The upload in parts, once the object is larger than a part.
    upload: Option<Box<dyn MultipartUpload>>,
    /// The bytes of the next part, copied together so that small chunks take no extra memory.
    waiting: BytesMut,
}

impl BucketWriter {
    fn take_waiting(&mut self) -> PutPayload {
        std::mem::take(&mut self.waiting).freeze().into()
    }

    async fn send_part(&mut self) -> object_store::Result<()> {
        let part = self.take_waiting();
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(self.bucket.put_multipart(&self.path).await?),
        };
        upload.put_part(part).await
    }
}

#[async_trait]
impl ObjectWriter for BucketWriter {
    async fn write(&mut self, mut chunk: Bytes) -> Result<(), FileStoreError> {
        // All parts except the last have the same size, which some servers require.
        while self.waiting.len() + chunk.len() >= PART {
            let fitting = chunk.split_to(PART - self.waiting.len());
            self.waiting.extend_from_slice(&fitting);
            let sent = self.send_part().await;
            sent.map_err(|error| failed("cannot write an object", &error))?;
        }
        self.waiting.extend_from_slice(&chunk);
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), FileStoreError> {
        let finished = async {
            if self.upload.is_none() {
                let whole = self.take_waiting();
                return self.bucket.put(&self.path, whole).await.map(drop);
            }
            if !self.waiting.is_empty() {
                self.send_part().await?;
            }
            if let Some(upload) = &mut self.upload {
                upload.complete().await?;
                self.upload = None;
            }
            Ok(())
        };
        finished.await.map_err(|error| failed("cannot finish an object", &error))
    }

    async fn abandon(&mut self) {
        if let Some(upload) = self.upload.take() {
            abort(upload).await;
        }
    }
}

impl Drop for BucketWriter {
    /// Aborts an upload whose request was cancelled or which could not be finished.
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.upload.take(), Handle::try_current()) {
            runtime.spawn(abort(upload));
        }
    }
}

/// Has the service delete the parts that were sent.
async fn abort(mut upload: Box<dyn MultipartUpload>) {
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, "parts of an upload stay until the bucket's lifecycle rules delete them");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_elsewhere_needs_tls() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let open = |endpoint: &str| {
            let pairs = [("AWS_ENDPOINT", endpoint), ("AWS_ALLOW_HTTP", "true")];
            let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            BucketStore::s3("bucket", "", pairs)
        };
        assert!(open("https://s3.example.com").is_ok() && open("http://127.0.0.1:9000").is_ok());
        for endpoint in ["http://s3.example.com", "s3.example.com", "HTTP://127.0.0.2"] {
            let refused = open(endpoint).unwrap_err().to_string();
            assert!(refused.contains("AWS_ENDPOINT must start with https://"), "{refused}");
        }
        let both = |endpoint: &str| {
            let pairs =
                [("AWS_ENDPOINT_URL_S3", endpoint), ("AWS_ENDPOINT", "https://s3.example.com")];
            let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            BucketStore::s3("bucket", "", pairs)
        };
        assert!(both("http://127.0.0.1:9000").is_ok());
        let refused = both("http://s3.example.com").unwrap_err().to_string();
        assert!(refused.contains("AWS_ENDPOINT_URL_S3 must start with https://"), "{refused}");
    }

    #[test]
    fn an_endpoint_without_tls_must_be_on_this_machine() {
        for endpoint in ["http://127.0.0.1:9000", "http://localhost/path", "http://[::1]"] {
            assert!(is_plain_loopback(endpoint), "{endpoint}");
        }
        for endpoint in [
            "https://localhost",
            "http://s3.example.com",
            "http://localhost.example.com",
            "http://localhost:9000@s3.example.com",
            "localhost:9000",
        ] {
            assert!(!is_plain_loopback(endpoint), "{endpoint}");
        }
    }
}
