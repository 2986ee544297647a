//! Payments that are under way, arrive late or come twice when an address changes.

use tollgate_domain::{
    access::FactKind,
    clock::Clock,
    creators::{HandleChange, Page, SecondPayments},
    email::Email,
    id::CheckoutId,
    mail::MailContent,
    payments::{CheckoutSessionId, DisputeProgress, PaymentIntentId, Payments, SessionProgress},
    reconcile::ProviderUpdate,
    token::Token,
    version::BasedOn,
};
use tollgate_domain_testing::{Call, FakePayments, Shop, TestApp, a_page, email};

use super::{ROB, asked, shop_with_page, shop_with_sale};
use crate::{ADA, BOB};

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
    let (begun, _) = mismatched().await;
    let Begun { app, shop, session, .. } = &begun;
    begun.moves().await;
    app.payments.tamper(session, |state| state.amount = 900);
    let update = ProviderUpdate::Session(app.payments.session(session).unwrap());
    app.updates.apply(&shop.account, update).await.unwrap();
    app.work().await;
    begun.assert_is_open_to_the_new_address_only().await;
}

/// An order that Bob has paid with another amount, and its payment.
async fn mismatched() -> (Begun, PaymentIntentId) {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let bob = app.sign_in(BOB).await;
    let begun = Box::pin(Begun::in_shop(app, shop, bob)).await;
    let payment = begun.app.payments.pay(&begun.session).unwrap();
    begun.app.payments.tamper(&begun.session, |state| state.amount = 800);
    begun.app.deliver_webhooks().await;
    (begun, payment)
}

/// Applies what the provider tells of a payment that does not match its order. The order moves after it was read and the session
/// is read once more.
async fn moves_while_it_is_applied(begun: &Begun, update: ProviderUpdate) {
    let Begun { app, shop, .. } = begun;
    let token = asked(app, shop).await;
    let reads = app.payments.calls(Call::Checkout) + 2;
    let mut applying = Box::pin(app.updates.apply(&shop.account, update));
    while app.payments.calls(Call::Checkout) < reads {
        assert!(futures_util::poll!(&mut applying).is_pending());
    }
    app.moves.confirm(&token).await.unwrap();
    applying.await.unwrap();
    app.work().await;
}

/// Asserts that a fact and the mail to the seller are about Rob.
async fn assert_is_about_the_new_address(
    app: &TestApp,
    kind: FactKind,
    named: impl Fn(MailContent) -> Option<Email>,
) {
    let rob = app.sign_in(ROB).await;
    let rob = app.visitor(&rob).await;
    let facts = app.store.facts().into_iter().filter(|fact| fact.kind == kind);
    let whose: Vec<_> = facts.map(|fact| fact.subject.visitor_id).collect();
    assert_eq!(whose, [Some(rob.id)], "{kind:?}");
    let told: Vec<_> = app.mailer.sent_to(&email(ADA)).into_iter().filter_map(named).collect();
    assert_eq!(told, [rob.email], "{kind:?}");
}

#[pollster::test]
async fn a_refund_that_failed_is_noted_of_who_has_the_order_by_then() {
    let (begun, payment) = mismatched().await;
    let Begun { app, shop, .. } = &begun;
    let refund = app.payments.refund_in_dashboard(&payment, 300).unwrap();
    app.payments.fail_refund(&refund);
    app.payments.take_events();
    let state = app.payments.refund_state(&shop.account, &refund).await.unwrap();
    moves_while_it_is_applied(&begun, ProviderUpdate::Refunds(vec![state])).await;
    assert_is_about_the_new_address(app, FactKind::RefundFailed, |mail| match mail {
        MailContent::RefundFailed { visitor, .. } => Some(visitor),
        _ => None,
    })
    .await;
}

#[pollster::test]
async fn a_dispute_that_was_lost_is_noted_of_who_has_the_order_by_then() {
    let (begun, payment) = mismatched().await;
    let Begun { app, shop, .. } = &begun;
    let dispute = app.payments.dispute_part(&payment, 300, DisputeProgress::Lost).unwrap();
    app.payments.take_events();
    let state = Payments::dispute(&*app.payments, &shop.account, &dispute).await.unwrap();
    let update = ProviderUpdate::Dispute(state, app.clock.now());
    moves_while_it_is_applied(&begun, update).await;
    assert_is_about_the_new_address(app, FactKind::DisputeLost, |mail| match mail {
        MailContent::DisputeDecided { visitor, .. } => Some(visitor),
        _ => None,
    })
    .await;
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

#[pollster::test]
async fn a_payment_on_its_way_keeps_a_second_one_away_once_the_one_beside_it_has_failed() {
    let begun = Begun::new().await;
    begun.pays_later().await;
    let Begun { app, shop, page, .. } = &begun;
    let rob = app.sign_in(ROB).await;
    let own = app.start(shop, page, &rob).await.unwrap();
    let own = app.payments.session_at(&own.url).unwrap();
    app.payments.pay_later(&own).unwrap();
    app.deliver_webhooks().await;
    begun.moves().await;
    assert!(app.payments.fail_payment(&own));
    app.deliver_webhooks().await;
    let again = app.start(shop, page, &rob).await.unwrap();
    assert_eq!(again.id, begun.order, "a second payment is not offered");
    assert_eq!(app.payments.session_at(&again.url), None, "it leads to the page");
    begun.money_arrives().await;
    begun.assert_is_open_to_the_new_address_only().await;
}

#[pollster::test]
async fn the_pay_page_of_the_old_address_is_closed_before_the_new_one_gets_another() {
    let begun = Begun::new().await;
    let Begun { app, shop, page, .. } = &begun;
    let rob = app.sign_in(ROB).await;
    let own = app.start(shop, page, &rob).await.unwrap();
    let own = app.payments.session_at(&own.url).unwrap();
    // The job that closes the pay page of the old address has not run yet when that of the new one ends.
    begun.moves().await;
    assert!(app.payments.expire(&own));
    let update = ProviderUpdate::Session(app.payments.session(&own).unwrap());
    app.updates.apply(&shop.account, update).await.unwrap();
    let next = app.start(shop, page, &rob).await.unwrap();
    assert!(app.payments.session_at(&next.url).is_some());
    assert!(app.payments.pay(&begun.session).is_none(), "of two pay pages one is open");
}

#[pollster::test]
async fn a_payment_that_begins_before_its_pay_page_is_closed_closes_that_of_the_new_address() {
    let begun = Begun::new().await;
    let Begun { app, shop, page, .. } = &begun;
    let rob = app.sign_in(ROB).await;
    let own = app.start(shop, page, &rob).await.unwrap();
    let own = app.payments.session_at(&own.url).unwrap();
    begun.moves().await;
    app.payments.pay_later(&begun.session).unwrap();
    let update = ProviderUpdate::Session(app.payments.session(&begun.session).unwrap());
    app.updates.apply(&shop.account, update).await.unwrap();
    app.work().await;
    assert!(app.payments.pay(&own).is_none(), "of two payments one is taken");
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
async fn a_payment_for_what_another_address_was_given_before_is_refunded_after_a_move() {
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
