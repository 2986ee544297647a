//! Tests of webhook events from Stripe that are repeated or out of order.

use serde_json::Value;

use crate::support::{Backend, Buyer, Sandbox, Server, until_so};

on_each_database!(
    every_order_and_duplication_of_events_ends_in_the_same_state,
    sandbox_that_repeats_and_reorders_changes_nothing,
    refund_made_at_stripe_ends_the_access,
    partial_refunds_end_the_access_when_they_add_up,
    failed_refund_gives_the_access_back,
    events_of_strangers_and_unknown_kinds_are_received_and_ignored,
);

const KINDS: [&str; 3] = ["checkout.session.completed", "refund.created", "charge.refunded"];

/// Returns every order of three items.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

async fn applied(server: &Server) {
    until_so("all events are dealt with", async || {
        server.place.database.waiting_events().await == 0
    })
    .await;
}

async fn access_becomes(server: &Server, buyer: &Buyer, reason: &str) {
    until_so(&format!("access is {reason}"), async || {
        server.access(&buyer.cookie, "guide").await == reason
    })
    .await;
}

async fn number(server: &Server, what: &str, buyer: &Buyer) -> i64 {
    let query = format!("SELECT count(*) FROM {what} WHERE visitor_id = '{}'", buyer.id);
    server.place.database.number(&query).await
}

/// Pays and refunds at Stripe without webhooks, and returns the events that were not delivered.
async fn silent_purchase_and_refund(
    server: &Server,
    sandbox: &Sandbox,
    account: &str,
    buyer: &Buyer,
) -> Vec<Value> {
    let opened = server.checkout(buyer).await;
    sandbox.pay(&opened.session).await;
    let intent = sandbox.intent(account, &opened.session).await;
    sandbox.write(account, "refunds", &format!("payment_intent={intent}")).await;
    let events = sandbox.events(account, &[&opened.session, &intent]).await;
    let of_kind = |kind: &&str| events.iter().find(|event| event["type"] == *kind).cloned();
    KINDS.iter().map(|kind| of_kind(kind).unwrap_or_else(|| panic!("no {kind}"))).collect()
}

async fn every_order_and_duplication_of_events_ends_in_the_same_state(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    sandbox.webhooks("drop").await;
    let account = server.account(&server.ada().await).await;
    for (n, order) in ORDERS.iter().enumerate() {
        let buyer = server.sign_in(&format!("bob{n}@example.com")).await;
        let events = silent_purchase_and_refund(&server, &sandbox, &account, &buyer).await;
        // Events are sent one at a time, so that each is processed in the state that the previous ones left.
        for index in order {
            for _ in 0..2 {
                assert_eq!(server.post_event(&events[*index]).await.status, 200);
            }
            applied(&server).await;
        }
        assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required", "{order:?}");
        assert_eq!(server.purchase_status(&buyer).await, "REFUNDED", "{order:?}");
        assert_eq!(number(&server, "purchases", &buyer).await, 1, "{order:?}");
        assert_eq!(number(&server, "ledger", &buyer).await, 2, "{order:?}");
        let before = server.place.database.census().await;
        for event in events.iter().rev() {
            assert_eq!(server.post_event(event).await.status, 200);
        }
        applied(&server).await;
        assert_eq!(server.place.database.census().await, before, "{order:?}");
    }
    for n in 0..ORDERS.len() {
        let to = format!("bob{n}@example.com");
        server.place.letter(&to, "Your receipt").await;
        server.place.letter(&to, "Your refund").await;
    }
    // Each purchase has one magic link, one receipt and one refund mail.
    assert_eq!(server.place.letters().len(), 3 * ORDERS.len());
}

async fn sandbox_that_repeats_and_reorders_changes_nothing(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let ada = server.ada().await;
    for (n, mode) in ["duplicate", "reorder"].into_iter().enumerate() {
        sandbox.webhooks(mode).await;
        let (buyer, _) = server.bought(&sandbox, &format!("bob{n}@example.com")).await;
        assert_eq!(server.refund(&ada, &buyer).await.status, 200);
        server.quiet().await;
        assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required", "{mode}");
        assert_eq!(server.purchase_status(&buyer).await, "REFUNDED", "{mode}");
        assert_eq!(number(&server, "ledger", &buyer).await, 2, "{mode}");
    }
    assert_eq!(sandbox.count("refunds").await, 2);
}

async fn refund_made_at_stripe_ends_the_access(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (buyer, opened) = server.bought(&sandbox, "bob@example.com").await;
    let ada = server.ada().await;
    let account = server.account(&ada).await;
    let intent = sandbox.intent(&account, &opened.session).await;
    sandbox.write(&account, "refunds", &format!("payment_intent={intent}")).await;
    access_becomes(&server, &buyer, "purchase_required").await;
    assert_eq!(server.purchase_status(&buyer).await, "REFUNDED");
    assert_eq!(server.refund(&ada, &buyer).await.refusal(), "409 already_refunded");
    let letter = server.place.letter("bob@example.com", "Your refund").await;
    assert!(letter.text.contains("12.00"), "{}", letter.text);
    // It can be bought again, and refunding one purchase keeps the access of the other.
    let again = server.checkout(&buyer).await;
    assert_ne!(again.session, opened.session);
    sandbox.pay(&again.session).await;
    access_becomes(&server, &buyer, "entitled").await;
    assert_eq!(server.history(&buyer.cookie).await.len(), 2);
}

async fn partial_refunds_end_the_access_when_they_add_up(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (buyer, opened) = server.bought(&sandbox, "bob@example.com").await;
    let account = server.account(&server.ada().await).await;
    let intent = sandbox.intent(&account, &opened.session).await;
    let form = format!("payment_intent={intent}&amount=500");
    sandbox.write(&account, "refunds", &form).await;
    server.place.letter("bob@example.com", "Your refund").await;
    applied(&server).await;
    assert_eq!(server.access(&buyer.cookie, "guide").await, "entitled");
    assert_eq!(server.purchase_status(&buyer).await, "ACTIVE");
    // The creator's refund returns the remaining amount.
    let refunded = server.refund(&server.ada().await, &buyer).await.ok();
    assert_eq!(refunded["amount"], 700);
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
    assert_eq!(server.purchase_status(&buyer).await, "REFUNDED");
}

async fn failed_refund_gives_the_access_back(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (buyer, opened) = server.bought(&sandbox, "bob@example.com").await;
    let ada = server.ada().await;
    let account = server.account(&ada).await;
    let refunded = server.refund(&ada, &buyer).await.ok();
    let intent = sandbox.intent(&account, &opened.session).await;
    assert!(intent.starts_with("pi_"));
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
    let refund = refunded["refundId"].as_str().unwrap();
    sandbox.control(&format!("refunds/{refund}"), &serde_json::json!({"status": "failed"})).await;
    access_becomes(&server, &buyer, "entitled").await;
    assert_eq!(server.purchase_status(&buyer).await, "ACTIVE");
    let alert =
        server.place.letter("ada@example.com", "A refund for The balcony guide failed").await;
    assert!(alert.text.contains("12.00"), "{}", alert.text);
    // It can be retried.
    assert_eq!(server.refund(&ada, &buyer).await.status, 200);
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
}

async fn events_of_strangers_and_unknown_kinds_are_received_and_ignored(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    sandbox.webhooks("drop").await;
    let buyer = server.sign_in("bob@example.com").await;
    let opened = server.checkout(&buyer).await;
    let account = server.account(&server.ada().await).await;
    sandbox.pay(&opened.session).await;
    let events = sandbox.events(&account, &[&opened.session]).await;
    let real = events.iter().find(|event| event["type"] == KINDS[0]).unwrap();
    for (n, (member, value)) in [
        ("type", "invoice.paid"),
        ("type", "checkout.session.dreamt"),
        ("account", "acct_stranger"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut event = real.clone();
        event["id"] = format!("evt_made_up_{n}").into();
        event[member] = value.into();
        assert_eq!(server.post_event(&event).await.status, 200, "{member} {value}");
    }
    // The content of an event is not trusted: this session does not exist.
    let mut unknown = real.clone();
    unknown["id"] = "evt_made_up_session".into();
    unknown["data"]["object"]["id"] = "cs_test_made_up".into();
    assert_eq!(server.post_event(&unknown).await.status, 200);
    let mut live = real.clone();
    live["id"] = "evt_made_up_live".into();
    live["livemode"] = true.into();
    assert_eq!(server.post_event(&live).await.status, 200);
    applied(&server).await;
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
    assert_eq!(number(&server, "purchases", &buyer).await, 0);
    assert_eq!(server.post_event(real).await.status, 200);
    access_becomes(&server, &buyer, "entitled").await;
}
