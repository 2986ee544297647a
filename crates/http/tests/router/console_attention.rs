//! The console: what needs the creator, on the start page.

use tollgate_domain::{
    mail::{QueuedMail, ports::MailError},
    payments::{AccountState, DisputeProgress, PaymentsError, Refusal},
    reconcile::SweepRequest,
};
use tollgate_domain_testing::{Call, Fault, a_mail, at};

use crate::{console_browser::Browser, sale::Sale};

const HEADING: &str = "<h2 id=\"attention\">Needs your attention</h2>";

impl Sale {
    /// Asserts that the start page lists nothing that needs the creator.
    async fn needs_nothing(&self) {
        let start = self.start().await;
        assert!(!start.contains("id=\"attention\""), "{start}");
    }

    /// The start page without the steps.
    async fn start(&self) -> String {
        let ada = Browser::of(&self.app, "ada").await;
        let start = ada.get("/ada").await.body;
        start.split("<ol class=\"steps\">").next().unwrap().to_owned()
    }
}

#[actix_web::test]
async fn start_of_a_shop_in_order_has_no_list() {
    let sale = Sale::new().await;
    sale.bought().await;
    sale.needs_nothing().await;
}

#[actix_web::test]
async fn missing_payouts_are_on_the_start_page_until_stripe_can_pay_out() {
    let sale = Sale::new().await;
    let able =
        AccountState { charges_enabled: true, payouts_enabled: true, details_submitted: true };
    let waiting = AccountState { payouts_enabled: false, ..able };
    sale.app.domain.payments.set_account(&sale.shop.account, waiting);
    sale.app.domain.deliver_webhooks().await;
    let start = sale.start().await;
    assert!(start.contains(HEADING) && start.contains("Stripe cannot pay out to you"), "{start}");
    assert!(start.contains("href=\"/ada/revenue\">See Revenue</a>"), "{start}");
    sale.app.domain.payments.set_account(&sale.shop.account, able);
    sale.app.domain.deliver_webhooks().await;
    sale.needs_nothing().await;
}

#[actix_web::test]
async fn dispute_is_on_the_start_page_while_evidence_is_awaited() {
    for (progress, words) in [
        (DisputeProgress::Open, "A payment of $12.00 is disputed, and the bank waits for your"),
        (DisputeProgress::Inquiry, "The bank asks about a payment of $12.00 and waits for your"),
    ] {
        let sale = Sale::new().await;
        let purchase = sale.bought().await;
        let payment = &purchase.payment.as_ref().unwrap().payment_intent;
        let dispute = sale.app.domain.payments.dispute(payment, progress).unwrap();
        sale.app.domain.deliver_webhooks().await;
        let start = sale.start().await;
        assert!(start.contains(HEADING) && start.contains(words), "{start}");
        assert!(start.contains("answer until "), "{start}");
        let link = format!("href=\"/ada/purchases/{}/dispute\"", purchase.id);
        assert_eq!(start.matches(&link).count(), 1, "{start}");

        sale.app.domain.payments.decide_dispute(&dispute, DisputeProgress::Won);
        sale.app.domain.deliver_webhooks().await;
        sale.needs_nothing().await;
    }
}

#[actix_web::test]
async fn question_about_a_payment_leaves_the_start_page_with_its_refund() {
    let sale = Sale::new().await;
    let (app, bob) = (&sale.app.domain, sale.app.domain.visitor(&sale.bob).await);
    let purchase = sale.bought().await;
    let payment = &purchase.payment.as_ref().unwrap().payment_intent;
    app.payments.dispute(payment, DisputeProgress::Inquiry).unwrap();
    app.deliver_webhooks().await;
    assert!(sale.start().await.contains("The bank asks about a payment of $12.00"));
    app.refund(&sale.shop, &sale.page, &bob).await.unwrap();
    sale.needs_nothing().await;
}

#[actix_web::test]
async fn disputes_about_the_same_amount_are_told_apart() {
    let sale = Sale::new().await;
    let carol = sale.app.domain.sign_in("carol@example.com").await;
    let hers = sale.app.domain.buy(&sale.shop, &sale.page, &carol).await;
    for purchase in [sale.bought().await, hers] {
        let payment = &purchase.payment.as_ref().unwrap().payment_intent;
        sale.app.domain.payments.dispute(payment, DisputeProgress::Open).unwrap();
    }
    sale.app.domain.deliver_webhooks().await;
    let (start, title) = (sale.start().await, &sale.page.title);
    for buyer in ["bob@example.com", "carol@example.com"] {
        let words = format!("{buyer}, “{title}”: A payment of $12.00 is disputed");
        assert_eq!(start.matches(&words).count(), 1, "{buyer}: {start}");
    }
}

#[actix_web::test]
async fn dispute_at_an_account_that_is_gone_leads_to_stripe() {
    const UNSEEN: &str = "is no longer connected, so we do not see what became of this";
    let sale = Sale::new().await;
    let purchase = sale.bought().await;
    let payment = &purchase.payment.as_ref().unwrap().payment_intent;
    sale.app.domain.payments.dispute(payment, DisputeProgress::Open).unwrap();
    sale.app.domain.deliver_webhooks().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let path = format!("/ada/purchases/{}/dispute", purchase.id);
    for is_gone in [false, true] {
        let (start, screen) = (sale.start().await, ada.get(&path).await.body);
        assert!(start.contains("A payment of $12.00 is disputed"), "{start}");
        assert_eq!(start.contains(UNSEEN), is_gone, "{start}");
        assert_eq!(screen.contains(UNSEEN), is_gone, "{screen}");
        sale.app.domain.payments.deauthorize(&sale.shop.account);
        sale.app.domain.deliver_webhooks().await;
    }
}

#[actix_web::test]
async fn payment_that_does_not_match_is_on_the_start_page_until_it_is_refunded() {
    let sale = Sale::new().await;
    let (app, payments) = (&sale.app.domain, &sale.app.domain.payments);
    let session = sale.opened().await;
    let payment = sale.app.pay_another_amount(&session).await;
    let start = sale.start().await;
    let words = "A payment of $12.00 by bob@example.com does not match its order";
    assert!(start.contains(words), "{start}");
    assert!(start.contains("href=\"/ada/people/person?email=bob%40example.com\""), "{start}");

    // The buyer is not asked to wait any longer, but the money is still there.
    app.clock.advance_seconds(4 * 24 * 3600);
    assert!(sale.start().await.contains(words));
    payments.refund_in_dashboard(&payment, 1_100).unwrap();
    app.deliver_webhooks().await;
    sale.needs_nothing().await;
}

#[actix_web::test]
async fn dispute_about_a_payment_that_does_not_match_is_on_the_start_page() {
    let sale = Sale::new().await;
    let (app, payments) = (&sale.app.domain, &sale.app.domain.payments);
    let session = sale.opened().await;
    let payment = sale.app.pay_another_amount(&session).await;
    let words = "does not match its order, so it opened nothing, and the bank disputes it.";
    assert!(!sale.start().await.contains(words));
    let dispute = payments.dispute(&payment, DisputeProgress::Open).unwrap();
    app.deliver_webhooks().await;
    let start = sale.start().await;
    assert!(start.contains(words), "{start}");
    payments.decide_dispute(&dispute, DisputeProgress::Won);
    app.deliver_webhooks().await;
    let start = sale.start().await;
    assert!(start.contains("so it opened nothing.") && !start.contains(words), "{start}");
    let ada = Browser::of(&sale.app, "ada").await;
    let person = ada.get("/ada/people/person?email=bob%40example.com").await.body;
    assert!(person.contains("The bank disputed the payment that did not match"), "{person}");
}

#[actix_web::test]
async fn order_that_stripe_does_not_show_is_on_the_start_page_until_a_sweep_reads_it() {
    let sale = Sale::new().await;
    let (app, payments) = (&sale.app.domain, &sale.app.domain.payments);
    payments.pay(&sale.opened().await).unwrap();
    let events = payments.take_events();
    let missing = PaymentsError::Refused { refusal: Refusal::NotFound, message: "404".into() };
    for _ in 0..2 * events.len() {
        payments.fail_next(Call::Checkout, Fault::BeforeEffect(missing.clone()));
    }
    app.deliver(events).await;
    sale.needs_nothing().await;
    app.clock.advance_seconds(3 * 24 * 3600);
    app.work().await;
    let start = sale.start().await;
    let words = "Stripe told us of a payment of $12.00 by bob@example.com and does not show it";
    assert!(start.contains(HEADING) && start.contains(words), "{start}");
    assert!(start.contains("href=\"/ada/people/person?email=bob%40example.com\""), "{start}");

    let request = SweepRequest::default();
    for account in app.reconciler.accounts(&request).await.unwrap() {
        assert_eq!(app.reconciler.sweep(&account, &request).await.error, None);
    }
    sale.needs_nothing().await;
}

#[actix_web::test]
async fn refund_that_failed_is_on_the_start_page_until_another_is_made() {
    let sale = Sale::new().await;
    let purchase = sale.bought().await;
    let bob = sale.app.domain.visitor(&sale.bob).await;
    let refund = || sale.app.domain.refund(&sale.shop, &sale.page, &bob);
    let receipt = refund().await.unwrap();
    sale.app.domain.payments.fail_refund(&receipt.refund);
    sale.app.domain.deliver_webhooks().await;
    let start = sale.start().await;
    assert!(start.contains("A refund to bob@example.com failed"), "{start}");
    assert!(start.contains(&format!("href=\"/ada/purchases/{}/refund\"", purchase.id)), "{start}");
    refund().await.unwrap();
    sale.needs_nothing().await;
}

#[actix_web::test]
async fn second_payment_that_is_held_is_on_the_start_page_until_one_of_both_is_refunded() {
    let sale = Sale::new().await;
    let (app, shop) = (&sale.app.domain, &sale.shop);
    sale.app.hold_second_payments(shop).await;
    let bob = app.visitor(&sale.bob).await;
    let refund = || app.refund(shop, &sale.page, &bob);
    sale.bought().await;
    app.clock.advance_seconds(60);
    let receipt = refund().await.unwrap();
    app.clock.advance_seconds(60);
    sale.bought().await;
    let words = "A second payment by bob@example.com is held until you decide.";
    assert!(!sale.start().await.contains(words));
    app.payments.fail_refund(&receipt.refund);
    app.deliver_webhooks().await;
    let start = sale.start().await;
    assert!(start.contains(words), "{start}");
    assert!(start.contains("href=\"/ada/people/person?email=bob%40example.com\""), "{start}");
    refund().await.unwrap();
    let start = sale.start().await;
    assert!(!start.contains(words), "{start}");
}

#[actix_web::test]
async fn account_that_can_take_no_payments_is_on_the_start_page() {
    let sale = Sale::new().await;
    let restricted = AccountState { details_submitted: true, ..AccountState::default() };
    sale.app.domain.payments.set_account(&sale.shop.account, restricted);
    sale.app.domain.deliver_webhooks().await;
    let start = sale.start().await;
    assert!(start.contains("Stripe lets your account take no payments"), "{start}");
    assert!(start.contains("href=\"/ada/revenue\""), "{start}");

    sale.app.domain.payments.deauthorize(&sale.shop.account);
    sale.app.domain.deliver_webhooks().await;
    let start = sale.start().await;
    assert!(start.contains("Your Stripe account was disconnected"), "{start}");
}

#[actix_web::test]
async fn mail_that_was_given_up_is_on_the_start_page_for_a_week() {
    let sale = Sale::new().await;
    let app = &sale.app.domain;
    app.deliver_mails().await;
    app.mailer.fail_next(MailError::Permanent("recipient: answer 550".into()));
    app.give(&sale.shop, &sale.page, "carol@example.com").await;
    app.work().await;
    let start = sale.start().await;
    assert!(start.contains("A mail to carol@example.com could not be delivered."), "{start}");
    assert!(start.contains("href=\"/ada/mail?q=carol%40example.com\""), "{start}");

    app.mailer.fail_next(MailError::Permanent("recipient: answer 550".into()));
    app.give(&sale.shop, &sale.page, "dave@example.com").await;
    app.work().await;
    let start = sale.start().await;
    assert!(start.contains("2 mails of the last days could not be delivered."), "{start}");

    app.clock.advance_seconds(7 * 24 * 3600);
    sale.needs_nothing().await;
}

#[actix_web::test]
async fn mail_that_was_given_up_is_found_behind_many_others() {
    let sale = Sale::new().await;
    let app = &sale.app.domain;
    app.deliver_mails().await;
    app.mailer.fail_next(MailError::Permanent("recipient: answer 550".into()));
    app.give(&sale.shop, &sale.page, "carol@example.com").await;
    app.work().await;
    let mut unit = app.unit().await;
    for second in 60..161 {
        let mail = QueuedMail { handle_id: Some(sale.shop.handle.id), ..a_mail(at(second)) };
        unit.outbox().insert(&mail).await.unwrap();
    }
    unit.commit().await.unwrap();
    let start = sale.start().await;
    assert!(start.contains("A mail to carol@example.com could not be delivered."), "{start}");
}
