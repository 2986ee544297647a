//! Tests of files: upload, download in whole and in parts, and removal of access.

mod access;

use crate::support::{Backend, Server, Upload, sha256};
use serde_json::json;

on_each_database!(
    a_file_comes_back_as_it_was_uploaded,
    a_part_of_a_file_is_sent,
    who_has_a_file_is_not_sent_it_again,
    the_type_of_a_file_is_what_its_content_tells,
    names_cannot_do_harm,
    a_file_is_changed_and_deleted,
);

async fn a_file_comes_back_as_it_was_uploaded(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let made = server.upload(&ada, &Upload::public("numbers", &content)).await;
    let hash = sha256(&content);
    assert!(made["id"].as_str().unwrap().starts_with("fil_"), "{made}");
    for (member, expected) in [
        ("slug", json!("numbers")),
        ("name", json!("A file.txt")),
        ("contentType", json!("application/octet-stream")),
        ("size", json!(1_200_000)),
        ("sha256", json!(hash)),
        ("access", json!("PUBLIC")),
        ("url", json!(server.place.url("ada", "/v2/public/files/ada/numbers"))),
    ] {
        assert_eq!(made[member], expected, "{made}");
    }
    assert!(made.get("pageSlug").is_none() && made["createdAt"].is_string(), "{made}");
    assert_eq!(server.about_file(&ada, "GET", "numbers").send().await.ok(), made);
    assert_eq!(server.objects(), [made["id"].as_str().unwrap()]);

    let (head, got) = server.file("numbers").bytes().await;
    assert!(got == content);
    for (name, expected) in [
        ("content-type", "application/octet-stream"),
        ("content-length", "1200000"),
        ("accept-ranges", "bytes"),
        ("etag", &format!("\"{hash}\"")),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "private, no-store"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        (
            "content-disposition",
            "attachment; filename=\"A file.txt\"; filename*=UTF-8''A%20file.txt",
        ),
    ] {
        assert_eq!(head.header(name), expected, "{name}");
    }
    let looked = server.call("HEAD", "/v2/public/files/ada/numbers").send().await;
    assert_eq!((looked.status, looked.body.as_str()), (200, ""));
    assert_eq!(looked.header("content-length"), "1200000");
    assert_eq!(looked.header("etag"), head.header("etag"));

    server.upload(&ada, &Upload::public("empty", b"")).await;
    let empty = server.file("empty").send().await;
    assert_eq!((empty.status, empty.body.as_str()), (200, ""));
    let list = server.get("/v2/handles/ada/files?limit=1").bearer(&ada.token).send().await.ok();
    assert_eq!(list["items"][0]["slug"], "empty");
    let next = format!("/v2/handles/ada/files?cursor={}", list["nextCursor"].as_str().unwrap());
    let list = server.get(&next).bearer(&ada.token).send().await.ok();
    assert_eq!((&list["items"][0], &list["nextCursor"]), (&made, &json!(null)));
}

async fn a_part_of_a_file_is_sent(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let made = server.upload(&ada, &Upload::public("digits", b"0123456789")).await;
    let ask = async |range: &str| server.file("digits").with("range", range).send().await;
    for (range, part, told) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=3-5", "345", "bytes 3-5/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
    ] {
        let reply = ask(range).await;
        assert_eq!((reply.status, reply.body.as_str()), (206, part), "{range}");
        assert_eq!(reply.header("content-range"), told);
        assert_eq!(reply.header("content-length"), part.len().to_string());
    }
    for range in ["bytes=0-1,3-4", "bytes=x", "lines=1-2"] {
        let reply = ask(range).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, "0123456789"), "{range}");
    }
    for range in ["bytes=10-", "bytes=99-100", "bytes=-0"] {
        let reply = ask(range).await;
        assert_eq!(reply.refusal(), "416 range_not_satisfiable", "{range}");
        assert_eq!(reply.header("content-range"), "bytes */10");
    }
    let tag = format!("\"{}\"", made["sha256"].as_str().unwrap());
    for (condition, status) in [(tag.as_str(), 206), ("\"other\"", 200)] {
        let call = server.file("digits").with("range", "bytes=0-1").with("if-range", condition);
        assert_eq!(call.send().await.status, status, "{condition}");
    }
    let other = server.file("digits").with("range", "bytes=0-1").with("if-match", "\"other\"");
    assert_eq!(other.send().await.refusal(), "412 precondition_failed");
    let same = server.file("digits").with("range", "bytes=0-1").with("if-match", &tag);
    assert_eq!(same.send().await.body, "01");
    let looked = server.call("HEAD", "/v2/public/files/ada/digits").with("if-match", "\"other\"");
    assert_eq!(looked.send().await.status, 412);
    let looked = server.call("HEAD", "/v2/public/files/ada/digits").with("range", "bytes=0-1");
    assert_eq!(looked.send().await.status, 200);
}

async fn who_has_a_file_is_not_sent_it_again(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let made = server.upload(&ada, &Upload::by_list("secret", b"for you")).await;
    let bob = server.sign_in("bob@example.com").await;
    let tag = format!("\"{}\"", made["sha256"].as_str().unwrap());
    let ask = || server.file("secret").with("if-none-match", &tag);
    // A visitor without access does not learn whether the content has changed.
    assert_eq!(ask().send().await.refusal(), "401 visitor_unauthorized");
    assert_eq!(ask().cookie(&bob.cookie).send().await.refusal(), "403 file_forbidden");
    let beyond = server.file("secret").with("range", "bytes=99-").cookie(&bob.cookie);
    assert_eq!(beyond.send().await.refusal(), "403 file_forbidden");
    server.about_file(&ada, "PUT", "secret/allowlist/bob@example.com").send().await.ok();
    let has_it = ask().cookie(&bob.cookie).send().await;
    assert_eq!((has_it.status, has_it.body.as_str()), (304, ""));
    assert_eq!(has_it.header("etag"), tag);
    let other = server.file("secret").with("if-none-match", "\"other\"").cookie(&bob.cookie);
    assert_eq!(other.send().await.body, "for you");
}

async fn the_type_of_a_file_is_what_its_content_tells(backend: Backend) {
    const UNKNOWN: &str = "application/octet-stream";
    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let cases: &[(&str, &[u8], &str, &str)] = &[
        (
            "setup",
            b"MZ\x90\0\x03\0",
            "application/pdf",
            "application/vnd.microsoft.portable-executable",
        ),
        ("guide", b"%PDF-1.4", UNKNOWN, "application/pdf"),
        ("no-guide", b"0123456789", "application/pdf", UNKNOWN),
        ("archive", b"PK\x03\x04\x14\0\0\0", "text/plain", "application/zip"),
        ("letter", b"PK\x03\x04\x14\0\0\0", WORD, WORD),
        ("table", b"a;b", "text/csv", "text/csv"),
        ("no-table", b"a\0b", "text/csv", UNKNOWN),
    ];
    for &(slug, content, claim, told) in cases {
        let upload = Upload { content_type: claim, ..Upload::public(slug, content) };
        let made = server.upload(&ada, &upload).await;
        assert_eq!(made["contentType"], told, "{slug}");
        let listed = server.about_file(&ada, "GET", slug).send().await.ok();
        assert_eq!(listed["contentType"], told, "{slug}");
        let (got, bytes) = server.file(slug).bytes().await;
        assert_eq!((got.header("content-type"), &*bytes), (told, content), "{slug}");
        assert!(got.header("content-disposition").starts_with("attachment;"), "{slug}");
    }
}

async fn names_cannot_do_harm(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    for (number, (name, kept, sent)) in [
        ("../../../etc/passwd", "passwd", "\"passwd\"; filename*=UTF-8''passwd"),
        ("..\\\\..\\\\boot.ini", "boot.ini", "\"boot.ini\"; filename*=UTF-8''boot.ini"),
        (
            "a%22b%0D%0ASet-Cookie: x=y.txt",
            "a\"bSet-Cookie: x=y.txt",
            "\"a_bSet-Cookie: x=y.txt\"; filename*=UTF-8''a%22bSet-Cookie%3A%20x%3Dy.txt",
        ),
        (
            "Größe ☃.txt",
            "Größe ☃.txt",
            "\"Gr__e _.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%98%83.txt",
        ),
        ("..", "file", "\"file\"; filename*=UTF-8''file"),
    ]
    .into_iter()
    .enumerate()
    {
        let slug = format!("name-{number}");
        let upload = Upload { file_name: name, ..Upload::public(&slug, b"x") };
        let made = server.upload(&ada, &upload).await;
        assert_eq!(made["name"], kept, "{name}");
        let got = server.file(&slug).send().await;
        assert_eq!(got.header("content-disposition"), format!("attachment; filename={sent}"));
        assert!(!got.headers.contains_key("set-cookie"));
    }
    assert!(server.objects().iter().all(|name| name.starts_with("fil_")));
    for slug in ["..", "../x", "a/b", "A", "", "a%2fb", ".", "x\u{0}"] {
        let refused = server.try_upload(&ada, &Upload::public(slug, b"x")).await;
        assert_eq!(refused.refusal(), "422 validation_failed", "{slug}");
        assert!(refused.json()["fields"]["slug"].is_string(), "{slug}");
    }
    for path in ["..%2f..%2ftollgate.db", "name-0%00", "NAME-0", "name-0.txt", "fil_x"] {
        assert_eq!(server.file(path).send().await.refusal(), "404 file_not_found", "{path}");
    }
}

async fn a_file_is_changed_and_deleted(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let made = server.upload(&ada, &Upload::public("one", b"content")).await;
    server.upload(&ada, &Upload::public("two", b"content")).await;
    let patch =
        async |slug: &str, body| server.about_file(&ada, "PATCH", slug).json(&body).send().await;
    for (body, field) in [
        (json!({"access": "PAGE"}), "pageSlug"),
        (json!({"access": "PAGE", "pageSlug": "nothing"}), "pageSlug"),
        (json!({"pageSlug": "guide"}), "pageSlug"),
        (json!({"access": "EVERYONE"}), "access"),
        (json!({"slug": "A b"}), "slug"),
        (json!({"name": "../x"}), "name"),
        (json!({"size": 1}), "size"),
    ] {
        let refused = patch("one", body.clone()).await;
        assert_eq!(refused.refusal(), "422 validation_failed", "{body}");
        assert!(refused.json()["fields"][field].is_string(), "{refused:?}");
    }
    assert_eq!(patch("one", json!({"slug": "two"})).await.refusal(), "409 slug_taken");
    assert_eq!(patch("none", json!({"name": "x"})).await.refusal(), "404 file_not_found");
    let change =
        json!({"slug": "three", "name": "Übung.txt", "access": "PAGE", "pageSlug": "guide"});
    let changed = patch("one", change).await.ok();
    assert_eq!((&changed["id"], &changed["sha256"]), (&made["id"], &made["sha256"]));
    assert_eq!((&changed["slug"], &changed["pageSlug"]), (&json!("three"), &json!("guide")));
    assert_eq!(server.file("one").send().await.refusal(), "404 file_not_found");
    assert_eq!(server.file("three").send().await.refusal(), "401 visitor_unauthorized");
    patch("three", json!({"access": "PUBLIC"})).await.ok();
    assert_eq!(server.file("three").send().await.body, "content");

    assert_eq!(server.about_file(&ada, "DELETE", "three").send().await.status, 204);
    for (method, path) in [("GET", "three"), ("DELETE", "three"), ("GET", "three/allowlist")] {
        let gone = server.about_file(&ada, method, path).send().await;
        assert_eq!(gone.refusal(), "404 file_not_found", "{method} {path}");
    }
    assert_eq!(server.file("three").send().await.refusal(), "404 file_not_found");
    assert_eq!(server.objects().len(), 1, "its object is gone");
    server.upload(&ada, &Upload::public("three", b"another")).await;
    assert_eq!(server.file("three").send().await.body, "another");

    // A missing object is an error, and not an empty success.
    let lost = server.upload(&ada, &Upload::public("lost", b"content")).await;
    let object = server.place.path("var/files").join(lost["id"].as_str().unwrap());
    std::fs::write(&object, "other length").unwrap();
    assert_eq!(server.file("lost").send().await.refusal(), "500 internal_error");
    std::fs::remove_file(&object).unwrap();
    assert_eq!(server.file("lost").send().await.refusal(), "500 internal_error");
    assert_eq!(server.call("HEAD", "/v2/public/files/ada/lost").send().await.status, 500);
}
