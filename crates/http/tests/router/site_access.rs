//! "My access": what a visitor has, and where the visitor is signed in.

use serde_json::json;
use tollgate_domain::{
    creators::{PageChange, PageStatus},
    payments::DisputeProgress,
    token::Token,
};
use tollgate_domain_testing::{a_page, email};

use crate::{
    site_browser::Window,
    support::{ADA, ROOT, TestApp},
};

const BOB: &str = "bob@example.com";

#[actix_web::test]
async fn rows_say_how_when_and_whether_it_is_open() {
    let app = TestApp::new();
    let seller = app.shop().await.handle.title;
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ROOT, &session);
    assert!(window.get("/access").await.body.contains("You have none yet"));
    let hosted = Window::of(&app, ADA, &session).begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    let page = window.get("/access").await;
    assert!(page.body.contains("On their way") && page.body.contains("$12.00"), "{}", page.body);
    app.domain.payments.apply(&hosted);
    app.domain.deliver_webhooks().await;
    let page = window.get("/access").await;
    assert!(!page.body.contains("On their way"));
    for text in [
        "href=\"http://ada.tollgate.localhost:8080/guide\"",
        &format!("<a href=\"http://ada.tollgate.localhost:8080\" dir=\"auto\">{seller}</a>"),
        "Bought, $12.00",
        "<time datetime=\"2026-01-01T00:00:00Z\">1 January 2026</time>",
        "class=\"mark\">Active",
        "href=\"/access/receipts/pur_",
        "aria-label=\"Receipt for ",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
}

#[actix_web::test]
async fn what_does_not_exist_for_the_visitor_any_more_has_no_link() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().slug("b").paid(900, "usd").published()).await;
    let session = app.domain.sign_in(BOB).await;
    let visitor = app.domain.visitor(&session).await;
    app.domain.buy(&shop, &page, &session).await;
    app.domain.refund(&shop, &page, &visitor).await.unwrap();
    let hosted = Window::of(&app, ADA, &session).begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    let window = Window::of(&app, ROOT, &session);
    let links = ["guide", "b"].map(|slug| format!("href=\"http://{ADA}/{slug}\""));
    let list = window.get("/access").await.body;
    assert!(links.iter().all(|link| list.contains(link)), "{list}");
    assert!(!list.contains("does not offer it"), "{list}");
    for slug in ["guide", "b"] {
        let page = app.page(&shop, slug).await;
        let archived = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
        app.domain.change(&shop, &page, archived).await;
        assert_eq!(Window::of(&app, ADA, &session).get(&format!("/{slug}")).await.status, 404);
    }
    let list = window.get("/access").await.body;
    assert!(!links.iter().any(|link| list.contains(link)), "{list}");
    assert_eq!(list.matches("There is no page to open now.").count(), 2, "{list}");
    assert!(list.contains("On their way") && list.contains("Refunded"), "{list}");
    assert!(list.contains("href=\"/access/receipts/pur_"), "{list}");
}

#[actix_web::test]
async fn receipt_says_what_the_bank_took_back() {
    for (progress, is_lost) in [(DisputeProgress::Open, false), (DisputeProgress::Lost, true)] {
        let app = TestApp::new();
        let shop = app.shop().await;
        let page = app.domain.page(&shop, a_page().paid(1_200, "usd").published()).await;
        let bob = app.domain.sign_in(BOB).await;
        let bought = app.domain.buy(&shop, &page, &bob).await;
        let payment = bought.payment.unwrap().payment_intent;
        app.domain.payments.dispute(&payment, progress).unwrap();
        app.domain.deliver_webhooks().await;
        let path = format!("/access/receipts/{}", bought.id);
        let shown = Window::of(&app, ROOT, &bob).get(&path).await.body;
        let line = "<dt>Dispute</dt><dd>The bank took back $12.00</dd>";
        assert_eq!(shown.contains(line), is_lost, "{shown}");
        assert_eq!(shown.contains("<dt>Dispute</dt>"), is_lost, "{shown}");
        // The receipt says so in all its forms.
        let path = format!("/v2/visitor/purchases/{}/receipt", bought.id);
        let receipt = app.get(ROOT, &path).visitor(&bob).send().await.json();
        // Its number breaks at the dash only.
        let number = receipt["number"].as_str().unwrap();
        let (name, own) = number.split_once('-').unwrap();
        let number = format!("<dd class=\"number\">{name}-<span>{own}</span></dd>");
        assert!(shown.contains(&number), "{shown}");
        let lost = if is_lost { 1_200 } else { 0 };
        assert_eq!(receipt["lost"], json!({"amount": lost, "currency": "usd"}), "{receipt}");
        assert_eq!(receipt["refunded"], json!({"amount": 0, "currency": "usd"}), "{receipt}");
    }
}

#[actix_web::test]
async fn address_that_is_none_is_said_on_the_page_that_asks_for_it() {
    let app = TestApp::new();
    app.shop().await;
    let receipt = "/access/receipts/pur_01j9z3k5v7w8x9y0z1a2b3c4d5";
    for (place, heading) in [("/access", "My access"), (receipt, "Receipt")] {
        let asked = Window::new(&app, ROOT).get(place).await.body;
        assert!(asked.contains("name=\"on\" value=\"page\""), "{asked}");
        let typed = [("on", "page"), ("email", "bob@"), ("returnTo", place)];
        let again = Window::new(&app, ROOT).post("/-/sign-in", &typed).await;
        assert_eq!(again.status, 422);
        for part in [&*format!("<title>Error: {heading}"), "value=\"bob@\"", "id=\"email-error\""] {
            assert!(again.body.contains(part), "{part}: {}", again.body);
        }
    }
}

#[actix_web::test]
async fn old_address_is_told_where_its_purchases_are_and_nobody_else() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().slug("sold").paid(1_200, "usd").published()).await;
    let bob = app.domain.sign_in(BOB).await;
    app.domain.buy(&shop, &page, &bob).await;
    let (name, to) = (&shop.handle.name, email("rob@example.net"));
    app.domain.moves.request(&shop.creator, name, email(BOB), to).await.unwrap();
    let token = app.mailed_token("rob@example.net").await.parse::<Token>().unwrap();
    let told = "moved to r•••@example.net on <time datetime=\"2026-01-01T00:00:00Z\">1 January 2026</time>";
    let places = [(ADA, "/sold"), (ROOT, "/access")];
    for (host, path) in places {
        assert!(!Window::of(&app, host, &bob).get(path).await.body.contains("moved to"), "{path}");
    }
    app.domain.moves.confirm(&token).await.unwrap();
    let rob = app.domain.sign_in("rob@example.net").await;
    let eve = app.domain.sign_in("eve@example.com").await;
    for (host, path) in places {
        let shown = Window::of(&app, host, &bob).get(path).await.body;
        let sign_in = format!("href=\"/-/sign-in?returnTo={path}\">Sign in with that address");
        assert!(shown.contains(told) && shown.contains(&sign_in), "{path}: {shown}");
        for other in
            [Window::of(&app, host, &rob), Window::of(&app, host, &eve), Window::new(&app, host)]
        {
            let shown = other.get(path).await.body;
            assert!(!shown.contains("moved to") && !shown.contains("r•••@"), "{path}: {shown}");
        }
    }
    // Signing in again with the old address does not lead on to the pay page.
    app.domain.clock.advance_seconds(60);
    let window = Window::new(&app, ADA);
    window.post("/-/sign-in", &[("email", BOB), ("returnTo", "/sold")]).await;
    app.domain.deliver_mails().await;
    let (_, code) = app.domain.link_mailed_to(BOB);
    let back = window.post("/-/code", &[("email", BOB), ("code", code.reveal())]).await;
    assert!(back.header("location").ends_with("/sold"), "{back:?}");
}

#[actix_web::test]
async fn receipt_says_that_its_day_is_one_of_utc() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().paid(1_200, "usd").published()).await;
    let bob = app.domain.sign_in(BOB).await;
    let bought = app.domain.buy(&shop, &page, &bob).await;
    let path = format!("/access/receipts/{}", bought.id);
    let to_print = format!("/v2/visitor/purchases/{}/receipt", bought.id);
    for (language, label) in [("en", "<dt>Date (UTC)</dt>"), ("de", "<dt>Datum (UTC)</dt>")] {
        let line = format!("{label}<dd><time datetime=");
        let shown = Window::of(&app, ROOT, &bob).speaking(language).get(&path).await.body;
        let call = app.get(ROOT, &to_print).visitor(&bob).with("accept", "text/html");
        let printed = call.with("accept-language", language).send().await.body;
        for receipt in [shown, printed] {
            assert!(receipt.contains(&line), "{line}: {receipt}");
        }
    }
}

#[actix_web::test]
async fn receipt_is_a_page_that_asks_who_is_there_and_mails_itself_again() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().paid(1_200, "usd").published()).await;
    let bob = app.domain.sign_in(BOB).await;
    let bought = app.domain.buy(&shop, &page, &bob).await;
    let path = format!("/access/receipts/{}", bought.id);
    let stranger = Window::new(&app, ROOT);
    let asked = stranger.get(&path).await;
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains(&format!("name=\"returnTo\" value=\"{path}\"")), "{}", asked.body);
    assert!(!asked.body.contains("$12.00"));
    let sent = stranger.post(&format!("{path}/resend"), &[]).await;
    assert_eq!((sent.status.as_u16(), sent.header("location")), (303, path.as_str()));

    let window = Window::of(&app, ROOT, &bob);
    let shown = window.get(&path).await;
    assert!(shown.body.contains("<dd>$12.00</dd>"), "{}", shown.body);
    // What helps on a screen only is not printed.
    let hint = "<p class=\"note screen\">To keep a copy, print this page";
    assert!(shown.body.contains(hint), "{}", shown.body);
    let style = window.get("/-/style.css").await.body;
    let (_, print) = style.split_once("@media print {").unwrap();
    for part in ["form", ".notice", ".screen", "[role=alert]"] {
        assert!(print.contains(part), "{part}: {print}");
    }
    let before = app.domain.store.mails().len();
    for _ in 0..3 {
        let told = window.submit(&format!("{path}/resend"), &[]).await;
        assert!(
            told.body.contains("The receipt is on its way to bob@example.com."),
            "{}",
            told.body
        );
    }
    assert_eq!(app.domain.store.mails().len(), before + 3);
    let limited = window.post(&format!("{path}/resend"), &[]).await;
    assert_eq!(limited.status, 429);
    assert!(limited.body.contains("role=\"alert\">Too many mails"), "{}", limited.body);
    // Another purchase has a receipt of its own.
    let other = app.domain.page(&shop, a_page().slug("b").paid(900, "usd").published()).await;
    let other = app.domain.buy(&shop, &other, &bob).await;
    let told = window.submit(&format!("/access/receipts/{}/resend", other.id), &[]).await;
    assert!(told.body.contains("The receipt is on its way"), "{}", told.body);
    let eve = app.domain.sign_in("eve@example.com").await;
    let foreign = Window::of(&app, ROOT, &eve);
    let unknown = "/access/receipts/pur_01j9z3k5v7w8x9y0z1a2b3c4d5";
    let [theirs, nobodys] = [foreign.get(&path).await, foreign.get(unknown).await];
    assert_eq!((theirs.status.as_u16(), nobodys.status.as_u16()), (404, 404));
    assert_eq!(theirs.body, nobodys.body.replace(unknown, &path));
    for text in ["You are signed in as eve@example.com.", "the address that the purchase is under"]
    {
        assert!(theirs.body.contains(text), "{text}: {}", theirs.body);
    }
    assert!(theirs.body.contains(&format!("name=\"returnTo\" value=\"{path}\"")));
    for path in [&*path, unknown] {
        let sent = foreign.post(&format!("{path}/resend"), &[]).await;
        assert_eq!((sent.status.as_u16(), sent.header("location")), (303, path));
    }
    assert_eq!(foreign.get("/access/receipts/nothing").await.status, 404);
}

#[actix_web::test]
async fn all_sessions_elsewhere_are_ended_at_once_also_those_that_are_not_listed() {
    let app = TestApp::new();
    let mut others = Vec::new();
    for number in 0..52 {
        if number == 2 {
            let window = Window::of(&app, ROOT, &others[0]);
            let page = window.get("/access").await.body;
            assert!(!page.contains("End all others"), "two are ended one by one: {page}");
        }
        others.push(app.domain.sign_in(BOB).await);
        // So that the limit on mails is not reached.
        app.domain.clock.advance_seconds(3_600);
    }
    let eve = app.domain.sign_in("eve@example.com").await;
    let here = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ROOT, &here);
    let page = window.get("/access").await.body;
    assert!(page.contains("There are older ones that are not listed here."), "{page}");
    assert!(page.contains("value=\"others\">End all others</button>"), "{page}");
    let page = window.submit("/access/sessions", &[("session", "others")]).await.body;
    assert!(page.contains("role=\"status\">You are signed in here only now"), "{page}");
    assert!(!page.contains("name=\"session\"") && !page.contains("older ones"), "{page}");
    let status = async |session: &Token| {
        app.get(ROOT, "/v2/visitor/me").visitor(session).send().await.status.as_u16()
    };
    for other in &others {
        assert_eq!(status(other).await, 401);
    }
    assert_eq!((status(&here).await, status(&eve).await), (200, 200));
    let nobody = Window::new(&app, ROOT).post("/access/sessions", &[("session", "others")]).await;
    assert_eq!(nobody.status, 303);
}

#[actix_web::test]
async fn sessions_elsewhere_are_ended_from_the_list() {
    let app = TestApp::new();
    let here = app.domain.sign_in(BOB).await;
    let there = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ROOT, &here);
    let page = window.get("/access").await;
    assert_eq!(page.body.matches("<form").count(), 1);
    assert_eq!(page.body.matches("This browser").count(), 1);
    assert_eq!(page.body.matches("name=\"session\"").count(), 1);
    let id =
        page.body.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let page = window.submit("/access/sessions", &[("session", id)]).await;
    assert!(page.body.contains("role=\"status\">That session has ended."), "{}", page.body);
    assert!(!page.body.contains("name=\"session\""));
    let gone = app.get(ROOT, "/v2/visitor/me").visitor(&there).send().await;
    assert_eq!(gone.status, 401);
    for fields in [&[][..], &[("session", "nonsense")]] {
        assert_eq!(window.post("/access/sessions", fields).await.status, 303);
    }
    assert_eq!(
        Window::new(&app, ROOT).post("/access/sessions", &[("session", id)]).await.status,
        303
    );
    let out = window.submit("/-/sign-out", &[]).await;
    assert!(out.body.contains("Sign in to see the pages"), "{}", out.body);
}

#[actix_web::test]
async fn button_of_who_is_not_signed_in_any_more_says_so_once() {
    let app = TestApp::new();
    let receipt = "/access/receipts/pur_01j9z3k5v7w8x9y0z1a2b3c4d5";
    let resend = format!("{receipt}/resend");
    for (button, back) in [("/access/sessions", "/access"), (&*resend, receipt)] {
        for (language, told) in
            [("en", "You are signed out here."), ("de", "Sie sind hier abgemeldet.")]
        {
            let window = Window::new(&app, ROOT).speaking(language);
            let page = window.submit(button, &[("session", "others")]).await.body;
            assert!(page.contains(&format!("role=\"status\">{told}")), "{page}");
            assert!(page.contains("name=\"email\""), "{page}");
            let again = window.get(back).await.body;
            assert!(!again.contains(told), "{again}");
        }
    }
}
