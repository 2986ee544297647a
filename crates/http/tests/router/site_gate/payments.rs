//! What the gate says of a payment that did not open the page, or does so no longer.

use tollgate_domain::{
    checkout::OrderStatus,
    payments::{AccountState, DisputeProgress},
};

use super::{BOB, way_back, window_of_bob};
use crate::{
    site_browser::Window,
    support::{ADA, ROOT, TestApp},
};

#[actix_web::test]
async fn payment_on_its_way_offers_no_second_buy_and_is_found_when_it_arrives() {
    let app = TestApp::new();
    let window = window_of_bob(&app).await;
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    let look = way_back(&app);
    let page = window.follow(window.get(&look).await).await;
    assert!(page.body.contains("your bank is working on it"), "{}", page.body);
    assert!(!page.body.contains("<form") && page.body.contains(&format!("href=\"{look}\"")));
    assert!(!page.body.contains("Get access") && !page.body.contains("class=\"price\""));
    // Another browser of the same visitor knows it, too.
    let again = app.domain.sign_in(BOB).await;
    let page = Window::of(&app, ADA, &again).get("/guide").await;
    assert!(page.body.contains("your bank is working on it"), "{}", page.body);
    app.domain.payments.apply(&hosted);
    // The provider is asked about an order once in a while only.
    app.domain.clock.advance_seconds(60);
    let page = window.follow(window.get(&look).await).await;
    assert!(
        page.body.contains("Everything.") && page.body.contains("Paid $12.00."),
        "{}",
        page.body
    );
}

#[actix_web::test]
async fn payment_that_stripe_does_not_confirm_is_not_called_unpaid() {
    let app = TestApp::new();
    let window = window_of_bob(&app).await;
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay(&hosted).unwrap();
    let back = way_back(&app);
    app.domain.payments.set_down(true);
    // The second time comes too soon to ask again.
    for _ in 0..2 {
        let page = window.follow(window.get(&back).await).await;
        assert!(page.body.contains("do not pay again"), "{}", page.body);
        assert!(!page.body.contains("nothing was charged"), "{}", page.body);
        assert!(page.body.contains(&format!("href=\"{back}\"")), "{}", page.body);
        assert!(!page.body.contains("Buy for"), "{}", page.body);
    }
    // Loading the page again does not sell it, also after a look at another one.
    for path in ["/guide", "/", "/guide"] {
        let page = window.get(path).await;
        assert!(!page.body.contains("Buy for"), "{}", page.body);
    }
    let again = window.get("/guide").await.body;
    assert!(again.contains("do not pay again") && again.contains(&back), "{again}");
    let stranger = Window::new(&app, ADA);
    let theirs = stranger.follow(stranger.get(&back).await).await;
    assert!(!theirs.body.contains("checkout="), "{}", theirs.body);
    app.domain.payments.set_down(false);
    app.domain.clock.advance_seconds(4);
    let page = window.follow(window.get(&back).await).await;
    assert!(page.body.contains("Paid $12.00."), "{}", page.body);
    assert!(!window.get("/guide").await.body.contains("Paid $12.00."));
}

#[actix_web::test]
async fn bank_debit_that_failed_later_is_said_for_a_month() {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    app.domain.payments.fail_payment(&hosted);
    app.domain.deliver_webhooks().await;
    let told = "Your payment of <time datetime=\"2026-01-01T00:00:00Z\">1 January 2026</time> did not arrive";
    let gate = window.get("/guide").await;
    assert!(gate.body.contains(told) && gate.body.contains("Buy for $12.00"), "{}", gate.body);
    let german = Window::of(&app, ADA, &session).speaking("de").get("/guide").await;
    assert!(german.body.contains(">1. Januar 2026</time> ist nicht angekommen"), "{}", german.body);
    let list = Window::of(&app, ROOT, &session).get("/access").await;
    assert!(list.body.contains("Did not arrive"), "{}", list.body);
    let eve = app.domain.sign_in("eve@example.com").await;
    assert!(!Window::of(&app, ADA, &eve).get("/guide").await.body.contains("did not arrive"));
    app.domain.clock.advance_seconds(31 * 24 * 3600);
    let later = app.domain.sign_in(BOB).await;
    assert!(!Window::of(&app, ADA, &later).get("/guide").await.body.contains(told));
    let list = Window::of(&app, ROOT, &later).get("/access").await;
    assert!(!list.body.contains("Did not arrive"), "{}", list.body);
}

#[actix_web::test]
async fn payment_that_does_not_match_is_told_once_and_stands_among_ones_access() {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay(&hosted).unwrap();
    app.domain.payments.tamper(&hosted, |state| state.amount = 1_100);
    let page = window.follow(window.get(&way_back(&app)).await).await;
    assert_eq!(page.body.matches("does not match").count(), 1, "{}", page.body);
    assert!(!page.body.contains("Buy for"), "{}", page.body);
    let list = Window::of(&app, ROOT, &session).get("/access").await.body;
    assert!(list.contains("We are looking into your payment") && list.contains("$12.00"), "{list}");
    assert!(!list.contains("Not settled"), "{list}");
    // Nobody is asked to wait for ever.
    app.domain.clock.advance_seconds(3 * 24 * 3_600);
    for (language, told, before) in [
        ("en", "They have not been refunded so far", "We are looking into your payment"),
        ("de", "Erstattet wurden sie bisher nicht", "Wir klären Ihre Zahlung"),
    ] {
        let list = Window::of(&app, ROOT, &session).speaking(language).get("/access").await.body;
        assert!(list.contains(told) && list.contains("/guide\" dir"), "{list}");
        assert!(!list.contains(before), "{list}");
    }
}

#[actix_web::test]
async fn refunded_and_suspended_buyers_learn_why_the_page_is_closed() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.page(&shop, "guide").await;
    let session = app.domain.sign_in(BOB).await;
    let visitor = app.domain.visitor(&session).await;
    let purchase = app.domain.buy(&shop, &page, &session).await;
    let window = Window::of(&app, ADA, &session);
    let intent = purchase.payment.unwrap().payment_intent;
    let dispute = app.domain.payments.dispute(&intent, DisputeProgress::Open).unwrap();
    app.domain.deliver_webhooks().await;
    let gate = window.get("/guide").await;
    assert!(
        gate.body.contains("Your access is paused") && !gate.body.contains("Everything."),
        "{}",
        gate.body
    );
    assert!(!gate.body.contains("<form"), "no second payment for what may open again");
    for offer in ["Get access", "class=\"price\"", "One payment"] {
        assert!(!gate.body.contains(offer), "{offer}: {}", gate.body);
    }
    assert!(gate.body.contains("Your access</h2>") && gate.body.contains("tell your bank"));
    let pressed = window.post("/guide/checkout", &[]).await;
    assert_eq!(pressed.header("location"), "/guide", "nor from a page that was open before");
    app.domain.mailer.clear();
    app.domain.clock.advance_seconds(60);
    let again = Window::new(&app, ADA);
    again.post("/-/sign-in", &[("email", BOB), ("returnTo", "/guide")]).await;
    app.domain.deliver_mails().await;
    let (_, code) = app.domain.link_mailed_to(BOB);
    let back = again.post("/-/code", &[("email", BOB), ("code", code.reveal())]).await;
    assert!(back.header("location").ends_with("/guide"), "nor after signing in: {back:?}");
    assert_eq!(app.domain.store.orders().len(), 1);
    app.domain.payments.decide_dispute(&dispute, DisputeProgress::Won);
    app.domain.deliver_webhooks().await;
    assert!(window.get("/guide").await.body.contains("Everything."));
    app.domain.refund(&shop, &page, &visitor).await.unwrap();
    let gate = window.get("/guide").await;
    assert!(
        gate.body.contains("Your payment was refunded") && gate.body.contains("Buy for $12.00"),
        "{}",
        gate.body
    );
    app.domain.payments.set_account(&shop.account, AccountState::default());
    app.domain.deliver_webhooks().await;
    let gate = window.get("/guide").await.body;
    assert!(gate.contains("This cannot be bought at the moment"), "{gate}");
    assert!(!gate.contains("Not on sale yet") && !gate.contains("Buy for"), "{gate}");
}

#[actix_web::test]
async fn newest_event_is_told_and_a_lost_dispute_is_called_one() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.page(&shop, "guide").await;
    let session = app.domain.sign_in(BOB).await;
    let visitor = app.domain.visitor(&session).await;
    let window = Window::of(&app, ADA, &session);
    app.domain.buy(&shop, &page, &session).await;
    app.domain.refund(&shop, &page, &visitor).await.unwrap();
    assert!(window.get("/guide").await.body.contains("Your payment was refunded"));
    app.domain.clock.advance_seconds(60);
    let purchase = app.domain.buy(&shop, &page, &session).await;
    let intent = purchase.payment.unwrap().payment_intent;
    let dispute = app.domain.payments.dispute(&intent, DisputeProgress::Open).unwrap();
    app.domain.deliver_webhooks().await;
    app.domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    app.domain.deliver_webhooks().await;
    let gate = window.get("/guide").await.body;
    assert!(gate.contains("the seller lost the dispute"), "{gate}");
    assert!(!gate.contains("was refunded") && !gate.contains("The seller has ended"), "{gate}");
    let list = Window::of(&app, ROOT, &session).get("/access").await.body;
    assert!(list.contains("the seller lost the dispute"), "{list}");
    // A bank debit that fails after that is what happened last.
    app.domain.clock.advance_seconds(60);
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    app.domain.payments.fail_payment(&hosted);
    app.domain.deliver_webhooks().await;
    let gate = window.get("/guide").await.body;
    assert!(gate.contains("did not arrive") && !gate.contains("lost the dispute"), "{gate}");
}

#[actix_web::test]
async fn who_was_never_asked_to_pay_hears_of_no_payment() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    app.domain.payments.set_account(&shop.account, AccountState::default());
    app.domain.payments.take_events();
    assert_ne!(window.post("/guide/checkout", &[]).await.status, 500);
    assert_eq!(app.domain.store.orders()[0].status, OrderStatus::Failed);
    app.domain.payments.activate(&shop.account);
    app.domain.deliver_webhooks().await;
    let gate = window.get("/guide").await.body;
    assert!(!gate.contains("did not arrive"), "{gate}");
    let list = Window::of(&app, ROOT, &session).get("/access").await.body;
    assert!(!list.contains("Did not arrive"), "{list}");
}
