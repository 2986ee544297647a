//! Tests of payments that the buyer's bank disputes.

use serde_json::{Value, json};

use crate::support::{Backend, Buyer, Sandbox, Server, until_so};

on_each_database!(
    dispute_suspends_and_winning_it_restores,
    lost_dispute_ends_the_access,
    what_a_lost_dispute_left_is_refunded,
);

async fn access_becomes(server: &Server, buyer: &Buyer, reason: &str) {
    until_so(&format!("access is {reason}"), async || {
        server.access(&buyer.cookie, "guide").await == reason
    })
    .await;
}

/// Returns a buyer whose payment is disputed, and the dispute's id.
async fn disputed(server: &Server, sandbox: &Sandbox) -> (Buyer, String) {
    disputed_like(server, sandbox, &json!({})).await
}

/// Returns the same of a dispute that the sandbox opens like this.
async fn disputed_like(server: &Server, sandbox: &Sandbox, like: &Value) -> (Buyer, String) {
    let (buyer, opened) = server.bought(sandbox, "bob@example.com").await;
    for _ in 0..2 {
        let seen = server.get("/v2/public/pages/ada/guide").cookie(&buyer.cookie).send().await;
        assert_eq!(seen.json()["hasAccess"], true);
    }
    let account = server.account(&server.ada().await).await;
    let intent = sandbox.intent(&account, &opened.session).await;
    let dispute = sandbox.control(&format!("payment_intents/{intent}/dispute"), like).await;
    access_becomes(server, &buyer, "purchase_required").await;
    assert_eq!(server.purchase_status(&buyer).await, "SUSPENDED");
    let alert = server.place.letter("ada@example.com", "is disputed").await;
    assert!(alert.text.contains("bob@example.com"), "{}", alert.text);
    (buyer, dispute["id"].as_str().unwrap().to_owned())
}

async fn dispute_suspends_and_winning_it_restores(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (buyer, dispute) = disputed(&server, &sandbox).await;
    let ada = server.ada().await;
    assert_eq!(server.refund(&ada, &buyer).await.refusal(), "409 purchase_disputed");
    let again = server.post("/v2/public/pages/ada/guide/checkout").cookie(&buyer.cookie);
    assert_eq!(again.json(&json!({})).send().await.refusal(), "409 purchase_disputed");
    assert_eq!(sandbox.count("refunds").await, 0);
    let purchases = server.get("/v2/handles/ada/purchases").bearer(&ada.token).send().await;
    let purchase = purchases.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v2/handles/ada/purchases/{purchase}/dispute");
    let case = async || server.get(&path).bearer(&ada.token).send().await.json();
    let told = case().await;
    assert_eq!((&told["id"], &told["status"]), (&json!(dispute), &json!("NEEDS_RESPONSE")));
    assert_eq!(told["amount"], json!({"amount": 1200, "currency": "usd"}));
    assert!(told["respondBy"].as_str() > told["openedAt"].as_str(), "{told}");
    until_so("the views are stored", async || {
        case().await["evidence"]["views"][0]["count"].as_i64() == Some(2)
    })
    .await;
    let text = case().await["evidence"]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("bob@example.com") && text.contains("2 times, from "), "{text}");
    assert_eq!(case().await["evidence"]["signIns"][0]["count"], 1, "{}", case().await);
    sandbox.control(&format!("disputes/{dispute}/close"), &json!({"status": "won"})).await;
    access_becomes(&server, &buyer, "entitled").await;
    assert_eq!(server.purchase_status(&buyer).await, "ACTIVE");
    until_so("the dispute is won", async || case().await["status"] == "WON").await;
    assert_eq!(server.refund(&ada, &buyer).await.status, 200);
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
}

async fn lost_dispute_ends_the_access(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (buyer, dispute) = disputed(&server, &sandbox).await;
    sandbox.control(&format!("disputes/{dispute}/close"), &json!({"status": "lost"})).await;
    until_so("the purchase is revoked", async || server.purchase_status(&buyer).await == "REVOKED")
        .await;
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
    let ended = &server.history(&buyer.cookie).await[0]["endedAt"];
    assert!(ended.is_string(), "{ended}");
    let ada = server.ada().await;
    let refused = server.refund(&ada, &buyer).await;
    assert_eq!(refused.refusal(), "409 already_refunded");
    let detail = refused.json()["detail"].clone();
    assert!(detail.as_str().unwrap().contains("A dispute was lost"), "{detail}");
    assert_eq!(sandbox.count("refunds").await, 0);
}

async fn what_a_lost_dispute_left_is_refunded(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (buyer, dispute) = disputed_like(&server, &sandbox, &json!({"amount": 500})).await;
    sandbox.control(&format!("disputes/{dispute}/close"), &json!({"status": "lost"})).await;
    until_so("the purchase is revoked", async || server.purchase_status(&buyer).await == "REVOKED")
        .await;
    let ada = server.ada().await;
    assert_eq!(server.refund(&ada, &buyer).await.ok()["amount"], 700);
    assert_eq!(server.refund(&ada, &buyer).await.refusal(), "409 already_refunded");
    assert_eq!(sandbox.count("refunds").await, 1);
}
