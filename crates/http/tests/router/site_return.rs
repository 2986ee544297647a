//! What is said to who comes back from the pay page: the buyer, somebody else, and nobody in particular.

use tollgate_domain::payments::DisputeProgress;

use crate::{
    site_browser::Window,
    site_gate::way_back,
    support::{ADA, TestApp},
};

const BOB: &str = "bob@example.com";
const EVE: &str = "eve@example.com";
/// An order that does not exist.
const NOTHING: &str = "/guide/return?checkout=chk_01j9z3k5v7w8x9y0z1a2b3c4d5";

/// The shop, where Bob has paid for the guide, and the address to which he comes back.
async fn paid_by_bob() -> (TestApp, String) {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in(BOB).await;
    let hosted = Window::of(&app, ADA, &session).begin_to_pay("/guide").await;
    app.domain.payments.pay(&hosted).unwrap();
    let back = way_back(&app);
    (app, back)
}

/// What is said once at the end of the way from an address.
async fn told(window: &Window<'_>, path: &str) -> String {
    let page = window.follow(window.get(path).await).await.body;
    let notice = page.split("role=\"status\">").nth(1).and_then(|rest| rest.split('<').next());
    notice.unwrap_or_else(|| panic!("nothing is said: {page}")).to_owned()
}

#[actix_web::test]
async fn who_comes_back_in_another_browser_is_asked_to_sign_in() {
    let (app, back) = paid_by_bob().await;
    for path in [&*back, NOTHING, "/guide/return?cancelled=1"] {
        let elsewhere = Window::new(&app, ADA);
        let page = elsewhere.follow(elsewhere.get(path).await).await.body;
        assert!(page.contains("role=\"status\">You come from the pay page."), "{path}: {page}");
        assert!(page.contains("name=\"email\""), "{path}: {page}");
        // Nobody knows that it was not the one who paid in another window.
        assert!(!page.contains("Nothing was paid"), "{path}: {page}");
    }
}

#[actix_web::test]
async fn who_comes_back_as_somebody_else_is_told_whatever_there_is() {
    let (app, back) = paid_by_bob().await;
    let eve = app.domain.sign_in(EVE).await;
    for (language, neutral) in [
        ("en", "You come from a pay page and are signed in as eve@example.com. If you paid under"),
        ("de", "Sie kommen von einer Bezahlseite und sind als eve@example.com angemeldet. Wenn"),
    ] {
        let window = || Window::of(&app, ADA, &eve).speaking(language);
        let theirs = told(&window(), &back).await;
        assert!(theirs.starts_with(neutral), "{theirs}");
        // Neither the page nor the answer before it shows that there is such an order.
        assert_eq!(told(&window(), NOTHING).await, theirs);
        let [order, nothing] = [window().get(&back).await, window().get(NOTHING).await];
        assert_eq!(order.header("set-cookie"), nothing.header("set-cookie"));
        assert_eq!(order.header("location"), nothing.header("location"));
        let once = window();
        told(&once, &back).await;
        assert!(!once.get("/guide").await.body.contains("role=\"status\""), "it is said once");
    }
}

#[actix_web::test]
async fn buyer_who_turned_back_is_told() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::of(&app, ADA, &app.domain.sign_in(BOB).await);
    window.post("/guide/checkout", &[]).await;
    let page = window.follow(window.get("/guide/return?cancelled=1").await).await.body;
    assert!(page.contains("role=\"status\">You turned back."), "{page}");
    assert!(page.contains("Buy for $12.00"), "{page}");
}

#[actix_web::test]
async fn what_was_paid_is_told_while_it_opens_the_page() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.page(&shop, "guide").await;
    let bob = app.domain.sign_in(BOB).await;
    let payment = app.domain.buy(&shop, &page, &bob).await.payment.unwrap().payment_intent;
    let back = way_back(&app);
    let come_back = async |told: &str| {
        for (language, paid) in [("en", "Paid $12.00."), ("de", "12,00\u{a0}$ bezahlt.")] {
            let window = Window::of(&app, ADA, &bob).speaking(language);
            let page = window.follow(window.get(&back).await).await.body;
            assert_eq!(page.contains(paid), told.is_empty(), "{page}");
            assert!(language != "en" || page.contains(told), "{told}: {page}");
        }
    };
    come_back("").await;
    let dispute = app.domain.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    app.domain.deliver_webhooks().await;
    come_back("Your access is paused").await;
    app.domain.payments.decide_dispute(&dispute, DisputeProgress::Won);
    app.domain.deliver_webhooks().await;
    come_back("").await;
    let visitor = app.domain.visitor(&bob).await;
    app.domain.refund(&shop, &page, &visitor).await.unwrap();
    come_back("Your payment was refunded").await;
}
