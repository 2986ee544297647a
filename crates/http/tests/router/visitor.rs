//! The visitor's part of the interface.

use actix_web::http::Method;
use futures_util::FutureExt;
use serde_json::json;
use tollgate_domain::creators::{AccessMode, PageChange};
use tollgate_domain_testing::{a_page, money};

use crate::support::{ADA, Call, ROOT, Reply, TestApp};

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
async fn checkout_is_the_same_while_it_is_open() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    let session = app.domain.sign_in("bob@example.com").await;
    let start = || app.post(ROOT, "/v2/public/pages/ada/guide/checkout").visitor(&session);
    let urls = json!({"successUrl": "https://example.com/thanks", "cancelUrl": "https://example.com/cancelled"});
    let first = start().json(&urls).send().await.json();
    assert!(first["checkoutId"].as_str().unwrap().starts_with("chk_"));
    assert_eq!(start().send().await.json()["checkoutUrl"], first["checkoutUrl"]);
    for (body, field) in [
        (json!({"price": 1}), "price"),
        (json!({"successUrl": "javascript:alert(1)"}), "successUrl"),
        (json!({"successUrl": "http://evil.example#.tollgate.localhost"}), "successUrl"),
        (json!({"cancelUrl": "http://evil.example#.tollgate.localhost"}), "cancelUrl"),
        (json!({"cancelUrl": "//evil.example"}), "cancelUrl"),
    ] {
        let reply = start().json(&body).send().await;
        assert_eq!(reply.refusal(), "422 validation_failed");
        assert!(reply.json()["fields"][field].is_string());
    }
    let free = app.post(ROOT, "/v2/public/pages/ada/free/checkout").visitor(&session).send().await;
    assert_eq!(free.refusal(), "409 page_not_paid");
}

#[actix_web::test]
async fn one_key_is_one_answer() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let free = a_page().slug("free").free_with_login().published();
    let free = app.domain.page(&shop, free).await;
    let session = app.domain.sign_in("bob@example.com").await;
    let other = app.domain.sign_in("eve@example.com").await;
    let start = |slug: &str, key: &str| {
        let path = format!("/v2/public/pages/ada/{slug}/checkout");
        app.post(ROOT, &path).visitor(&session).with("idempotency-key", key)
    };
    let first = start("guide", "k").send().await;
    let again = start("guide", "k").send().await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(again.header("content-type"), "application/json");
    for same in [json!({}), json!({"successUrl": null}), json!({"cancelUrl": null})] {
        let again = start("guide", "k").json(&same).send().await;
        assert_eq!((again.status, again.body), (first.status, first.body.clone()), "{same}");
    }
    let elsewhere = json!({"successUrl": "https://example.com/thanks"});
    let elsewhere = start("guide", "k").json(&elsewhere).send().await;
    assert_eq!(elsewhere.refusal(), "409 idempotency_conflict");
    assert_eq!(start("free", "k").send().await.refusal(), "409 idempotency_conflict");
    for _ in 0..2 {
        assert_eq!(start("free", "l").send().await.refusal(), "409 page_not_paid");
    }
    assert_eq!(start("guide", &"k".repeat(256)).send().await.refusal(), "400 bad_request");
    let theirs = app.post(ROOT, "/v2/public/pages/ada/free/checkout").visitor(&other);
    assert_eq!(theirs.with("idempotency-key", "k").send().await.refusal(), "409 page_not_paid");
    // The same request under the same key, once its reason is mended.
    let price = Some(Some(money(1_200, "usd")));
    let paid = PageChange { mode: Some(AccessMode::Paid), price, ..PageChange::default() };
    app.domain.change(&shop, &free, paid).await;
    assert_eq!(start("free", "l").send().await.status, 200);
}

#[actix_web::test]
async fn same_request_waits_five_seconds_for_the_first_one() {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let start = || {
        let call = app.post(ROOT, "/v2/public/pages/ada/guide/checkout").visitor(&session);
        call.with("idempotency-key", "k").send()
    };
    assert_eq!(app.get(ROOT, "/healthz").send().await.status, 200);
    // The first one goes on only when it is polled: it is about to call the provider.
    let mut first = start().boxed_local();
    while app.domain.store.orders().is_empty() {
        assert!((&mut first).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let second = start().await;
    let waited = begun.elapsed();
    assert_eq!(second.refusal(), "503 unavailable");
    assert_eq!(second.header("retry-after"), "4");
    assert!((5_000..5_500).contains(&waited.as_millis()), "{waited:?}");
    let first = first.await;
    assert_eq!(first.status, 200);
    assert_eq!(start().await.body, first.body);
    assert_eq!(app.domain.payments.sessions().len(), 1);
}

#[actix_web::test]
async fn history_leads_to_the_receipts_of_what_was_paid() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = app.domain.sign_in("bob@example.com").await;
    let bought =
        app.domain.page(&shop, a_page().slug("bought").paid(1_200, "usd").published()).await;
    let given = app.domain.page(&shop, a_page().slug("given").paid(1_200, "usd").published()).await;
    app.domain.buy(&shop, &bought, &bob).await;
    app.domain.give(&shop, &given, "bob@example.com").await;
    let history = app.get(ROOT, "/v2/visitor/access").visitor(&bob).send().await.json();
    let rows = history["items"].as_array().unwrap();
    let row = |slug: &str| rows.iter().find(|row| row["slug"] == slug).unwrap();
    assert!(row("given").get("purchaseId").is_none(), "{history}");
    let id = row("bought")["purchaseId"].as_str().unwrap();
    let path = format!("/v2/visitor/purchases/{id}/receipt");
    let receipt = app.get(ROOT, &path).visitor(&bob).send().await;
    assert_eq!(receipt.status, 200);
    assert_eq!(receipt.json()["purchaseId"], id);
}

#[actix_web::test]
async fn payments_on_their_way_have_their_place_in_the_history() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = app.domain.sign_in("bob@example.com").await;
    for (number, slug) in ["first", "second", "third", "fourth"].into_iter().enumerate() {
        let page = a_page().slug(slug).paid(1_200, "usd").published();
        let page = app.domain.page(&shop, page).await;
        app.domain.clock.advance_seconds(60);
        if number % 2 == 0 {
            app.pay_later(&app.opened(&shop, &page, &bob).await).await;
        } else {
            app.domain.buy(&shop, &page, &bob).await;
        }
    }
    let in_parts_of = async |limit: usize| {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for _ in 0..5 {
            let path = format!("/v2/visitor/access?limit={limit}{cursor}");
            let part = app.get(ROOT, &path).visitor(&bob).send().await.json();
            let rows = part["items"].as_array().unwrap();
            assert!(rows.len() <= limit, "{part}");
            let word = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
            seen.extend(rows.iter().map(|row| (word(row, "slug"), word(row, "status"))));
            let Some(next) = part["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        seen
    };
    let newest_first =
        [("fourth", "ACTIVE"), ("third", "PENDING"), ("second", "ACTIVE"), ("first", "PENDING")];
    let newest_first = newest_first.map(|(slug, status)| (slug.to_owned(), status.to_owned()));
    for limit in [1, 2, 3, 4, 50] {
        assert_eq!(in_parts_of(limit).await, newest_first, "in parts of {limit}");
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
