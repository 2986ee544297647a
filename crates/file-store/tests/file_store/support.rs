//! Directories, and an S3 server.

use std::{net::SocketAddr, path::PathBuf};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use tokio::net::TcpListener;

const KEY: &str = "an access key";
const SECRET: &str = "a secret of a test";

/// Creates a directory in the build directory.
pub(crate) fn folder() -> PathBuf {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep()
}

/// An S3 server on loopback that stores buckets in directories and checks signatures. It stops with
/// its test.
pub(crate) struct S3Server {
    address: SocketAddr,
    pub(crate) folder: PathBuf,
}

impl S3Server {
    /// Starts a server with one empty bucket.
    pub(crate) async fn start(bucket: &str) -> Self {
        // Fails if it is already set, which is harmless.
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

    /// Returns the environment variables that an operator sets.
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
