//! Tests of a group buy on the page, through the API, by mail and at the pay page.

use serde_json::{Value, json};

use crate::support::{Backend, Browser, Buyer, Call, Reply, Seller, Server, until, until_so};

on_each_database!(
    group_buy_is_joined_activated_mailed_and_paid,
    deadline_ends_a_group_buy_and_the_interested_are_told,
    offer_that_is_over_sells_nothing_more,
    cancelled_group_buy_is_told_to_the_interested,
    group_buys_refuse_as_the_contract_says,
    group_checkout_takes_the_place_of_the_pages_own,
);

/// The group buy of the demo: 8 USD, target 5.
const DEMO: &str = "/v2/public/group-buys/ada/together";
const OWN: &str = "/v2/handles/ada/group-buys";
const PAGE: &str = "/-/group-buys/together";

async fn join(server: &Server, slug: &str, who: &Buyer, quantity: i64) -> Reply {
    let call = server.post(&format!("/v2/public/group-buys/ada/{slug}/interest"));
    call.cookie(&who.cookie).json(&json!({"quantity": quantity})).send().await
}

async fn status(server: &Server, slug: &str) -> String {
    let path = format!("/v2/public/group-buys/ada/{slug}");
    server.get(&path).send().await.ok()["status"].as_str().unwrap().to_owned()
}

fn own(server: &Server, ada: &Seller, end: &str) -> Call {
    server.post(&format!("{OWN}/{end}")).bearer(&ada.token)
}

/// Returns a new group buy of the demo's guide, with additional fields.
async fn create(server: &Server, ada: &Seller, slug: &str, more: Value) -> Reply {
    let mut body = json!({
        "slug": slug, "title": format!("Group {slug}"), "description": "", "pageSlug": "guide",
        "price": {"amount": 700, "currency": "usd"}, "targetQuantity": 2
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.post(OWN).bearer(&ada.token).json(&body).send().await
}

async fn group_buy_is_joined_activated_mailed_and_paid(backend: Backend) {
    let server = Server::fresh(backend).await;
    let place = &server.place;
    let address = place.url("ada", PAGE);
    let mut browser = Browser::new();
    let page = browser.open(&place.url("ada", "/guide")).await;
    page.shows("Cheaper together");
    page.shows("$8.00 · 0 of 5 joined");
    let gate = browser.follow("The guide, together").await;
    assert_eq!(gate.url.as_str(), address);
    gate.shows("$8.00");
    gate.shows("0 of 5 joined");
    browser.submit(&[("email", "bob@example.com")]).await.shows("Check your mail");
    let link = place.link_letter("bob@example.com", 1).await.link();
    browser.open(&link).await;
    let back = browser.submit(&[]).await;
    assert_eq!(back.url.as_str(), address);
    back.shows("Count me in");
    let joined = browser.submit(&[("quantity", "3")]).await;
    joined.shows("You have joined with a quantity of 3.");
    joined.shows("3 of 5 joined");
    let bob = browser.session(&address);
    let mine = server.get(&format!("{DEMO}/my-interest")).cookie(&bob).send().await.ok();
    assert_eq!((&mine["interested"], &mine["quantity"]), (&json!(true), &json!(3)));

    let carol = server.sign_in("carol@example.com").await;
    assert_eq!(join(&server, "together", &carol, 2).await.status, 201);
    assert_eq!(status(&server, "together").await, "TARGET_REACHED");
    let ada = server.ada().await;
    let active = own(&server, &ada, "together/activate").send().await.ok();
    assert_eq!((&active["status"], &active["currentQuantity"]), (&json!("ACTIVE"), &json!(5)));
    for to in ["bob@example.com", "carol@example.com"] {
        let letter = place.letter(to, "your group price").await;
        assert!(letter.text.contains("$8.00"), "{}", letter.text);
        assert_eq!(letter.link(), address);
    }

    // Those who joined find it at the gate, and nobody else, since nobody can join any more.
    browser.open(&place.url("ada", "/guide")).await.shows("The guide, together");
    Browser::new().open(&place.url("ada", "/guide")).await.hides("together");

    // The mail leads to a page with one button, then to the pay page, then to the page that was bought.
    browser.open(&address).await.shows("Buy for $8.00");
    let pay = browser.submit(&[]).await;
    assert!(pay.url.as_str().starts_with(&place.sandbox().url), "{}", pay.url);
    pay.shows("8.00");
    let turned_back = browser.follow("Cancel").await;
    assert_eq!(turned_back.url.as_str(), address);
    browser.submit(&[]).await;
    let open = browser.submit(&[]).await;
    assert_eq!(open.url.as_str(), place.url("ada", "/guide"));
    open.shows("Wash the pots");
    let history = server.history(&bob).await;
    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["accessType"], "GROUP_BUY");
    assert_eq!(history[0]["status"], "ACTIVE");
    assert_eq!(history[0]["amount"], json!({"amount": 800, "currency": "usd"}));
    browser.open(&address).await.shows("already");
    browser.open(&format!("http://{}/access", place.domain())).await.shows("Bought in a group");

    let shown = server.get(&format!("{OWN}/together")).bearer(&ada.token).send().await.ok();
    let amount = json!({"amount": 800, "currency": "usd"});
    assert_eq!(shown["paid"], json!({"visitors": 1, "quantity": 3, "amount": amount}));
    let list = server.get(&format!("{OWN}/together/interests")).bearer(&ada.token).send().await;
    let list = list.ok();
    let rows = list["items"].as_array().unwrap().iter();
    let rows: Vec<_> = rows.map(|row| (&row["email"], &row["committed"], &row["paid"])).collect();
    let yes = json!(true);
    let (bob_row, carol_row) = (json!("bob@example.com"), json!("carol@example.com"));
    assert_eq!(rows, [(&carol_row, &yes, &json!(false)), (&bob_row, &yes, &yes)]);
    let checkout = server.post(&format!("{DEMO}/checkout")).cookie(&bob).send().await;
    assert_eq!(checkout.refusal(), "409 already_purchased");

    let me = server.get("/v2/visitor/me").cookie(&bob).send().await.ok();
    let refund = server.post("/v2/handles/ada/pages/guide/refund").bearer(&ada.token);
    let refunded = refund.json(&json!({"visitorId": me["id"]})).send().await.ok();
    assert_eq!((&refunded["amount"], &refunded["status"]), (&json!(800), &json!("succeeded")));
    assert_eq!(server.access(&bob, "guide").await, "purchase_required");
}

async fn deadline_ends_a_group_buy_and_the_interested_are_told(backend: Backend) {
    let server = Server::fresh(backend).await;
    let (ada, bob) = (server.ada().await, server.sign_in("bob@example.com").await);
    let soon = json!({"deadline": in_seconds(4)});
    assert_eq!(create(&server, &ada, "soon", soon).await.status, 201);
    assert_eq!(join(&server, "soon", &bob, 1).await.status, 201);
    until_so("the deadline passes", async || status(&server, "soon").await == "EXPIRED").await;
    assert_eq!(join(&server, "soon", &bob, 2).await.refusal(), "409 group_buy_not_open");
    let activate = own(&server, &ada, "soon/activate").send().await;
    assert_eq!(activate.refusal(), "409 group_buy_not_open");
    server.place.letter("bob@example.com", "did not come about").await;
    let told = "SELECT count(*) FROM outbox WHERE kind = 'group_buy_expired'";
    assert_eq!(server.place.database.number(told).await, 1);
}

#[expect(clippy::disallowed_methods, reason = "the program lives by the time that it is")]
fn in_seconds(seconds: i64) -> String {
    jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() + seconds).unwrap().to_string()
}

async fn offer_that_is_over_sells_nothing_more(backend: Backend) {
    let server = Server::fresh(backend).await;
    let (ada, bob) = (server.ada().await, server.sign_in("bob@example.com").await);
    join(&server, "together", &bob, 5).await;
    own(&server, &ada, "together/activate").send().await.ok();
    let checkout = || server.post(&format!("{DEMO}/checkout")).cookie(&bob.cookie).send();
    let started = checkout().await.ok();
    let database = &server.place.database;
    database.execute("UPDATE group_buys SET offer_ends_at = activated_at + 1").await;
    database.execute("UPDATE jobs SET due_at = 1 WHERE kind = 'end_group_buy'").await;
    assert_eq!(status(&server, "together").await, "EXPIRED");
    assert_eq!(checkout().await.refusal(), "409 group_buy_not_active");
    until_so("a worker ends it", async || {
        database.number("SELECT count(*) FROM group_buys WHERE state = 'EXPIRED'").await == 1
    })
    .await;
    // The pay page was open before, so the payment is accepted.
    let url = started["checkoutUrl"].as_str().unwrap();
    server.place.sandbox().pay(url.rsplit('/').next().unwrap()).await;
    until_so("the webhook opens the page", async || {
        server.access(&bob.cookie, "guide").await == "entitled"
    })
    .await;
    assert_eq!(server.history(&bob.cookie).await[0]["accessType"], "GROUP_BUY");
}

async fn cancelled_group_buy_is_told_to_the_interested(backend: Backend) {
    let server = Server::fresh(backend).await;
    let (ada, bob) = (server.ada().await, server.sign_in("bob@example.com").await);
    join(&server, "together", &bob, 5).await;
    let cancelled = own(&server, &ada, "together/cancel").send().await.ok();
    assert_eq!(cancelled["status"], "CANCELLED");
    server.place.letter("bob@example.com", "was called off").await;
    for end in ["cancel", "activate"] {
        let late = own(&server, &ada, &format!("together/{end}")).send().await;
        assert_eq!(late.refusal(), "409 group_buy_not_open");
    }
    let mut browser = Browser::new();
    browser.open(&server.place.url("ada", PAGE)).await.shows("called it off");
    browser.open(&server.place.url("ada", "/guide")).await.hides("together");
}

async fn group_buys_refuse_as_the_contract_says(backend: Backend) {
    let server = Server::fresh(backend).await;
    let (ada, eve) = (server.ada().await, server.creator("eve").await);
    let bob = server.sign_in("bob@example.com").await;
    for (method, end) in [
        ("POST", "interest"),
        ("GET", "my-interest"),
        ("DELETE", "my-interest"),
        ("POST", "checkout"),
    ] {
        let anonymous = server.call(method, &format!("{DEMO}/{end}")).send().await;
        assert_eq!(anonymous.refusal(), "401 visitor_unauthorized", "{end}");
        let unknown = format!("/v2/public/group-buys/ada/unknown/{end}");
        let unknown = server.call(method, &unknown).cookie(&bob.cookie);
        let unknown = unknown.body("application/json", if method == "POST" { "{}" } else { "" });
        assert_eq!(unknown.send().await.refusal(), "404 group_buy_not_found", "{end}");
    }
    for (method, end) in [
        ("GET", ""),
        ("GET", "/together"),
        ("PATCH", "/together"),
        ("POST", "/together/activate"),
        ("POST", "/together/cancel"),
        ("GET", "/together/interests"),
    ] {
        let call = || server.call(method, &format!("{OWN}{end}"));
        assert_eq!(call().send().await.refusal(), "401 creator_unauthorized", "{end}");
        let theirs = call().bearer(&eve.token);
        let theirs = if method == "GET" { theirs } else { theirs.json(&json!({})) };
        assert_eq!(theirs.send().await.refusal(), "404 handle_not_found", "{end}");
    }
    let refused = |reply: Reply, field: &str| {
        assert_eq!(reply.refusal(), "422 validation_failed", "{field}");
        assert!(reply.json()["fields"][field].is_string(), "{field}: {reply:?}");
    };
    for (field, more) in [
        ("extra", json!({"extra": 1})),
        ("price", json!({"price": {"amount": 1300, "currency": "usd"}})),
        ("price", json!({"price": {"amount": 700, "currency": "eur"}})),
        ("maxQuantity", json!({"maxQuantity": 1})),
        ("deadline", json!({"deadline": "2020-01-01T00:00:00Z"})),
        ("offerDays", json!({"offerDays": 31})),
    ] {
        refused(create(&server, &ada, "bad", more).await, field);
    }
    let created = async |more: Value| create(&server, &ada, "other", more).await.refusal();
    assert_eq!(created(json!({"slug": "together"})).await, "409 slug_taken");
    assert_eq!(created(json!({"pageSlug": "none"})).await, "404 page_not_found");
    assert_eq!(created(json!({"pageSlug": "letters"})).await, "409 page_not_paid");
    refused(join(&server, "together", &bob, 101).await, "quantity");
    let activate = own(&server, &ada, "together/activate").send().await;
    assert_eq!(activate.refusal(), "409 group_buy_target_not_reached");
    assert_eq!(create(&server, &ada, "small", json!({"maxQuantity": 3})).await.status, 201);
    assert_eq!(join(&server, "small", &bob, 4).await.refusal(), "409 group_buy_full");
    let draft = json!({"status": "DRAFT"});
    let page = server.call("PATCH", "/v2/handles/ada/pages/guide").bearer(&ada.token).json(&draft);
    assert_eq!(page.send().await.status, 200);
    assert_eq!(server.get(DEMO).send().await.refusal(), "404 group_buy_not_found");
}

async fn group_checkout_takes_the_place_of_the_pages_own(backend: Backend) {
    let server = Server::fresh(backend).await;
    let (ada, bob) = (server.ada().await, server.sign_in("bob@example.com").await);
    join(&server, "together", &bob, 5).await;
    own(&server, &ada, "together/activate").send().await.ok();
    let regular = server.checkout(&bob).await;
    let checkout = || {
        let call = server.post(&format!("{DEMO}/checkout")).cookie(&bob.cookie);
        call.with("idempotency-key", "group-1").json(&json!({})).send()
    };
    let group = checkout().await.ok();
    assert_eq!(checkout().await.ok(), group);
    let sandbox = server.place.sandbox();
    assert_eq!(sandbox.count("checkoutSessions").await, 2);
    let account = server.account(&ada).await;
    until("the dearer session is closed", async || {
        let events = sandbox.events(&account, &[&regular.session]).await;
        events.iter().any(|event| event["type"] == "checkout.session.expired").then_some(())
    })
    .await;
    let open = "SELECT count(*) FROM checkout_orders WHERE live_key IS NOT NULL";
    assert_eq!(server.place.database.number(open).await, 1);
}
