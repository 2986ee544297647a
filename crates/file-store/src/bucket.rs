//! Files in a bucket, through `object_store`. Small objects are uploaded in one request, larger
//! ones in parts. An object exists once its last part is confirmed.

use std::{ops::Range, str::FromStr, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt};
use object_store::{
    ClientConfigKey, ClientOptions, Error, GetOptions, GetRange, MultipartUpload, ObjectStore,
    ObjectStoreExt, PutPayload, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    path::Path,
};
use tokio::{runtime::Handle, time::timeout};
use tollgate_domain::{
    files::ports::{FileStore, FileStoreError, ObjectIds, ObjectWriter, OpenObject},
    id::FileId,
};
use url::Url;

use crate::error::{OpenError, failed};

/// The size of a part, which is all that an upload keeps in memory. S3 accepts 10,000 parts of at
/// least 5 MiB; the last one may be smaller.
const PART: usize = 5 * 1024 * 1024;

/// How long the service may take until it answers, with repetitions.
const ANSWER: Duration = Duration::from_secs(10);
/// How long it may take to accept a part, with repetitions: less than the 45 seconds that the lease of an upload has left
/// between parts.
const UPLOAD: Duration = Duration::from_secs(40);
/// How long an answer may make no progress before it is asked for again from where it ended.
const PROGRESS: Duration = Duration::from_secs(20);
/// How long after its beginning a download may still be continued after a fault. A large one takes long.
const CONTINUED: Duration = Duration::from_hours(24);

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
        // No limit of time for an answer as a whole, which would end long downloads.
        let client = ClientOptions::new().with_timeout_disabled().with_read_timeout(PROGRESS);
        let retry = RetryConfig { retry_timeout: CONTINUED, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new().with_client_options(client).with_retry(retry);
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

/// Waits for an operation, but no longer than `limit`.
async fn within<T>(
    limit: Duration,
    operation: impl Future<Output = object_store::Result<T>>,
) -> object_store::Result<T> {
    timeout(limit, operation).await.unwrap_or_else(|elapsed| {
        Err(Error::Generic { store: "the bucket's service", source: Box::new(elapsed) })
    })
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
        let path = self.path(id);
        let found = match within(ANSWER, self.bucket.get_opts(&path, options)).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(failed("cannot open an object", &error)),
        };
        let size = found.meta.size;
        let chunks = found.into_stream().map_err(|error| failed("cannot read an object", &error));
        Ok(Some(OpenObject { size, chunks: chunks.boxed() }))
    }

    async fn size(&self, id: FileId) -> Result<Option<u64>, FileStoreError> {
        match within(ANSWER, self.bucket.head(&self.path(id))).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed("cannot look at an object", &error)),
        }
    }

    async fn delete(&self, id: FileId) -> Result<(), FileStoreError> {
        match within(ANSWER, self.bucket.delete(&self.path(id))).await {
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

    /// Sends what is left, and has the service put the parts together.
    async fn send_rest(&mut self) -> object_store::Result<()> {
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
    }
}

#[async_trait]
impl ObjectWriter for BucketWriter {
    async fn write(&mut self, mut chunk: Bytes) -> Result<(), FileStoreError> {
        // All parts except the last have the same size, which some servers require.
        while self.waiting.len() + chunk.len() >= PART {
            let fitting = chunk.split_to(PART - self.waiting.len());
            self.waiting.extend_from_slice(&fitting);
            let sent = within(UPLOAD, self.send_part()).await;
            sent.map_err(|error| failed("cannot write an object", &error))?;
        }
        self.waiting.extend_from_slice(&chunk);
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), FileStoreError> {
        let finished = within(UPLOAD, self.send_rest()).await;
        finished.map_err(|error| failed("cannot finish an object", &error))
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
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        time::{Instant, sleep},
    };

    use super::*;

    /// Starts a service that answers each request with a head, and then with parts of a body, each after a pause.
    async fn service(head: Option<&'static str>, parts: usize, pause: Duration) -> BucketStore {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await.unwrap();
                if let Some(head) = head {
                    stream.write_all(head.as_bytes()).await.unwrap();
                }
                for _ in 0..parts {
                    sleep(pause).await;
                    stream.write_all(b"part").await.unwrap();
                }
                kept.push(stream);
            }
        });
        let pairs = [
            ("AWS_ENDPOINT", &*endpoint),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        BucketStore::s3("bucket", "", pairs).unwrap()
    }

    fn a_file() -> FileId {
        format!("fil_{:0>26}", 1).parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_hangs_holds_up_nobody_for_long() {
        let store = service(None, 0, Duration::ZERO).await;
        let begun = Instant::now();
        let opened = store.open(a_file(), None).await;
        assert!(opened.is_err());
        assert!(store.size(a_file()).await.is_err());
        assert!(store.delete(a_file()).await.is_err());
        assert!(begun.elapsed() <= ANSWER * 3 + Duration::from_secs(1), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_download_takes_as_long_as_it_makes_progress() {
        const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 80\r\nETag: \"a\"\r\n\
                            Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n";
        let store = service(Some(HEAD), 20, PROGRESS / 2).await;
        let begun = Instant::now();
        let object = store.open(a_file(), None).await.unwrap().unwrap();
        let chunks: Vec<Bytes> = object.chunks.try_collect().await.unwrap();
        assert_eq!(chunks.concat(), b"part".repeat(20));
        assert!(begun.elapsed() >= PROGRESS * 10);
    }

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
