//! A server that is killed again and again under load loses nothing that it has answered.
//!
//! `scripts/kill` runs this with many more rounds.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Backend, Buyer, Call, Sandbox, Seller, Server, eventually, until_so};

on_each_database!(what_was_answered_survives_every_kill);

/// The rounds on each database, unless `TOLLGATE_KILL_ROUNDS` says otherwise.
const ROUNDS: usize = 10;
/// The most answers after which the server is killed.
const MAX_ANSWERS: u64 = 40;
/// The people who buy in one round.
const BUYERS: usize = 12;

/// What the server has answered, and what it may have done without an answer.
#[derive(Default)]
struct Answered {
    count: AtomicUsize,
    facts: Mutex<Facts>,
}

#[derive(Default)]
struct Facts {
    /// Who paid, by the sandbox's answer.
    paid: Vec<Buyer>,
    /// Visitor ids of those whose refund was answered, and of those whose refund was asked for.
    refunded: BTreeSet<String>,
    refund_asked: BTreeSet<String>,
    /// Who was given the page.
    given: Vec<Buyer>,
    /// Addresses to which a link was promised.
    promised: Vec<String>,
    /// The price that was answered last, and those that were asked for since.
    price: i64,
    prices_since: Vec<i64>,
}

impl Facts {
    /// Returns every second of those who paid, unless their refund was asked for already.
    fn to_refund(&self) -> Vec<Buyer> {
        let every_second = self.paid.iter().step_by(2);
        every_second.filter(|buyer| !self.refund_asked.contains(&buyer.id)).cloned().collect()
    }
}

impl Answered {
    fn note(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.facts.lock().unwrap());
    }

    fn answer(&self, change: impl FnOnce(&mut Facts)) {
        self.note(change);
        self.count.fetch_add(1, Ordering::SeqCst);
    }
}

/// Returns the body's status if the server is there to answer.
async fn status(call: Call) -> Option<u16> {
    call.try_send().await.ok().map(|reply| reply.status)
}

/// Buys the guide.
async fn buy(server: &Server, sandbox: &Sandbox, buyer: Buyer, all: &Answered) -> Option<()> {
    let path = "/v2/public/pages/ada/guide/checkout";
    let opened = server.post(path).cookie(&buyer.cookie).try_send().await.ok()?;
    all.answer(|_| {});
    let url = opened.json()["checkoutUrl"].as_str()?.to_owned();
    // An edit of the price may have closed the session.
    if !sandbox.try_pay(url.rsplit('/').next()?).await? {
        return Some(());
    }
    all.answer(|facts| facts.paid.push(buyer));
    Some(())
}

/// Takes purchases back. Those of the same round may not have been heard of yet.
async fn take_back(
    server: &Server,
    ada: &Seller,
    bought: Vec<Buyer>,
    all: &Answered,
) -> Option<()> {
    for buyer in bought {
        all.note(|facts| facts.refund_asked.extend([buyer.id.clone()]));
        let refund = server.post("/v2/handles/ada/pages/guide/refund").bearer(&ada.token);
        if status(refund.json(&json!({"visitorId": buyer.id}))).await? == 200 {
            all.answer(|facts| facts.refunded.extend([buyer.id]));
        }
    }
    Some(())
}

/// Edits the price, asks for links and gives the page away, until the server is gone.
async fn go_on(server: &Server, ada: &Seller, round: usize, all: &Answered) -> Option<()> {
    for number in 0.. {
        let price = i64::from(1_000 + number % 50);
        all.note(|facts| facts.prices_since.push(price));
        let edit = server.call("PATCH", "/v2/handles/ada/pages/guide").bearer(&ada.token);
        let edit = edit.json(&json!({"price": {"amount": price, "currency": "usd"}}));
        if status(edit).await? == 200 {
            all.answer(|facts| (facts.price, facts.prices_since) = (price, Vec::new()));
        }
        let email = format!("link-{round}-{number}@example.com");
        let ask = server.post("/v2/visitor/auth/magic-link").json(&json!({"email": email}));
        if status(ask).await? == 202 {
            all.answer(|facts| facts.promised.push(email));
        }
    }
    Some(())
}

async fn give(server: &Server, ada: &Seller, people: Vec<Buyer>, all: &Answered) -> Option<()> {
    for buyer in people {
        let give = server.post("/v2/handles/ada/pages/guide/grants").bearer(&ada.token);
        if status(give.json(&json!({"email": buyer.email}))).await? < 300 {
            all.answer(|facts| facts.given.push(buyer));
        }
    }
    Some(())
}

async fn what_was_answered_survives_every_kill(backend: Backend) {
    let rounds = std::env::var("TOLLGATE_KILL_ROUNDS").ok();
    let rounds: usize = rounds.map_or(ROUNDS, |text| text.parse().unwrap());
    let place = crate::support::Place::new(backend)
        .await
        .with("TOLLGATE_MAILS_PER_DAY", "1000000")
        .with("TOLLGATE_CLIENT_REQUESTS_PER_MINUTE", "1000000");
    let mut server = place.serve().await;
    server.quiet().await;
    let each = BUYERS + 3;
    let mut people = server.crowd(u32::try_from(rounds * each).unwrap()).await;
    let all = Arc::new(Answered::default());
    all.note(|facts| facts.price = 1_200);
    // A fixed sequence of numbers (an LCG), so that a run can be repeated.
    let mut random: u64 = 1;
    for round in 0..rounds {
        let mut these = people.split_off(people.len() - each);
        let given = these.split_off(BUYERS);
        let ada = server.ada().await;
        let until_kill = all.count.load(Ordering::SeqCst)
            + usize::try_from(random >> 33).unwrap() % usize::try_from(MAX_ANSWERS).unwrap();
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let running = Arc::new(server);
        let mut load = JoinSet::new();
        for buyer in these {
            let (server, all) = (running.clone(), all.clone());
            load.spawn(async move {
                let sandbox = server.place.sandbox();
                buy(&server, &sandbox, buyer, &all).await;
            });
        }
        let bought = all.facts.lock().unwrap().to_refund();
        let (busy, seller, facts) = (running.clone(), ada.clone(), all.clone());
        load.spawn(async move {
            take_back(&busy, &seller, bought, &facts).await;
        });
        let (busy, seller, facts) = (running.clone(), ada.clone(), all.clone());
        load.spawn(async move {
            go_on(&busy, &seller, round, &facts).await;
        });
        let (busy, facts) = (running.clone(), all.clone());
        load.spawn(async move {
            give(&busy, &ada, given, &facts).await;
        });
        until_so("there were answers", async || all.count.load(Ordering::SeqCst) >= until_kill)
            .await;
        running.kill();
        load.join_all().await;
        server = Arc::into_inner(running).unwrap();
        server.restart().await;
    }
    compare(&server, Arc::into_inner(all).unwrap().facts.into_inner().unwrap()).await;
}

/// Returns what is to be paid in the sessions that are open.
async fn payable(sandbox: &Sandbox, account: &str) -> Vec<Option<i64>> {
    let list = sandbox.read(account, "checkout/sessions?status=open&limit=100").await;
    assert_eq!(list["has_more"], false);
    let sessions = list["data"].as_array().unwrap().iter();
    sessions.map(|session| session["amount_total"].as_i64()).collect()
}

/// Compares the database and the sandbox's books with what was answered.
async fn compare(server: &Server, facts: Facts) {
    let database = &server.place.database;
    let deliveries = async || server.place.sandbox().count("pendingDeliveries").await == 0;
    eventually("all webhooks are delivered", deliveries).await;
    eventually("all webhooks are dealt with", async || database.waiting_events().await == 0).await;
    let swept = server.place.run(&["reconcile"]);
    assert!(swept.status.success(), "{swept:?}");
    eventually("all mails are sent", async || {
        let mails = "SELECT count(*) FROM jobs WHERE kind IN ('send_mail', 'send_urgent_mail')";
        database.number(mails).await == 0
    })
    .await;
    for buyer in &facts.paid {
        let access = server.access(&buyer.cookie, "guide").await;
        if facts.refunded.contains(&buyer.id) {
            assert_eq!(access, "purchase_required", "{} was refunded", buyer.id);
        } else if !facts.refund_asked.contains(&buyer.id) {
            assert_eq!(access, "entitled", "{} paid", buyer.id);
        }
    }
    for buyer in &facts.given {
        assert_eq!(server.access(&buyer.cookie, "guide").await, "entitled", "{}", buyer.id);
    }
    let letters: BTreeSet<_> = server.place.letters().into_iter().map(|letter| letter.to).collect();
    for email in &facts.promised {
        assert!(letters.contains(email), "no mail to {email}");
    }
    assert!(!facts.paid.is_empty() && !facts.refunded.is_empty(), "too little happened");
    let page = server.get("/v2/public/pages/ada/guide").send().await.ok();
    let price = page["price"]["amount"].as_i64().unwrap();
    assert!(price == facts.price || facts.prices_since.contains(&price), "{price}");
    let sandbox = server.place.sandbox();
    let account = server.account(&server.ada().await).await;
    eventually("no session is open at an earlier price", async || {
        let amounts = payable(&sandbox, &account).await;
        amounts.iter().all(|amount| *amount == Some(price))
    })
    .await;
    let bought = "SELECT count(*) FROM purchases WHERE session IS NOT NULL";
    assert_eq!(sandbox.count("paymentIntents").await, database.number(bought).await);
    let refunded = "SELECT count(*) FROM ledger WHERE kind = 'refund_accepted'";
    assert_eq!(sandbox.count("refunds").await, database.number(refunded).await);
    println!(
        "{} paid, {} refunded, {} given, {} promised a link: nothing is lost",
        facts.paid.len(),
        facts.refunded.len(),
        facts.given.len(),
        facts.promised.len()
    );
}
