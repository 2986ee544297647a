//! The sessions of a visitor, and the cookies that carry them.

use actix_web::http::Method;
use serde_json::json;

use crate::support::{ADA, Call, ROOT, Reply, TestApp};

#[actix_web::test]
async fn visitor_sees_and_ends_sessions() {
    let app = TestApp::new();
    let first = app.domain.sign_in("bob@example.com").await;
    let second = app.domain.sign_in("bob@example.com").await;
    let list = app.get(ROOT, "/v2/visitor/sessions").visitor(&second).send().await.json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert!(list["nextCursor"].is_null());
    let other = items.iter().find(|item| item["current"] == false).unwrap();
    let path = format!("/v2/visitor/sessions/{}", other["id"].as_str().unwrap());
    for path in [&*path, &*path, "/v2/visitor/sessions/nonsense"] {
        let reply = app.call(Method::DELETE, ROOT, path).visitor(&second).send().await;
        assert_eq!(reply.status, 204);
    }
    assert_eq!(app.get(ROOT, "/v2/visitor/me").visitor(&first).send().await.status, 401);
    assert_eq!(app.get(ROOT, "/v2/visitor/me").visitor(&second).send().await.status, 200);
}

#[actix_web::test]
async fn logging_out_ends_the_session_and_never_fails() {
    let app = TestApp::new();
    let session = app.domain.sign_in("bob@example.com").await;
    let reply = app.post(ROOT, "/v2/visitor/auth/logout").visitor(&session).send().await;
    assert_eq!(reply.status, 204);
    assert_eq!(
        reply.header("set-cookie"),
        "_10x_visitor=; HttpOnly; SameSite=Lax; Path=/; Domain=tollgate.localhost; Max-Age=0"
    );
    assert_eq!(app.get(ROOT, "/v2/visitor/me").visitor(&session).send().await.status, 401);
    assert_eq!(app.post(ROOT, "/v2/visitor/auth/logout").send().await.status, 204);
    let odd = app.post(ROOT, "/v2/visitor/auth/logout").json(&json!({"x": 1})).send().await;
    assert_eq!(odd.refusal(), "422 validation_failed");
}

#[actix_web::test]
async fn two_cookies_are_nobodys_and_both_are_removed() {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let reply = app.get(ROOT, "/v2/visitor/me").visitor(&session).visitor(&session).send().await;
    assert_eq!(reply.refusal(), "401 visitor_unauthorized");
    for (host, path) in [
        (ROOT, "/v2/visitor/me"),
        (ROOT, "/v2/visitor/access"),
        (ROOT, "/v2/visitor/nothing"),
        (ADA, "/v2/public/pages/ada/guide"),
        (ADA, "/guide"),
        (ADA, "/"),
        (ROOT, "/"),
        (ROOT, "/access"),
        (ADA, "/-/sign-in"),
        (ADA, "/-/sign-out"),
    ] {
        let one = app.get(host, path).visitor(&session).send().await;
        assert_eq!(set_cookies(&one), [""; 0], "{path}");
        let two = app.get(host, path).visitor(&session).with("cookie", STALE).send().await;
        assert_eq!(set_cookies(&two), REMOVED, "{path}");
    }
    let style = app.get(ROOT, "/docs/style.css").visitor(&session).visitor(&session).send().await;
    assert_eq!(set_cookies(&style), [""; 0], "caches share it");
    assert_eq!(app.get(ROOT, "/v2/visitor/me").visitor(&session).send().await.status, 200);
}

/// A cookie of another scope, whose session has ended.
const STALE: &str = "_10x_visitor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

const REMOVED: [&str; 2] = [
    "_10x_visitor=; HttpOnly; SameSite=Lax; Path=/; Domain=tollgate.localhost; Max-Age=0",
    "_10x_visitor=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0",
];

fn set_cookies(reply: &Reply) -> Vec<&str> {
    let values = reply.headers.get_all("set-cookie").map(|value| value.to_str().unwrap());
    values.filter(|value| value.starts_with("_10x_visitor=")).collect()
}

#[actix_web::test]
async fn signing_in_with_two_cookies_leaves_the_new_one() {
    let app = TestApp::new();
    let (token, _) = app.domain.request_link("bob@example.com").await;
    let old = app.domain.sign_in("bob@example.com").await;
    let call = app.post(ADA, "/v2/visitor/auth/verify").visitor(&old).with("cookie", STALE);
    let reply = call.json(&json!({"token": token.reveal()})).send().await;
    // The sibling was spent by signing in, so that another link is needed.
    assert_eq!(reply.refusal(), "401 used_magic_link");
    assert_eq!(set_cookies(&reply), REMOVED);
    let (token, _) = app.domain.request_link("bob@example.com").await;
    let call = app.post(ADA, "/v2/visitor/auth/verify").visitor(&old).with("cookie", STALE);
    let reply = call.json(&json!({"token": token.reveal()})).send().await;
    let [first, second, new] = set_cookies(&reply)[..] else { panic!("{reply:?}") };
    assert_eq!([first, second], REMOVED);
    assert!(new.contains("Max-Age=2592000"), "{new}");
    let cookie = new.split(';').next().unwrap();
    let me = app.get(ROOT, "/v2/visitor/me").with("cookie", cookie).send().await;
    assert_eq!(me.status, 200);
    let before = app.get(ROOT, "/v2/visitor/me").visitor(&old).send().await;
    assert_eq!(before.status, 401, "signing in ends what the browser had before");
}

#[actix_web::test]
async fn logging_out_ends_each_session_that_is_presented() {
    let app = TestApp::new();
    for (path, host) in [("/v2/visitor/auth/logout", ROOT), ("/-/sign-out", ADA)] {
        let mut sessions = Vec::new();
        for _ in 0..12 {
            sessions.push(app.domain.sign_in("bob@example.com").await);
            app.domain.clock.advance_seconds(60);
        }
        let call = sessions.iter().fold(app.post(host, path), Call::visitor);
        let call = call.with("sec-fetch-site", "same-origin");
        let reply = call.send().await;
        assert!(reply.status.is_success() || reply.status.is_redirection(), "{reply:?}");
        assert_eq!(set_cookies(&reply), REMOVED, "{path}");
        for session in &sessions {
            let me = app.get(ROOT, "/v2/visitor/me").visitor(session).send().await;
            assert_eq!(me.status, 401, "{path}");
        }
    }
}
