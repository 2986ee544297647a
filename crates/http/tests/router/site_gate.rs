//! The gate in front of a page: what it says before, during and after buying.

mod payments;

use tollgate_domain::{
    creators::{AccessMode, PageChange, PageStatus},
    payments::AccountState,
};
use tollgate_domain_testing::{a_page, handle_name};

use crate::{
    site_browser::Window,
    support::{ADA, ROOT, TestApp},
};

const BOB: &str = "bob@example.com";

/// Opens Ada's shop and a window of Bob's in which he is signed in there.
async fn window_of_bob(app: &TestApp) -> Window<'_> {
    app.shop().await;
    let session = app.domain.sign_in(BOB).await;
    Window::of(app, ADA, &session)
}

/// The path to which the provider leads back who comes from the pay page.
pub(crate) fn way_back(app: &TestApp) -> String {
    format!("/guide/return?checkout={}", app.domain.store.orders()[0].id)
}

#[actix_web::test]
async fn gate_says_what_it_costs_what_is_inside_and_who_may_just_sign_in() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let mut page = a_page().slug("long").paid(1200, "usd").published().new_page();
    page.body = "word ".repeat(1_000);
    app.domain.pages.create(&shop.creator, &shop.handle.name, page).await.unwrap();
    let gate = Window::new(&app, ADA).get("/long").await;
    for text in [
        "$12.00",
        "About 5 minutes to read",
        "Bought before? Sign in with the same address",
        "No password needed",
    ] {
        assert!(gate.body.contains(text), "{text}: {}", gate.body);
    }
    assert!(!gate.body.contains("word word"));
    assert!(gate.body.contains("<h1 dir=\"auto\">") && gate.body.matches("<h1").count() == 1);
    app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    let gate = Window::new(&app, ADA).get("/free").await;
    assert!(gate.body.contains("Free. Sign in with your e-mail address"), "{}", gate.body);
    assert!(gate.body.contains("The seller will see your address."), "{}", gate.body);
    let german = app.get(ADA, "/free").with("accept-language", "de").send().await;
    assert!(german.body.contains("Der Verkäufer sieht dann Ihre Adresse."), "{}", german.body);
    assert!(!gate.body.contains("Bought before"));
}

#[actix_web::test]
async fn address_that_is_none_is_said_at_the_gate_where_it_was_typed() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let window = Window::new(&app, ADA);
    let gate = window.get("/guide").await.body;
    assert!(gate.contains("name=\"on\" value=\"page\"") && !gate.contains("autofocus"), "{gate}");
    let typed = [("on", "page"), ("email", "bob@"), ("returnTo", "/guide")];
    let again = window.post("/-/sign-in", &typed).await;
    assert_eq!(again.status, 422);
    for part in [
        "<title>Error: ",
        "$12.00",
        "Bought before?",
        "value=\"bob@\"",
        "aria-invalid=\"true\" autofocus",
        "id=\"email-error\">This is not an e-mail address",
        "name=\"returnTo\" value=\"/guide\"",
    ] {
        assert!(again.body.contains(part), "{part}: {}", again.body);
    }
    // Too many mails are told there, too.
    let fields = [("on", "page"), ("email", BOB), ("returnTo", "/guide")];
    for _ in 0..3 {
        assert_eq!(window.post("/-/sign-in", &fields).await.status, 303);
    }
    let limited = window.post("/-/sign-in", &fields).await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, "60"));
    assert!(limited.body.contains("Wait 60 seconds") && limited.body.contains("$12.00"));
    // The code of the last mail is still good, but not for another address or in another browser.
    let way = "<a href=\"/-/code\">Use the link or the code from the newest mail</a>";
    assert!(limited.body.contains(way), "{}", limited.body);
    let elsewhere = Window::new(&app, ADA).post("/-/sign-in", &fields).await;
    assert_eq!(elsewhere.status, 429);
    assert!(!elsewhere.body.contains(way), "{}", elsewhere.body);
    // Where there is no such form, the one to sign in has a page of its own.
    app.domain.page(&shop, a_page().slug("open").public().published()).await;
    let session = app.domain.sign_in("eve@example.com").await;
    for (window, place) in [
        (Window::of(&app, ADA, &session), "/guide"),
        (window, "/nothing"),
        (Window::new(&app, ADA), "/open"),
        (Window::new(&app, ADA), "//evil.example"),
        (Window::new(&app, ROOT), "/guide"),
        (Window::new(&app, "app.tollgate.localhost:8080"), "/guide"),
    ] {
        let typed = [("on", "page"), ("email", "bob@"), ("returnTo", place)];
        let alone = window.post("/-/sign-in", &typed).await;
        assert_eq!(alone.status, 422, "{place}");
        assert!(alone.body.contains("<title>Error: Sign in"), "{place}: {}", alone.body);
        assert!(!alone.body.contains("name=\"on\""), "{place}");
    }
}

#[actix_web::test]
async fn page_without_a_teaser_begins_with_its_text() {
    let app = TestApp::new();
    let shop = app.shop().await;
    for (slug, teaser, rules) in [("bare", "", 0), ("full", "Read on.", 1)] {
        let mut page = a_page().slug(slug).public().published().new_page();
        page.teaser = teaser.to_owned();
        page.body = "Everything.".to_owned();
        app.domain.pages.create(&shop.creator, &shop.handle.name, page).await.unwrap();
        let shown = Window::new(&app, ADA).get(&format!("/{slug}")).await.body;
        assert_eq!(shown.matches("<hr>").count(), rules, "{shown}");
        assert_eq!(shown.matches("<div class=\"text\"").count(), 1 + rules, "{shown}");
    }
    let mut page = a_page().slug("sold").paid(1200, "usd").published().new_page();
    page.teaser = String::new();
    app.domain.pages.create(&shop.creator, &shop.handle.name, page).await.unwrap();
    let gate = Window::new(&app, ADA).get("/sold").await.body;
    assert!(!gate.contains("class=\"text\""), "{gate}");
}

#[actix_web::test]
async fn payment_is_confirmed_once_and_only_to_the_buyer() {
    let app = TestApp::new();
    let window = window_of_bob(&app).await;
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay(&hosted).unwrap();
    let back = way_back(&app);
    let page = window.follow(window.get(&back).await).await;
    let told = "Paid $12.00. Receipt sent to bob@example.com.";
    assert!(page.body.contains(&format!("role=\"status\">{told}")), "{}", page.body);
    assert!(page.body.contains("Everything."));
    assert!(!window.get("/guide").await.body.contains(told));
    let eve = app.domain.sign_in("eve@example.com").await;
    for stranger in [Window::new(&app, ADA), Window::of(&app, ADA, &eve)] {
        let page = stranger.follow(stranger.get(&back).await).await;
        assert!(!page.body.contains("bob@") && !page.body.contains("Paid"), "{}", page.body);
    }
}

#[actix_web::test]
async fn turning_back_is_said_once_and_the_button_is_there_again() {
    let app = TestApp::new();
    let window = window_of_bob(&app).await;
    window.post("/guide/checkout", &[]).await;
    let cancel = app.domain.store.orders()[0].cancel_url.clone().unwrap();
    let path = cancel.strip_prefix("http://ada.tollgate.localhost:8080").unwrap();
    let back = window.get(path).await;
    assert_eq!((back.status.as_u16(), back.header("location")), (303, "/guide"));
    let page = window.follow(back).await;
    assert!(
        page.body.contains("Nothing was paid") && page.body.contains("Buy for $12.00"),
        "{}",
        page.body
    );
    assert!(!window.get("/guide").await.body.contains("Nothing was paid"));
}

#[actix_web::test]
async fn who_turns_back_on_a_pay_page_that_is_closed_is_told_that() {
    let app = TestApp::new();
    let window = window_of_bob(&app).await;
    let turn_back =
        async || window.follow(window.get("/guide/return?cancelled=1").await).await.body;
    let hosted = window.begin_to_pay("/guide").await;
    assert!(turn_back().await.contains("You turned back."));
    assert!(app.domain.payments.expire(&hosted));
    app.domain.deliver_webhooks().await;
    let told = turn_back().await;
    assert!(told.contains("The pay page is closed") && !told.contains("turned back"), "{told}");
    // The newest order counts.
    app.domain.clock.advance_seconds(1);
    window.post("/guide/checkout", &[]).await;
    assert!(turn_back().await.contains("You turned back."));
    // Its time is over, and Stripe has not told yet.
    app.domain.clock.advance_seconds(25 * 3_600);
    let late = turn_back().await;
    assert!(late.contains("The pay page is closed") && !late.contains("turned back"), "{late}");
}

#[actix_web::test]
async fn page_that_cannot_be_sold_yet_says_so_instead_of_failing() {
    let app = TestApp::new();
    let creator = app.domain.creator("ada@creators.example").await;
    let handle = app.domain.handles.create(&creator, handle_name("ada"), "A shop").await.unwrap();
    let page = a_page().slug("guide").paid(1200, "usd").published();
    app.domain.pages.create(&creator, &handle.name, page.new_page()).await.unwrap();
    let gate = Window::new(&app, ADA).get("/guide").await;
    assert!(
        gate.body.contains("Not on sale yet") && gate.body.contains("name=\"email\""),
        "{}",
        gate.body
    );
    for (language, heading, why) in [
        ("en", "Not on sale yet", "the seller cannot take payments"),
        ("de", "Noch nicht im Verkauf", "Der Verkäufer kann zurzeit keine Zahlungen annehmen"),
    ] {
        let gate = Window::new(&app, ADA).speaking(language).get("/guide").await.body;
        let heading = format!("<h2 id=\"gate\">{heading}</h2>");
        assert!(gate.contains(&heading) && gate.contains(why), "{gate}");
    }
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    let gate = window.get("/guide").await;
    assert!(
        gate.body.contains("Not on sale yet") && !gate.body.contains("Buy for"),
        "{}",
        gate.body
    );
    for dead_end in ["<form", "Try again", "page of Stripe"] {
        assert!(!gate.body.contains(dead_end), "{dead_end}: {}", gate.body);
    }
    let back = window.post("/guide/checkout", &[]).await;
    assert_eq!((back.status.as_u16(), back.header("location")), (303, "/guide"));
}

#[actix_web::test]
async fn button_of_a_page_from_before_signing_out_says_so() {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    assert!(window.get("/guide").await.body.contains("Buy for $12.00"));
    app.domain.sessions.sign_out(&[session.hash()]).await.unwrap();
    let page = window.submit("/guide/checkout", &[]).await.body;
    assert!(page.contains("role=\"status\">You are signed out here."), "{page}");
    assert!(page.contains("name=\"email\""), "{page}");
    assert!(!window.get("/guide").await.body.contains("signed out here"));
}

#[actix_web::test]
async fn page_that_was_on_sale_is_not_called_new() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let restricted = AccountState { details_submitted: true, ..AccountState::default() };
    app.domain.payments.set_account(&shop.account, restricted);
    app.domain.deliver_webhooks().await;
    let session = app.domain.sign_in(BOB).await;
    for window in [Window::new(&app, ADA), Window::of(&app, ADA, &session)] {
        let gate = window.get("/guide").await.body;
        assert!(gate.contains("This cannot be bought at the moment"), "{gate}");
        assert!(!gate.contains("Not on sale yet") && !gate.contains("page of Stripe"), "{gate}");
    }
}

#[actix_web::test]
async fn page_that_is_not_there_is_told_in_the_name_of_the_shop() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let brand = format!("dir=\"auto\">{}</a>", shop.handle.title);
    let page = Window::new(&app, ADA).get("/nothing").await;
    assert_eq!(page.status, 404);
    assert!(page.body.contains(&brand), "{}", page.body);
    let elsewhere = Window::new(&app, "nobody.tollgate.localhost:8080").get("/guide").await;
    assert_eq!(elsewhere.status, 404);
    let installation =
        "<a class=\"brand\" href=\"http://tollgate.localhost:8080/\" dir=\"auto\">Tollgate</a>";
    assert!(elsewhere.body.contains(installation), "{}", elsewhere.body);
    assert!(!elsewhere.body.contains(&shop.handle.title), "{}", elsewhere.body);
}

#[actix_web::test]
async fn declined_payment_is_said() {
    let app = TestApp::new();
    let window = window_of_bob(&app).await;
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    app.domain.payments.fail_payment(&hosted);
    let page = window.follow(window.get(&way_back(&app)).await).await;
    assert!(
        page.body.contains("nothing was charged") && page.body.contains("Buy for $12.00"),
        "{}",
        page.body
    );
}

#[actix_web::test]
async fn pay_page_that_was_closed_is_said() {
    let app = TestApp::new();
    let window = window_of_bob(&app).await;
    let hosted = window.begin_to_pay("/guide").await;
    assert!(app.domain.payments.expire(&hosted));
    let page = window.follow(window.get(&way_back(&app)).await).await;
    assert!(
        page.body.contains("The pay page is closed") && page.body.contains("Buy for $12.00"),
        "{}",
        page.body
    );
}

#[actix_web::test]
async fn who_has_the_page_is_not_offered_it_for_turning_back() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().slug("sold").paid(900, "usd").published()).await;
    let session = app.domain.sign_in(BOB).await;
    app.domain.buy(&shop, &page, &session).await;
    let window = Window::of(&app, ADA, &session);
    let page = window.follow(window.get("/sold/return?cancelled=1").await).await.body;
    assert!(page.contains("Everything.") && !page.contains("You turned back"), "{page}");
}

#[actix_web::test]
async fn free_page_that_costs_something_now_asks_for_payment() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().slug("free").paid(500, "eur").published()).await;
    let free = PageChange { mode: Some(AccessMode::FreeWithLogin), ..PageChange::default() };
    let page = app.domain.change(&shop, &page, free).await;
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    assert!(window.get("/free").await.body.contains("Everything."));
    let paid = PageChange { mode: Some(AccessMode::Paid), ..PageChange::default() };
    app.domain.change(&shop, &page, paid).await;
    assert!(window.get("/free").await.body.contains("Buy for €5.00"));
}

#[actix_web::test]
async fn failed_pay_page_leads_back_to_its_page() {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in(BOB).await;
    app.domain.payments.set_down(true);
    let failed = Window::of(&app, ADA, &session).post("/guide/checkout", &[]).await;
    assert_eq!(failed.status, 502);
    assert!(failed.body.contains("<a href=\"/guide\">Back to the page</a>"), "{}", failed.body);
}

#[actix_web::test]
async fn button_of_what_was_taken_down_leads_to_the_start() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    let page = app.page(&shop, "guide").await;
    let archived = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    app.domain.change(&shop, &page, archived).await;
    let gone = "/-/group-buys/together";
    for path in ["/guide/checkout", &format!("{gone}/interest"), &format!("{gone}/checkout")] {
        let missing = window.post(path, &[("quantity", "1")]).await;
        assert_eq!(missing.status, 404, "{path}");
        let start = "<a href=\"/\">Back to the start</a>";
        assert!(missing.body.contains(start), "{path}: {}", missing.body);
        assert!(!missing.body.contains("Back to the page"), "{path}: {}", missing.body);
    }
}
