//! Tests of buying a page in a browser, with and without webhooks and returns.

use serde_json::json;

use crate::support::{Backend, Browser, Place, Server, until_so};

on_each_database!(
    paid_page_is_bought_read_and_refunded,
    free_page_opens_after_signing_in_and_is_remembered_once,
    page_opens_on_return_when_no_webhook_ever_comes,
    page_opens_by_webhook_when_the_visitor_never_returns,
    payment_that_nobody_told_of_is_found_by_buying_again_and_by_an_edit,
    refund_leaves_out_what_was_refunded_at_stripe,
    bank_debit_opens_the_page_when_the_money_arrives,
    bank_debit_that_fails_opens_nothing,
    turning_back_from_the_pay_page_leads_to_the_page,
);

/// The content behind the gate of each demo page.
const GUIDE: &str = "Wash the pots";
const LETTERS: &str = "The first seeds are in";

/// Signs in at the gate of a page by the mailed magic link, and returns the page that follows.
async fn sign_in_at_gate(browser: &mut Browser, place: &Place, page: &str, email: &str) {
    let gate = browser.open(&place.url("ada", page)).await;
    assert_eq!(gate.status, 200);
    let sent = browser.submit(&[("email", email)]).await;
    assert_eq!(sent.status, 200);
    sent.shows("Check your mail");
    let link = place.link_letter(email, 1).await.link();
    let look = browser.open(&link).await;
    assert_eq!(look.status, 200);
    look.shows("Continue as b•••@example.com");
    look.hides(email);
    assert_eq!(look.header("referrer-policy"), "same-origin");
    assert_eq!(look.header("x-robots-tag"), "noindex");
    assert!(look.header("cache-control").contains("no-store"));
    browser.submit(&[]).await;
}

/// Returns the id of the signed-in visitor from the API.
async fn visitor_id(server: &Server, cookie: &str) -> String {
    let me = server.get("/v2/visitor/me").cookie(cookie).send().await.ok();
    me["id"].as_str().unwrap().to_owned()
}

async fn paid_page_is_bought_read_and_refunded(backend: Backend) {
    let server = Server::fresh(backend).await;
    let place = &server.place;
    let address = place.url("ada", "/guide");
    let mut browser = Browser::new();
    let gate = browser.open(&address).await;
    gate.shows("The balcony guide");
    gate.shows("Forty pots, one railing");
    gate.shows("12.00");
    gate.hides(GUIDE);

    sign_in_at_gate(&mut browser, place, "/guide", "bob@example.com").await;
    let pay = browser.page();
    assert!(pay.url.as_str().starts_with(&place.sandbox().url), "{}", pay.url);
    pay.shows("12.00");
    pay.shows("The balcony guide");
    let back = browser.submit(&[]).await;
    assert_eq!((back.url.as_str(), back.status), (address.as_str(), 200));
    back.shows(GUIDE);
    let receipt = place.letter("bob@example.com", "Your receipt for The balcony guide").await;
    assert!(receipt.text.contains("12.00"), "{}", receipt.text);

    let cookie = browser.session(&address);
    assert_eq!(server.access(&cookie, "guide").await, "entitled");
    let ada = server.ada().await;
    let wish = json!({"visitorId": visitor_id(&server, &cookie).await});
    let refund =
        || server.post("/v2/handles/ada/pages/guide/refund").bearer(&ada.token).json(&wish).send();
    let refunded = refund().await.ok();
    assert_eq!(refunded["status"], "succeeded");
    assert_eq!((&refunded["amount"], &refunded["currency"]), (&json!(1200), &json!("usd")));
    assert!(refunded["purchaseId"].as_str().unwrap().starts_with("pur_"));
    assert!(refunded["refundId"].as_str().unwrap().starts_with("re_"));

    assert_eq!(server.access(&cookie, "guide").await, "purchase_required");
    let gated = browser.open(&address).await;
    gated.hides(GUIDE);
    gated.shows("Buy for");
    let history = server.history(&cookie).await;
    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["status"], "REFUNDED");
    assert_eq!(history[0]["accessType"], "PURCHASE");
    assert_eq!(history[0]["amount"], json!({"amount": 1200, "currency": "usd"}));
    assert!(history[0]["endedAt"].is_string());
    assert_eq!(refund().await.refusal(), "409 already_refunded");
    assert_eq!(place.sandbox().count("refunds").await, 1);
    place.letter("bob@example.com", "Your refund for The balcony guide").await;
    let mine = browser.open(&format!("http://{}/access", place.domain())).await;
    mine.shows("Refunded");
}

async fn free_page_opens_after_signing_in_and_is_remembered_once(backend: Backend) {
    let server = Server::fresh(backend).await;
    let mut browser = Browser::new();
    let address = server.place.url("ada", "/letters");
    browser.open(&address).await.hides(LETTERS);
    sign_in_at_gate(&mut browser, &server.place, "/letters", "bob@example.com").await;
    assert_eq!(browser.page().url.as_str(), address);
    browser.page().shows(LETTERS);
    browser.open(&address).await.shows(LETTERS);
    let history = server.history(&browser.session(&address)).await;
    assert_eq!(history.len(), 1);
    assert_eq!(
        (&history[0]["accessType"], &history[0]["status"]),
        (&json!("FREE_LOGIN"), &json!("ACTIVE"))
    );
    // It gives no access to pages that are for sale.
    assert_eq!(server.access(&browser.session(&address), "guide").await, "purchase_required");
    let mine = browser.open(&format!("http://{}/access", server.place.domain())).await;
    mine.shows("Letters from the balcony");
    browser.submit(&[]).await.shows("Sign in to see");
    browser.open(&address).await.hides(LETTERS);
}

async fn page_opens_on_return_when_no_webhook_ever_comes(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    sandbox.webhooks("drop").await;
    let before = server.place.database.census().await["provider_events"];
    let mut browser = Browser::new();
    sign_in_at_gate(&mut browser, &server.place, "/guide", "bob@example.com").await;
    browser.submit(&[]).await.shows(GUIDE);
    let address = server.place.url("ada", "/guide");
    assert_eq!(browser.page().url.as_str(), address);
    assert_eq!(server.access(&browser.session(&address), "guide").await, "entitled");
    assert_eq!(server.place.database.census().await["provider_events"], before);
    server.place.letter("bob@example.com", "Your receipt").await;
}

async fn page_opens_by_webhook_when_the_visitor_never_returns(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let mut browser = Browser::new();
    sign_in_at_gate(&mut browser, &server.place, "/guide", "bob@example.com").await;
    let session = browser.page().url.path().rsplit('/').next().unwrap().to_owned();
    let address = server.place.url("ada", "/guide");
    let cookie = browser.session(&address);
    assert_eq!(server.access(&cookie, "guide").await, "purchase_required");
    sandbox.pay(&session).await;
    until_so("the webhook opens the page", async || {
        server.access(&cookie, "guide").await == "entitled"
    })
    .await;
    browser.open(&address).await.shows(GUIDE);
}

async fn payment_that_nobody_told_of_is_found_by_buying_again_and_by_an_edit(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let ada = server.ada().await;
    let bob = server.sign_in("bob@example.com").await;
    let eve = server.sign_in("eve@example.com").await;
    sandbox.webhooks("drop").await;
    for buyer in [&bob, &eve] {
        sandbox.pay(&server.checkout(buyer).await.session).await;
        assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
    }
    let again = server.post("/v2/public/pages/ada/guide/checkout").cookie(&bob.cookie);
    assert_eq!(again.json(&json!({})).send().await.refusal(), "409 already_purchased");
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled");
    let edit = server.call("PATCH", "/v2/handles/ada/pages/guide").bearer(&ada.token);
    edit.json(&json!({"price": {"amount": 5000, "currency": "usd"}})).send().await.ok();
    until_so("the edit finds the other payment", async || {
        server.access(&eve.cookie, "guide").await == "entitled"
    })
    .await;
    assert_eq!(server.history(&eve.cookie).await[0]["amount"]["amount"], 1200);
    assert_eq!(sandbox.count("checkoutSessions").await, 2);
}

async fn refund_leaves_out_what_was_refunded_at_stripe(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let ada = server.ada().await;
    let (bob, opened) = server.bought(&sandbox, "bob@example.com").await;
    let account = server.account(&ada).await;
    let intent = sandbox.intent(&account, &opened.session).await;
    sandbox.webhooks("drop").await;
    sandbox.write(&account, "refunds", &format!("payment_intent={intent}&amount=500")).await;
    let refunded = server.refund(&ada, &bob).await.ok();
    assert_eq!((&refunded["amount"], &refunded["currency"]), (&json!(700), &json!("usd")));
    assert_eq!(server.access(&bob.cookie, "guide").await, "purchase_required");
}

async fn bank_debit_opens_the_page_when_the_money_arrives(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let buyer = server.sign_in("bob@example.com").await;
    let opened = server.checkout(&buyer).await;
    let later = json!({"outcome": "later"});
    sandbox.control(&format!("sessions/{}/pay", opened.session), &later).await;
    until_so("the promise is noted", async || {
        let pending =
            "SELECT count(*) FROM provider_events WHERE kind = 'checkout.session.completed'";
        let database = &server.place.database;
        // In this order: an event that has not arrived does not wait either.
        database.number(pending).await == 1 && database.waiting_events().await == 0
    })
    .await;
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
    // A second checkout session could charge the visitor twice, and the first one has nothing left to pay.
    let path = "/v2/public/pages/ada/guide/checkout";
    let again = server.post(path).cookie(&buyer.cookie).send().await.ok();
    assert_eq!(again["checkoutUrl"], server.place.url("ada", "/guide"));
    assert_eq!(sandbox.count("checkoutSessions").await, 1);
    let gate = server.get("/guide").host(&server.place.host("ada")).cookie(&buyer.cookie);
    let gate = gate.send().await;
    assert!(gate.body.contains("your bank is working on it"), "{}", gate.body);
    let arrived = json!({"outcome": "succeeded"});
    sandbox.control(&format!("sessions/{}/settle", opened.session), &arrived).await;
    until_so("the money opens the page", async || {
        server.access(&buyer.cookie, "guide").await == "entitled"
    })
    .await;
}

async fn bank_debit_that_fails_opens_nothing(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let buyer = server.sign_in("bob@example.com").await;
    let opened = server.checkout(&buyer).await;
    let later = json!({"outcome": "later"});
    sandbox.control(&format!("sessions/{}/pay", opened.session), &later).await;
    let failed = json!({"outcome": "failed"});
    sandbox.control(&format!("sessions/{}/settle", opened.session), &failed).await;
    server.place.letter("bob@example.com", "did not arrive").await;
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
    assert!(server.history(&buyer.cookie).await.is_empty());
    assert_ne!(server.checkout(&buyer).await.session, opened.session);
}

async fn turning_back_from_the_pay_page_leads_to_the_page(backend: Backend) {
    let server = Server::fresh(backend).await;
    let mut browser = Browser::new();
    sign_in_at_gate(&mut browser, &server.place, "/guide", "bob@example.com").await;
    let pay = browser.page().url.clone();
    let page = browser.follow("Cancel").await;
    assert_eq!(page.url.as_str(), server.place.url("ada", "/guide"));
    page.hides(GUIDE);
    let again = browser.submit(&[]).await;
    assert_eq!(again.url, pay);
    browser.submit(&[]).await.shows(GUIDE);
}
