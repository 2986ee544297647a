//! Tests of complimentary access.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Backend, Browser, Reply, Seller, Server, until_so};

on_each_database!(
    gift_opens_a_page_before_and_after_its_owner_was_ever_here,
    twenty_gifts_at_once_are_one,
    taking_a_gift_back_leaves_what_was_bought,
);

const GRANTS: &str = "/v2/handles/ada/pages/guide/grants";

async fn give(server: &Server, ada: &Seller, email: &str) -> Reply {
    server.post(GRANTS).bearer(&ada.token).json(&json!({"email": email})).send().await
}

async fn take_back(server: &Server, seller: &Seller, id: &str) -> Reply {
    server.call("DELETE", &format!("{GRANTS}/{id}")).bearer(&seller.token).send().await
}

async fn gift_opens_a_page_before_and_after_its_owner_was_ever_here(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let known = server.sign_in("bob@example.com").await;
    let mut shapes = Vec::new();
    for email in ["bob@example.com", "carol@example.com"] {
        let given = give(&server, &ada, email).await;
        assert_eq!(given.status, 201, "{given:?}");
        let body = given.json();
        assert_eq!((&body["email"], &body["grantType"]), (&json!(email), &json!("COMPLIMENTARY")));
        let names: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
        shapes.push((names, given.headers.len()));
        let again = give(&server, &ada, email).await;
        assert_eq!((again.status, again.json()), (200, body));
    }
    assert_eq!(shapes[0], shapes[1], "the answer tells nothing of who was known");
    assert_eq!(server.access(&known.cookie, "guide").await, "entitled");

    // The mail links to the page, where Carol signs in and reads.
    let letter = server.place.letter("carol@example.com", "You have access to").await;
    let address = server.place.url("ada", "/guide");
    assert!(letter.text.lines().any(|line| line.trim() == address), "{}", letter.text);
    let mut browser = Browser::new();
    browser.open(&address).await.shows("Continue");
    let carol = server.sign_in("carol@example.com").await;
    assert_eq!(server.access(&carol.cookie, "guide").await, "entitled");
    let history = server.history(&carol.cookie).await;
    assert_eq!(history.len(), 1);
    let told = (&history[0]["accessType"], &history[0]["status"], history[0].get("amount"));
    assert_eq!(told, (&json!("COMPLIMENTARY"), &json!("ACTIVE"), None));

    let eve = server.creator("eve").await;
    let id = give(&server, &ada, "carol@example.com").await.ok()["id"].as_str().unwrap().to_owned();
    assert_eq!(take_back(&server, &eve, &id).await.refusal(), "404 handle_not_found");
    assert_eq!(server.access(&carol.cookie, "guide").await, "entitled");
    for _ in 0..2 {
        assert_eq!(take_back(&server, &ada, &id).await.status, 204);
        assert_eq!(server.access(&carol.cookie, "guide").await, "purchase_required");
    }
    assert_eq!(server.history(&carol.cookie).await[0]["status"], "REVOKED");
    assert_eq!(server.access(&known.cookie, "guide").await, "entitled");
}

async fn twenty_gifts_at_once_are_one(backend: Backend) {
    let first = Server::fresh(backend).await;
    let mut servers = vec![first];
    if backend == Backend::Postgres {
        servers.push(servers[0].replica().await);
    }
    let ada = servers[0].ada().await;
    for round in 0..5 {
        let email = format!("carol{round}@example.com");
        let mut running = JoinSet::new();
        for server in servers.iter().cycle().take(20) {
            let call = server.post(GRANTS).bearer(&ada.token).json(&json!({"email": email}));
            running.spawn(call.send());
        }
        let replies = running.join_all().await;
        let created = replies.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(created, 1);
        let ids: BTreeSet<String> =
            replies.iter().map(|reply| reply.ok()["id"].to_string()).collect();
        assert_eq!(ids.len(), 1);
    }
    let census = servers[0].place.database.census().await;
    assert_eq!((census["purchases"], census["visitors"]), (5, 5));
    let granted = "SELECT count(*) FROM outbox WHERE kind = 'granted'";
    assert_eq!(servers[0].place.database.number(granted).await, 5);
    let facts = "SELECT count(*) FROM ledger WHERE kind = 'granted'";
    assert_eq!(servers[0].place.database.number(facts).await, 5);
}

async fn taking_a_gift_back_leaves_what_was_bought(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let ada = server.ada().await;
    let gift = give(&server, &ada, "bob@example.com").await.ok();
    let sales = server.get("/v2/handles/ada/purchases?email=bob%40example.com");
    let sales = sales.bearer(&ada.token).send().await.ok();
    let bought = sales["items"].as_array().unwrap().iter();
    let bought: Vec<&Value> = bought.filter(|sale| sale["grantedAs"] == "PURCHASE").collect();
    assert_eq!(bought.len(), 1);
    // A purchase is not a complimentary grant.
    let refused = take_back(&server, &ada, bought[0]["id"].as_str().unwrap()).await;
    assert_eq!(refused.refusal(), "404 purchase_not_found");
    assert_eq!(take_back(&server, &ada, gift["id"].as_str().unwrap()).await.status, 204);
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled");
    assert_eq!(server.refund(&ada, &bob).await.status, 200);
    assert_eq!(server.access(&bob.cookie, "guide").await, "purchase_required");
}

/// Otherwise a second payment that is released meanwhile would not see that it alone opens the page. On SQLite, units of work come one
/// after the other.
#[tokio::test]
async fn taking_a_gift_back_waits_for_what_is_being_decided_about_its_owner() {
    let server = Server::fresh(Backend::Postgres).await;
    let ada = server.ada().await;
    let id = give(&server, &ada, "bob@example.com").await.json()["id"].as_str().unwrap().to_owned();
    let database = &server.place.database;
    // Facts about the visitor, which refer to the row, would not wait for that.
    let held = database.holding("UPDATE visitors SET created_at = created_at").await;
    let call = server.call("DELETE", &format!("{GRANTS}/{id}")).bearer(&ada.token);
    let taking = tokio::spawn(call.send());
    until_so("the call waits", async || database.waiting_for_locks().await > 0).await;
    drop(held);
    assert_eq!(taking.await.unwrap().status, 204);
}
