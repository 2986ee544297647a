//! Tests of files: upload, download in whole and in parts, and removal of access.

use crate::support::{Backend, Browser, Reply, Seller, Server, Upload, form_data, sha256};
use serde_json::json;

on_each_database!(
    a_file_comes_back_as_it_was_uploaded,
    a_part_of_a_file_is_sent,
    who_has_a_file_is_not_sent_it_again,
    the_type_of_a_file_is_what_its_content_tells,
    names_cannot_do_harm,
    a_file_by_list_is_for_those_on_it,
    a_file_of_a_page_has_the_pages_gate,
    a_file_is_changed_and_deleted,
    the_files_of_another_creator_do_not_exist,
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

async fn a_file_by_list_is_for_those_on_it(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    server.upload(&ada, &Upload::by_list("secret", b"0123456789")).await;
    let put = async |email: &str| {
        server.about_file(&ada, "PUT", &format!("secret/allowlist/{email}")).send().await
    };
    let first = put("Bob%40Example.com").await;
    assert_eq!((first.status, &first.ok()["email"]), (201, &json!("bob@example.com")));
    let hidden = "b%E2%80%8Bob@exam%C2%ADple.com.";
    for same in ["bob@example.com", "%20bob@example.com%20", "%E2%80%8Bbob@example.com", hidden] {
        let again = put(same).await;
        assert_eq!((again.status, again.ok()), (200, first.ok()), "{same}");
    }
    assert_eq!(put("carol+x@example.com").await.ok()["email"], "carol+x@example.com");
    let listed = server.about_file(&ada, "GET", "secret/allowlist").send().await.ok();
    assert_eq!(listed["items"][0]["email"], "carol+x@example.com");
    assert_eq!(listed["items"][1], first.ok());
    for email in ["nobody", "a%20b@example.com", "%ff@example.com", "a@b"] {
        let refused = put(email).await;
        assert_eq!(refused.refusal(), "422 validation_failed", "{email}");
        assert!(refused.json()["fields"]["email"].is_string(), "{email}");
    }

    // The address is added before the first sign-in; the visitor then has access.
    let (bob, eve) =
        (server.sign_in("bob@example.com").await, server.sign_in("eve@example.com").await);
    assert_eq!(server.file_access("", "secret").await, "visitor_auth_required");
    assert_eq!(server.file_access(&eve.cookie, "secret").await, "file_forbidden");
    assert_eq!(server.file_access(&bob.cookie, "secret").await, "entitled");
    assert_eq!(server.file("secret").cookie(&bob.cookie).send().await.body, "0123456789");
    let rows = server.history(&bob.cookie).await;
    assert_eq!(rows.len(), 1);
    for (member, expected) in [
        ("resourceType", json!("FILE")),
        ("accessType", json!("ALLOWLIST")),
        ("status", json!("ACTIVE")),
        ("handle", json!("ada")),
        ("slug", json!("secret")),
        ("title", json!("A file.txt")),
        ("endedAt", json!(null)),
    ] {
        assert_eq!(rows[0][member], expected, "{rows:?}");
    }

    // After removal from the allowlist the next part is refused, on another replica as well.
    let replica = match backend {
        Backend::Sqlite => None,
        Backend::Postgres => Some(server.replica().await),
    };
    let replica = replica.as_ref().unwrap_or(&server);
    let part =
        |server: &Server| server.file("secret").with("range", "bytes=5-").cookie(&bob.cookie);
    assert_eq!(part(replica).send().await.body, "56789");
    let remove = server.about_file(&ada, "DELETE", "secret/allowlist/bob@example.com");
    assert_eq!(remove.send().await.status, 204);
    assert_eq!(part(replica).send().await.refusal(), "403 file_forbidden");
    assert_eq!(part(&server).send().await.refusal(), "403 file_forbidden");
    let again = server.about_file(&ada, "DELETE", "secret/allowlist/bob@example.com");
    assert_eq!(again.send().await.status, 204);
    let rows = server.history(&bob.cookie).await;
    assert_eq!((&rows[0]["status"], rows[0]["endedAt"].is_string()), (&json!("REVOKED"), true));
    assert_eq!(put("bob@example.com").await.status, 201);
    assert_eq!(part(replica).send().await.status, 206);
    let statuses: Vec<_> =
        server.history(&bob.cookie).await.iter().map(|row| row["status"].clone()).collect();
    assert_eq!(statuses, ["ACTIVE", "REVOKED"]);
}

async fn a_file_of_a_page_has_the_pages_gate(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let sandbox = server.place.sandbox();
    let made = server.upload(&ada, &Upload::on("guide", "workbook", b"0123456789")).await;
    assert_eq!(made["pageSlug"], "guide");
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let eve = server.sign_in("eve@example.com").await;
    for (cookie, reason) in [
        ("", "visitor_auth_required"),
        (&eve.cookie, "purchase_required"),
        (&bob.cookie, "entitled"),
    ] {
        assert_eq!(server.file_access(cookie, "workbook").await, reason);
    }
    assert_eq!(server.file("workbook").send().await.refusal(), "401 visitor_unauthorized");
    let refused = server.file("workbook").cookie(&eve.cookie).send().await;
    assert_eq!(refused.refusal(), "403 file_forbidden");
    assert_eq!(server.file("workbook").bearer(&ada.token).send().await.body, "0123456789");
    let part = || server.file("workbook").with("range", "bytes=5-").cookie(&bob.cookie);
    assert_eq!(part().send().await.body, "56789");

    // The page lists the file for visitors with access only.
    let page = async |cookie: &str| {
        server.get("/guide").host(&server.place.host("ada")).cookie(cookie).send().await.body
    };
    let link = "<a href=\"/-/files/workbook\"><bdi>A file.txt</bdi></a> (10 bytes)";
    assert!(page(&bob.cookie).await.contains(link));
    assert!(!page(&eve.cookie).await.contains("workbook"));

    // An archived page stays open to its buyers, with its files. A refund ends access to both.
    let archive = server.call("DELETE", "/v2/handles/ada/pages/guide").bearer(&ada.token);
    assert_eq!(archive.send().await.status, 204);
    assert_eq!(part().send().await.status, 206);
    let refused = server.file("workbook").cookie(&eve.cookie).send().await;
    assert_eq!(refused.refusal(), "404 file_not_found");
    assert_eq!(server.refund(&ada, &bob).await.status, 200);
    assert_eq!(part().send().await.refusal(), "404 file_not_found");
    assert_eq!(server.file("workbook").bearer(&ada.token).send().await.status, 200);

    server.upload(&ada, &Upload::on("letters", "extra", b"free")).await;
    assert_eq!(server.file_access(&eve.cookie, "extra").await, "entitled");
    let rows = server.history(&eve.cookie).await;
    assert_eq!((rows.len(), &rows[0]["accessType"]), (1, &json!("FREE_LOGIN")));
    let mut browser = Browser::new();
    browser.open(&server.place.url("ada", "/letters")).await.hides("extra");
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

async fn the_files_of_another_creator_do_not_exist(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let eve = server.creator("eve").await;
    server.upload(&ada, &Upload::by_list("secret", b"content")).await;
    let upload = Upload::public("mine", b"x");
    let call = async |handle: &str, method: &str, rest: &str, who: Option<&Seller>| -> Reply {
        let mut call = server.call(method, &format!("/v2/handles/{handle}/files{rest}"));
        if let Some(who) = who {
            call = call.bearer(&who.token);
        }
        call = match method {
            "POST" => call.body(&form_data(), upload.body()),
            "PATCH" => call.json(&json!({"access": "PUBLIC"})),
            _ => call,
        };
        call.send().await
    };
    for (method, rest) in [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/secret"),
        ("PATCH", "/secret"),
        ("DELETE", "/secret"),
        ("GET", "/secret/allowlist"),
        ("PUT", "/secret/allowlist/eve@example.com"),
        ("DELETE", "/secret/allowlist/eve@example.com"),
    ] {
        let theirs = call("ada", method, rest, Some(&eve)).await;
        assert_eq!(theirs.refusal(), "404 handle_not_found", "{method} {rest}");
        let own = call("eve", method, rest, Some(&eve)).await;
        if !rest.is_empty() {
            assert_eq!(own.refusal(), "404 file_not_found", "{method} {rest}");
        }
        let nobody = call("ada", method, rest, None).await;
        assert_eq!(nobody.refusal(), "401 creator_unauthorized", "{method} {rest}");
    }
    assert_eq!(
        server.file("secret").bearer(&eve.token).send().await.refusal(),
        "401 visitor_unauthorized"
    );
    assert_eq!(
        server.file("secret").bearer("nonsense").send().await.refusal(),
        "401 creator_unauthorized"
    );
    assert_eq!(server.file("secret").bearer(&ada.token).send().await.body, "content");
    assert_eq!(server.objects().len(), 2, "Ada's and Eve's own");
}
