//! Folders, and a server that speaks S3.

use std::{net::SocketAddr, path::PathBuf};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use tokio::net::TcpListener;

const KEY: &str = "an access key";
const SECRET: &str = "a secret of a test";

/// A new folder in the build directory.
pub(crate) fn folder() -> PathBuf {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep()
}

/// A server on loopback that keeps buckets in folders and checks signatures. It ends with its test.
pub(crate) struct S3Server {
    address: SocketAddr,
    pub(crate) folder: PathBuf,
}

impl S3Server {
    /// A server with one empty bucket.
    pub(crate) async fn start(bucket: &str) -> Self {
        // A second call would only find it set.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = folder();
        std::fs::create_dir(folder.join(bucket)).unwrap();
        let files = s3s_fs::FileSystem::new(&folder).unwrap();
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { address, folder }
    }

    /// What an operator sets.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        [
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ENDPOINT", &format!("http://{}", self.address)),
            ("HOME", "/"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }
}
