//! What is said to who comes back from the pay page: the buyer, somebody else, and nobody in particular.

use tollgate_domain::{
    access::Purchase,
    creators::{PageChange, PageStatus},
    payments::DisputeProgress,
};
use tollgate_domain_testing::{Shop, a_page};

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

/// Takes the guide down.
async fn archive(app: &TestApp, shop: &Shop) {
    let page = app.page(shop, "guide").await;
    let archived = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    app.domain.change(shop, &page, archived).await;
}

/// The problem page at the end of the way from an address, and what is said there about the payment.
async fn told_beside(window: &Window<'_>, path: &str) -> String {
    let page = window.follow(window.get(path).await).await;
    assert_eq!(page.status, 404, "{page:?}");
    let (_, told) = page.body.split_once("role=\"status\">").unwrap();
    let (told, rest) = told.split_once("</p>").unwrap();
    let access = "<p><a href=\"http://tollgate.localhost:8080/access\">";
    assert!(rest.contains(access) && rest.contains("<a href=\"/\">"), "{rest}");
    told.to_owned()
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
async fn who_turns_back_without_a_pay_page_of_their_own_is_not_told_that_nothing_was_paid() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let other = app.domain.page(&shop, a_page().slug("other").paid(900, "usd").published()).await;
    let [bob, eve] = [app.domain.sign_in(BOB).await, app.domain.sign_in(EVE).await];
    Window::of(&app, ADA, &bob).begin_to_pay("/guide").await;
    app.domain.start(&shop, &other, &eve).await.unwrap();
    let path = "/guide/return?cancelled=1";
    for is_archived in [false, true] {
        if is_archived {
            archive(&app, &shop).await;
        }
        for (language, neutral, own) in [
            ("en", "You come from a pay page and are signed in as eve@example.com.", "You turned"),
            ("de", "Sie kommen von einer Bezahlseite und sind als eve@example.com", "Sie haben ab"),
        ] {
            for (session, expected) in [(&eve, neutral), (&bob, own)] {
                let window = Window::of(&app, ADA, session).speaking(language);
                let told = if is_archived {
                    told_beside(&window, path).await
                } else {
                    told(&window, path).await
                };
                assert!(told.starts_with(expected), "{told}");
            }
        }
    }
    let eve = Window::of(&app, ADA, &eve);
    let nothing = told_beside(&eve, "/nothing/return?cancelled=1").await;
    assert!(nothing.starts_with("You come from a pay page"), "{nothing}");
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

#[actix_web::test]
async fn refunded_payment_is_not_called_paid_where_something_else_opens_the_page() {
    for is_bought_again in [false, true] {
        let app = TestApp::new();
        let shop = app.shop().await;
        let page = app.page(&shop, "guide").await;
        let bob = app.domain.sign_in(BOB).await;
        let back = |purchase: &Purchase| {
            let order = purchase.payment.as_ref().unwrap().checkout_id;
            format!("/guide/return?checkout={order}")
        };
        let refunded = back(&app.domain.buy(&shop, &page, &bob).await);
        let visitor = app.domain.visitor(&bob).await;
        app.domain.refund(&shop, &page, &visitor).await.unwrap();
        if is_bought_again {
            let good = back(&app.domain.buy(&shop, &page, &bob).await);
            let told = told(&Window::of(&app, ADA, &bob), &good).await;
            assert!(told.starts_with("Paid $12.00."), "{told}");
        } else {
            app.domain.give(&shop, &page, BOB).await;
        }
        for (language, expected) in [
            ("en", "Your payment arrived. “My access” says what became of it."),
            ("de", "Ihre Zahlung ist angekommen. Was aus ihr wurde, steht unter „Mein Zugang“."),
        ] {
            let window = Window::of(&app, ADA, &bob).speaking(language);
            assert_eq!(told(&window, &refunded).await, expected);
            assert!(window.get("/guide").await.body.contains("Everything."));
        }
    }
}

#[actix_web::test]
async fn payment_for_a_page_that_was_taken_down_is_told_beside_the_problem() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &bob);
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    archive(&app, &shop).await;
    let (back, cancelled) = (way_back(&app), "/guide/return?cancelled=1");
    let debit = ["Your payment is on its way", "Ihre Zahlung ist unterwegs"];
    // An earlier payment may be under way to who turns back on another one.
    for path in [&*back, cancelled] {
        for (language, told) in ["en", "de"].into_iter().zip(debit) {
            let window = Window::of(&app, ADA, &bob).speaking(language);
            let beside = told_beside(&window, path).await;
            assert!(beside.starts_with(told), "{path}: {beside}");
        }
    }
    told_beside(&window, &back).await;
    assert!(!window.get("/guide").await.body.contains("role=\"status\""), "it is said once");
    let stranger = told_beside(&Window::new(&app, ADA), &back).await;
    assert!(stranger.starts_with("You come from the pay page. Sign in"), "{stranger}");
    let eve = Window::of(&app, ADA, &app.domain.sign_in(EVE).await);
    let other = told_beside(&eve, &back).await;
    assert!(other.contains("signed in as eve@example.com"), "{other}");
    assert!(app.domain.payments.fail_payment(&hosted));
    app.domain.deliver_webhooks().await;
    let failed = told_beside(&window, &back).await;
    assert_eq!(failed, "The payment did not go through, and nothing was charged.");
    // Nothing is to be bought there.
    for (language, told) in [
        ("en", "You turned back. Nothing was paid."),
        ("de", "Sie haben abgebrochen. Es wurde nichts bezahlt."),
    ] {
        let window = Window::of(&app, ADA, &bob).speaking(language);
        assert_eq!(told_beside(&window, cancelled).await, told);
    }
}

#[actix_web::test]
async fn refund_is_told_to_who_turns_back_on_what_was_paid() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = app.domain.sign_in(BOB).await;
    let page = app.page(&shop, "guide").await;
    let window = Window::of(&app, ADA, &bob);
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    let visitor = app.domain.visitor(&bob).await;
    app.domain.refund(&shop, &page, &visitor).await.unwrap();
    let turned = window.follow(window.get("/guide/return?cancelled=1").await).await.body;
    assert!(turned.contains("was refunded") && !turned.contains("Nothing was paid"), "{turned}");
    // It is the one of a new pay page that nothing was paid on.
    window.begin_to_pay("/guide").await;
    let turned = window.follow(window.get("/guide/return?cancelled=1").await).await.body;
    assert!(turned.contains("Nothing was paid"), "{turned}");
}

#[actix_web::test]
async fn refund_for_a_page_that_was_taken_down_is_told_beside_the_problem() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = app.domain.sign_in(BOB).await;
    let page = app.page(&shop, "guide").await;
    app.domain.buy(&shop, &page, &bob).await;
    archive(&app, &shop).await;
    let window = Window::of(&app, ADA, &bob);
    let back = way_back(&app);
    assert!(told(&window, &back).await.starts_with("Paid $12.00."), "it stays open");
    let visitor = app.domain.visitor(&bob).await;
    app.domain.refund(&shop, &page, &visitor).await.unwrap();
    // Also for who turns back on what was paid.
    for path in [&*back, "/guide/return?cancelled=1"] {
        for (language, told) in [
            ("en", "Your payment arrived. “My access” says what became of it."),
            ("de", "Ihre Zahlung ist angekommen. Was aus ihr wurde, steht unter „Mein Zugang“."),
        ] {
            let window = Window::of(&app, ADA, &bob).speaking(language);
            assert_eq!(told_beside(&window, path).await, told, "{path}");
        }
    }
    // What has nothing to do with payments waits for a page that is there.
    window.set("_tollgate_notice", "left");
    assert!(!window.get("/guide").await.body.contains("role=\"status\""));
    assert!(window.cookie("_tollgate_notice").is_some());
}

#[actix_web::test]
async fn who_turns_back_to_a_group_buy_that_is_not_there_is_asked_to_sign_in() {
    let app = TestApp::new();
    app.shop().await;
    let beside = told_beside(&Window::new(&app, ADA), "/-/group-buys/together/cancelled").await;
    assert!(beside.starts_with("You come from the pay page."), "{beside}");
}
