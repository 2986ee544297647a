//! Tests of concurrent requests, over two processes where the database allows it.

use std::collections::BTreeSet;

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Backend, Call, Reply, Server, until_so};

on_each_database!(
    fifty_redemptions_of_one_link_make_one_session,
    fifty_redemptions_of_one_code_make_one_session,
    twenty_checkouts_open_one_session,
    twenty_refunds_give_the_money_back_once,
    twenty_events_are_applied_once,
);

/// The processes that race: two if the database supports several, otherwise one.
pub(crate) async fn racers(backend: Backend) -> Vec<Server> {
    let first = Server::fresh(backend).await;
    match backend {
        Backend::Sqlite => vec![first],
        Backend::Postgres => {
            let second = first.replica().await;
            vec![first, second]
        }
    }
}

/// Sends this many requests at once, alternating between the processes.
pub(crate) async fn race(
    servers: &[Server],
    times: usize,
    call: impl Fn(&Server) -> Call,
) -> Vec<Reply> {
    let mut running = JoinSet::new();
    for server in servers.iter().cycle().take(times) {
        running.spawn(call(server).send());
    }
    running.join_all().await
}

/// Returns the status and code of each answer, and how often it occurred.
fn tally(replies: &[Reply]) -> Vec<(String, usize)> {
    let answers = replies.iter().map(|reply| match reply.status {
        200 => "200".to_owned(),
        _ => reply.refusal(),
    });
    let mut answers: Vec<_> = answers.collect();
    answers.sort_unstable();
    let kinds = answers.chunk_by(|a, b| a == b);
    kinds.map(|kind| (kind[0].clone(), kind.len())).collect()
}

async fn fifty_redemptions_of_one_link_make_one_session(backend: Backend) {
    let servers = racers(backend).await;
    servers[0].ask_link("bob@example.com").await;
    let letter = servers[0].place.link_letter("bob@example.com", 1).await;
    let proof = json!({"token": letter.token()});
    one_session_of(&servers, &proof, 50).await;
}

async fn fifty_redemptions_of_one_code_make_one_session(backend: Backend) {
    let servers = racers(backend).await;
    servers[0].ask_link("bob@example.com").await;
    let letter = servers[0].place.link_letter("bob@example.com", 1).await;
    let proof = json!({"email": "bob@example.com", "code": letter.code()});
    let replies =
        race(&servers, 50, |server| server.post("/v2/visitor/auth/verify").json(&proof)).await;
    let won = replies.iter().filter(|reply| reply.status == 200).count();
    let used = replies.iter().filter(|r| r.status != 200 && r.refusal() == "401 used_magic_link");
    // Each magic link allows five attempts, whatever their results.
    assert_eq!(won, 1);
    assert!(used.count() <= 4);
    assert_eq!(servers[0].place.database.census().await["visitor_sessions"], 1);
    let attempts =
        servers[0].place.database.number("SELECT max(attempts)::bigint FROM magic_links");
    if backend == Backend::Postgres {
        assert_eq!(attempts.await, 5);
    }
}

async fn one_session_of(servers: &[Server], proof: &serde_json::Value, times: usize) {
    let replies =
        race(servers, times, |server| server.post("/v2/visitor/auth/verify").json(proof)).await;
    let expected = [("200".to_owned(), 1), ("401 used_magic_link".to_owned(), times - 1)];
    assert_eq!(tally(&replies), expected);
    let winner = replies.iter().find(|reply| reply.status == 200).unwrap();
    assert!(
        replies.iter().all(|reply| reply.status == 200 || reply.header("set-cookie").is_empty())
    );
    for server in servers {
        let sessions =
            server.get("/v2/visitor/sessions").cookie(&winner.cookie()).send().await.ok();
        assert_eq!(sessions["items"].as_array().unwrap().len(), 1);
        assert_eq!(sessions["items"][0]["current"], true);
    }
}

async fn twenty_checkouts_open_one_session(backend: Backend) {
    let servers = racers(backend).await;
    let buyer = servers[0].sign_in("bob@example.com").await;
    let replies = race(&servers, 20, |server| {
        server.post("/v2/public/pages/ada/guide/checkout").cookie(&buyer.cookie)
    })
    .await;
    let answers: BTreeSet<_> = replies.iter().map(|reply| reply.ok().to_string()).collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let sandbox = servers[0].place.sandbox();
    assert_eq!(sandbox.count("checkoutSessions").await, 1);
    let keys = sandbox.requests("POST", "/v1/checkout/sessions").await;
    let keys: BTreeSet<_> = keys
        .iter()
        .map(|request| &request["idempotencyKey"])
        .map(|key| {
            assert!(key.is_string(), "a call that opens a session has a key");
            key.to_string()
        })
        .collect();
    assert_eq!(keys.len(), 1);
}

async fn twenty_refunds_give_the_money_back_once(backend: Backend) {
    let servers = racers(backend).await;
    let sandbox = servers[0].place.sandbox();
    let (buyer, _) = servers[0].bought(&sandbox, "bob@example.com").await;
    let ada = servers[0].ada().await;
    let replies = race(&servers, 20, |server| {
        let call = server.post("/v2/handles/ada/pages/guide/refund").bearer(&ada.token);
        call.json(&json!({"visitorId": buyer.id}))
    })
    .await;
    let answers = tally(&replies);
    let expected = ["200", "409 already_refunded"];
    assert!(answers.iter().all(|(answer, _)| expected.contains(&answer.as_str())), "{answers:?}");
    assert!(answers.iter().any(|(answer, _)| answer == "200"));
    assert_eq!(sandbox.count("refunds").await, 1);
    let refunded = "SELECT count(*) FROM ledger WHERE purchase_id IS NOT NULL";
    // The visitor bought once and was refunded once.
    assert_eq!(servers[0].place.database.number(refunded).await, 2);
    assert_eq!(servers[0].purchase_status(&buyer).await, "REFUNDED");
}

async fn twenty_events_are_applied_once(backend: Backend) {
    let servers = racers(backend).await;
    let place = servers[0].place.clone();
    let sandbox = place.sandbox();
    sandbox.webhooks("drop").await;
    let buyer = servers[0].sign_in("bob@example.com").await;
    let opened = servers[0].checkout(&buyer).await;
    sandbox.pay(&opened.session).await;
    let account = servers[0].account(&servers[0].ada().await).await;
    let events = sandbox.events(&account, &[&opened.session]).await;
    let completed = events.iter().find(|e| e["type"] == "checkout.session.completed").unwrap();
    let body = completed.to_string();
    let replies = race(&servers, 20, |server| {
        let call = server.post("/v2/webhooks/stripe");
        call.with("stripe-signature", &sandbox.sign(&body, 0))
            .body("application/json", body.clone())
    })
    .await;
    assert_eq!(tally(&replies), [("200".to_owned(), 20)]);
    until_so("the page is open", async || {
        servers[0].access(&buyer.cookie, "guide").await == "entitled"
    })
    .await;
    until_so("all is applied", async || place.database.waiting_events().await == 0).await;
    let kept = "SELECT count(*) FROM provider_events WHERE kind = 'checkout.session.completed'";
    assert_eq!(place.database.number(kept).await, 1);
    assert_eq!(place.database.census().await["purchases"], 1);
    place.letter("bob@example.com", "Your receipt").await;
    let receipts = place.letters().into_iter().filter(|letter| letter.subject.contains("receipt"));
    assert_eq!(receipts.count(), 1);
}
