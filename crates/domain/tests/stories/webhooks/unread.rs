//! Orders that the provider tells of and does not show.

use tollgate_domain::{
    checkout::{Applied, OrderStatus},
    clock::Clock,
    payments::{PaymentsError, ProviderEvent, Refusal, SessionProgress},
    reconcile::{FindingKind, SweepRequest},
    reports::ports::UnreadOrder,
    store::Store,
};
use tollgate_domain_testing::{Call, Fault};

use crate::{ADA, BOB, Sale, checkout::statuses, fulfilment::assert_alert_leads_to_the_buyer};

const DAY: i64 = 24 * 3600;

fn missing() -> PaymentsError {
    PaymentsError::Refused { refusal: Refusal::NotFound, message: "404".to_owned() }
}

/// Delivers events, while the provider shows no session until they are given up.
async fn given_up(sale: &Sale, events: &[ProviderEvent]) {
    let hide = || {
        for _ in events {
            sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(missing()));
        }
    };
    hide();
    sale.app.deliver(events.iter().cloned()).await;
    assert_eq!(unread(sale).await, [], "it is awaited");
    assert!(sale.mails_to(ADA).await.is_empty());
    hide();
    sale.app.clock.advance_seconds(3 * DAY);
    sale.app.work().await;
    assert!(sale.app.payments.is_calm());
    let outcomes = sale.app.store.events();
    assert!(outcomes.iter().all(|(_, outcome)| *outcome == Some(Applied::Ignored)));
}

async fn unread(sale: &Sale) -> Vec<UnreadOrder> {
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    sale.app.reports.attention(creator, name, 9).await.unwrap().unread
}

/// Sweeps once, and returns the kinds of what was found and mended.
async fn findings(sale: &Sale) -> Vec<FindingKind> {
    let request = SweepRequest::default();
    let account = sale.app.reconciler.accounts(&request).await.unwrap().remove(0);
    let outcome = sale.app.reconciler.sweep(&account, &request).await;
    assert_eq!(outcome.error, None);
    assert!(outcome.findings.iter().all(|finding| finding.is_mended), "{outcome:?}");
    outcome.findings.into_iter().map(|finding| finding.kind).collect()
}

/// As if the account had been swept completely just now.
async fn note_sweep(sale: &Sale) {
    let mut unit = sale.app.store.begin().await.unwrap();
    unit.sweeps().swept(&sale.shop.account, sale.app.clock.now()).await.unwrap();
    unit.commit().await.unwrap();
}

#[pollster::test]
async fn creator_is_told_once_of_an_order_that_is_not_shown_and_a_later_sweep_applies_it() {
    let sale = Sale::new().await;
    sale.app.payments.pay(&sale.started().await).unwrap();
    let events = sale.app.payments.take_events();
    let again =
        |event: &ProviderEvent| ProviderEvent { id: format!("{}_2", event.id), ..event.clone() };
    let both: Vec<_> = events.iter().cloned().chain(events.iter().map(again)).collect();
    given_up(&sale, &both).await;
    assert_eq!(sale.mails_to(ADA).await, ["payment_unread"]);
    assert_alert_leads_to_the_buyer(&sale);
    let told = unread(&sale).await;
    let [one] = told.as_slice() else { panic!("one order: {told:?}") };
    let order = sale.app.store.orders().remove(0);
    assert_eq!((one.payment.checkout_id, one.email.as_str()), (order.id, BOB));

    // No list of sessions goes back that far.
    sale.app.clock.advance_seconds(DAY);
    note_sweep(&sale).await;
    sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(missing()));
    assert_eq!(findings(&sale).await, []);
    assert_eq!(unread(&sale).await, told);
    assert_eq!(findings(&sale).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
    assert_eq!(unread(&sale).await, []);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
    assert_eq!(sale.mails_to(ADA).await, ["payment_unread"]);
}

#[pollster::test]
async fn order_that_turns_out_not_to_be_paid_is_settled_as_well() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    assert!(sale.app.payments.expire(&session));
    given_up(&sale, &sale.app.payments.take_events()).await;
    assert_eq!(unread(&sale).await.len(), 1);
    let before = sale.app.payments.calls(Call::Checkout);
    assert_eq!(findings(&sale).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    assert_eq!(unread(&sale).await, []);
    assert_eq!(findings(&sale).await, []);
    assert_eq!(sale.app.payments.calls(Call::Checkout) - before, 1, "it is read once");
}

/// As of checkouts that were left, while the platform cannot read any.
#[pollster::test]
async fn creator_is_not_told_of_an_order_that_is_known_to_have_ended() {
    let sale = Sale::new().await;
    assert!(sale.app.payments.expire(&sale.started().await));
    let events = sale.app.payments.take_events();
    sale.app.deliver(events.clone()).await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    let again: Vec<_> = events
        .into_iter()
        .map(|event| ProviderEvent { id: format!("{}_2", event.id), ..event })
        .collect();
    let hide = || {
        for _ in &again {
            sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(missing()));
        }
    };
    hide();
    sale.app.deliver(again.clone()).await;
    hide();
    sale.app.clock.advance_seconds(3 * DAY);
    sale.app.work().await;
    assert!(sale.app.payments.is_calm());
    assert_eq!(unread(&sale).await, []);
    assert!(sale.mails_to(ADA).await.is_empty());
}

#[pollster::test]
async fn order_that_is_not_shown_is_left_alone_when_no_payment_can_come_any_more() {
    let sale = Sale::new().await;
    sale.app.payments.pay(&sale.started().await).unwrap();
    given_up(&sale, &sale.app.payments.take_events()).await;
    assert_eq!(unread(&sale).await.len(), 1);
    let before = sale.app.payments.calls(Call::Checkout);
    for (days, is_told, reads) in [(1, true, 1), (65, false, 2), (1, false, 2)] {
        sale.app.clock.advance_seconds(days * DAY);
        note_sweep(&sale).await;
        sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(missing()));
        assert_eq!(findings(&sale).await, []);
        assert_eq!(sale.app.payments.calls(Call::Checkout) - before, reads);
        assert_eq!(unread(&sale).await.len(), usize::from(is_told));
    }
}

#[pollster::test]
async fn creator_is_told_if_the_session_of_a_refunded_payment_is_not_shown() {
    let sale = Sale::new().await;
    let payment = sale.app.payments.pay(&sale.started().await).unwrap();
    sale.app.payments.take_events();
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    given_up(&sale, &sale.app.payments.take_events()).await;
    assert_eq!(sale.mails_to(ADA).await, ["payment_unread"]);
    assert_eq!(unread(&sale).await.len(), 1);
    assert!(findings(&sale).await.contains(&FindingKind::Session));
    assert_eq!(unread(&sale).await, []);
}

#[pollster::test]
async fn creator_is_told_if_the_session_of_a_refunded_payment_stays_as_it_was_before_it() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let payment = sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.payments.tamper(&session, |state| state.progress = SessionProgress::Open);
    sale.app.deliver_webhooks().await;
    assert!(sale.mails_to(ADA).await.is_empty(), "it is awaited");
    sale.app.clock.advance_seconds(3 * DAY);
    sale.app.work().await;
    assert_eq!(sale.mails_to(ADA).await, ["payment_unread"]);
    let outcomes = sale.app.store.events();
    assert!(outcomes.iter().all(|(_, outcome)| *outcome == Some(Applied::Ignored)));
    sale.app.payments.tamper(&session, |state| state.progress = SessionProgress::Paid);
    assert!(findings(&sale).await.contains(&FindingKind::Session));
    assert_eq!(unread(&sale).await, []);
    assert!(!sale.is_open().await);
}
