//! Payments that are under way, arrive late or come twice when an address changes.

use tollgate_domain::{
    creators::{HandleChange, SecondPayments},
    payments::{PaymentIntentId, SessionProgress},
    reconcile::ProviderUpdate,
};
use tollgate_domain_testing::{Call, FakePayments, TestApp, a_page};

use super::{ROB, asked, shop_with_sale};
use crate::BOB;

#[pollster::test]
async fn a_payment_on_its_way_opens_the_page_for_the_new_address() {
    let app = TestApp::new();
    let (shop, _, bob) = shop_with_sale(&app).await;
    let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
    let started = app.start(&shop, &page, &bob).await.unwrap();
    let session = app.payments.session_at(&started.url).unwrap();
    app.payments.pay_later(&session).unwrap();
    app.deliver_webhooks().await;
    let token = asked(&app, &shop).await;
    app.moves.confirm(&token).await.unwrap();
    assert!(app.payments.apply(&session));
    app.deliver_webhooks().await;
    let rob = app.sign_in(ROB).await;
    assert!(app.is_open(&shop, &page, &rob).await);
    assert!(!app.is_open(&shop, &page, &bob).await);
    assert!(app.mails_to(ROB).await.contains(&"receipt"));
}

/// The first answer about it had another amount.
#[pollster::test]
async fn who_has_only_a_payment_that_does_not_match_can_change_the_address() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
    let bob = app.sign_in(BOB).await;
    let started = app.start(&shop, &page, &bob).await.unwrap();
    let session = app.payments.session_at(&started.url).unwrap();
    app.payments.pay(&session).unwrap();
    app.payments.tamper(&session, |state| state.amount = 800);
    app.deliver_webhooks().await;
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    app.payments.tamper(&session, |state| state.amount = 900);
    let update = ProviderUpdate::Session(app.payments.session(&session).unwrap());
    app.updates.apply(&shop.account, update).await.unwrap();
    app.work().await;
    let rob = app.sign_in(ROB).await;
    assert!(app.is_open(&shop, &page, &rob).await);
    assert!(!app.is_open(&shop, &page, &bob).await);
}

#[pollster::test]
async fn a_payment_on_its_way_comes_before_a_pay_page_of_the_new_address() {
    let app = TestApp::new();
    let (shop, _, bob) = shop_with_sale(&app).await;
    let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
    let started = app.start(&shop, &page, &bob).await.unwrap();
    let session = app.payments.session_at(&started.url).unwrap();
    app.payments.pay_later(&session).unwrap();
    app.deliver_webhooks().await;
    let rob = app.sign_in(ROB).await;
    let own = app.start(&shop, &page, &rob).await.unwrap();
    let own = app.payments.session_at(&own.url).unwrap();
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    app.work().await;
    assert!(app.payments.pay(&own).is_none(), "the pay page is closed");
    let again = app.start(&shop, &page, &rob).await.unwrap();
    assert_eq!(again.id, started.id, "a second payment is not offered");
    assert!(app.payments.apply(&session));
    app.deliver_webhooks().await;
    assert!(app.is_open(&shop, &page, &rob).await);
    assert!(!app.is_open(&shop, &page, &bob).await);
}

/// The payment was made before the move and is learnt of afterwards.
#[pollster::test]
async fn what_the_old_address_has_paid_unheard_opens_the_page_for_the_new_address() {
    let app = TestApp::new();
    let (shop, _, bob) = shop_with_sale(&app).await;
    let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
    let started = app.start(&shop, &page, &bob).await.unwrap();
    let token = asked(&app, &shop).await;
    app.payments.take_events();
    app.payments.pay(&app.payments.session_at(&started.url).unwrap()).unwrap();
    app.moves.confirm(&token).await.unwrap();
    app.work().await;
    let rob = app.sign_in(ROB).await;
    assert!(app.is_open(&shop, &page, &rob).await);
    assert!(!app.is_open(&shop, &page, &bob).await);
    assert!(app.mails_to(ROB).await.contains(&"receipt"));
    // What the old address buys from now on is its own.
    let later = app.start(&shop, &page, &bob).await.unwrap();
    assert_ne!(later.id, started.id);
    app.payments.pay(&app.payments.session_at(&later.url).unwrap()).unwrap();
    app.deliver_webhooks().await;
    assert!(app.is_open(&shop, &page, &bob).await);
}

/// The order is closed here, and the payment is learnt of after the move.
#[pollster::test]
async fn a_late_payment_for_a_closed_or_failed_order_opens_the_page_for_the_new_address() {
    for ends in [FakePayments::expire, FakePayments::fail_payment] {
        let app = TestApp::new();
        let (shop, _, bob) = shop_with_sale(&app).await;
        let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
        let started = app.start(&shop, &page, &bob).await.unwrap();
        let session = app.payments.session_at(&started.url).unwrap();
        if !ends(&app.payments, &session) {
            app.payments.pay_later(&session).unwrap();
            app.deliver_webhooks().await;
            assert!(ends(&app.payments, &session));
        }
        app.deliver_webhooks().await;
        app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
        app.payments.tamper(&session, |state| {
            state.progress = SessionProgress::Paid;
            state.payment_intent = Some(PaymentIntentId::new("pi_late"));
        });
        app.reconciler.sweep_account(&shop.account).await.unwrap();
        app.work().await;
        let rob = app.sign_in(ROB).await;
        assert!(app.is_open(&shop, &page, &rob).await);
        assert!(!app.is_open(&shop, &page, &bob).await);
        assert!(app.mails_to(ROB).await.contains(&"receipt"));
    }
}

#[pollster::test]
async fn what_both_addresses_have_paid_for_is_refunded_once_after_a_move() {
    for new_is_first in [false, true] {
        let app = TestApp::new();
        let shop = app.shop("ada").await;
        let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
        let order = if new_is_first { [ROB, BOB] } else { [BOB, ROB] };
        let mut payments = Vec::new();
        for address in order {
            let session = app.sign_in(address).await;
            let bought = app.buy(&shop, &page, &session).await;
            payments.push(bought.payment.unwrap().payment_intent);
            app.clock.advance_seconds(3_600);
        }
        app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
        app.work().await;
        let refunds: Vec<_> =
            payments.iter().map(|payment| app.payments.refunds_of(payment).len()).collect();
        assert_eq!(refunds, [0, 1], "the later payment");
        let rob = app.sign_in(ROB).await;
        assert!(app.is_open(&shop, &page, &rob).await);
        let told = app.mails_to("ada@creators.example").await;
        assert_eq!(told.iter().filter(|kind| **kind == "paid_twice").count(), 1);
    }
}

#[pollster::test]
async fn what_both_addresses_have_paid_for_is_held_after_a_move_where_the_seller_decides() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let wish =
        HandleChange { second_payments: Some(SecondPayments::Hold), ..HandleChange::default() };
    app.handles.change(&shop.creator, &shop.handle.name, wish).await.unwrap();
    let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
    for address in [BOB, ROB] {
        let session = app.sign_in(address).await;
        app.buy(&shop, &page, &session).await;
        app.clock.advance_seconds(3_600);
    }
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    app.work().await;
    assert_eq!(app.payments.calls(Call::Refund), 0);
    assert!(app.store.purchases().iter().all(|purchase| purchase.holding().is_active()));
    let told = app.mails_to("ada@creators.example").await;
    assert_eq!(told.iter().filter(|kind| **kind == "paid_twice").count(), 1);
    let told = app.mails_to(ROB).await;
    assert_eq!(told.iter().filter(|kind| **kind == "receipt").count(), 2, "{told:?}");
}

#[pollster::test]
async fn what_was_given_to_one_address_before_the_other_paid_is_given_back_after_a_move() {
    for gift_is_first in [true, false] {
        let app = TestApp::new();
        let shop = app.shop("ada").await;
        let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
        let bob = app.sign_in(BOB).await;
        if gift_is_first {
            app.give(&shop, &page, ROB).await;
            app.clock.advance_seconds(60);
        }
        let payment = app.buy(&shop, &page, &bob).await.payment.unwrap().payment_intent;
        if !gift_is_first {
            app.clock.advance_seconds(60);
            app.give(&shop, &page, ROB).await;
        }
        app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
        app.work().await;
        assert_eq!(app.payments.refunds_of(&payment).len(), usize::from(gift_is_first));
        let rob = app.sign_in(ROB).await;
        assert!(app.is_open(&shop, &page, &rob).await);
    }
}
