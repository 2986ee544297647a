//! Paying again after what became of an earlier payment: the invitation stands only where it can be followed.

use tollgate_domain::{
    files::FileAccess,
    payments::{AccountState, DisputeProgress},
};
use tollgate_domain_testing::{Shop, slug};

use crate::{
    site_browser::Window,
    site_files::upload,
    site_gate::way_back,
    support::{ADA, TestApp},
};

const BOB: &str = "bob@example.com";
const AGAIN: [&str; 2] = ["You can buy it again.", "Sie können die Seite erneut kaufen."];
const TRY: [&str; 2] = ["You can try again, perhaps", "Sie können es noch einmal versuchen"];
const FIRST: [&str; 2] = ["Open the page to buy it.", "Öffnen Sie die Seite, um sie zu kaufen."];

/// The seller can take no payments any more.
async fn stop(app: &TestApp, shop: &Shop) {
    app.domain.payments.set_account(&shop.account, AccountState::default());
    app.domain.deliver_webhooks().await;
}

/// Each address says in each language what happened, and invites to pay only if the seller takes payments.
async fn assert_invites(
    app: &TestApp,
    shop: &Shop,
    window: [&Window<'_>; 2],
    happened: [&str; 2],
    next: [&str; 2],
    addresses: &[&str],
) {
    for is_on_sale in [true, false] {
        if !is_on_sale {
            stop(app, shop).await;
        }
        for address in addresses {
            for (window, (happened, next)) in window.iter().zip(happened.iter().zip(next)) {
                let page = window.get(address).await.body;
                assert!(page.contains(happened), "{address}: {happened}: {page}");
                assert_eq!(page.contains(next), is_on_sale, "{address}: {next}: {page}");
            }
        }
    }
}

#[actix_web::test]
async fn who_got_the_money_back_is_invited_to_buy_again_while_that_is_possible() {
    let app = TestApp::new();
    let shop = app.shop().await;
    upload(&app, &shop, "notes", FileAccess::Page, Some(slug("guide"))).await;
    let page = app.page(&shop, "guide").await;
    let bob = app.domain.sign_in(BOB).await;
    let visitor = app.domain.visitor(&bob).await;
    app.domain.buy(&shop, &page, &bob).await;
    app.domain.refund(&shop, &page, &visitor).await.unwrap();
    let windows = [Window::of(&app, ADA, &bob), Window::of(&app, ADA, &bob).speaking("de")];
    let happened = ["Your payment was refunded", "Ihre Zahlung wurde erstattet"];
    let addresses = ["/guide", "/-/files/notes"];
    assert_invites(&app, &shop, windows.each_ref(), happened, AGAIN, &addresses).await;
}

#[actix_web::test]
async fn who_won_a_dispute_is_invited_to_buy_again_while_that_is_possible() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.page(&shop, "guide").await;
    let bob = app.domain.sign_in(BOB).await;
    let purchase = app.domain.buy(&shop, &page, &bob).await;
    let intent = purchase.payment.unwrap().payment_intent;
    let dispute = app.domain.payments.dispute(&intent, DisputeProgress::Open).unwrap();
    app.domain.deliver_webhooks().await;
    app.domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    app.domain.deliver_webhooks().await;
    let windows = [Window::of(&app, ADA, &bob), Window::of(&app, ADA, &bob).speaking("de")];
    let happened = ["the seller lost the dispute", "Ihre Bank hat die Zahlung zurückgeholt"];
    assert_invites(&app, &shop, windows.each_ref(), happened, AGAIN, &["/guide"]).await;
}

#[actix_web::test]
async fn whose_payment_failed_is_invited_to_try_again_while_that_is_possible() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = app.domain.sign_in(BOB).await;
    let windows = [Window::of(&app, ADA, &bob), Window::of(&app, ADA, &bob).speaking("de")];
    let hosted = windows[0].begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    app.domain.payments.fail_payment(&hosted);
    app.domain.deliver_webhooks().await;
    let happened = ["your bank did not carry it out", "Ihre Bank hat sie nicht ausgeführt"];
    assert_invites(&app, &shop, windows.each_ref(), happened, TRY, &["/guide"]).await;
    // What is said once of the way back is of one mind with the page.
    let back = windows[0].follow(windows[0].get(&way_back(&app)).await).await.body;
    let told = "The payment did not go through, and nothing was charged.";
    assert!(back.contains(told) && !back.contains("whenever you like"), "{back}");
}

#[actix_web::test]
async fn file_of_a_page_leads_to_buying_it_while_that_is_possible() {
    let app = TestApp::new();
    let shop = app.shop().await;
    upload(&app, &shop, "notes", FileAccess::Page, Some(slug("guide"))).await;
    let bob = app.domain.sign_in(BOB).await;
    let windows = [Window::of(&app, ADA, &bob), Window::of(&app, ADA, &bob).speaking("de")];
    let happened = ["that you have not bought.", "die Sie nicht gekauft haben."];
    assert_invites(&app, &shop, windows.each_ref(), happened, FIRST, &["/-/files/notes"]).await;
}
