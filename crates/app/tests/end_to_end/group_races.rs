//! Tests of concurrent requests to a group buy, over two processes where the database allows it.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    races::{race, racers},
    support::{Backend, Buyer, Reply, Seller, Server},
};

on_each_database!(
    two_hundred_joins_across_the_target_are_each_counted_once,
    two_hundred_joins_never_exceed_the_maximum,
    twenty_activations_activate_once_and_mail_each_person_once,
    activation_leaves_a_visitor_who_withdraws_in_or_out,
    of_activation_and_cancellation_one_wins,
    twenty_group_checkouts_open_one_session,
);

const OWN: &str = "/v2/handles/ada/group-buys";

/// Two processes, the creator Ada, and a group buy of one of her pages.
struct Fixture {
    servers: Vec<Server>,
    ada: Seller,
    crowd: Vec<Buyer>,
}

impl Fixture {
    async fn new(backend: Backend, people: u32) -> Self {
        let servers = racers(backend).await;
        let ada = servers[0].ada().await;
        let crowd = servers[0].crowd(people).await;
        Self { servers, ada, crowd }
    }

    async fn create(&self, slug: &str, target: u32, most: Option<u32>) {
        let body = json!({
            "slug": slug, "title": "Together", "description": "", "pageSlug": "guide",
            "price": {"amount": 700, "currency": "usd"}, "targetQuantity": target,
            "maxQuantity": most
        });
        let call = self.servers[0].post(OWN).bearer(&self.ada.token).json(&body);
        assert_eq!(call.send().await.status, 201);
    }

    fn server(&self, number: usize) -> &Server {
        &self.servers[number % self.servers.len()]
    }

    /// Lets all visitors join at the same time. They wait for one row, so that those who wait for too long are told to ask again.
    async fn join(&self, slug: &str, quantity: u32) -> Vec<Reply> {
        let mut running = JoinSet::new();
        for (number, who) in self.crowd.iter().enumerate() {
            let path = format!("/v2/public/group-buys/ada/{slug}/interest");
            let call = self.server(number).post(&path).cookie(&who.cookie);
            running.spawn(call.json(&json!({"quantity": quantity})).send_patiently());
        }
        running.join_all().await
    }

    async fn own(&self, number: usize, end: &str) -> Reply {
        let call = self.server(number).post(&format!("{OWN}/{end}")).bearer(&self.ada.token);
        call.send().await
    }

    async fn shown(&self, slug: &str) -> Value {
        self.servers[0].get(&format!("/v2/public/group-buys/ada/{slug}")).send().await.ok()
    }

    async fn number(&self, query: &str) -> i64 {
        self.servers[0].place.database.number(query).await
    }

    /// Returns the sum of the quantities of all interests in a group buy.
    async fn wanted(&self, slug: &str) -> i64 {
        self.number(&format!(
            "SELECT CAST(coalesce(sum(quantity), 0) AS bigint) FROM group_buy_interests WHERE \
             group_buy_id = (SELECT id FROM group_buys WHERE slug = '{slug}')"
        ))
        .await
    }
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

async fn two_hundred_joins_across_the_target_are_each_counted_once(backend: Backend) {
    let fixture = Fixture::new(backend, 200).await;
    fixture.create("race", 150, None).await;
    let replies = fixture.join("race", 1).await;
    assert_eq!(count(&replies, 201), 200, "{replies:?}");
    let shown = fixture.shown("race").await;
    assert_eq!(
        (&shown["currentQuantity"], &shown["status"]),
        (&json!(200), &json!("TARGET_REACHED"))
    );
    assert_eq!(fixture.wanted("race").await, 200);
    // Joining again with another quantity replaces the first one.
    let replies = fixture.join("race", 2).await;
    assert_eq!(count(&replies, 200), 200, "{replies:?}");
    assert_eq!(fixture.shown("race").await["currentQuantity"], 400);
    assert_eq!(fixture.wanted("race").await, 400);
}

async fn two_hundred_joins_never_exceed_the_maximum(backend: Backend) {
    let fixture = Fixture::new(backend, 200).await;
    fixture.create("race", 100, Some(151)).await;
    let replies = fixture.join("race", 2).await;
    assert_eq!(count(&replies, 201), 75, "{replies:?}");
    let refused = replies.iter().filter(|reply| reply.status == 409);
    let refused: Vec<_> = refused.map(Reply::refusal).collect();
    assert_eq!(refused, vec!["409 group_buy_full"; 125]);
    assert_eq!(fixture.shown("race").await["currentQuantity"], 150);
    assert_eq!(fixture.wanted("race").await, 150);
}

async fn twenty_activations_activate_once_and_mail_each_person_once(backend: Backend) {
    let fixture = Fixture::new(backend, 30).await;
    fixture.create("race", 30, None).await;
    fixture.join("race", 1).await;
    let path = format!("{OWN}/race/activate");
    let replies =
        race(&fixture.servers, 20, |server| server.post(&path).bearer(&fixture.ada.token)).await;
    assert_eq!(count(&replies, 200), 1);
    let refused = replies.iter().filter(|reply| reply.status != 200);
    assert!(refused.map(Reply::refusal).all(|refusal| refusal == "409 group_buy_not_open"));
    let mails = "SELECT count(*) FROM outbox WHERE kind = 'group_buy_activated'";
    let people = "SELECT count(DISTINCT recipient) FROM outbox WHERE kind = 'group_buy_activated'";
    assert_eq!((fixture.number(mails).await, fixture.number(people).await), (30, 30));
}

async fn activation_leaves_a_visitor_who_withdraws_in_or_out(backend: Backend) {
    let fixture = Fixture::new(backend, 12).await;
    for round in 0..5 {
        let slug = format!("race-{round}");
        fixture.create(&slug, 4, None).await;
        fixture.join(&slug, 1).await;
        let mut leaving = JoinSet::new();
        for (number, who) in fixture.crowd.iter().take(8).enumerate() {
            let path = format!("/v2/public/group-buys/ada/{slug}/my-interest");
            let call = fixture.server(number).call("DELETE", &path).cookie(&who.cookie);
            leaving.spawn(call.body("application/json", "").send());
        }
        let activate = format!("{slug}/activate");
        let (left, active) = tokio::join!(leaving.join_all(), fixture.own(1, &activate));
        let gone = i64::try_from(count(&left, 204)).unwrap();
        let stayed = left.iter().filter(|reply| reply.status != 204).map(Reply::refusal);
        assert!(stayed.into_iter().all(|refusal| refusal == "409 group_buy_not_open"));
        let active = active.ok();
        assert_eq!(active["currentQuantity"], 12 - gone);
        assert_eq!(fixture.shown(&slug).await["currentQuantity"], 12 - gone);
        assert_eq!(fixture.wanted(&slug).await, 12 - gone);
        let mails = format!(
            "SELECT count(*) FROM outbox WHERE kind = 'group_buy_activated' AND queued_at = \
             (SELECT activated_at FROM group_buys WHERE slug = '{slug}')"
        );
        assert_eq!(fixture.number(&mails).await, 12 - gone);
    }
}

async fn of_activation_and_cancellation_one_wins(backend: Backend) {
    let fixture = Fixture::new(backend, 3).await;
    for round in 0..8 {
        let slug = format!("race-{round}");
        fixture.create(&slug, 3, None).await;
        fixture.join(&slug, 1).await;
        let (activate, cancel) = (format!("{slug}/activate"), format!("{slug}/cancel"));
        let (active, cancelled) = tokio::join!(fixture.own(0, &activate), fixture.own(1, &cancel));
        let (winner, loser, status) = if active.status == 200 {
            (active, cancelled, "ACTIVE")
        } else {
            (cancelled, active, "CANCELLED")
        };
        assert_eq!(winner.ok()["status"], status);
        assert_eq!(loser.refusal(), "409 group_buy_not_open");
        assert_eq!(fixture.shown(&slug).await["status"], status);
    }
    let mails = "SELECT count(*) FROM outbox \
                 WHERE kind IN ('group_buy_activated', 'group_buy_cancelled')";
    assert_eq!(fixture.number(mails).await, 3 * 8);
}

async fn twenty_group_checkouts_open_one_session(backend: Backend) {
    let fixture = Fixture::new(backend, 1).await;
    fixture.create("race", 1, None).await;
    fixture.join("race", 1).await;
    fixture.own(0, "race/activate").await.ok();
    let replies = race(&fixture.servers, 20, |server| {
        server.post("/v2/public/group-buys/ada/race/checkout").cookie(&fixture.crowd[0].cookie)
    })
    .await;
    let answers: std::collections::BTreeSet<_> =
        replies.iter().map(|reply| reply.ok().to_string()).collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(fixture.servers[0].place.sandbox().count("checkoutSessions").await, 1);
}
