//! Payments that are under way, arrive late or come twice when an address changes.

use tollgate_domain::{
    creators::{HandleChange, Page, SecondPayments},
    id::CheckoutId,
    payments::{CheckoutSessionId, PaymentIntentId, SessionProgress},
    reconcile::ProviderUpdate,
    token::Token,
    version::BasedOn,
};
use tollgate_domain_testing::{Call, FakePayments, Shop, TestApp, a_page};

use super::{ROB, asked, shop_with_page, shop_with_sale};
use crate::BOB;

/// A page that Bob has begun to pay for.
struct Begun {
    app: TestApp,
    shop: Shop,
    page: Page,
    bob: Token,
    order: CheckoutId,
    session: CheckoutSessionId,
}

impl Begun {
    /// In a shop where Bob has bought another page.
    async fn new() -> Self {
        let app = TestApp::new();
        let (shop, _, bob) = Box::pin(shop_with_sale(&app)).await;
        Box::pin(Self::in_shop(app, shop, bob)).await
    }

    async fn in_shop(app: TestApp, shop: Shop, bob: Token) -> Self {
        let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
        let started = app.start(&shop, &page, &bob).await.unwrap();
        let session = app.payments.session_at(&started.url).unwrap();
        Self { app, shop, page, bob, order: started.id, session }
    }

    /// Bob pays by debit: the money is on its way.
    async fn pays_later(&self) {
        self.app.payments.pay_later(&self.session).unwrap();
        self.app.deliver_webhooks().await;
    }

    async fn money_arrives(&self) {
        assert!(self.app.payments.apply(&self.session));
        self.app.deliver_webhooks().await;
    }

    /// Rob's address takes the place of Bob's.
    async fn moves(&self) {
        let token = asked(&self.app, &self.shop).await;
        self.app.moves.confirm(&token).await.unwrap();
    }

    async fn assert_is_open_to_the_new_address_only(&self) {
        let Self { app, shop, page, bob, .. } = self;
        let rob = app.sign_in(ROB).await;
        assert!(app.is_open(shop, page, &rob).await);
        assert!(!app.is_open(shop, page, bob).await);
    }

    async fn assert_new_address_has_the_receipt(&self) {
        assert!(self.app.mails_to(ROB).await.contains(&"receipt"));
    }
}

#[pollster::test]
async fn a_payment_on_its_way_opens_the_page_for_the_new_address() {
    let begun = Begun::new().await;
    begun.pays_later().await;
    begun.moves().await;
    begun.money_arrives().await;
    begun.assert_is_open_to_the_new_address_only().await;
    begun.assert_new_address_has_the_receipt().await;
}

/// The first answer about it had another amount.
#[pollster::test]
async fn who_has_only_a_payment_that_does_not_match_can_change_the_address() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let bob = app.sign_in(BOB).await;
    let begun = Begun::in_shop(app, shop, bob).await;
    let Begun { app, shop, session, .. } = &begun;
    app.payments.pay(session).unwrap();
    app.payments.tamper(session, |state| state.amount = 800);
    app.deliver_webhooks().await;
    begun.moves().await;
    app.payments.tamper(session, |state| state.amount = 900);
    let update = ProviderUpdate::Session(app.payments.session(session).unwrap());
    app.updates.apply(&shop.account, update).await.unwrap();
    app.work().await;
    begun.assert_is_open_to_the_new_address_only().await;
}

#[pollster::test]
async fn a_payment_on_its_way_comes_before_a_pay_page_of_the_new_address() {
    let begun = Begun::new().await;
    begun.pays_later().await;
    let Begun { app, shop, page, .. } = &begun;
    let rob = app.sign_in(ROB).await;
    let own = app.start(shop, page, &rob).await.unwrap();
    let own = app.payments.session_at(&own.url).unwrap();
    begun.moves().await;
    app.work().await;
    assert!(app.payments.pay(&own).is_none(), "the pay page is closed");
    let again = app.start(shop, page, &rob).await.unwrap();
    assert_eq!(again.id, begun.order, "a second payment is not offered");
    begun.money_arrives().await;
    begun.assert_is_open_to_the_new_address_only().await;
}

/// The payment was made before the move and is learnt of afterwards.
#[pollster::test]
async fn what_the_old_address_has_paid_unheard_opens_the_page_for_the_new_address() {
    let begun = Begun::new().await;
    let Begun { app, shop, page, bob, .. } = &begun;
    let token = asked(app, shop).await;
    app.payments.take_events();
    app.payments.pay(&begun.session).unwrap();
    app.moves.confirm(&token).await.unwrap();
    app.work().await;
    begun.assert_is_open_to_the_new_address_only().await;
    begun.assert_new_address_has_the_receipt().await;
    // What the old address buys from now on is its own.
    let later = app.start(shop, page, bob).await.unwrap();
    assert_ne!(later.id, begun.order);
    app.payments.pay(&app.payments.session_at(&later.url).unwrap()).unwrap();
    app.deliver_webhooks().await;
    assert!(app.is_open(shop, page, bob).await);
}

/// The order is closed here, and the payment is learnt of after the move.
#[pollster::test]
async fn a_late_payment_for_a_closed_or_failed_order_opens_the_page_for_the_new_address() {
    for ends in [FakePayments::expire, FakePayments::fail_payment] {
        let begun = Begun::new().await;
        let Begun { app, shop, session, .. } = &begun;
        if !ends(&app.payments, session) {
            begun.pays_later().await;
            assert!(ends(&app.payments, session));
        }
        app.deliver_webhooks().await;
        begun.moves().await;
        app.payments.tamper(session, |state| {
            state.progress = SessionProgress::Paid;
            state.payment_intent = Some(PaymentIntentId::new("pi_late"));
        });
        app.reconciler.sweep_account(&shop.account).await.unwrap();
        app.work().await;
        begun.assert_is_open_to_the_new_address_only().await;
        begun.assert_new_address_has_the_receipt().await;
    }
}

#[pollster::test]
async fn what_both_addresses_have_paid_for_is_refunded_once_after_a_move() {
    for new_is_first in [false, true] {
        let app = TestApp::new();
        let (shop, page) = shop_with_page(&app).await;
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
    let (shop, page) = shop_with_page(&app).await;
    let wish =
        HandleChange { second_payments: Some(SecondPayments::Hold), ..HandleChange::default() };
    app.handles.change(&shop.creator, &shop.handle.name, wish, &BasedOn::Any).await.unwrap();
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
        let (shop, page) = shop_with_page(&app).await;
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
