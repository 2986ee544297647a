//! Orders that were closed here while the provider could not say whether they are paid.

use tollgate_domain::{
    checkout::{CheckoutError, EarlierPurchase, NoPayments, OrderStatus},
    clock::Clock,
    payments::{CheckoutSessionId, PaymentsError, Refusal},
    reconcile::{FindingKind, SweepRequest},
    reports::Target,
};
use tollgate_domain_testing::{Call, Fault, email};

use super::{findings, swept};
use crate::{
    BOB, Sale,
    checkout::{price, statuses},
};

const DAY: i64 = 24 * 3_600;

/// Begins to buy, and has the order closed while the account is away. It is back then, and the session can still be paid.
async fn closed_while_away(sale: &Sale) -> CheckoutSessionId {
    let session = sale.started().await;
    sale.app.payments.deauthorize(&sale.shop.account);
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    sale.app.work().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    sale.app.payments.activate(&sale.shop.account);
    sale.app.payments.take_events();
    session
}

/// Bob is done with the pay page of an order that is closed, and nothing tells of it.
async fn pays_later_unheard(sale: &Sale) -> CheckoutSessionId {
    let session = closed_while_away(sale).await;
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.payments.take_events();
    session
}

/// Lets days pass, after which lists do not go back to the session.
async fn days_pass(sale: &Sale, days: i64) {
    sale.app.clock.advance_seconds(days * DAY);
    let mut unit = sale.app.unit().await;
    unit.sweeps().swept(&sale.shop.account, sale.app.clock.now()).await.unwrap();
    unit.commit().await.unwrap();
}

/// Asserts that Bob gets the page instead of another pay page.
async fn assert_pays_nothing_else(sale: &Sale) {
    let sessions = sale.app.payments.sessions().len();
    let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    assert_eq!(sale.app.payments.session_at(&started.url), None, "{started:?}");
    assert_eq!(sale.app.payments.sessions().len(), sessions);
}

/// Bob has paid again by then, and that payment fails.
#[pollster::test]
async fn a_slow_payment_that_is_found_beside_another_one_keeps_a_third_away() {
    let sale = Sale::new().await;
    pays_later_unheard(&sale).await;
    let second = sale.started().await;
    sale.app.payments.pay_later(&second).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending; 2]);
    assert!(sale.app.payments.fail_payment(&second));
    sale.app.deliver_webhooks().await;
    assert_pays_nothing_else(&sale).await;
}

#[pollster::test]
async fn a_slow_payment_for_an_order_that_was_closed_is_found_however_old_it_is() {
    let sale = Sale::new().await;
    let session = pays_later_unheard(&sale).await;
    days_pass(&sale, 10).await;
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending]);
    let visitor = sale.app.visitor(&sale.bob).await.id;
    let earlier = sale.app.checkouts.earlier_purchase(visitor, sale.page.id, &[]).await.unwrap();
    assert!(matches!(earlier, EarlierPurchase::Pending(_)), "{earlier:?}");
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let target = Target::Page(sale.page.slug.clone());
    let explained = sale.app.reports.explain(creator, name, target, email(BOB)).await.unwrap();
    assert!(explained.pending.is_some());
    assert_pays_nothing_else(&sale).await;
    assert_eq!(findings(&sale.app).await, [], "it is on its way");
    assert!(sale.app.payments.apply(&session));
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
    assert!(sale.is_open().await);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
}

#[pollster::test]
async fn a_slow_payment_for_an_order_that_was_closed_takes_the_place_of_the_next_one() {
    let sale = Sale::new().await;
    let session = closed_while_away(&sale).await;
    sale.app.clock.advance_seconds(60);
    let next = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.work().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending, OrderStatus::Expired]);
    assert!(sale.app.payments.pay(&next).is_none(), "closed at the provider, too");
    sale.app.clock.advance_seconds(60);
    assert_pays_nothing_else(&sale).await;
    assert!(sale.app.payments.apply(&session));
    sale.app.deliver_webhooks().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid, OrderStatus::Expired]);
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn a_payment_is_found_when_its_account_was_away_for_months() {
    let sale = Sale::new().await;
    let session = pays_later_unheard(&sale).await;
    assert!(sale.app.payments.apply(&session));
    sale.app.payments.take_events();
    days_pass(&sale, 100).await;
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
}

/// What is still pending after so long is not expected to be paid.
#[pollster::test]
async fn the_end_of_a_session_is_looked_for_until_it_is_known() {
    for is_pending in [false, true] {
        let sale = Sale::new().await;
        if is_pending {
            pays_later_unheard(&sale).await;
            days_pass(&sale, 70).await;
        } else {
            let session = closed_while_away(&sale).await;
            assert!(sale.app.payments.expire(&session));
            sale.app.payments.take_events();
            days_pass(&sale, 10).await;
        }
        let reads = sale.app.payments.calls(Call::Checkout);
        for _ in 0..2 {
            assert_eq!(findings(&sale.app).await, []);
            assert_eq!(sale.app.payments.calls(Call::Checkout), reads + 1, "it is read once");
        }
        assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    }
}

#[pollster::test]
async fn a_session_that_is_not_there_for_a_while_is_looked_for_again() {
    let sale = Sale::new().await;
    pays_later_unheard(&sale).await;
    days_pass(&sale, 10).await;
    let missing = PaymentsError::Refused { refusal: Refusal::NotFound, message: "404".into() };
    sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(missing));
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending]);
}

/// Nor is its creator told any more that nobody knows whether it was paid.
#[pollster::test]
async fn an_order_that_was_not_shown_either_is_read_once_until_no_payment_can_come() {
    for (days, is_told) in [(10, true), (70, false)] {
        let sale = Sale::new().await;
        pays_later_unheard(&sale).await;
        let order = sale.app.store.orders().remove(0);
        let mut unit = sale.app.unit().await;
        assert!(unit.checkout_orders().unread(order.id, sale.app.clock.now()).await.unwrap());
        unit.commit().await.unwrap();
        days_pass(&sale, days).await;
        let reads = sale.app.payments.calls(Call::Checkout);
        let missing = PaymentsError::Refused { refusal: Refusal::NotFound, message: "404".into() };
        sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(missing));
        assert_eq!(findings(&sale.app).await, []);
        assert_eq!(sale.app.payments.calls(Call::Checkout), reads + 1);
        let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
        let told = sale.app.reports.attention(creator, name, 9).await.unwrap().unread;
        assert_eq!(told.len(), usize::from(is_told));
    }
}

/// Nothing is settled by that, however long ago it began.
#[pollster::test]
async fn a_provider_that_is_busy_is_asked_for_the_end_of_a_session_later() {
    for is_closed in [false, true] {
        let sale = Sale::new().await;
        if is_closed {
            pays_later_unheard(&sale).await;
        } else {
            sale.app.payments.pay_later(&sale.started().await).unwrap();
            sale.app.deliver_webhooks().await;
        }
        days_pass(&sale, 70).await;
        let (before, lists) = (statuses(&sale.app), sale.app.payments.calls(Call::RefundsSince));
        let busy = PaymentsError::Busy { reason: "429".into(), retry_after_seconds: 20 };
        sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(busy));
        let outcome = swept(&sale.app, &SweepRequest::default()).await;
        assert!(outcome.error.is_some_and(|error| error.contains("429")));
        assert_eq!(sale.app.payments.calls(Call::RefundsSince), lists);
        assert_eq!(statuses(&sale.app), before);
        assert_eq!(findings(&sale.app).await, []);
        assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    }
}

/// The answer to opening the session was lost, and the account took no payments when it was asked for again.
#[pollster::test]
async fn a_slow_payment_for_an_order_that_was_given_up_is_found() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_answer());
    sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    let restricted =
        PaymentsError::Refused { refusal: Refusal::AccountRestricted, message: "400".into() };
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::BeforeEffect(restricted));
    sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    let why = NoPayments::AccountRestricted;
    assert!(
        matches!(again, Err(CheckoutError::ConnectNotConfigured(it)) if it == why),
        "{again:?}"
    );
    assert_eq!(statuses(&sale.app), [OrderStatus::Failed]);
    let session = sale.app.payments.sessions().pop().unwrap();
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.payments.take_events();
    let found = findings(&sale.app).await;
    assert!(found.contains(&FindingKind::Session), "{found:?}");
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending]);
    sale.app.clock.advance_seconds(60);
    assert_pays_nothing_else(&sale).await;
    days_pass(&sale, 10).await;
    assert!(sale.app.payments.apply(&session));
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
}
