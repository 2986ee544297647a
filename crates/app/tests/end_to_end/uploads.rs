//! Tests of failing uploads: malformed, too large, cut off, racing, or interrupted by a crash. They are never
//! visible and leave nothing behind.

use std::fs;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::support::{Backend, Place, Seller, Server, Upload, form_data, sha256, until_so};

on_each_database!(
    badly_formed_uploads_are_refused_by_name,
    a_file_that_is_too_large_is_refused,
    of_uploads_that_race_for_a_slug_one_wins,
    an_upload_that_is_cut_off_leaves_nothing,
    an_upload_that_a_crash_cut_off_is_swept,
    a_deletion_that_a_crash_cut_off_is_finished,
    a_large_file_is_never_held_in_memory,
);

fn with<'a>(texts: &[(&'a str, &'a str)]) -> Upload<'a> {
    Upload::with(texts, b"content")
}

/// Returns the number of rows and objects of files, in any state.
async fn remains(server: &Server) -> (i64, usize) {
    let rows = server.place.database.number("SELECT count(*) FROM files").await;
    (rows, server.objects().len())
}

async fn badly_formed_uploads_are_refused_by_name(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let long = "x".repeat(5_000);
    let slug = ("slug", "mine");
    for (upload, field) in [
        (with(&[("access", "PUBLIC")]), "slug"),
        (with(&[slug]), "access"),
        (with(&[slug, ("access", "EVERYONE")]), "access"),
        (with(&[slug, slug, ("access", "PUBLIC")]), "slug"),
        (with(&[slug, ("access", "PAGE")]), "pageSlug"),
        (with(&[slug, ("access", "PAGE"), ("pageSlug", "nothing")]), "pageSlug"),
        (with(&[slug, ("access", "PUBLIC"), ("pageSlug", "guide")]), "pageSlug"),
        (with(&[slug, ("access", "PUBLIC"), ("owner", "eve")]), "owner"),
        (with(&[("slug", &*long), ("access", "PUBLIC")]), "slug"),
    ] {
        let refused = server.try_upload(&ada, &upload).await;
        assert_eq!(refused.refusal(), "422 validation_failed", "{field}");
        assert!(refused.json()["fields"][field].is_string(), "{refused:?}");
    }
    let good = Upload::public("mine", b"content");
    let post = async |content_type: &str, body: Vec<u8>| {
        let call = server.post("/v2/handles/ada/files").bearer(&ada.token);
        call.body(content_type, body).send().await.refusal()
    };
    // A part after the file, and a body without a file.
    let tail = String::from_utf8(good.body()).unwrap();
    let (file, _) = tail.rsplit_once("--\r\n").unwrap();
    let more = "\r\nContent-Disposition: form-data; name=\"slug\"\r\n\r\nother\r\n--a-boundary-of-a-test--\r\n";
    assert_eq!(post(&form_data(), format!("{file}{more}").into()).await, "422 validation_failed");
    let (before, _) = tail
        .split_once("--a-boundary-of-a-test\r\nContent-Disposition: form-data; name=\"file\"")
        .unwrap();
    let none = format!("{before}--a-boundary-of-a-test--\r\n");
    assert_eq!(post(&form_data(), none.into()).await, "422 validation_failed");
    // A body that ends early.
    assert_eq!(post(&form_data(), file.into()).await, "400 bad_request");
    for (content_type, refusal) in [
        ("application/json", "415 unsupported_media_type"),
        ("multipart/mixed; boundary=a-boundary-of-a-test", "415 unsupported_media_type"),
        ("multipart/form-data", "400 bad_request"),
        ("multipart/form-data; boundary=another", "400 bad_request"),
    ] {
        assert_eq!(post(content_type, good.body()).await, refusal, "{content_type}");
    }
    assert_eq!(post(&form_data(), b"nonsense".to_vec()).await, "400 bad_request");
    assert_eq!(remains(&server).await, (0, 0));
    assert_eq!(server.upload(&ada, &good).await["size"], 7);
}

async fn a_file_that_is_too_large_is_refused(backend: Backend) {
    let place = Place::new(backend).await.with("TOLLGATE_MAX_FILE_BYTES", "100000");
    let server = place.serve().await;
    let ada = server.ada().await;
    for size in [100_001, 250_000, 5_000_000] {
        let refused = server.try_upload(&ada, &Upload::public("large", &vec![7; size])).await;
        assert_eq!(refused.refusal(), "413 payload_too_large", "{size}");
    }
    // A body without a content length.
    let mut wire = Wire::begin(&server, &ada, "large", "Transfer-Encoding: chunked").await;
    for _ in 0..20 {
        let chunk = [b"2710\r\n".as_slice(), &[7; 10_000], b"\r\n"].concat();
        wire.send(&chunk).await;
    }
    assert!(wire.answer().await.starts_with("HTTP/1.1 413"));
    assert_eq!(remains(&server).await, (0, 0));
    let made = server.upload(&ada, &Upload::public("large", &vec![7; 100_000])).await;
    assert_eq!(made["size"], 100_000);
}

async fn of_uploads_that_race_for_a_slug_one_wins(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let other = match backend {
        Backend::Sqlite => None,
        Backend::Postgres => Some(server.replica().await),
    };
    let servers: Vec<_> = [Some(&server), other.as_ref()].into_iter().flatten().collect();
    let mut running = JoinSet::new();
    for number in 0..12_u8 {
        let upload = Upload::public("wanted", &vec![number; 200_000]).body();
        let server = servers[usize::from(number) % servers.len()];
        let call = server.post("/v2/handles/ada/files").bearer(&ada.token);
        running.spawn(call.body(&form_data(), upload).send());
    }
    let replies = running.join_all().await;
    let (won, lost): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 201);
    assert_eq!((won.len(), lost.len()), (1, 11));
    assert!(lost.iter().all(|reply| reply.refusal() == "409 slug_taken"), "{lost:?}");
    assert_eq!(remains(&server).await, (1, 1));
    let (_, content) = server.file("wanted").bytes().await;
    assert_eq!(won[0].ok()["sha256"], sha256(&content));
}

/// An upload request that is written to a connection in steps.
struct Wire(TcpStream);

impl Wire {
    /// Sends everything before the content of the file.
    async fn begin(server: &Server, seller: &Seller, slug: &str, framing: &str) -> Self {
        let mut wire = Self(TcpStream::connect(("127.0.0.1", server.port())).await.unwrap());
        let body = String::from_utf8(Upload::public(slug, b"").body()).unwrap();
        let (body, _) = body.split_once("text/plain\r\n\r\n").unwrap();
        let body = format!("{body}text/plain\r\n\r\n");
        let head = format!(
            "POST /v2/handles/ada/files HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: {}\r\n{framing}\r\n\r\n",
            server.place.domain(),
            seller.token,
            form_data()
        );
        wire.send(head.as_bytes()).await;
        if framing.starts_with("Transfer") {
            wire.send(format!("{:x}\r\n{body}\r\n", body.len()).as_bytes()).await;
        } else {
            wire.send(body.as_bytes()).await;
        }
        wire
    }

    async fn send(&mut self, bytes: &[u8]) {
        // The server may close the connection before it has read everything.
        let _ = self.0.write_all(bytes).await;
    }

    async fn answer(mut self) -> String {
        let mut answer = [0; 15];
        self.0.read_exact(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

async fn an_upload_that_is_cut_off_leaves_nothing(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let mut wire = Wire::begin(&server, &ada, "mine", "Content-Length: 1000000").await;
    wire.send(&vec![7; 400_000]).await;
    until_so("the upload is under way", async || {
        server.objects().first().is_some_and(|name| name.contains(".part"))
    })
    .await;
    // During the upload the slug is taken, and the file is not visible.
    let second = server.try_upload(&ada, &Upload::public("mine", b"x")).await;
    assert_eq!(second.refusal(), "409 slug_taken");
    assert_eq!(server.file("mine").send().await.refusal(), "404 file_not_found");
    assert_eq!(server.about_file(&ada, "GET", "mine").send().await.refusal(), "404 file_not_found");
    drop(wire);
    until_so("nothing is left", async || remains(&server).await == (0, 0)).await;
    server.upload(&ada, &Upload::public("mine", b"x")).await;
}

async fn an_upload_that_a_crash_cut_off_is_swept(backend: Backend) {
    let mut server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let mut wire = Wire::begin(&server, &ada, "mine", "Content-Length: 1000000").await;
    wire.send(&vec![7; 400_000]).await;
    until_so("the upload is under way", async || !server.objects().is_empty()).await;
    server.restart().await;
    assert_eq!(remains(&server).await, (1, 1));
    assert_eq!(server.file("mine").send().await.refusal(), "404 file_not_found");
    // The lease lasts a minute; the test moves it instead of waiting.
    server.place.database.execute("UPDATE files SET due_at = 1").await;
    server.place.database.execute("UPDATE jobs SET due_at = 1 WHERE kind = 'clear_file'").await;
    until_so("the crash is swept", async || remains(&server).await == (0, 0)).await;
    server.upload(&ada, &Upload::public("mine", b"x")).await;
}

async fn a_deletion_that_a_crash_cut_off_is_finished(backend: Backend) {
    let mut server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let made = server.upload(&ada, &Upload::by_list("mine", b"x")).await;
    let object = made["id"].as_str().unwrap();
    let put = server.about_file(&ada, "PUT", "mine/allowlist/bob@example.com").send().await;
    assert_eq!(put.status, 201);
    // A directory in its place keeps the object from being deleted.
    let path = server.place.path("var/files").join(object);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(server.about_file(&ada, "DELETE", "mine").send().await.status, 204);
    assert_eq!(server.file("mine").send().await.refusal(), "404 file_not_found");
    assert_eq!(server.objects(), [object]);
    server.restart().await;
    fs::remove_dir(&path).unwrap();
    fs::write(&path, "x").unwrap();
    server.place.database.execute("UPDATE files SET due_at = 1").await;
    server.place.database.execute("UPDATE jobs SET due_at = 1 WHERE kind = 'clear_file'").await;
    until_so("the deletion is finished", async || server.objects().is_empty()).await;
    // The visitor's history still lists it.
    let bob = server.sign_in("bob@example.com").await;
    let rows = server.history(&bob.cookie).await;
    assert_eq!((&rows[0]["status"], &rows[0]["title"]), (&json!("REVOKED"), &json!("A file.txt")));
}

async fn a_large_file_is_never_held_in_memory(backend: Backend) {
    const SIZE: usize = 96 * 1024 * 1024;
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    server.upload(&ada, &Upload::public("small", b"x")).await;
    let before = server.peak_memory();
    let mut upload = Upload::public("large", b"");
    upload.content = vec![7; SIZE];
    let made = server.upload(&ada, &upload).await;
    drop(upload);
    assert_eq!(made["size"], SIZE);
    let got = server.file("large").length().await;
    assert_eq!(got, SIZE);
    // The kernel's counter is approximate and may even decrease.
    let grown = server.peak_memory().saturating_sub(before);
    assert!(grown < 24 * 1024 * 1024, "memory grew by {grown} bytes");
}
