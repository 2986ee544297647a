//! The console: revenue and the connection to Stripe.

use tollgate_domain::{
    creators::{Creator, Page},
    payments::{AccountId, AccountState, PaymentsError, Refusal},
    token::Token,
};
use tollgate_domain_testing::{Call, Fault, Shop, a_page};

use crate::{
    console_browser::{APP, Browser},
    support::{ADA, ROOT, TestApp},
};

/// A shop that was never connected.
async fn unconnected(app: &TestApp) -> (Browser<'_>, Creator) {
    let creator = app.domain.creator("eve@creators.example").await;
    app.domain.handles.create(&creator, "eve".parse().unwrap(), "Eve's").await.unwrap();
    (Browser::of(app, "eve").await, creator)
}

/// The account that was made for the shop.
async fn account_of(app: &TestApp, creator: &Creator) -> AccountId {
    let name = "eve".parse().unwrap();
    app.domain.connect.status(creator, &name).await.unwrap().unwrap().account
}

/// The badge that tells the state of the connection.
fn badge(body: &str) -> &str {
    let badge = body.split("<span class=\"badge").nth(1).unwrap();
    badge.split('>').nth(1).unwrap().split('<').next().unwrap()
}

#[actix_web::test]
async fn connection_is_told_in_words_with_one_button() {
    let app = TestApp::new();
    let (eve, creator) = unconnected(&app).await;
    let never = eve.get("/eve/revenue").await.body;
    assert_eq!(badge(&never), "Not connected");
    assert!(
        never.contains(">Connect Stripe</button>") && never.contains("you cannot take payments")
    );
    assert!(never.contains("As soon as Stripe is ready"), "{never}");

    let away = eve.post("/eve/revenue/connect", &[]).await;
    assert_eq!(away.status, 303);
    assert!(away.header("location").starts_with("https://onboarding.example/acct_"), "{away:?}");
    assert!(away.header("location").contains(&format!("http://{APP}/-/stripe/return?handle=eve")));
    let more = eve.get("/eve/revenue").await.body;
    assert_eq!(badge(&more), "More is needed");
    assert!(more.contains(">Go on at Stripe</button>") && more.contains("acct_"));

    let account = account_of(&app, &creator).await;
    let state = |charges_enabled, payouts_enabled| AccountState {
        charges_enabled,
        payouts_enabled,
        details_submitted: true,
    };
    for (state, word, button) in [
        (state(false, false), "More is needed", "Go on at Stripe"),
        (state(true, false), "Payouts are waiting", "Go on at Stripe"),
        (state(true, true), "Ready", "See your details at Stripe"),
    ] {
        app.domain.payments.set_account(&account, state);
        let body = eve.get("/eve/revenue").await.body;
        assert_eq!(badge(&body), word);
        assert!(body.contains(&format!(">{button}</button>")), "{word}: {body}");
    }
    app.domain.payments.take_events();
    app.domain.payments.deauthorize(&account);
    app.domain.deliver_webhooks().await;
    let gone = eve.get("/eve/revenue").await.body;
    assert_eq!(badge(&gone), "Disconnected");
    assert!(gone.contains(">Connect Stripe again</button>"));
    let start = eve.get("/eve").await.body;
    assert!(start.contains("Your Stripe account was disconnected"), "{start}");
}

#[actix_web::test]
async fn stripe_that_fails_leaves_the_creator_on_the_screen() {
    let app = TestApp::new();
    let (eve, _) = unconnected(&app).await;
    app.domain.payments.set_down(true);
    let away = eve.post("/eve/revenue/connect", &[]).await;
    assert_eq!(away.status, 422);
    assert!(away.body.contains("Stripe did not answer.") && away.body.contains("Error:"));
    assert!(away.body.contains("<p id=\"summary\">Stripe was not connected</p>"));
    app.domain.payments.set_down(false);
    let refused =
        PaymentsError::Refused { refusal: Refusal::Other, message: "400 no <country>".into() };
    app.domain.payments.fail_next(Call::CreateAccount, Fault::BeforeEffect(refused));
    let refused = eve.post("/eve/revenue/connect", &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("400 no &#60;country&#62;"), "{}", refused.body);
    let look = eve.get("/eve/revenue/connect").await;
    assert_eq!((look.status.as_u16(), look.header("location")), (303, "/eve/revenue"));
}

#[actix_web::test]
async fn state_that_is_being_checked_is_looked_at_again() {
    let app = TestApp::new();
    let (eve, creator) = unconnected(&app).await;
    eve.post("/eve/revenue/connect", &[]).await;
    let account = account_of(&app, &creator).await;
    let submitted =
        AccountState { charges_enabled: false, payouts_enabled: false, details_submitted: true };
    app.domain.payments.set_account(&account, submitted);
    assert_eq!(badge(&eve.get("/eve/revenue").await.body), "More is needed");
    // Stripe asks for nothing.
    let submitted = AccountState { payouts_enabled: true, ..submitted };
    app.domain.payments.set_account(&account, submitted);
    let section = "<section id=\"connection\" aria-labelledby=\"stripe\"";
    let polling = format!("{section} aria-live=\"polite\" data-address=\"/eve/revenue\">");
    let script = "src=\"/-/console/stripe.js?v=";
    let again = "<a href=\"/eve/revenue\">Look again</a>";
    let checking = eve.get("/eve/revenue").await.body;
    assert_eq!(badge(&checking), "Being checked");
    for part in [&*polling, script, again] {
        assert!(checking.contains(part), "{part}: {checking}");
    }
    // Nothing is asked for, so the only button does not stand out.
    let (_, connection) = checking.split_once("<section id=\"connection\"").unwrap();
    let (connection, _) = connection.split_once("</section>").unwrap();
    let button = "<button type=\"submit\" class=\"second\">See what Stripe asks for</button>";
    assert!(connection.contains(button), "{connection}");
    assert_eq!(connection.matches("<button").count(), 1, "{connection}");
    app.domain.payments.activate(&account);
    let ready = eve.get("/eve/revenue").await.body;
    assert_eq!(badge(&ready), "Ready");
    assert!(ready.contains(&format!("{section}>")), "{ready}");
    assert!(!ready.contains(script) && !ready.contains(again), "{ready}");
}

#[actix_web::test]
async fn what_stripe_could_not_be_asked_is_not_said_to_be_checked() {
    let app = TestApp::new();
    let (eve, creator) = unconnected(&app).await;
    eve.post("/eve/revenue/connect", &[]).await;
    let account = account_of(&app, &creator).await;
    let submitted =
        AccountState { charges_enabled: false, payouts_enabled: true, details_submitted: true };
    app.domain.payments.set_account(&account, submitted);
    assert_eq!(badge(&eve.get("/eve/revenue").await.body), "Being checked");
    let unknown = async |why: &str| {
        let english = eve.get("/eve/revenue").await.body;
        assert_eq!(badge(&english), "Not known", "{why}");
        assert!(english.contains("We could not ask just now"), "{why}: {english}");
        assert!(english.contains(" data-address=\"/eve/revenue\" data-unknown>"), "{english}");
        assert!(english.contains("<a href=\"/eve/revenue\">Look again</a>"), "{english}");
        let german = app.get(APP, "/eve/revenue").with("cookie", &eve.cookies());
        let german = german.with("accept-language", "de").send().await.body;
        assert_eq!(badge(&german), "Nicht bekannt", "{why}");
    };
    app.domain.payments.set_down(true);
    unknown("Stripe does not answer").await;
    app.domain.payments.set_down(false);
    for _ in 0..20 {
        eve.get("/eve/revenue").await;
    }
    unknown("Stripe was asked too often").await;
    app.domain.clock.advance_seconds(60);
    let checking = eve.get("/eve/revenue").await.body;
    assert_eq!(badge(&checking), "Being checked");
    assert!(!checking.contains("data-unknown"), "{checking}");
}

#[actix_web::test]
async fn address_is_proved_before_stripe_is_connected() {
    let app = TestApp::new();
    let new = Browser::new(&app);
    let fields = [("email", "new@creators.example"), ("password", "correct horse battery")];
    new.submit("/sign-up", &fields).await;
    new.submit("/new-handle", &[("handle", "newest"), ("name", "Newest")]).await;
    let screen = new.get("/newest/revenue").await.body;
    assert!(screen.contains("please confirm your address"), "{screen}");
    assert!(screen.contains("action=\"/verify-email/resend\"") && !screen.contains("/connect"));
    let refused = new.post("/newest/revenue/connect", &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("class=\"summary\""), "{}", refused.body);
}

#[actix_web::test]
async fn stripe_leads_back_to_the_revenue_of_the_owner_only() {
    let app = TestApp::new();
    app.shop().await;
    let back = "/-/stripe/return?handle=ada";
    let stranger = app.get(APP, back).send().await;
    let sign_in = "/sign-in?next=%2F-%2Fstripe%2Freturn%3Fhandle%3Dada";
    assert_eq!((stranger.status.as_u16(), stranger.header("location")), (303, sign_in));
    app.domain.shop("eve").await;
    let eve = Browser::of(&app, "eve").await;
    for query in ["?handle=ada", "?handle=nobody", "?handle=X", "", "?handle=ada&again=1"] {
        assert_eq!(eve.get(&format!("/-/stripe/return{query}")).await.status, 404, "{query}");
    }
    let ada = Browser::of(&app, "ada").await;
    let reply = ada.get(back).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/ada/revenue"));
    assert!(ada.follow(reply).await.body.contains("Stripe is connected. Visitors can buy now."));
    for host in [ROOT, ADA] {
        assert_eq!(app.get(host, back).send().await.status, 404);
    }
}

#[actix_web::test]
async fn link_to_stripe_that_is_no_longer_valid_is_explained() {
    let app = TestApp::new();
    let (eve, _) = unconnected(&app).await;
    eve.post("/eve/revenue/connect", &[]).await;
    let reply = eve.get("/-/stripe/return?handle=eve&again=1").await;
    let again = eve.follow(reply).await.body;
    let refused = "role=\"alert\">That link to Stripe was no longer valid";
    assert!(again.contains(refused), "{again}");
    let reply = eve.get("/-/stripe/return?handle=eve").await;
    assert_eq!(badge(&eve.follow(reply).await.body), "More is needed");
}

/// Sells a new page, and gives it.
async fn sold(app: &TestApp, shop: &Shop, bob: &Token, amount: i64, currency: &str) -> Page {
    let page = app.domain.page(shop, a_page().paid(amount, currency).published()).await;
    app.domain.buy(shop, &page, bob).await;
    page
}

/// The cells of the row that starts with this heading.
fn cells<'a>(body: &'a str, heading: &str) -> Vec<&'a str> {
    let row = body.split(&format!("{heading}</th>")).nth(1).unwrap();
    let row = row.split("</tr>").next().unwrap();
    let cell = |cell: &'a str| cell.split('>').nth(1).unwrap().split('<').next().unwrap();
    row.split("<td").skip(1).map(cell).collect()
}

#[actix_web::test]
async fn sales_are_added_up_by_currency_and_drawn_by_day() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let bob = app.domain.sign_in("bob@example.com").await;
    let page = sold(&app, &shop, &bob, 1_200, "usd").await;
    sold(&app, &shop, &bob, 2_550, "eur").await;
    app.domain.clock.advance_seconds(24 * 3600);
    sold(&app, &shop, &bob, 600, "usd").await;
    let visitor = app.domain.visitor(&bob).await;
    app.domain.refund(&shop, &page, &visitor).await.unwrap();

    let body = ada.get("/ada/revenue").await.body;
    assert_eq!(cells(&body, "<th scope=\"row\">USD"), ["2", "$18.00", "$12.00", "$6.00"]);
    assert_eq!(cells(&body, "<th scope=\"row\">EUR"), ["1", "€25.50", "€0.00", "€25.50"]);
    let day = |day: &str| format!("{day} January 2026</time>");
    assert_eq!(cells(&body, &day("2")), ["1", "$6.00", "$12.00", "-$6.00"]);
    assert_eq!(body.matches("<svg ").count(), 2, "{body}");
    assert_eq!(body.matches("<rect class=\"paid\"").count(), 3);
    // The tallest bars, 12 up and 12 down, share the height; the other is half as high.
    assert!(body.contains("<rect class=\"paid\" x=\"281\" y=\"0\" width=\"8\" height=\"500\">"));
    assert!(body.contains("<rect class=\"paid\" x=\"291\" y=\"250\" width=\"8\" height=\"250\">"));
    assert!(
        body.contains("<rect class=\"returned\" x=\"291\" y=\"500\" width=\"8\" height=\"500\">")
    );
    assert!(body.contains("<title>2 January 2026: $12.00 refunded or lost</title>"), "{body}");
    assert!(body.contains("aria-current=\"page\">30 days</a>"));
    assert!(body.contains("href=\"/ada/revenue?from=2025-12-27&#38;to=2026-01-02\">7 days</a>"));
}

#[actix_web::test]
async fn range_is_chosen_and_wrong_dates_are_told() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = app.domain.sign_in("bob@example.com").await;
    sold(&app, &shop, &bob, 1_200, "usd").await;
    let ada = Browser::of(&app, "ada").await;
    let shown = ada.get("/ada/revenue?from=2025-12-30&to=2026-01-01").await.body;
    assert!(shown.contains("$12.00") && shown.contains("value=\"2025-12-30\""));
    let weeks = ada.get("/ada/revenue?from=2025-06-01&to=2026-01-01").await.body;
    assert!(weeks.contains("USD week by week") && weeks.contains(">28 December 2025</time>"));
    let nothing = ada.get("/ada/revenue?from=2025-12-01&to=2025-12-02").await.body;
    assert!(nothing.contains("Nothing was sold or refunded on these days"), "{nothing}");
    let last_day = ada.get("/ada/revenue?from=9999-12-31&to=9999-12-31").await;
    assert_eq!(last_day.status, 200, "{last_day:?}");
    for (query, field, told) in [
        ("from=soon", "from", "Please choose a date"),
        ("to=2026-02-30", "to", "Please choose a date"),
        ("from=2026-01-02&to=2026-01-01", "to", "cannot be before the first day"),
        ("from=2024-01-01&to=2026-01-01", "from", "at most 366 days"),
    ] {
        let reply = ada.get(&format!("/ada/revenue?{query}")).await;
        assert_eq!(reply.status, 422, "{query}");
        let error = reply.body.split(&format!("id=\"{field}-error\">")).nth(1).unwrap();
        assert!(error.split('<').next().unwrap().contains(told), "{query}");
    }
    let kept = ada.get("/ada/revenue?from=%3Cscript%3E&to=").await;
    assert!(kept.status == 422 && kept.body.contains("value=\"&#60;script&#62;\""));
}

#[actix_web::test]
async fn shop_without_sales_is_led_to_a_test_purchase() {
    let app = TestApp::new();
    let shop = app.domain.shop("ada").await;
    let ada = Browser::of(&app, "ada").await;
    let no_page = ada.get("/ada/revenue").await.body;
    assert!(no_page.contains("Publish a page with a price") && !no_page.contains("<svg"));
    assert!(no_page.contains("<a class=\"button\" href=\"/ada/pages\">"), "{no_page}");
    let page = app.domain.page(&shop, a_page().slug("guide").paid(500, "usd").published()).await;
    app.domain.give(&shop, &page, "friend@example.com").await;
    let sandbox = ada.get("/ada/revenue").await.body;
    assert!(sandbox.contains("Make a test purchase") && sandbox.contains("no money moves"));
    assert!(sandbox.contains("href=\"http://ada.tollgate.localhost:8080/guide\""));
}
