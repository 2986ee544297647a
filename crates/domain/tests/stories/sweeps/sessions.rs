//! Sessions that a sweep finds: those whose opening was never answered, and those of closed orders.

use tollgate_domain::{
    checkout::OrderStatus,
    jobs::Job,
    payments::{PaymentIntentId, SessionProgress},
    reconcile::{FindingKind, SweepOutcome, SweepRequest},
};
use tollgate_domain_testing::{Call, Fault, TestApp, a_page};

use super::{findings, opening_is_never_answered, swept, told};
use crate::{
    BOB, Sale,
    checkout::{price, statuses},
};

/// Bob pays in a session of which Tollgate does not learn, and which a sweep looks for by now.
async fn pays_unheard(sale: &Sale) {
    opening_is_never_answered(sale).await;
    let session = sale.app.payments.sessions().pop().unwrap();
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    sale.app.clock.advance_seconds(121);
}

/// Returns the kinds of what was found, and whether it was mended.
fn kinds_of(outcome: &SweepOutcome) -> Vec<(FindingKind, bool)> {
    outcome.findings.iter().map(|finding| (finding.kind, finding.is_mended)).collect()
}

#[pollster::test]
async fn a_found_session_that_cannot_be_read_is_left_out_and_the_refund_is_found() {
    let sale = Sale::new().await;
    let eve = sale.app.sign_in("eve@example.com").await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &eve).await;
    let payment = bought.payment.unwrap().payment_intent;
    opening_is_never_answered(&sale).await;
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.payments.take_events();
    sale.app.clock.advance_seconds(121);
    sale.app.payments.fail_next(Call::Checkout, Fault::lost_request());
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    assert!(outcome.error.is_some(), "{outcome:?}");
    let left_out = (FindingKind::Session, false);
    assert_eq!(
        kinds_of(&outcome),
        [(FindingKind::LostAnswer, true), left_out, (FindingKind::Refund, true)]
    );
}

#[pollster::test]
async fn a_found_session_that_is_read_at_the_second_try_is_mended() {
    let sale = Sale::new().await;
    pays_unheard(&sale).await;
    sale.app.payments.fail_next(Call::Checkout, Fault::lost_request());
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    assert!(sale.is_open().await);
    assert_eq!(kinds_of(&outcome), [(FindingKind::LostAnswer, true), (FindingKind::Session, true)]);
}

#[pollster::test]
async fn a_session_whose_opening_was_never_answered_is_found() {
    let sale = Sale::new().await;
    pays_unheard(&sale).await;
    let found = findings(&sale.app).await;
    assert_eq!(found.first(), Some(&FindingKind::LostAnswer), "{found:?}");
    assert!(sale.is_open().await);
}

/// What was read before may have been wrong, or the account was out of reach when the order was closed.
#[pollster::test]
async fn a_payment_for_an_order_that_is_closed_or_failed_here_is_found() {
    for closed in [OrderStatus::Expired, OrderStatus::Failed] {
        let sale = Sale::new().await;
        let session = sale.started().await;
        if closed == OrderStatus::Expired {
            assert!(sale.app.payments.expire(&session));
        } else {
            sale.app.payments.pay_later(&session).unwrap();
            assert!(sale.app.payments.fail_payment(&session));
        }
        sale.app.deliver_webhooks().await;
        assert_eq!(statuses(&sale.app), [closed]);
        sale.app.payments.tamper(&session, |state| {
            state.progress = SessionProgress::Paid;
            state.payment_intent = Some(PaymentIntentId::new("pi_late"));
        });
        assert_eq!(findings(&sale.app).await, [FindingKind::Session], "{closed:?}");
        assert!(sale.is_open().await);
        assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
        assert_eq!(findings(&sale.app).await, []);
    }
}

#[pollster::test]
async fn a_slow_payment_whose_session_was_never_answered_is_found_when_the_money_comes() {
    let sale = Sale::new().await;
    opening_is_never_answered(&sale).await;
    let session = sale.app.payments.sessions().pop().unwrap();
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending]);
    assert_eq!(
        sale.app.store.orders().remove(0).opened,
        None,
        "the event does not tell the session"
    );
    for _ in 0..2 {
        sale.app.clock.advance_seconds(4 * 24 * 3600);
        assert_eq!(findings(&sale.app).await, []);
    }
    assert!(sale.app.payments.apply(&session));
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
}

#[pollster::test]
async fn slow_payments_that_are_too_many_for_one_sweep_are_read_by_the_next() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    let mut sessions = Vec::new();
    for number in 0..=200 {
        let visitor = app.sign_in(&format!("slow-{number}@example.com")).await;
        let started = app.start(&shop, &page, &visitor).await.unwrap();
        let session = app.payments.session_at(&started.url).unwrap();
        app.payments.pay_later(&session).unwrap();
        sessions.push(session);
    }
    app.deliver_webhooks().await;
    let newest = app.store.orders().into_iter().max_by_key(|order| order.id).unwrap();
    let newest = newest.opened.unwrap().session;
    for _ in 0..2 {
        app.clock.advance_seconds(4 * 24 * 3600);
        assert_eq!(findings(&app).await, []);
    }
    assert!(sessions.contains(&newest) && app.payments.apply(&newest));
    app.payments.take_events();
    assert_eq!(findings(&app).await, [], "the first of them are read");
    assert_eq!(told(&app).await, [FindingKind::Session], "a dry run leaves it to the next one");
    assert_eq!(findings(&app).await, [FindingKind::Session]);
    assert_eq!(app.store.purchases().len(), 1);
}

#[pollster::test]
async fn a_session_that_can_be_paid_for_a_closed_order_is_closed() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    let closed = sale.app.store.jobs().into_iter().find(|job| matches!(job, Job::CloseCheckout(_)));
    assert!(closed.is_some(), "closing is stored with the edit");
    assert_eq!(findings(&sale.app).await, [FindingKind::LeftOpen]);
    assert!(sale.app.payments.pay(&session).is_none());
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
}
