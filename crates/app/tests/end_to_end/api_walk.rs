//! The calls of another party's frontend, from signing in to a refund.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Backend, Browser, Place, Reply, Server, until_so};

on_each_database!(
    frontend_walks_the_whole_way_through_the_api,
    every_common_error_of_a_frontend_is_answered,
    expired_link_is_refused,
    cookie_is_cleared_by_logging_out,
    cancelled_checkout_leads_to_the_cancel_url,
    idempotency_key_answers_a_repeated_checkout_once,
);

const MAGIC_LINK: &str = "/v2/visitor/auth/magic-link";
const VERIFY: &str = "/v2/visitor/auth/verify";
const CHECKOUT: &str = "/v2/public/pages/ada/guide/checkout";

/// Returns the attributes of the cookie that was set, sorted.
fn attributes(reply: &Reply) -> Vec<String> {
    let attributes = reply.header("set-cookie").split(';').skip(1);
    let mut attributes: Vec<_> = attributes.map(|text| text.trim().to_owned()).collect();
    attributes.sort_unstable();
    attributes
}

async fn frontend_walks_the_whole_way_through_the_api(backend: Backend) {
    let server = Server::fresh(backend).await;
    let check = |page: &str| server.post(&format!("/v2/public/pages/ada/{page}/access-check"));
    for (page, open, reason) in [
        ("welcome", true, "public"),
        ("letters", false, "visitor_auth_required"),
        ("guide", false, "visitor_auth_required"),
    ] {
        let decision = check(page).send().await.ok();
        assert_eq!(decision, json!({"hasAccess": open, "reason": reason}), "{page}");
    }

    let asked = server.post(MAGIC_LINK).json(&json!({"email": "buyer@example.com"})).send().await;
    assert_eq!(asked.status, 202);
    assert_eq!(asked.json(), json!({"status": "sent", "expiresInSeconds": 900}));
    assert_eq!(asked.header("set-cookie"), "");
    let letter = server.place.link_letter("buyer@example.com", 1).await;
    assert!(letter.link().starts_with(&format!("http://{}/", server.place.domain())));
    assert!(letter.text.contains("15 minutes"), "{}", letter.text);

    let verified = server.post(VERIFY).json(&json!({"token": letter.token()})).send().await;
    let answer = verified.ok();
    let visitor = &answer["visitor"];
    assert!(visitor["id"].as_str().unwrap().starts_with("vis_"));
    assert_eq!(visitor["email"], "buyer@example.com");
    assert!(visitor["createdAt"].as_str().unwrap().ends_with('Z'));
    assert!(answer["returnTo"].is_null());
    let expected =
        ["Domain=tollgate.localhost", "HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax"];
    assert_eq!(attributes(&verified), expected);
    let cookie = verified.cookie();
    let value = cookie.strip_prefix("_10x_visitor=").unwrap();
    assert_eq!(value.len(), 43);
    assert!(value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    assert!(verified.header("cache-control").contains("no-store"));

    let me = server.get("/v2/visitor/me").cookie(&cookie).send().await.ok();
    assert_eq!(&me, visitor);
    assert_eq!(server.access(&cookie, "letters").await, "entitled");
    assert_eq!(server.access(&cookie, "guide").await, "purchase_required");

    let urls = json!({
        "successUrl": "https://example.com/thanks",
        "cancelUrl": "https://example.com/cancelled"
    });
    let started = server.post(CHECKOUT).cookie(&cookie).json(&urls).send().await.ok();
    assert!(started["checkoutId"].as_str().unwrap().starts_with("chk_"));
    assert!(started["expiresAt"].as_str().unwrap().ends_with('Z'));
    // The visitor pays in a browser without a session. Access goes to the visitor who started the checkout;
    // the browser is led to the gate, since only the buyer's session leads on.
    let mut browser = Browser::new();
    browser.open(started["checkoutUrl"].as_str().unwrap()).await;
    let gate = browser.submit(&[]).await;
    assert_eq!(gate.url.as_str(), server.place.url("ada", "/guide"));
    assert_eq!(server.access(&cookie, "guide").await, "entitled");
    let page = server.get("/v2/public/pages/ada/guide").cookie(&cookie).send().await.ok();
    assert!(page["bodyHtml"].as_str().unwrap().contains("Wash the pots"));
    let again = server.post(CHECKOUT).cookie(&cookie).json(&urls).send().await;
    assert_eq!(again.refusal(), "409 already_purchased");

    let history = server.history(&cookie).await;
    let kinds: Vec<_> = history.iter().map(|entry| &entry["accessType"]).collect();
    assert_eq!(kinds, ["PURCHASE", "FREE_LOGIN"]);
    for (entry, slug) in history.iter().zip(["guide", "letters"]) {
        assert_eq!(entry["resourceType"], "PAGE");
        assert_eq!(entry["status"], "ACTIVE");
        assert_eq!((&entry["handle"], &entry["slug"]), (&json!("ada"), &json!(slug)));
        assert!(entry["endedAt"].is_null());
    }

    let ada = server.ada().await;
    let refund = server.post("/v2/handles/ada/pages/guide/refund").bearer(&ada.token);
    let refund = refund.json(&json!({"visitorId": visitor["id"]})).send().await;
    assert_eq!(refund.ok()["status"], "succeeded");
    assert_eq!(server.access(&cookie, "guide").await, "purchase_required");
    assert_eq!(server.access(&cookie, "letters").await, "entitled");
}

async fn every_common_error_of_a_frontend_is_answered(backend: Backend) {
    let server = Server::fresh(backend).await;
    for (method, path) in
        [("GET", "/v2/visitor/me"), ("GET", "/v2/visitor/access"), ("POST", CHECKOUT)]
    {
        let reply = server.call(method, path).send().await;
        assert_eq!(reply.refusal(), "401 visitor_unauthorized", "{path}");
    }
    let sandbox = server.place.sandbox();
    let (buyer, _) = server.bought(&sandbox, "bob@example.com").await;
    let used = json!({"token": server.place.link_letter(&buyer.email, 1).await.token()});
    let used = server.post(VERIFY).json(&used).send().await;
    assert_eq!(used.refusal(), "401 used_magic_link");
    let unknown = json!({"token": "A".repeat(43)});
    let unknown = server.post(VERIFY).json(&unknown).send().await;
    assert_eq!(unknown.refusal(), "401 invalid_magic_link");

    let seller = server.creator("carol").await;
    for (slug, status) in [("sketch", "DRAFT"), ("book", "PUBLISHED")] {
        let page = json!({
            "slug": slug, "title": "T", "teaser": "", "body": "B", "accessMode": "PAID",
            "price": {"amount": 500, "currency": "eur"}, "status": status
        });
        let made =
            server.post("/v2/handles/carol/pages").bearer(&seller.token).json(&page).send().await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    for page in ["ada/none", "nobody/guide", "carol/sketch"] {
        for end in ["access-check", "checkout"] {
            let call = server.post(&format!("/v2/public/pages/{page}/{end}"));
            let reply = call.cookie(&buyer.cookie).send().await;
            assert_eq!(reply.refusal(), "404 page_not_found", "{page} {end}");
        }
    }
    let checkout = |page: &str| {
        server.post(&format!("/v2/public/pages/{page}/checkout")).cookie(&buyer.cookie).send()
    };
    for page in ["ada/welcome", "ada/letters"] {
        assert_eq!(checkout(page).await.refusal(), "409 page_not_paid", "{page}");
    }
    assert_eq!(checkout("carol/book").await.refusal(), "409 connect_not_configured");
    let ada = server.ada().await;
    assert_eq!(server.refund(&ada, &buyer).await.status, 200);
    assert_eq!(server.refund(&ada, &buyer).await.refusal(), "409 already_refunded");
}

async fn expired_link_is_refused(backend: Backend) {
    let place = Place::new(backend).await.with("TOLLGATE_MAGIC_LINK_SECONDS", "1");
    let server = place.serve().await;
    let asked = server.post(MAGIC_LINK).json(&json!({"email": "bob@example.com"})).send().await;
    assert_eq!(asked.ok(), json!({"status": "sent", "expiresInSeconds": 1}));
    let letter = server.place.link_letter("bob@example.com", 1).await;
    let mut browser = Browser::new();
    until_so("the link expires", async || {
        browser.open(&letter.link()).await.text().contains("This link has expired")
    })
    .await;
    assert_eq!(browser.page().status, 401);
    for proof in [
        json!({"token": letter.token()}),
        json!({"email": "bob@example.com", "code": letter.code()}),
    ] {
        let refused = server.post(VERIFY).json(&proof).send().await;
        assert_eq!(refused.refusal(), "401 expired_magic_link");
        assert_eq!(refused.header("set-cookie"), "");
    }
    assert_eq!(server.place.database.census().await["visitor_sessions"], 0);
}

async fn cookie_is_cleared_by_logging_out(backend: Backend) {
    let server = Server::fresh(backend).await;
    let buyer = server.sign_in("bob@example.com").await;
    let logout = || server.post("/v2/visitor/auth/logout");
    let out = logout().cookie(&buyer.cookie).send().await;
    assert_eq!(out.status, 204);
    // A stale cookie may be on either scope.
    let cleared = out.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap());
    let common = "HttpOnly; SameSite=Lax; Path=/";
    let expected = [
        format!("_10x_visitor=; {common}; Domain=tollgate.localhost; Max-Age=0"),
        format!("_10x_visitor=; {common}; Max-Age=0"),
    ];
    assert_eq!(cleared.collect::<BTreeSet<_>>(), expected.iter().map(String::as_str).collect());
    let me = server.get("/v2/visitor/me").cookie(&buyer.cookie).send().await;
    assert_eq!(me.refusal(), "401 visitor_unauthorized");
    assert_eq!(server.access(&buyer.cookie, "letters").await, "visitor_auth_required");
    assert_eq!(logout().cookie(&buyer.cookie).send().await.status, 204);
    assert_eq!(logout().send().await.status, 204);
}

async fn cancelled_checkout_leads_to_the_cancel_url(backend: Backend) {
    let server = Server::fresh(backend).await;
    let buyer = server.sign_in("bob@example.com").await;
    let urls = json!({"cancelUrl": "https://example.com/cancelled"});
    let started = server.post(CHECKOUT).cookie(&buyer.cookie).json(&urls).send().await.ok();
    let mut browser = Browser::new();
    browser.open(started["checkoutUrl"].as_str().unwrap()).await;
    let cancelled = browser.follow("Cancel").await;
    assert_eq!(cancelled.url.as_str(), "https://example.com/cancelled");
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
}

async fn idempotency_key_answers_a_repeated_checkout_once(backend: Backend) {
    let server = Server::fresh(backend).await;
    let buyer = server.sign_in("bob@example.com").await;
    let checkout = |urls| {
        let call = server.post(CHECKOUT).cookie(&buyer.cookie).with("idempotency-key", "key-1");
        call.json(&urls).send()
    };
    let urls = json!({"successUrl": "https://example.com/thanks"});
    let first = checkout(urls.clone()).await.ok();
    assert_eq!(checkout(urls).await.ok(), first);
    let other = json!({"successUrl": "https://example.com/other"});
    assert_eq!(checkout(other).await.refusal(), "409 idempotency_conflict");
    assert_eq!(server.place.sandbox().count("checkoutSessions").await, 1);
}
