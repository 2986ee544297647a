//! The console: purchases, the export, receipts and refunds.

mod disputes;
mod foreign;

use actix_web::http::Method;
use serde_json::json;
use tollgate_domain::{
    access::Purchase,
    creators::Page,
    payments::{PaymentsError, RefundProgress, Refusal},
    token::Token,
};
use tollgate_domain_testing::{Call, Fault, Shop, a_page};

use crate::{
    console_browser::{APP, Browser},
    support::{ROOT, Reply, TestApp},
};

/// Ada's shop, in which Bob has bought the guide.
struct Sale {
    app: TestApp,
    shop: Shop,
    page: Page,
    bob: Token,
    purchase: Purchase,
}

impl Sale {
    async fn new() -> Self {
        Self::of(TestApp::new()).await
    }

    async fn of(app: TestApp) -> Self {
        let shop = app.shop().await;
        let page = app.page(&shop, "guide").await;
        let bob = app.domain.sign_in("bob@example.com").await;
        let purchase = app.domain.buy(&shop, &page, &bob).await;
        app.domain.deliver_mails().await;
        Self { app, shop, page, bob, purchase }
    }

    fn refund(&self) -> String {
        format!("/ada/purchases/{}/refund", self.purchase.id)
    }

    fn refunds(&self) -> usize {
        let payment = self.purchase.payment.as_ref().unwrap();
        self.app.domain.payments.refunds_of(&payment.payment_intent).len()
    }

    async fn is_open(&self) -> bool {
        self.app.domain.is_open(&self.shop, &self.page, &self.bob).await
    }
}

fn key(reply: &Reply) -> String {
    let key =
        reply.body.split("name=\"key\" value=\"").nth(1).unwrap_or_else(|| panic!("{reply:?}"));
    key.split('"').next().unwrap().to_owned()
}

#[actix_web::test]
async fn list_shows_each_purchase_and_what_can_be_done() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    sale.app.domain.give(&sale.shop, &sale.page, "carol+x@example.com").await;
    let list = ada.get("/ada/purchases").await.body;
    for text in [
        "href=\"/ada/people/person?email=bob%40example.com\"",
        "href=\"/ada/people/person?email=carol%2Bx%40example.com\"",
        "$12.00",
        ">Open</span>",
        ">Bought</span>",
        ">Given away</span>",
        "href=\"/ada/purchases.csv\"",
        "datetime=\"2026-01-01T00:00:00Z\"",
        &format!("href=\"{}\"", sale.refund()),
    ] {
        assert!(list.contains(text), "{text}: {list}");
    }
    assert_eq!(list.matches("/refund\"").count(), 1, "a gift is not refunded");
    assert_eq!(list.matches("name=\"resend\"").count(), 1, "a gift has no receipt");
}

#[actix_web::test]
async fn list_marks_a_purchase_whose_refund_failed() {
    let sale = Sale::new().await;
    let bob = sale.app.domain.visitor(&sale.bob).await;
    let ada = Browser::of(&sale.app, "ada").await;
    let mark = ">Refund failed</span>";
    assert!(!ada.get("/ada/purchases").await.body.contains(mark));
    let receipt = sale.app.domain.refund(&sale.shop, &sale.page, &bob).await.unwrap();
    sale.app.domain.payments.fail_refund(&receipt.refund);
    sale.app.domain.deliver_webhooks().await;
    let list = ada.get("/ada/purchases").await.body;
    assert!(list.contains(mark), "{list}");
    sale.app.domain.refund(&sale.shop, &sale.page, &bob).await.unwrap();
    let list = ada.get("/ada/purchases").await.body;
    assert!(!list.contains(mark), "{list}");
}

#[actix_web::test]
async fn list_is_filtered_and_paged() {
    let sale = Sale::new().await;
    let (app, shop) = (&sale.app, &sale.shop);
    let ada = Browser::of(app, "ada").await;
    let other = app.domain.page(shop, a_page().slug("other").paid(500, "usd").published()).await;
    for number in 0..60 {
        app.domain.give(shop, &other, &format!("reader{number}@example.com")).await;
    }
    let rows = |body: &str| body.matches("<tr><th scope=\"row\">").count();
    let first = ada.get("/ada/purchases?page=other").await.body;
    assert_eq!(rows(&first), 50);
    assert!(first.contains("<option value=\"other\" selected>"));
    let older =
        first.split("class=\"pager\"><a href=\"").nth(1).unwrap().split('"').next().unwrap();
    let older = older.replace("&#38;", "&");
    assert!(older.starts_with("/ada/purchases?page=other&cursor="), "{older}");
    let second = ada.get(&older).await.body;
    assert_eq!(rows(&second), 10);
    assert!(!second.contains("class=\"pager\""));
    let bobs = ada.get("/ada/purchases?page=&email=+BOB%40example.com").await.body;
    assert_eq!(rows(&bobs), 1);
    assert!(bobs.contains("href=\"/ada/purchases.csv?email=BOB%40example.com\""), "{bobs}");
    for query in ["email=nobody%40example.com", "page=nothing", "page=guide&email=a%40b.example"] {
        let none = ada.get(&format!("/ada/purchases?{query}")).await.body;
        assert!(none.contains("No purchase fits") && none.contains("Show all"), "{query}: {none}");
    }
    let start = ada.get("/ada/purchases?email=Reader1").await.body;
    assert_eq!(rows(&start), 11, "reader1 and reader10 to reader19");
    assert!(start.contains("The whole address or its start."), "{start}");
    let long = format!("email={}", "x".repeat(255));
    for (query, field) in [(&*long, "email"), ("page=%3Cb%3E", "page")] {
        let wrong = ada.get(&format!("/ada/purchases?{query}")).await;
        assert_eq!(wrong.status, 422, "{query}");
        assert!(
            wrong.body.contains(&format!("id=\"{field}-error\"")) && !wrong.body.contains("<b>")
        );
    }
}

#[actix_web::test]
async fn payments_that_opened_nothing_are_listed_and_told_on_the_persons_page() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.page(&shop, "guide").await;
    let bob = app.domain.sign_in("bob@example.com").await;
    let pay = app.opened(&shop, &page, &bob).await;
    app.pay_later(&pay).await;
    let ada = Browser::of(&app, "ada").await;
    let list = ada.get("/ada/purchases").await.body;
    assert!(list.contains(">On its way</span>") && !list.contains("No purchase fits"), "{list}");
    app.domain.payments.fail_payment(&pay);
    app.domain.deliver_webhooks().await;
    let list = ada.get("/ada/purchases").await.body;
    assert!(list.contains(">Failed</span>") && list.contains("$12.00"), "{list}");
    let person = ada.get("/ada/people/person?email=bob%40example.com").await.body;
    assert!(person.contains("A payment that began then did not arrive"), "{person}");
    let others = ada.get("/ada/purchases?email=carol%40example.com").await.body;
    assert!(!others.contains(">Failed</span>") && others.contains("No purchase fits"), "{others}");
}

#[actix_web::test]
async fn shop_without_purchases_is_led_to_the_first() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let empty = ada.get("/ada/purchases").await.body;
    assert!(empty.contains("<a class=\"button\" href=\"/ada/revenue\">"), "{empty}");
    assert!(!empty.contains("<table") && !empty.contains(".csv"));
}

#[actix_web::test]
async fn export_has_every_purchase_and_no_formula() {
    let sale = Sale::new().await;
    let (app, shop) = (&sale.app, &sale.shop);
    let ada = Browser::of(app, "ada").await;
    let name = &shop.handle.name;
    let mut page = a_page().slug("sum").paid(2_000, "jpy").published().new_page();
    page.title = "=1+1, \"Grüße\"".into();
    let page = app.domain.pages.create(&shop.creator, name, page).await.unwrap();
    for number in 0..230 {
        app.domain.give(shop, &page, &format!("+{number}@example.com")).await;
    }
    let csv = ada.get("/ada/purchases.csv").await;
    assert_eq!(csv.status, 200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"ada-purchases.csv\"");
    assert_eq!(csv.header("cache-control"), "private, no-store");
    let body = csv.body.strip_prefix('\u{feff}').unwrap();
    assert!(body.ends_with("\r\n"));
    let lines: Vec<_> = body.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 232);
    assert!(
        lines[0].starts_with("Date (UTC),Buyer,Page,Address of the page,Kind,Access,Currency,")
    );
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    let sold = format!(
        "2026-01-01 00:00:00,bob@example.com,A guide,guide,Bought,Open,USD,12.00,0.00,,{},{payment}",
        sale.purchase.id
    );
    assert!(lines.contains(&&*sold), "{sold}");
    let given = lines.iter().find(|line| line.contains(",'+229@example.com,")).unwrap();
    assert!(given.contains(",\"'=1+1, \"\"Grüße\"\"\",sum,Given away,Open,,,,,pur_"), "{given}");
    let one = ada.get("/ada/purchases.csv?page=guide&email=bob%40example.com").await;
    assert_eq!(one.body.lines().count(), 2);
    let wrong = ada.get("/ada/purchases.csv?page=_").await;
    assert_eq!(wrong.header("location"), "/ada/purchases?page=_");
}

#[actix_web::test]
async fn export_is_what_spreadsheets_of_the_language_expect() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let call = sale.app.get(APP, "/ada/purchases.csv").with("cookie", &ada.cookies());
    let csv = call.with("accept-language", "de").send().await.body;
    assert!(csv.starts_with("\u{feff}Datum (UTC);"), "{csv}");
    let row = ";bob@example.com;A guide;guide;Gekauft;Offen;USD;\"12,00\";\"0,00\";;";
    assert!(csv.contains(row), "{csv}");
}

#[actix_web::test]
async fn export_and_refund_are_the_owners_only() {
    let sale = Sale::new().await;
    let app = &sale.app;
    app.domain.shop("eve").await;
    let (eve, nobody) = (Browser::of(app, "eve").await, Browser::new(app));
    let refund = sale.refund();
    for path in ["/ada/purchases.csv", &refund] {
        assert!(nobody.get(path).await.header("location").starts_with("/sign-in?next=%2Fada%2F"));
        assert_eq!(eve.get(path).await.status, 404, "{path}");
        assert_eq!(eve.get(&path.replace("/ada/", "/nobody/")).await.status, 404, "{path}");
    }
    // Her own shop does not have the purchase.
    for path in [&refund, &refund.replace("/ada/", "/eve/")] {
        assert_eq!(eve.get(path).await.status, 404, "{path}");
        assert_eq!(eve.post(path, &[]).await.status, 404, "{path}");
    }
    let id = sale.purchase.id.to_string();
    assert_eq!(eve.post("/eve/purchases", &[("resend", &id)]).await.status, 404);
    assert_eq!(nobody.post(&refund, &[]).await.header("location"), "/sign-in");
    let ada = Browser::of(app, "ada").await;
    let call = app.post(APP, &refund).with("cookie", &ada.cookies());
    let call = call.with("origin", "http://ada.tollgate.localhost:8080");
    let foreign = call.body("application/x-www-form-urlencoded", "reason=x").send().await;
    assert_eq!(foreign.status, 403);
    for id in ["pur_01j9z3k5v7w8x9y0z1a2b3c4d5", "pur_x", "x"] {
        assert_eq!(ada.get(&format!("/ada/purchases/{id}/refund")).await.status, 404, "{id}");
        assert_eq!(ada.post("/ada/purchases", &[("resend", id)]).await.status, 404, "{id}");
    }
    assert_eq!(sale.refunds(), 0);
    let screen = ada.get(&refund).await;
    assert_eq!(screen.header("cache-control"), "private, no-store");
    assert_eq!(screen.body.matches("<h1").count(), 1);
    assert!(!screen.body.contains("console-") && !screen.body.contains("style="));
}

#[actix_web::test]
async fn receipt_is_mailed_again() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let id = sale.purchase.id.to_string();
    let path = "/ada/purchases?page=guide";
    let reply = ada.post(path, &[("resend", &id)]).await;
    assert_eq!(reply.header("location"), path);
    let list = ada.follow(reply).await.body;
    assert!(list.contains("The receipt is on its way to bob@example.com again."), "{list}");
    let mails = sale.app.domain.mails_to("bob@example.com").await;
    assert_eq!(mails.iter().filter(|kind| **kind == "receipt").count(), 2);
}

#[actix_web::test]
async fn refund_names_what_happens_and_happens_once() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let asked = ada.get(&sale.refund()).await;
    for text in [
        "<h1>Give $12.00 back?</h1>",
        "$12.00 goes back to bob@example.com",
        "Banks take 5 to 10 working days for it.",
        "Access to “A guide” ends now",
        "name=\"reason\"",
    ] {
        assert!(asked.body.contains(text), "{text}: {}", asked.body);
    }
    assert!(sale.is_open().await, "looking changes nothing");
    let key = key(&asked);
    let fields = [("key", &*key), ("reason", "Bought twice")];
    for _ in 0..2 {
        let done = ada.submit(&sale.refund(), &fields).await.body;
        assert!(done.contains("Refunded: $12.00, bob@example.com. The access has ended"), "{done}");
        assert!(done.contains(">Refunded</span>") && !done.contains("/refund\""));
    }
    assert_eq!(sale.refunds(), 1);
    assert!(!sale.is_open().await);
    let person = ada.get("/ada/people/person?email=bob%40example.com").await.body;
    assert!(person.contains("<q dir=\"auto\">Bought twice</q>"), "{person}");
    let again = ada.get(&sale.refund()).await.body;
    assert!(again.contains("<h1>Refunded already</h1>") && !again.contains("name=\"key\""));
    let late = ada.post(&sale.refund(), &[]).await;
    assert_eq!(late.status, 422);
    assert!(late.body.contains("There is nothing left to refund."));
    assert_eq!(sale.refunds(), 1);
}

#[actix_web::test]
async fn reason_that_is_too_long_is_kept_beside_its_error() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let asked = ada.get(&sale.refund()).await;
    let reason = "<b>🪴".repeat(200);
    let reply = ada.post(&sale.refund(), &[("key", &key(&asked)), ("reason", &reason)]).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("id=\"reason-error\">Please use at most 500 characters."));
    assert!(reply.body.contains(&"&#60;b&#62;🪴".repeat(200)) && key(&reply) == key(&asked));
    assert_eq!(sale.refunds(), 0);
}

#[actix_web::test]
async fn refund_that_stripe_does_not_make_is_explained_on_its_page() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let key = key(&ada.get(&sale.refund()).await);
    let fields = [("key", &*key)];
    let refused = |refusal, message: &str| {
        Fault::BeforeEffect(PaymentsError::Refused { refusal, message: message.to_owned() })
    };
    for (refusal, told) in [
        (Refusal::InsufficientBalance, "Your balance at Stripe is too low"),
        (Refusal::AccountDisconnected, "Refund it in the dashboard of that account at Stripe."),
        (Refusal::AccountRestricted, "Stripe has restricted your account"),
        (Refusal::Disputed, "The bank decides"),
        (Refusal::WithMessage, "Stripe’s answer: 400 &#60;no&#62;"),
        (Refusal::Other, "Stripe’s answer: 400 &#60;no&#62;"),
    ] {
        sale.app.domain.payments.fail_next(Call::Refund, refused(refusal, "400 <no>"));
        let reply = ada.post(&sale.refund(), &fields).await;
        assert_eq!(reply.status, 422, "{refusal:?}");
        assert!(reply.body.contains(told) && reply.body.contains("Error:"), "{}", reply.body);
        assert!(sale.is_open().await, "{refusal:?}");
    }
    sale.app.domain.payments.set_down(true);
    let away = ada.post(&sale.refund(), &fields).await;
    assert_eq!(away.status, 422);
    assert!(away.body.contains("Stripe did not answer") && sale.is_open().await, "{}", away.body);
    sale.app.domain.payments.set_down(false);
    let underway = ada.get(&sale.refund()).await;
    assert!(underway.body.contains("A refund is under way"), "{}", underway.body);
    ada.submit(&sale.refund(), &fields).await;
    assert_eq!(sale.refunds(), 1);
    assert!(!sale.is_open().await);
}

#[actix_web::test]
async fn error_of_a_refund_names_no_field_that_is_not_on_the_screen() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let long = "x".repeat(501);
    let open = ada.post(&sale.refund(), &[("reason", &*long)]).await;
    assert!(open.status == 422 && open.body.contains("id=\"reason-error\""), "{}", open.body);
    let bob = sale.app.domain.visitor(&sale.bob).await;
    sale.app.domain.refund(&sale.shop, &sale.page, &bob).await.unwrap();
    let over = ada.post(&sale.refund(), &[("reason", &*long)]).await;
    assert!(over.status == 422 && over.body.contains("nothing left to refund"), "{}", over.body);
    assert!(!over.body.contains("#reason") && !over.body.contains("reason-error"), "{}", over.body);
}

#[actix_web::test]
async fn refund_that_fails_at_once_can_be_tried_again() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    sale.app.domain.payments.set_refund_progress(RefundProgress::Failed);
    let first = key(&ada.get(&sale.refund()).await);
    let failed = ada.post(&sale.refund(), &[("key", &first), ("reason", "Why not")]).await;
    assert_eq!(failed.status, 422);
    assert!(failed.body.contains("could not carry it out") && failed.body.contains("Why not"));
    assert!(sale.is_open().await);
    let second = key(&failed);
    assert_ne!(first, second);
    sale.app.domain.payments.set_refund_progress(RefundProgress::Pending);
    ada.submit(&sale.refund(), &[("key", &second)]).await;
    assert!(!sale.is_open().await);
}

#[actix_web::test]
async fn refund_that_failed_later_is_told_until_the_next_one() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let (app, told) = (&sale.app.domain, "could not carry it out");
    let asked = ada.get(&sale.refund()).await;
    assert!(!asked.body.contains(told));
    ada.submit(&sale.refund(), &[("key", &key(&asked))]).await;
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    let (refund, _) = app.payments.refunds_of(payment).remove(0);
    app.clock.advance_seconds(60);
    app.payments.fail_refund(&refund);
    app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    let failed = ada.get(&sale.refund()).await;
    assert_eq!(failed.body.matches(told).count(), 1, "{}", failed.body);
    assert!(failed.status == 200 && failed.body.contains("<h1>Give $12.00 back?</h1>"));
    let mark = ">Refund failed</span>";
    assert!(ada.get("/ada/purchases").await.body.contains(mark));
    app.clock.advance_seconds(60);
    app.payments.refund_in_dashboard(payment, 500).unwrap();
    app.deliver_webhooks().await;
    assert!(!ada.get(&sale.refund()).await.body.contains(told));
    let list = ada.get("/ada/purchases").await.body;
    assert!(!list.contains(mark), "{list}");
}

#[actix_web::test]
async fn receipt_names_the_tax_that_stripe_computed() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let wish = json!({"invoiceCreation": true, "automaticTax": true, "taxIdCollection": true});
    let set = app.call(Method::PATCH, ROOT, "/v2/handles/ada").bearer(&token).json(&wish);
    let set = set.send().await.json();
    for (name, value) in wish.as_object().unwrap() {
        assert_eq!(&set[name], value, "{name}");
    }
    let page = app.domain.page(&shop, a_page().paid(1_200, "usd").published()).await;
    let bob = app.domain.sign_in("bob@example.com").await;
    let bought = app.domain.buy(&shop, &page, &bob).await;
    let receipt = format!("/v2/visitor/purchases/{}/receipt", bought.id);
    let ask = || app.get(ROOT, &receipt).with("cookie", &format!("_10x_visitor={}", bob.reveal()));
    let told = ask().send().await;
    assert!(told.header("vary").contains("Accept, "), "{told:?}");
    let told = told.json();
    assert_eq!(told["amount"], json!({"amount": 1200, "currency": "usd"}));
    assert_eq!(told["tax"], json!({"amount": 200, "currency": "usd"}));
    let printed = ask().with("accept", "text/html").send().await;
    assert!(printed.header("vary").contains("Accept, "), "{printed:?}");
    let printed = printed.body;
    assert!(printed.contains("<dt>Of that, tax</dt><dd>$2.00</dd>"), "{printed}");
}

#[actix_web::test]
async fn part_that_was_refunded_is_left_out() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    sale.app.domain.payments.refund_in_dashboard(payment, 500).unwrap();
    sale.app.domain.deliver_webhooks().await;
    let asked = ada.get(&sale.refund()).await;
    assert!(asked.body.contains("<h1>Give $7.00 back?</h1>"), "{}", asked.body);
    assert!(asked.body.contains("<dd>$5.00</dd>"));
    assert!(ada.get("/ada/purchases").await.body.contains("$5.00 given back"));
    let done = ada.submit(&sale.refund(), &[("key", &key(&asked))]).await.body;
    assert!(done.contains("Refunded: $7.00, bob@example.com."), "{done}");
}

#[actix_web::test]
async fn other_purchase_of_the_page_keeps_it_open() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    sale.app.domain.give(&sale.shop, &sale.page, "bob@example.com").await;
    let asked = ada.get(&sale.refund()).await;
    assert!(asked.body.contains("Access to “A guide” stays"), "{}", asked.body);
    let done = ada.submit(&sale.refund(), &[("key", &key(&asked))]).await.body;
    let stays = "The access stays, because of another purchase or a gift of the same page.";
    assert!(done.contains(stays), "{done}");
    assert!(sale.is_open().await);
}

#[actix_web::test]
async fn gift_has_nothing_to_refund() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let gift = sale.app.domain.give(&sale.shop, &sale.page, "carol@example.com").await.grant;
    let path = format!("/ada/purchases/{}/refund", gift.id);
    let asked = ada.get(&path).await.body;
    assert!(asked.contains("<h1>Nothing to refund</h1>"), "{asked}");
    assert!(asked.contains("href=\"/ada/people/person?email=carol%40example.com\""));
    let reply = ada.post(&path, &[]).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("This access was given away"), "{}", reply.body);
}
