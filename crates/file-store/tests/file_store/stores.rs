//! The behaviour of the stores beyond their contract.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::{Arc, mpsc},
};

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::{runtime::Builder, task::spawn_blocking};
use tollgate_domain::files::ports::FileStore;
use tollgate_domain_testing::{a_file, at};
use tollgate_file_store::{FilesUrl, open};

use crate::support;

fn directory(folder: &Path) -> Arc<dyn FileStore> {
    open(&FilesUrl::Directory(folder.to_owned()), []).unwrap()
}

#[tokio::test]
async fn symbolic_links_and_folders_are_not_read() {
    let folder = support::folder();
    let store = directory(&folder);
    let secret = folder.join("secret");
    fs::write(&secret, "not for you").unwrap();
    let (link, inner) = (a_file().build().id, a_file().build().id);
    symlink(&secret, folder.join(link.to_string())).unwrap();
    fs::create_dir(folder.join(inner.to_string())).unwrap();
    for id in [link, inner] {
        assert!(store.open(id, None).await.is_err());
        assert!(store.size(id).await.is_err());
    }
    store.delete(link).await.unwrap();
    assert_eq!(fs::read_to_string(secret).unwrap(), "not for you");
}

#[tokio::test]
async fn an_upload_does_not_follow_symbolic_links() {
    let folder = support::folder();
    let store = directory(&folder);
    let victim = folder.join("victim");
    fs::write(&victim, "as it was").unwrap();
    let id = a_file().build().id;
    symlink(&victim, folder.join(format!("{id}.part"))).unwrap();
    assert!(store.create(id).await.is_err());
    let id = a_file().build().id;
    symlink(&victim, folder.join(id.to_string())).unwrap();
    let mut writer = store.create(id).await.unwrap();
    writer.write(Bytes::from_static(b"new")).await.unwrap();
    writer.finish().await.unwrap();
    assert_eq!(fs::read_to_string(victim).unwrap(), "as it was");
    assert_eq!(store.size(id).await.unwrap(), Some(3));
}

#[tokio::test]
async fn foreign_files_are_ignored() {
    let folder = support::folder();
    let store = directory(&folder);
    for name in ["README", "fil_", ".part", "fil_01j9z3k5v7w8x9y0z1a2b3c4d5.bak"] {
        fs::write(folder.join(name), "").unwrap();
    }
    assert_eq!(store.list().await.unwrap().count().await, 0);
    let id = a_file().created_at(at(1)).build().id;
    fs::write(folder.join(format!("{id}.part")), "").unwrap();
    assert_eq!(store.list().await.unwrap().map(Result::unwrap).collect::<Vec<_>>().await, [id]);
}

#[test]
fn file_of_a_cancelled_upload_is_removed_on_a_thread_that_may_wait() {
    let folder = support::folder();
    let store = directory(&folder);
    let id = a_file().build().id;
    let objects = || fs::read_dir(&folder).unwrap().count();
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let mut writer = store.create(id).await.unwrap();
        writer.write(Bytes::from_static(b"abc")).await.unwrap();
        let (go_on, wait) = mpsc::channel::<()>();
        let busy = spawn_blocking(move || wait.recv().is_err());
        drop(writer);
        assert_eq!(objects(), 1, "it was removed on the thread of the request");
        drop(go_on);
        assert!(busy.await.unwrap());
        // The only thread works in order.
        spawn_blocking(|| ()).await.unwrap();
        assert_eq!(objects(), 0);
    });
    // Without a runtime there is no other thread.
    drop(runtime.block_on(store.create(id)).unwrap());
    assert_eq!(objects(), 0);
}

#[test]
fn file_of_an_upload_that_a_stop_cancels_is_removed() {
    let folder = support::folder();
    let store = directory(&folder);
    let runtime = Builder::new_current_thread().build().unwrap();
    let writer = runtime.block_on(store.create(a_file().build().id)).unwrap();
    let ended = runtime.handle().clone();
    drop(runtime);
    // Its threads take nothing any more.
    let _current = ended.enter();
    drop(writer);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[tokio::test]
async fn reading_a_truncated_object_fails() {
    let folder = support::folder();
    let store = directory(&folder);
    let id = a_file().build().id;
    fs::write(folder.join(id.to_string()), "half").unwrap();
    let opened = store.open(id, Some(2..9)).await.unwrap().unwrap();
    let parts: Vec<_> = opened.chunks.collect().await;
    assert!(parts.last().unwrap().is_err(), "{parts:?}");
}

#[tokio::test]
async fn a_bucket_that_refuses_the_key_is_an_error() {
    let server = support::S3Server::start("shop").await;
    let id = a_file().build().id;
    let wrong_key = server.environment().into_iter().map(|(name, value)| match &*name {
        "AWS_SECRET_ACCESS_KEY" => (name, "another secret".to_owned()),
        _ => (name, value),
    });
    let store = open(&"s3://shop".parse().unwrap(), wrong_key).unwrap();
    assert!(store.size(id).await.is_err());
    let mut writer = store.create(id).await.unwrap();
    writer.write(Bytes::from_static(b"abc")).await.unwrap();
    assert!(writer.finish().await.is_err());
}

#[tokio::test]
async fn objects_are_stored_under_the_prefix() {
    let server = support::S3Server::start("shop").await;
    let store = open(&"s3://shop/a/b".parse().unwrap(), server.environment()).unwrap();
    let id = a_file().build().id;
    let mut writer = store.create(id).await.unwrap();
    writer.write(Bytes::from_static(b"abc")).await.unwrap();
    writer.finish().await.unwrap();
    let path = server.folder.join("shop/a/b").join(id.to_string());
    assert_eq!(fs::read(path).unwrap(), b"abc");
}

#[test]
fn an_endpoint_without_tls_is_accepted_on_this_machine() {
    let environment = |endpoint: &str| {
        [("AWS_ENDPOINT", endpoint), ("AWS_REGION", "x")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let url: FilesUrl = "s3://shop".parse().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    assert!(open(&url, environment("http://127.0.0.1:9000")).is_ok());
}
