//! The console: what Start says of the pages of a handle, however many there are, and what is said of selling them.

use tollgate_domain::{
    creators::{PageChange, PageStatus},
    names::HandleName,
    payments::AccountState,
};
use tollgate_domain_testing::a_page;

use crate::{
    console_browser::{APP, Browser},
    support::TestApp,
};

#[actix_web::test]
async fn start_counts_all_pages_and_finds_an_old_one_that_is_for_sale() {
    let app = TestApp::new();
    let shop = app.shop().await;
    for number in 0..100 {
        app.domain.clock.advance_seconds(1);
        let (draft, free) = (format!("draft-{number}"), format!("free-{number}"));
        app.domain.page(&shop, a_page().slug(&draft)).await;
        app.domain.page(&shop, a_page().slug(&free).published()).await;
    }
    let ada = Browser::of(&app, "ada").await;
    let start = ada.get("/ada").await.body;
    for told in ["201 pages", "101 pages are published", "“A guide” costs $12.00."] {
        assert!(start.contains(told), "{told}: {start}");
    }
    assert!(start.contains("href=\"http://ada.tollgate.localhost:8080/guide\""), "{start}");
    let call = app.get(APP, "/ada").with("cookie", &ada.cookies());
    let german = call.with("accept-language", "de").send().await.body;
    for told in ["201 Seiten", "101 Seiten", "„A guide“ kostet 12,00\u{a0}$."] {
        assert!(german.contains(told), "{told}: {german}");
    }
    let revenue = ada.get("/ada/revenue").await.body;
    assert!(revenue.contains("href=\"http://ada.tollgate.localhost:8080/guide\""), "{revenue}");
}

#[actix_web::test]
async fn shop_whose_only_paid_page_is_old_needs_stripe() {
    let app = TestApp::new();
    let creator = app.domain.creator("eve@creators.example").await;
    let name: HandleName = "eve".parse().unwrap();
    app.domain.handles.create(&creator, name.clone(), "Eve's").await.unwrap();
    let paid = a_page().slug("paid").paid(900, "usd").published().new_page();
    app.domain.pages.create(&creator, &name, paid).await.unwrap();
    app.domain.clock.advance_seconds(1);
    for number in 0..101 {
        let free = a_page().slug(&format!("free-{number}")).published().new_page();
        app.domain.pages.create(&creator, &name, free).await.unwrap();
    }
    let eve = Browser::of(&app, "eve").await;
    let start = eve.get("/eve").await.body;
    assert!(!start.contains("Your shop is open"), "{start}");
    assert!(start.contains("“A guide” costs $9.00."), "{start}");
}

#[actix_web::test]
async fn shop_whose_only_paid_page_is_archived_sells_nothing() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let guide = app.page(&shop, "guide").await;
    let status = Some(PageStatus::Archived);
    app.domain.change(&shop, &guide, PageChange { status, ..PageChange::default() }).await;
    app.domain.page(&shop, a_page().slug("free").published()).await;
    app.domain.payments.deauthorize(&shop.account);
    app.domain.deliver_webhooks().await;
    let ada = Browser::of(&app, "ada").await;
    for (language, open, costs) in
        [("en", "Your shop is open", "costs $12.00"), ("de", "Ihr Shop ist offen", "kostet 12,00")]
    {
        let call = app.get(APP, "/ada").with("cookie", &ada.cookies());
        let start = call.with("accept-language", language).send().await.body;
        assert!(start.contains(&format!("<h1>{open}</h1>")), "{start}");
        assert!(!start.contains(costs), "{start}");
    }
}

#[actix_web::test]
async fn start_names_the_page_whose_price_it_tells() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.clock.advance_seconds(1);
    let newer = a_page().slug("poster").paid(500, "jpy").published();
    let newer = app.domain.page(&shop, newer).await;
    let title = Some("A <b>poster".to_owned());
    app.domain.change(&shop, &newer, PageChange { title, ..PageChange::default() }).await;
    app.domain.clock.advance_seconds(1);
    app.domain.page(&shop, a_page().slug("later").paid(700, "usd")).await;
    let ada = Browser::of(&app, "ada").await;
    let start = ada.get("/ada").await.body;
    assert!(start.contains("“A &#60;b&#62;poster” costs ¥500."), "{start}");
    assert!(!start.contains("$7.00"), "a draft is not for sale yet: {start}");
}

/// A page says “Not on sale yet” only in a shop that cannot have sold, so that neither sentence is quoted.
#[actix_web::test]
async fn creator_who_cannot_be_paid_reads_what_a_page_says_in_every_shop() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let eve = app.domain.creator("eve@creators.example").await;
    let name: HandleName = "eve".parse().unwrap();
    app.domain.handles.create(&eve, name.clone(), "Eve's").await.unwrap();
    let new = a_page().slug("guide").paid(900, "usd").published().new_page();
    app.domain.pages.create(&eve, &name, new).await.unwrap();
    app.domain.payments.set_account(&shop.account, AccountState::default());
    app.domain.deliver_webhooks().await;
    for handle in ["ada", "eve"] {
        let host = format!("{handle}.tollgate.localhost:8080");
        let browser = Browser::of(&app, handle).await;
        for (language, gate, told, quoted) in [
            (
                "en",
                "the seller cannot take payments",
                "says that you cannot take payments",
                "on sale yet",
            ),
            (
                "de",
                "Der Verkäufer kann",
                "steht auf der Seite, dass Sie keine Zahlungen annehmen können",
                "im Verkauf",
            ),
        ] {
            let page = app.get(&host, "/guide").with("accept-language", language);
            let page = page.with("accept", "text/html").send().await.body;
            assert!(page.contains(gate), "{handle}: {page}");
            let call = app.get(APP, &format!("/{handle}/pages/guide"));
            let call = call.with("cookie", &browser.cookies()).with("accept-language", language);
            let editor = call.send().await.body;
            assert!(editor.contains(told) && !editor.contains(quoted), "{handle}: {editor}");
        }
    }
}

/// Start does not ask Stripe what that is.
#[actix_web::test]
async fn creator_whose_account_is_restricted_is_led_to_what_stripe_wants() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let restricted = AccountState { details_submitted: true, ..AccountState::default() };
    app.domain.payments.set_account(&shop.account, restricted);
    app.domain.deliver_webhooks().await;
    let ada = Browser::of(&app, "ada").await;
    for (language, wanted, link, checking) in [
        ("en", "may want something more from you.", "See what Stripe asks for", "checking"),
        ("de", "braucht vielleicht noch etwas von Ihnen.", "Ansehen, was Stripe braucht", "prüft"),
    ] {
        let call = app.get(APP, "/ada").with("cookie", &ada.cookies());
        let start = call.with("accept-language", language).send().await.body;
        assert!(!start.contains(checking), "{start}");
        // Among what needs the creator, and in the checklist.
        assert_eq!(start.matches(wanted).count(), 2, "{start}");
        let link = format!("href=\"/ada/revenue\">{link}</a>");
        assert_eq!(start.matches(&link).count(), 2, "{start}");
    }
}

#[actix_web::test]
async fn editor_leads_to_revenue_once_stripe_was_connected() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let eve = app.domain.creator("eve@creators.example").await;
    app.domain.handles.create(&eve, "eve".parse().unwrap(), "Eve's").await.unwrap();
    let (connect, see) = (">Connect Stripe (opens", ">See Revenue (opens");
    let ready = ada.get("/ada/pages/guide").await.body;
    assert!(!ready.contains(connect) && !ready.contains(see), "{ready}");
    let new = Browser::of(&app, "eve").await.get("/eve/pages/new").await.body;
    assert!(new.contains(connect) && !new.contains(see), "{new}");
    let restricted = AccountState { details_submitted: true, ..AccountState::default() };
    app.domain.payments.set_account(&shop.account, restricted);
    for step in ["restricted", "disconnected"] {
        app.domain.deliver_webhooks().await;
        let editor = ada.get("/ada/pages/guide").await.body;
        assert!(editor.contains(see) && !editor.contains(connect), "{step}: {editor}");
        app.domain.payments.deauthorize(&shop.account);
    }
}

#[actix_web::test]
async fn first_sale_is_tried_out_once_something_can_be_bought() {
    const LINK: &str = "Open it as a buyer";
    let app = TestApp::new();
    let shop = app.domain.shop("ada").await;
    let ada = Browser::of(&app, "ada").await;
    app.domain.page(&shop, a_page().slug("free").published()).await;
    let start = ada.get("/ada").await.body;
    assert!(!start.contains(LINK), "nothing is for sale: {start}");
    app.domain.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
    assert!(ada.get("/ada").await.body.contains(LINK));
    let restricted = AccountState { details_submitted: true, ..AccountState::default() };
    app.domain.payments.set_account(&shop.account, restricted);
    app.domain.deliver_webhooks().await;
    let start = ada.get("/ada").await.body;
    assert!(!start.contains(LINK), "nobody can pay: {start}");
}

#[actix_web::test]
async fn steps_make_way_for_what_comes_next_once_something_was_sold() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let (steps, next) = ("<details class=\"panel\">", "You have sold something.");
    let before = ada.get("/ada").await.body;
    assert!(!before.contains(steps) && !before.contains(next), "{before}");
    let (page, bob) = (app.page(&shop, "guide").await, app.domain.sign_in("bob@example.com").await);
    app.domain.buy(&shop, &page, &bob).await;
    let after = ada.get("/ada").await.body;
    let (first, rows) = after.split_once(steps).unwrap();
    assert!(first.contains(next) && rows.contains("<ol class=\"steps\">"), "{after}");
    assert_eq!(after.matches("class=\"button\"").count(), 1, "{after}");
    assert!(first.contains("<a class=\"button\" href=\"/ada/revenue\">See Revenue</a>"));
    let german = app.get(APP, "/ada").with("cookie", &ada.cookies());
    let german = german.with("accept-language", "de").send().await.body;
    assert!(german.contains("Sie haben etwas verkauft.") && german.contains(steps), "{german}");

    // What is to be done again is not folded away.
    app.domain.payments.deauthorize(&shop.account);
    app.domain.deliver_webhooks().await;
    let gone = ada.get("/ada").await.body;
    assert!(!gone.contains(steps) && !gone.contains(next), "{gone}");
}
