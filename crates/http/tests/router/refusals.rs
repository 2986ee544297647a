//! What is refused, and how.

use actix_web::http::Method;
use serde_json::json;
use tollgate_domain::{
    creators::PageChange,
    payments::{PaymentsError, Refusal},
};
use tollgate_domain_testing::{Call, Fault, money};

use crate::{
    console_browser::{APP, Browser},
    support::{ADA, ROOT, TestApp},
};

#[actix_web::test]
async fn public_routes_refuse_what_is_missing() {
    let app = TestApp::new();
    for (method, path, refusal) in [
        ("POST", "/v2/visitor/auth/magic-link", "415 unsupported_media_type"),
        ("POST", "/v2/visitor/auth/verify", "415 unsupported_media_type"),
        ("GET", "/v2/public/pages/ada/guide", "404 page_not_found"),
        ("POST", "/v2/public/pages/ada/guide/access-check", "404 page_not_found"),
        ("GET", "/v2/public/files/ada/workbook", "404 file_not_found"),
        ("POST", "/v2/public/files/ada/workbook/access-check", "404 file_not_found"),
        ("GET", "/v2/public/group-buys/ada/together", "404 group_buy_not_found"),
        ("POST", "/v2/creator/auth/register", "415 unsupported_media_type"),
        ("POST", "/v2/creator/auth/login", "415 unsupported_media_type"),
        ("POST", "/v2/creator/auth/refresh", "415 unsupported_media_type"),
        ("POST", "/v2/webhooks/stripe", "400 invalid_signature"),
    ] {
        let reply = app.call(method.parse().unwrap(), ROOT, path).send().await;
        assert_eq!(reply.refusal(), refusal, "{method} {path}");
    }
}

/// Names need no escapes, so that each has one address; the parts without them are known.
#[actix_web::test]
async fn part_of_a_path_with_an_escape_is_the_one_that_is_unknown() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    for (method, path, refusal) in [
        ("GET", "%61da", "handle"),
        ("GET", "%61da/pages/guide", "handle"),
        ("GET", "%61da/pages/%67uide", "handle"),
        ("GET", "%61da/people/bob%40example.com", "handle"),
        ("GET", "ada/pages/%67uide", "page"),
        ("GET", "ada/pages/%61da", "page"),
        ("GET", "ada/pages/%67uide/sales", "page"),
        ("GET", "ada/files/%67uide", "file"),
        ("GET", "ada/files/%67uide/allowlist", "file"),
        ("PUT", "ada/files/%67uide/allowlist/bob%40example.com", "file"),
        ("GET", "ada/group-buys/%67uide", "group_buy"),
        ("GET", "ada/purchases/%70ur_01j9z3k5v7w8x9y0z1a2b3c4d5/dispute", "purchase"),
        ("DELETE", "ada/pages/guide/grants/%70ur_01j9z3k5v7w8x9y0z1a2b3c4d5", "purchase"),
    ] {
        let call = app.call(method.parse().unwrap(), ROOT, &format!("/v2/handles/{path}"));
        let reply = call.bearer(&token).send().await;
        assert_eq!(reply.refusal(), format!("404 {refusal}_not_found"), "{method} {path}");
    }
    let known = "/v2/handles/ada/people/bob%40example.com";
    assert_eq!(app.get(ROOT, known).bearer(&token).send().await.status, 200);
}

#[actix_web::test]
async fn unknown_routes_and_methods_are_problems() {
    let app = TestApp::new();
    for path in [
        "/v2",
        "/v2/",
        "/v2/nothing",
        "/v2/visitor/me/",
        "/v2//visitor/me",
        "/v2/docs",
        "/v2/return",
    ] {
        for host in [ROOT, ADA] {
            assert_eq!(app.get(host, path).send().await.refusal(), "404 not_found", "{path}");
        }
    }
    for (method, path, allow) in [
        ("PUT", "/v2/visitor/me", "GET, HEAD"),
        ("GET", "/v2/visitor/auth/verify", "POST"),
        ("TRACE", "/v2/handles", "GET, HEAD, POST"),
        ("BREW", "/healthz", "GET, HEAD"),
    ] {
        let reply = app.call(method.parse().unwrap(), ROOT, path).send().await;
        assert_eq!(reply.refusal(), "405 method_not_allowed", "{method} {path}");
        let mut allowed: Vec<_> = reply.header("allow").split(", ").collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(", "), allow, "{method} {path}");
    }
    let page = app.call(Method::PUT, ADA, "/-/verify").send().await;
    assert_eq!(page.status, 405);
    assert!(page.header("content-type").starts_with("text/html"));
}

#[actix_web::test]
async fn form_that_is_too_large_is_told_the_limit_and_leads_back_to_its_page() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let large = ada.post("/ada/settings", &[("description", &*"x".repeat(512 * 1024))]).await;
    assert_eq!(large.status, 413);
    assert!(large.body.contains("larger than 512\u{a0}KiB"), "{}", large.body);
    assert!(large.body.contains("<a href=\"/ada/settings\">Back to the page</a>"), "{large:?}");

    let body = format!("email={}", "x".repeat(64 * 1024));
    for (referer, back) in [
        (format!("http://{ADA}/guide"), "/guide"),
        ("http://evil.example/guide".to_owned(), "/-/sign-in"),
        (format!("http://{ADA}.evil.example/guide"), "/-/sign-in"),
        (format!("http://{ADA}//evil.example/guide"), "/-/sign-in"),
    ] {
        let post = app.post(ADA, "/-/sign-in").form(&body).with("referer", &referer);
        let large = post.send().await;
        assert_eq!(large.status, 413, "{referer}");
        assert!(large.body.contains("larger than 64\u{a0}KiB"), "{}", large.body);
        let link = format!("<a href=\"{back}\">Back to the page</a>");
        assert!(large.body.contains(&link), "{referer}: {}", large.body);
    }
}

#[actix_web::test]
async fn form_that_is_too_large_is_answered_with_a_page_in_the_language_of_who_sent_it() {
    let app = TestApp::new();
    app.shop().await;
    let body = format!("email={}", "x".repeat(256 * 1024));
    for (language, title, limit, back) in [
        ("en", "That was too much", "larger than", "Back to the page"),
        ("de", "Das war zu viel", "größer als", "Zurück zur Seite"),
    ] {
        for (host, path, most) in [
            (ADA, "/-/sign-in", 64),
            (ADA, "/-/group-buys/together/interest", 64),
            (APP, "/sign-in", 256),
            (APP, "/sign-up", 256),
        ] {
            let limit = format!("{limit} {most}\u{a0}KiB");
            let post = app.post(host, path).form(&body).with("accept-language", language);
            let large = post.send().await;
            assert_eq!(large.status, 413, "{host}{path}");
            assert!(large.header("content-type").starts_with("text/html"), "{large:?}");
            let link = format!("<a href=\"{path}\">{back}</a>");
            let lang = format!("<html lang=\"{language}\"");
            for part in [title, &*limit, &*link, &*lang] {
                assert!(large.body.contains(part), "{part}: {}", large.body);
            }
        }
    }
}

#[actix_web::test]
async fn page_that_cannot_be_shown_now_leads_to_itself() {
    let app = TestApp::new();
    app.shop().await;
    app.domain.store.set_down(true);
    let page = app.get(ADA, "/guide?x=1").send().await;
    assert_eq!(page.status, 503);
    for link in ["<a href=\"/guide?x=1\">Try again</a>", "<a href=\"/\">Back to the start</a>"] {
        assert!(page.body.contains(link), "{link}: {}", page.body);
    }
    let start = app.get(ADA, "/").send().await.body;
    assert!(start.contains("<a href=\"/\">Try again</a>") && !start.contains("Back to"), "{start}");
    let form = app.post(ADA, "/-/sign-in").form("email=bob%40example.com");
    let form = form.with("referer", &format!("http://{ADA}/guide")).send().await;
    assert_eq!(form.status, 503);
    assert!(form.body.contains("<a href=\"/guide\">Back to the page</a>"), "{}", form.body);
    // What is not there is not there in a moment either.
    app.domain.store.set_down(false);
    let missing = app.get(ADA, "/nothing").send().await.body;
    assert!(!missing.contains("Try again"), "{missing}");
}

#[actix_web::test]
async fn bodies_are_json_and_bounded() {
    let app = TestApp::new();
    let post = || app.post(ROOT, "/v2/visitor/auth/magic-link");
    let good = r#"{"email":"bob@example.com"}"#;
    assert_eq!(
        post().body("text/plain", good).send().await.refusal(),
        "415 unsupported_media_type"
    );
    assert_eq!(post().bytes(b"{\"email\":".to_vec()).send().await.refusal(), "400 bad_request");
    assert_eq!(
        post().bytes(b"{\"email\":\"\xff\"}".to_vec()).send().await.refusal(),
        "400 bad_request"
    );
    assert_eq!(post().bytes(vec![b' '; 65_537]).send().await.refusal(), "413 payload_too_large");
    for (body, field) in [
        (json!({}), "email"),
        (json!({"email": 1}), "email"),
        (json!({"email": "nobody"}), "email"),
        (json!({"email": "a@x.y\r\nBcc: c@x.y"}), "email"),
        (json!({"email": "a@b.example", "admin": true}), "admin"),
        (json!({"email": "a@b.example", "returnTo": "//evil.example"}), "returnTo"),
        (json!({"email": "a@b.example", "returnTo": "https://evil.example/"}), "returnTo"),
        (json!(["a@b.example"]), "body"),
    ] {
        let reply = post().json(&body).send().await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{body}");
        assert!(reply.json()["fields"][field].is_string(), "{body}: {}", reply.body);
    }
}

#[actix_web::test]
async fn broken_store_lets_nobody_in() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let token = app.token("ada").await;
    app.domain.store.set_down(true);
    for (method, path) in [
        ("GET", "/v2/public/pages/ada/guide"),
        ("POST", "/v2/public/pages/ada/guide/access-check"),
        ("POST", "/v2/public/pages/ada/guide/checkout"),
        ("GET", "/v2/visitor/me"),
        ("GET", "/readyz"),
    ] {
        let reply = app.call(method.parse().unwrap(), ROOT, path).visitor(&session).send().await;
        assert_eq!(reply.refusal(), "503 unavailable", "{path}");
        assert!(!reply.header("retry-after").is_empty());
    }
    let reply = app.get(ROOT, "/v2/creator/me").bearer(&token).send().await;
    assert_eq!(reply.refusal(), "503 unavailable");
    let reply = app
        .post(ROOT, "/v2/webhooks/stripe")
        .with("stripe-signature", "good")
        .body("application/json", "evt_1")
        .send()
        .await;
    assert_eq!(reply.refusal(), "503 unavailable");
    let page = app.get(ADA, "/guide").visitor(&session).send().await;
    assert_eq!(page.status, 503);
    assert!(!page.body.contains("Everything."));
    assert_eq!(app.get(ROOT, "/healthz").send().await.status, 200);
    app.domain.store.set_down(false);
    assert_eq!(app.get(ROOT, "/readyz").send().await.status, 200);
    drop(shop);
}

#[actix_web::test]
async fn provider_that_is_busy_is_asked_again_when_it_says() {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let busy = PaymentsError::Busy { reason: "429 rate_limit".into(), retry_after_seconds: 20 };
    app.domain.payments.fail_next(Call::OpenCheckout, Fault::BeforeEffect(busy));
    let path = "/v2/public/pages/ada/guide/checkout";
    let reply = app.post(ROOT, path).visitor(&session).send().await;
    assert_eq!(reply.refusal(), "502 payment_provider_error");
    assert_eq!(reply.header("retry-after"), "20");
    app.domain.payments.fail_next(Call::OpenCheckout, Fault::lost_request());
    let reply = app.post(ROOT, path).visitor(&session).send().await;
    assert_eq!(reply.refusal(), "502 payment_provider_error");
    assert_eq!(reply.header("retry-after"), "");
    assert_eq!(app.post(ROOT, path).visitor(&session).send().await.status, 200);
}

/// The creator has nothing to mend.
#[actix_web::test]
async fn pay_page_that_cannot_be_closed_now_is_not_a_fault_of_the_shop() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let page = app.page(&shop, "guide").await;
    app.opened(&shop, &page, &session).await;
    let price = Some(Some(money(2_000, "usd")));
    app.domain.change(&shop, &page, PageChange { price, ..PageChange::default() }).await;
    let message = "a payment is in progress".to_owned();
    let refused = PaymentsError::Refused { refusal: Refusal::WithMessage, message };
    app.domain.payments.fail_next(Call::ExpireCheckout, Fault::BeforeEffect(refused));
    let path = "/v2/public/pages/ada/guide/checkout";
    let reply = app.post(ROOT, path).visitor(&session).send().await;
    assert_eq!(reply.refusal(), "502 payment_provider_error");
    assert_eq!(reply.header("retry-after"), "5");
    assert_eq!(app.post(ROOT, path).visitor(&session).send().await.status, 200);
}

#[actix_web::test]
async fn other_sites_can_make_nobody_do_anything() {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    for path in ["/v2/visitor/auth/logout", "/v2/public/pages/ada/guide/checkout"] {
        let call = app.post(ROOT, path).visitor(&session).with("origin", "https://evil.example");
        assert_eq!(call.send().await.refusal(), "403 cross_site_request");
        let call = app.post(ROOT, path).visitor(&session).with("sec-fetch-site", "cross-site");
        assert_eq!(call.send().await.refusal(), "403 cross_site_request");
    }
    let form = app.post(ADA, "/guide/checkout").visitor(&session);
    let reply = form.body("application/x-www-form-urlencoded", "").send().await;
    assert_eq!(reply.status, 403);
    assert_eq!(app.get(ROOT, "/v2/visitor/me").visitor(&session).send().await.status, 200);
}

#[actix_web::test]
async fn only_own_hosts_read_across_origins() {
    let app = TestApp::new();
    app.shop().await;
    let own = "http://ada.tollgate.localhost:8080";
    let reply = app.get(ROOT, "/v2/visitor/me").with("origin", own).send().await;
    assert_eq!(reply.header("access-control-allow-origin"), own);
    assert_eq!(reply.header("access-control-allow-credentials"), "true");
    assert!(reply.header("vary").contains("Origin"));
    let ask = |origin: &'static str, path: &'static str| {
        app.call(Method::OPTIONS, ROOT, path)
            .with("origin", origin)
            .with("access-control-request-method", "POST")
    };
    let reply = ask(own, "/v2/public/pages/ada/guide/checkout").send().await;
    assert_eq!(reply.status, 204);
    assert_eq!(reply.header("access-control-allow-origin"), own);
    for (origin, path) in [
        ("https://evil.example", "/v2/visitor/me"),
        ("null", "/v2/visitor/me"),
        (own, "/v2/handles"),
        (own, "/v2/webhooks/stripe"),
    ] {
        let reply = ask(origin, path).send().await;
        assert_eq!(reply.header("access-control-allow-origin"), "", "{origin} {path}");
        let reply = app.get(ROOT, path).with("origin", origin).send().await;
        assert_eq!(reply.header("access-control-allow-origin"), "", "{origin} {path}");
    }
}

#[actix_web::test]
async fn answers_carry_the_headers_of_the_contract() {
    let app = TestApp::new();
    app.shop().await;
    let api = app.get(ROOT, "/v2/visitor/me").send().await;
    assert_eq!(api.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(api.header("cache-control"), "private, no-store");
    let page = app.get(ADA, "/guide").send().await;
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; connect-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; \
         form-action 'self' https: https://checkout.stripe.com http://tollgate.localhost:8080 http://*.tollgate.localhost:8080 \
         http://127.0.0.1:4242; base-uri 'none'; frame-ancestors 'none'"
    );
    for reply in [&api, &page] {
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin");
        assert!(!reply.header("permissions-policy").is_empty());
        assert!(!reply.header("x-request-id").is_empty());
        assert_eq!(reply.header("strict-transport-security"), "");
        assert!(reply.header("cache-control").contains("no-store"));
    }
}

#[actix_web::test]
async fn overload_is_refused_and_the_probes_are_not() {
    let app = TestApp::new();
    let ask = || app.call(Method::POST, ROOT, "/v2/visitor/auth/magic-link");
    let waiting = app.overload();
    let refused = ask().json(&json!({"email": "bob@example.com"})).send().await;
    assert_eq!(refused.refusal(), "503 unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(app.call(Method::GET, ROOT, "/healthz").send().await.status, 200);
    drop(waiting);
    let reply = ask().json(&json!({"email": "bob@example.com"})).send().await;
    assert_eq!(reply.status, 202, "{reply:?}");
}
