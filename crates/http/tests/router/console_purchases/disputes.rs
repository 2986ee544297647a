//! Disputes of purchases.

use serde_json::json;
use tollgate_domain::{
    files::FileAccess,
    payments::{DisputeId, DisputeProgress},
};
use tollgate_domain_testing::a_page;

use super::{Sale, key};
use crate::{
    console_browser::{APP, Browser},
    site_files::upload,
    support::{ADA, ROOT, TestApp},
};

impl Sale {
    /// Lets the bank take the money back, or ask about it.
    async fn bank_disputes(&self, progress: DisputeProgress) -> DisputeId {
        let payment = &self.purchase.payment.as_ref().unwrap().payment_intent;
        let dispute = self.app.domain.payments.dispute(payment, progress).unwrap();
        self.app.domain.deliver_webhooks().await;
        dispute
    }

    /// The path of the screen about it.
    fn dispute(&self) -> String {
        format!("/ada/purchases/{}/dispute", self.purchase.id)
    }
}

#[actix_web::test]
async fn disputed_purchase_is_not_refunded() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    sale.bank_disputes(DisputeProgress::Open).await;
    let asked = ada.get(&sale.refund()).await;
    assert!(asked.body.contains("<h1>Disputed: no refund now</h1>"), "{}", asked.body);
    assert!(asked.body.contains("The bank decides") && !asked.body.contains("name=\"key\""));
    let reply = ada.post(&sale.refund(), &[]).await;
    assert_eq!(reply.status, 422);
    assert_eq!(sale.refunds(), 0);
    let list = ada.get("/ada/purchases").await.body;
    assert!(list.contains(">Disputed</span>"));
    let evidence = format!("href=\"{}\"", sale.dispute());
    assert!(list.contains(&evidence), "{list}");
}

/// The rest stays with the seller, who may refund it.
#[actix_web::test]
async fn what_a_lost_dispute_left_can_be_refunded() {
    for (part, heading) in
        [(500, "<h1>Refund $7.00?</h1>"), (1_200, "<h1>Lost in a dispute: no refund here</h1>")]
    {
        let sale = Sale::new().await;
        let ada = Browser::of(&sale.app, "ada").await;
        let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
        let payments = &sale.app.domain.payments;
        payments.dispute_part(payment, part, DisputeProgress::Lost).unwrap();
        sale.app.domain.deliver_webhooks().await;
        let asked = ada.get(&sale.refund()).await.body;
        assert!(asked.contains(heading), "{asked}");
        assert_eq!(asked.contains("name=\"key\""), part < 1_200, "{asked}");
    }
}

/// Also an inquiry, which suspends nothing, and one that was decided.
#[actix_web::test]
async fn list_leads_to_every_dispute() {
    for (progress, is_refundable, words) in [
        (DisputeProgress::Inquiry, true, "Question or dispute of the bank"),
        (DisputeProgress::Open, true, "Dispute and evidence"),
        (DisputeProgress::Won, true, "Question or dispute of the bank"),
        (DisputeProgress::Lost, false, "Dispute and evidence"),
    ] {
        let sale = Sale::new().await;
        let ada = Browser::of(&sale.app, "ada").await;
        let link = format!("href=\"{}\"", sale.dispute());
        assert!(!ada.get("/ada/purchases").await.body.contains(&link));
        sale.bank_disputes(progress).await;
        let list = ada.get("/ada/purchases").await.body;
        assert!(list.contains(&format!("{link}>{words}")), "{progress:?}: {list}");
        assert_eq!(list.contains(&sale.refund()), is_refundable, "{progress:?}");
    }
}

#[actix_web::test]
async fn dispute_is_shown_with_its_deadline_and_the_evidence() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let path = sale.dispute();
    assert_eq!(ada.get(&path).await.status, 404);
    assert!(!ada.get(&sale.refund()).await.body.contains("Dispute and evidence"));
    let page =
        sale.app.get(ADA, "/guide").with("cookie", &format!("_10x_visitor={}", sale.bob.reveal()));
    assert_eq!(page.send().await.status, 200);
    sale.app.domain.gate.views().store().await.unwrap();
    sale.bank_disputes(DisputeProgress::Open).await;

    assert!(ada.get(&sale.refund()).await.body.contains(&format!("href=\"{path}\"")));
    let shown = ada.get(&path).await.body;
    for text in [
        "<h1>Dispute over $12.00</h1>",
        "Waits for your answer",
        "<dd>the payment was not made by the cardholder</dd>",
        "bob@example.com bought “A guide” from",
        "Opened the page:\n- 1 Jan 2026",
        "works once.",
        "no access now. Answer at Stripe before the date below; without an answer the money is lost.",
        "Copy it into your answer at Stripe.",
        ">Answer at Stripe</a>",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }

    let token = sale.app.token("ada").await;
    let api = format!("/v2/handles/ada/purchases/{}/dispute", sale.purchase.id);
    let told = sale.app.get(ROOT, &api).bearer(&token).send().await.json();
    assert_eq!(told["status"], "NEEDS_RESPONSE");
    assert_eq!(told["amount"], json!({"amount": 1200, "currency": "usd"}));
    assert!(told["respondBy"].is_string(), "{told}");
    assert_eq!(told["evidence"]["views"][0]["slug"], "guide");
    assert_eq!(told["evidence"]["views"][0]["count"], 1);
    assert_eq!(told["evidence"]["signIns"][0]["count"], 1, "{told}");
    assert!(told["evidence"]["text"].as_str().unwrap().starts_with("Evidence about the dispute"));

    assert_eq!((&told["connected"], &told["openToBuyer"]), (&json!(true), &json!(false)), "{told}");
    let german = sale.app.get(ROOT, &api).bearer(&token).with("accept-language", "de").send().await;
    let german = german.json()["evidence"]["text"].as_str().unwrap().to_owned();
    assert!(german.starts_with("Nachweise zur Anfechtung"), "{german}");

    sale.app.domain.shop("eve").await;
    let eve = sale.app.token("eve").await;
    let theirs = sale.app.get(ROOT, &api).bearer(&eve).send().await;
    assert_eq!(theirs.refusal(), "404 handle_not_found");
    let unknown = sale.app.get(ROOT, "/v2/handles/ada/purchases/x/dispute").bearer(&token);
    assert_eq!(unknown.send().await.refusal(), "404 purchase_not_found");
    let eve = Browser::of(&sale.app, "eve").await;
    for theirs in [&path, &path.replace("/ada/", "/eve/")] {
        assert_eq!(eve.get(theirs).await.status, 404, "{theirs}");
    }
}

/// The events of the payment came two days late.
#[actix_web::test]
async fn evidence_says_when_it_was_paid_and_from_when_on_it_was_open() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().paid(1_200, "usd").published()).await;
    let bob = app.domain.sign_in("bob@example.com").await;
    let started = app.domain.start(&shop, &page, &bob).await.unwrap();
    let payments = &app.domain.payments;
    let payment = payments.pay(&payments.session_at(&started.url).unwrap()).unwrap();
    app.domain.clock.advance_seconds(2 * 24 * 3_600);
    app.domain.deliver_webhooks().await;
    payments.dispute(&payment, DisputeProgress::Open).unwrap();
    app.domain.deliver_webhooks().await;
    let purchase = app.domain.store.purchases().pop().unwrap();
    let token = app.token("ada").await;
    let path = format!("/v2/handles/ada/purchases/{}/dispute", purchase.id);
    for (language, paid, open) in [
        ("en", " on 1 Jan 2026", "open to the buyer from 3 Jan 2026"),
        ("de", " am 01.01.2026", "dem Käufer ab dem 03.01.2026"),
    ] {
        let told = app.get(ROOT, &path).bearer(&token).with("accept-language", language);
        let told = told.send().await.json();
        let text = told["evidence"]["text"].as_str().unwrap();
        assert!(text.contains(paid) && text.contains(open), "{text}");
    }
}

#[actix_web::test]
async fn purchase_that_was_never_disputed_is_told_from_one_that_does_not_exist() {
    let sale = Sale::new().await;
    let token = sale.app.token("ada").await;
    for (id, detail) in [
        (sale.purchase.id.to_string(), "The purchase was never disputed."),
        ("x".to_owned(), "There is no such purchase"),
    ] {
        let api = format!("/v2/handles/ada/purchases/{id}/dispute");
        let refused = sale.app.get(ROOT, &api).bearer(&token).send().await;
        assert_eq!(refused.refusal(), "404 purchase_not_found", "{id}");
        assert_eq!(refused.json()["detail"], detail, "{id}");
    }
}

#[actix_web::test]
async fn evidence_names_downloaded_files_with_their_times() {
    let sale = Sale::new().await;
    let of_page = Some(sale.page.slug.clone());
    upload(&sale.app, &sale.shop, "workbook", FileAccess::Page, of_page).await;
    let file = sale.app.get(ADA, "/v2/public/files/ada/workbook").visitor(&sale.bob);
    assert_eq!(file.send().await.status, 200);
    sale.app.domain.gate.views().store().await.unwrap();
    sale.bank_disputes(DisputeProgress::Open).await;

    let ada = Browser::of(&sale.app, "ada").await;
    let shown = ada.get(&sale.dispute()).await.body;
    assert!(shown.contains("Downloaded files:\n- workbook: 1 Jan 2026"), "{shown}");
    assert!(!shown.contains("Opened the page:"), "{shown}");
    assert!(!shown.contains("No view of the page and no download is recorded."), "{shown}");

    let token = sale.app.token("ada").await;
    let api = format!("/v2/handles/ada/purchases/{}/dispute", sale.purchase.id);
    let told = sale.app.get(ROOT, &api).bearer(&token).send().await.json();
    let download = &told["evidence"]["downloads"][0];
    assert_eq!((&download["slug"], &download["count"]), (&json!("workbook"), &json!(1)), "{told}");
}

#[actix_web::test]
async fn dispute_that_is_over_asks_for_no_answer() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    let dispute = sale.app.domain.payments.dispute(payment, DisputeProgress::Open).unwrap();
    sale.app.domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    sale.app.domain.deliver_webhooks().await;
    let shown = ada.get(&sale.dispute()).await.body;
    assert!(shown.contains("The bank gave the money back to the buyer"), "{shown}");
    assert!(!shown.contains("Copy it into your answer"), "{shown}");
    assert!(!shown.contains("Answer at Stripe"), "{shown}");
}

#[actix_web::test]
async fn dispute_that_is_won_says_that_the_bank_takes_no_money() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    let dispute = sale.app.domain.payments.dispute(payment, DisputeProgress::Open).unwrap();
    sale.app.domain.deliver_webhooks().await;
    sale.app.domain.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.domain.deliver_webhooks().await;
    let shown = ada.get(&sale.dispute()).await.body;
    assert!(shown.contains("takes no money back. The page is open to the buyer."), "{shown}");
    let german = ada.get_in_german(&sale.dispute()).await.body;
    assert!(
        german.contains("bucht nichts zurück. Die Seite ist für den Käufer offen."),
        "{german}"
    );
}

/// What is copied must not speak against the creator.
#[actix_web::test]
async fn evidence_without_views_says_so_beside_the_text() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    sale.bank_disputes(DisputeProgress::Inquiry).await;
    let path = sale.dispute();
    let shown = ada.get(&path).await.body;
    let (around, text) = shown.split_once("<textarea").unwrap();
    assert!(around.contains("<p>No view of the page and no download is recorded."), "{shown}");
    assert!(!text.contains("No view"), "{shown}");

    let page = sale.app.get(ADA, "/guide").visitor(&sale.bob);
    let page = page.with("sec-fetch-site", "cross-site").with("sec-fetch-mode", "navigate");
    assert_eq!(page.with("sec-fetch-dest", "document").send().await.status, 200);
    sale.app.domain.gate.views().store().await.unwrap();
    let shown = ada.get(&path).await.body;
    assert!(shown.contains("Opened the page:"), "{shown}");
    assert!(!shown.contains("No view of the page"), "{shown}");
}

#[actix_web::test]
async fn inquiry_is_a_question_of_the_bank_and_no_dispute() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    sale.bank_disputes(DisputeProgress::Inquiry).await;
    let path = sale.dispute();
    let refund = ada.get(&sale.refund()).await.body;
    let link = format!("<a href=\"{path}\">Question of the bank and evidence</a>");
    assert!(refund.contains(&link), "{refund}");
    let shown = ada.get(&path).await.body;
    assert!(shown.contains("<h1>Question of the bank about $12.00</h1>"), "{shown}");
    assert!(shown.contains("The bank asks") && !shown.contains("Dispute over"));
    assert!(shown.contains("keeps the access. Answer at Stripe before the date below"), "{shown}");
    // So the text for the bank calls it what it is.
    assert!(shown.contains("Evidence about the inquiry du_"), "{shown}");
    assert!(!shown.contains("about the dispute"), "{shown}");
    let token = sale.app.token("ada").await;
    let api = format!("/v2/handles/ada/purchases/{}/dispute", sale.purchase.id);
    let german = sale.app.get(ROOT, &api).bearer(&token).with("accept-language", "de").send().await;
    let german = german.json()["evidence"]["text"].as_str().unwrap().to_owned();
    assert!(german.starts_with("Nachweise zur Rückfrage du_"), "{german}");
}

#[actix_web::test]
async fn question_about_a_payment_that_is_refunded_needs_no_answer() {
    for is_given in [false, true] {
        let sale = Sale::new().await;
        let ada = Browser::of(&sale.app, "ada").await;
        let told = "Once it is refunded, nothing is left to answer.";
        assert!(!ada.get(&sale.refund()).await.body.contains(told));
        let inquiry = sale.bank_disputes(DisputeProgress::Inquiry).await;
        let asked = ada.get(&sale.refund()).await;
        assert!(asked.body.contains(told), "{}", asked.body);
        ada.submit(&sale.refund(), &[("key", &key(&asked))]).await;
        if is_given {
            sale.app.domain.give(&sale.shop, &sale.page, "bob@example.com").await;
        }
        let shown = ada.get(&sale.dispute()).await.body;
        assert!(shown.contains("is refunded, so nothing is left to answer"), "{shown}");
        assert_eq!(shown.contains("and the access has ended"), !is_given, "{shown}");
        assert_eq!(shown.contains("The page stays open to the buyer"), is_given, "{shown}");
        assert!(!shown.contains("keeps the access") && !shown.contains("Answer until"), "{shown}");
        assert!(!shown.contains("Answer at Stripe") && !shown.contains("Copy it"), "{shown}");
        sale.app.domain.payments.decide_dispute(&inquiry, DisputeProgress::Won);
        sale.app.domain.deliver_webhooks().await;
        let shown = ada.get(&sale.dispute()).await.body;
        assert!(!shown.contains("keeps the access"), "{shown}");
        assert_eq!(shown.contains("is closed to the buyer for another reason"), !is_given);
    }
}

#[actix_web::test]
async fn dispute_in_the_sandbox_is_answered_there() {
    for progress in [DisputeProgress::Open, DisputeProgress::Inquiry] {
        let sale = Sale::of(TestApp::in_sandbox()).await;
        let ada = Browser::of(&sale.app, "ada").await;
        let dispute = sale.bank_disputes(progress).await;
        let path = sale.dispute();
        let shown = ada.get(&path).await.body;
        let page = format!("<a href=\"http://127.0.0.1:4242/disputes/{}\"", dispute.as_str());
        assert!(shown.contains(&page), "{page}: {shown}");
        // No creator has to know of calls.
        assert!(!shown.contains("_sandbox") && !shown.contains("POST /"), "{shown}");
        assert!(!shown.contains("Answer at Stripe") && !shown.contains("Copy it"), "{shown}");
        assert!(!shown.contains("dashboard.stripe.com"), "{shown}");
        let german = sale.app.get(APP, &path).with("cookie", &ada.cookies());
        let german = german.with("accept-language", "de").send().await.body;
        assert!(german.contains("In der Sandbox antworten und entscheiden"), "{german}");
        assert!(!german.contains("Antworten Sie bei Stripe"), "{german}");
        assert!(!german.contains("Kopieren Sie"), "{german}");
        // Once it is decided, there is nothing to answer.
        sale.app.domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
        sale.app.domain.deliver_webhooks().await;
        assert!(!ada.get(&path).await.body.contains("127.0.0.1:4242/disputes"));
    }
}
