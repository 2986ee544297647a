//! The console: purchases, the export, receipts and refunds.

mod disputes;
mod foreign;
mod refunds;

use actix_web::http::Method;
use serde_json::json;
use tollgate_domain::{access::Purchase, creators::Page, token::Token};
use tollgate_domain_testing::{Shop, a_page, email};

use crate::{
    console_browser::{APP, Browser},
    console_pages::hidden,
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

    /// Moves what Bob has to another address.
    async fn moves_to(&self, address: &str) {
        let (moves, from, to) = (&self.app.domain.moves, email("bob@example.com"), email(address));
        moves.request(&self.shop.creator, &self.shop.handle.name, from, to).await.unwrap();
        let token = self.app.mailed_token(address).await.parse().unwrap();
        moves.confirm(&token).await.unwrap();
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
async fn receipt_of_what_moved_to_another_address_is_not_mailed_there() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let list = ada.get("/ada/purchases").await;
    let id = sale.purchase.id.to_string();
    let fields = [("resend", &*id), ("email", hidden(&list, "email"))];
    assert_eq!(fields[1].1, "bob@example.com");
    sale.moves_to("rob@example.com").await;
    let told = ada.submit("/ada/purchases", &fields).await;
    let words = "this purchase moved to rob@example.com with a change of address.";
    assert!(told.body.contains(words) && told.body.contains("role=\"alert\""), "{told:?}");
    ada.post("/ada/purchases", &fields).await;
    let german = ada.get_in_german("/ada/purchases").await.body;
    let words = "Dieser Kauf wurde mit einem Wechsel der Adresse auf rob@example.com übertragen.";
    assert!(german.contains(words), "{german}");
    assert!(!sale.app.domain.mails_to("rob@example.com").await.contains(&"receipt"));
    let fields = [("resend", &*id), ("email", hidden(&told, "email"))];
    let list = ada.submit("/ada/purchases", &fields).await.body;
    assert!(list.contains("The receipt is on its way to rob@example.com again."), "{list}");
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
