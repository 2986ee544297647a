//! Tests of outages of the database and of the payment provider.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Backend, Call, Server, until_so};

on_each_database!(
    failing_payment_provider_is_named_and_nothing_is_lost,
    lost_answer_of_the_provider_opens_no_second_session,
    lost_answer_of_the_provider_refunds_once,
    parallel_requests_get_one_answer_while_the_provider_is_slow,
);

#[tokio::test]
async fn nobody_is_let_in_while_the_database_is_gone() {
    let server = Server::fresh(Backend::Postgres).await;
    let sandbox = server.place.sandbox();
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let ada = server.ada().await;
    let database = &server.place.database;
    database.set_reachable(false).await;
    let check = || server.post("/v2/public/pages/ada/guide/access-check").cookie(&bob.cookie);
    for _ in 0..5 {
        let asked = Instant::now();
        let reply = check().send().await;
        assert_eq!(reply.refusal(), "503 unavailable");
        assert!(!reply.header("retry-after").is_empty());
        assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    }
    for (method, path) in [
        ("GET", "/v2/public/pages/ada/guide"),
        ("GET", "/v2/public/pages/ada/welcome"),
        ("GET", "/v2/visitor/me"),
        ("POST", "/v2/public/pages/ada/guide/checkout"),
        ("POST", "/v2/visitor/auth/logout"),
    ] {
        let reply = server.call(method, path).cookie(&bob.cookie).send().await;
        assert_eq!(reply.refusal(), "503 unavailable", "{path}");
    }
    let page =
        server.get("/guide").host(&server.place.host("ada")).cookie(&bob.cookie).send().await;
    assert_eq!(page.status, 503);
    assert!(!page.body.contains("Wash the pots"));
    let me = server.get("/v2/creator/me").bearer(&ada.token).send().await;
    assert_eq!(me.refusal(), "503 unavailable");
    assert_eq!(server.get("/readyz").send().await.status, 503);
    assert_eq!(server.get("/healthz").send().await.status, 200);
    let event = json!({"id": "evt_x", "object": "event", "type": "charge.refunded", "livemode": false,
        "created": 0, "api_version": "2026-10-28.endive", "data": {"object": {"id": "ch_x", "object": "charge"}}});
    assert!(server.post_event(&event).await.status >= 500);
    database.set_reachable(true).await;
    until_so("the server recovers", async || check().send().await.status == 200).await;
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled");
    until_so("it is ready", async || server.get("/readyz").send().await.status == 200).await;
    // If a job was due, it is told once, and perhaps again while connections come back, but not of every kind at every try.
    let told = server.logged().matches("cannot claim jobs of a kind").count();
    assert!(told <= 3, "{told} in {}", server.logged());
    // The pool detects a broken connection when it is used, one at a time.
    until_so("it writes again", async || server.refund(&ada, &bob).await.status == 200).await;
    assert_eq!(server.access(&bob.cookie, "guide").await, "purchase_required");
    assert_eq!(sandbox.count("refunds").await, 1);
}

async fn failing_payment_provider_is_named_and_nothing_is_lost(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let bob = server.sign_in("bob@example.com").await;
    let checkout = || server.post("/v2/public/pages/ada/guide/checkout").cookie(&bob.cookie);
    sandbox.control("faults", &json!({"api": {"mode": "500"}})).await;
    assert_eq!(checkout().send().await.refusal(), "502 payment_provider_error");
    assert_eq!(server.access(&bob.cookie, "guide").await, "purchase_required");
    sandbox.control("faults", &json!({"api": {"mode": "none"}})).await;
    let opened = server.checkout(&bob).await;
    assert_eq!(sandbox.count("checkoutSessions").await, 1);
    // The visitor pays while Stripe cannot be reached; the event is retried until it can.
    sandbox
        .control("faults", &json!({"api": {"mode": "500", "path": "/v1/checkout/sessions/"}}))
        .await;
    sandbox.pay(&opened.session).await;
    until_so("the event was tried in vain", async || {
        let tried = "SELECT count(*) FROM jobs WHERE kind = 'apply_event' AND attempts > 0";
        server.place.database.number(tried).await > 0
    })
    .await;
    assert_eq!(server.access(&bob.cookie, "guide").await, "purchase_required");
    sandbox.control("faults", &json!({"api": {"mode": "none"}})).await;
    until_so("the event opens the page", async || {
        server.access(&bob.cookie, "guide").await == "entitled"
    })
    .await;
}

async fn lost_answer_of_the_provider_opens_no_second_session(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let bob = server.sign_in("bob@example.com").await;
    let lost = json!({"api": {
        "mode": "500", "path": "/v1/checkout/sessions", "after_effect": true
    }});
    sandbox.control("faults", &lost).await;
    let checkout = server.post("/v2/public/pages/ada/guide/checkout").cookie(&bob.cookie);
    assert_eq!(checkout.send().await.refusal(), "502 payment_provider_error");
    sandbox.control("faults", &json!({"api": {"mode": "none"}})).await;
    let opened = server.checkout(&bob).await;
    assert_eq!(sandbox.count("checkoutSessions").await, 1);
    sandbox.pay(&opened.session).await;
    until_so("the webhook opens the page", async || {
        server.access(&bob.cookie, "guide").await == "entitled"
    })
    .await;
}

async fn lost_answer_of_the_provider_refunds_once(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let ada = server.ada().await;
    sandbox.webhooks("drop").await;
    let lost = json!({"api": {"mode": "500", "path": "/v1/refunds", "after_effect": true}});
    sandbox.control("faults", &lost).await;
    // The refund is found at the provider, so the call ends well.
    let refunded = server.refund(&ada, &bob).await.ok();
    assert_eq!(refunded["amount"], 1200);
    sandbox.control("faults", &json!({"api": {"mode": "none"}})).await;
    assert_eq!(sandbox.count("refunds").await, 1);
    assert_eq!(server.access(&bob.cookie, "guide").await, "purchase_required");
    assert_eq!(server.purchase_status(&bob).await, "REFUNDED");
}

/// Sends a request twenty times at once, and returns the successful answers.
async fn twenty_times(call: impl Fn() -> Call) -> Vec<Value> {
    let mut running = JoinSet::new();
    for _ in 0..20 {
        running.spawn(call().send());
    }
    running.join_all().await.into_iter().map(|reply| reply.ok()).collect()
}

async fn parallel_requests_get_one_answer_while_the_provider_is_slow(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let bob = server.sign_in("bob@example.com").await;
    let slow = json!({"api": {"mode": "latency", "millis": 3_000, "method": "POST"}});
    sandbox.control("faults", &slow).await;
    let checkout = || server.post("/v2/public/pages/ada/guide/checkout").cookie(&bob.cookie);
    let opened = twenty_times(checkout).await;
    assert!(opened.iter().all(|answer| answer["checkoutUrl"] == opened[0]["checkoutUrl"]));
    assert_eq!(sandbox.count("checkoutSessions").await, 1);
    sandbox.control("faults", &json!({"api": {"mode": "none"}})).await;
    let session = opened[0]["checkoutUrl"].as_str().unwrap().rsplit('/').next().unwrap();
    sandbox.pay(session).await;
    until_so("it is paid", async || server.access(&bob.cookie, "guide").await == "entitled").await;
    sandbox.control("faults", &slow).await;
    let ada = server.ada().await;
    let refund = || {
        let call = server.post("/v2/handles/ada/pages/guide/refund").bearer(&ada.token);
        call.json(&json!({"visitorId": bob.id}))
    };
    let receipts = twenty_times(refund).await;
    assert!(receipts.iter().all(|receipt| receipt["refundId"] == receipts[0]["refundId"]));
    assert_eq!(sandbox.count("refunds").await, 1);
}
