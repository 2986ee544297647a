//! The visitor's part of the interface.

mod payments;
mod sessions;

use actix_web::http::Method;
use serde_json::json;
use tollgate_domain_testing::a_page;

use crate::support::{ADA, ROOT, TestApp};

#[actix_web::test]
async fn link_is_sent_to_known_and_unknown_alike() {
    let app = TestApp::new();
    app.domain.sign_in("bob@example.com").await;
    let ask = |email: &str| {
        app.post(ROOT, "/v2/visitor/auth/magic-link").json(&json!({"email": email})).send()
    };
    let (known, unknown) = (ask("bob@example.com").await, ask("eve@example.com").await);
    assert_eq!(known.status, 202);
    assert_eq!(known.body, r#"{"status":"sent","expiresInSeconds":900}"#);
    assert_eq!((known.status, known.body), (unknown.status, unknown.body));
}

#[actix_web::test]
async fn fourth_link_in_a_minute_is_limited() {
    let app = TestApp::new();
    for _ in 0..3 {
        let ask = app
            .post(ROOT, "/v2/visitor/auth/magic-link")
            .json(&json!({"email": "bob@example.com"}));
        assert_eq!(ask.send().await.status, 202);
    }
    let ask =
        app.post(ROOT, "/v2/visitor/auth/magic-link").json(&json!({"email": "bob@example.com"}));
    let reply = ask.send().await;
    assert_eq!(reply.refusal(), "429 rate_limited");
    assert_eq!(reply.header("retry-after"), "60");
    let page = app.post(ADA, "/-/sign-in").form("email=bob%40example.com").send().await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (429, "60"));
}

#[actix_web::test]
async fn link_signs_in_once() {
    let app = TestApp::new();
    let verify = |body| app.post(ROOT, "/v2/visitor/auth/verify").json(&body).send();
    let (token, _) = app.domain.request_link("bob@example.com").await;
    let reply = verify(json!({"token": token.reveal()})).await;
    assert_eq!(reply.status, 200);
    let body = reply.json();
    assert_eq!(body["visitor"]["email"], "bob@example.com");
    assert_eq!(body["visitor"]["createdAt"], "2026-01-01T00:00:00Z");
    assert!(body["returnTo"].is_null());
    let cookie = reply.header("set-cookie").to_owned();
    let value = cookie.split(';').next().unwrap().strip_prefix("_10x_visitor=").unwrap();
    assert_eq!(value.len(), 43);
    for attribute in
        ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000", "Domain=tollgate.localhost"]
    {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"));
    assert_eq!(verify(json!({"token": token.reveal()})).await.refusal(), "401 used_magic_link");
    assert_eq!(verify(json!({"token": "x"})).await.refusal(), "401 invalid_magic_link");
    let (late, _) = app.domain.request_link("eve@example.com").await;
    app.domain.clock.advance_seconds(900);
    assert_eq!(verify(json!({"token": late.reveal()})).await.refusal(), "401 expired_magic_link");
    for (body, field) in [
        (json!({}), "token"),
        (json!({"email": "bob@example.com"}), "code"),
        (json!({"code": "123456"}), "email"),
        (json!({"token": "x", "email": "bob@example.com", "code": "123456"}), "token"),
        (json!({"token": "x", "code": "123456"}), "token"),
    ] {
        let reply = verify(body.clone()).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{body}");
        assert!(reply.json()["fields"][field].is_string(), "{body}");
    }
}

#[actix_web::test]
async fn path_is_on_the_handle_whose_host_is_asked_however_it_is_written() {
    let app = TestApp::new();
    app.shop().await;
    let own = "http://ada.tollgate.localhost:8080/guide";
    let main = "http://tollgate.localhost:8080/guide";
    for (email, host, place) in [
        ("a@example.com", ADA, own),
        ("b@example.com", "www.ada.tollgate.localhost:8080", own),
        ("c@example.com", "WWW.Ada.tollgate.localhost", own),
        ("d@example.com", ROOT, main),
        ("e@example.com", "nobody.tollgate.localhost:8080", main),
        ("f@example.com", "127.0.0.1:8080", main),
        ("g@example.com", "www.evil.example", main),
    ] {
        let body = json!({"email": email, "returnTo": "/guide"});
        let asked = app.post(host, "/v2/visitor/auth/magic-link").json(&body).send().await;
        assert_eq!(asked.status, 202, "{host}");
        app.domain.deliver_mails().await;
        let (token, _) = app.domain.link_mailed_to(email);
        let body = json!({"token": token.reveal()});
        let verified = app.post(host, "/v2/visitor/auth/verify").json(&body).send().await;
        assert_eq!(verified.json()["returnTo"], place, "{host}");
        let is_ours = host.to_ascii_lowercase().contains("tollgate.localhost");
        assert_eq!(verified.header("set-cookie").contains("Domain="), is_ours, "{host}");
    }
}

#[actix_web::test]
async fn foreign_host_gets_a_cookie_of_its_own() {
    let app = TestApp::new();
    let (token, _) = app.domain.request_link("bob@example.com").await;
    let body = json!({"token": token.reveal()});
    let reply = app.post("127.0.0.1:8080", "/v2/visitor/auth/verify").json(&body).send().await;
    assert!(!reply.header("set-cookie").contains("Domain"));
}

#[actix_web::test]
async fn each_mode_gives_its_answer() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.page(&shop, a_page().slug("open").public().published()).await;
    app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    app.domain.page(&shop, a_page().slug("draft").public()).await;
    let session = app.domain.sign_in("bob@example.com").await;
    for (slug, anonymous, visitor) in [
        ("open", "public", "public"),
        ("free", "visitor_auth_required", "entitled"),
        ("guide", "visitor_auth_required", "purchase_required"),
    ] {
        let path = format!("/v2/public/pages/ada/{slug}/access-check");
        let reply = app.post(ROOT, &path).send().await.json();
        assert_eq!(reply["reason"], anonymous, "{slug}");
        let reply = app.post(ROOT, &path).visitor(&session).json(&json!({})).send().await.json();
        assert_eq!(reply["reason"], visitor, "{slug}");
    }
    let draft = "/v2/public/pages/ada/draft/access-check";
    assert_eq!(
        app.post(ROOT, draft).visitor(&session).send().await.refusal(),
        "404 page_not_found"
    );
    let token = app.token("ada").await;
    assert_eq!(app.post(ROOT, draft).bearer(&token).send().await.json()["reason"], "public");
    assert_eq!(
        app.post(ROOT, draft).bearer("x").send().await.refusal(),
        "401 creator_unauthorized"
    );
    for path in [
        "/v2/public/pages/Ada/guide",
        "/v2/public/pages/app/guide",
        "/v2/public/pages/ada/GUIDE",
        "/v2/public/pages/ada/%67uide",
    ] {
        assert_eq!(app.get(ROOT, path).send().await.refusal(), "404 page_not_found", "{path}");
    }
}

#[actix_web::test]
async fn only_a_look_at_a_free_page_is_recorded() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().free_with_login().published()).await;
    let bob = app.domain.sign_in("bob@example.com").await;
    let cookie = format!("_10x_visitor={}", bob.reveal());
    let history = async || {
        let reply = app.get(ROOT, "/v2/visitor/access").with("cookie", &cookie).send().await;
        reply.json()["items"].as_array().unwrap().len()
    };
    let path = format!("/{}", page.slug);
    let api = format!("/v2/public/pages/ada/{}", page.slug);
    for (host, path) in [(ADA, &path), (ROOT, &api)] {
        for (method, name, value) in [
            (Method::HEAD, "accept", "*/*"),
            (Method::GET, "sec-purpose", "prefetch"),
            (Method::GET, "sec-fetch-site", "cross-site"),
            (Method::GET, "sec-fetch-dest", "iframe"),
            (Method::GET, "origin", "https://evil.example"),
            (Method::GET, "origin", "null"),
        ] {
            let look = app.call(method, host, path).with("cookie", &cookie).with(name, value);
            assert_eq!(look.send().await.status, 200);
            assert_eq!(history().await, 0, "{name}: {value}");
        }
    }
    // The page of another handle is another creator's.
    for (origin, expected) in [("eve.tollgate.localhost:8080", 0), (ADA, 1)] {
        let origin = format!("http://{origin}");
        let look = app.get(ADA, &path).with("cookie", &cookie).with("origin", &origin);
        assert_eq!(look.send().await.status, 200);
        assert_eq!(history().await, expected, "{origin}");
    }
}

#[actix_web::test]
async fn codes_of_one_client_are_limited_on_the_interface_and_the_page_together() {
    let app = TestApp::new();
    let (_, code) = app.domain.request_link("bob@example.com").await;
    let verify = |email: &str| {
        let body = json!({"email": email, "code": "000000"});
        app.post(ROOT, "/v2/visitor/auth/verify").json(&body).send()
    };
    for number in 0..29 {
        let reply = verify(&format!("person{number}@example.com")).await;
        assert_eq!(reply.refusal(), "401 invalid_magic_link");
    }
    let page = app.post(ADA, "/-/code").form("email=x%40example.com&code=000000").send().await;
    assert_eq!(page.status, 401);
    let (known, unknown) = (verify("bob@example.com").await, verify("eve@example.com").await);
    assert_eq!(known.refusal(), "429 rate_limited");
    assert_eq!(unknown.refusal(), "429 rate_limited");
    assert_eq!((known.header("retry-after"), unknown.header("retry-after")), ("2", "2"));
    let form = format!("email=bob%40example.com&code={}", code.reveal());
    let page = app.post(ADA, "/-/code").form(&form).send().await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (429, "2"));
    assert!(page.body.contains("Too many codes were tried."), "{}", page.body);
}
