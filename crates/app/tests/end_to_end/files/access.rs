//! Who may have a file.

use crate::support::{Backend, Browser, Reply, Seller, Server, Upload, form_data};
use serde_json::json;

on_each_database!(
    a_file_by_list_is_for_those_on_it,
    a_file_of_a_page_has_the_pages_gate,
    the_files_of_another_creator_do_not_exist,
);

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
