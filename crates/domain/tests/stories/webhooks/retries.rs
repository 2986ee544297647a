//! Events that are tried again.

use tollgate_domain::{
    jobs::{self, JobKind},
    payments::{
        DisputeProgress, EventSubject, PaymentsError, ProviderEvent, Refusal, SessionProgress,
    },
};
use tollgate_domain_testing::{Call, Fault, TestApp};

use super::{
    Outcome,
    Step::{self, Dispute, Pay, RefundAPart, RefundTheRest},
    event, mails, played,
};
use crate::Sale;

fn is_put_off(step: &jobs::Step) -> bool {
    matches!(step, jobs::Step::Ran(JobKind::ApplyEvent, jobs::Outcome::Retry(_)))
}

#[pollster::test]
async fn an_event_is_tried_until_it_succeeds() {
    let (sale, events) = played(&[Pay]).await;
    for event in &events {
        sale.app.events.receive(event).await.unwrap();
    }
    for attempt in 0..20 {
        sale.app.payments.set_down(true);
        assert!(is_put_off(&sale.app.step().await), "{attempt}");
        sale.app.payments.set_down(false);
        assert_eq!(sale.app.step().await, jobs::Step::Idle);
        sale.app.clock.advance_seconds(3_600);
    }
    assert!(!sale.is_open().await);
    assert_eq!(sale.app.step().await, jobs::Step::Ran(JobKind::ApplyEvent, jobs::Outcome::Done));
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn the_first_retry_comes_after_five_seconds() {
    let (sale, events) = played(&[Pay]).await;
    sale.app.events.receive(events.first().unwrap()).await.unwrap();
    sale.app.payments.fail_next(Call::Checkout, Fault::lost_request());
    assert!(is_put_off(&sale.app.step().await));
    // Or up to a fifth sooner.
    sale.app.clock.advance_seconds(3);
    assert_eq!(sale.app.step().await, jobs::Step::Idle);
    sale.app.clock.advance_seconds(2);
    assert_eq!(sale.app.step().await, jobs::Step::Ran(JobKind::ApplyEvent, jobs::Outcome::Done));
}

#[pollster::test]
async fn wherever_the_store_fails_an_event_is_dealt_with_in_the_end() {
    let story: &[Step] = &[Pay, RefundAPart, RefundTheRest];
    let (sale, events) = played(story).await;
    sale.app.deliver(events).await;
    let expected = Outcome::of(&sale).await;
    for passes in 0..200 {
        let (sale, events) = played(story).await;
        for event in &events {
            sale.app.events.receive(event).await.unwrap();
        }
        sale.app.store.fail_after(passes);
        // Events come before mails, so this is as many steps as there are events.
        for _ in 0..events.len() {
            sale.app.runner().step().await.ok();
        }
        let came_through = sale.app.store.heal();
        sale.app.clock.advance_seconds(4_000);
        sale.app.work().await;
        assert_eq!(Outcome::of(&sale).await, expected, "after {passes}");
        assert_eq!(mails(&sale).await, ["receipt", "refunded", "refunded"]);
        if came_through {
            return;
        }
    }
    panic!("it never comes through");
}

/// One read may still show what was before.
#[pollster::test]
async fn a_session_that_is_shown_as_open_after_it_was_paid_is_read_again() {
    for is_named in [true, false] {
        let sale = Sale::new().await;
        let session = sale.started().await;
        let account = is_named.then(|| sale.shop.account.as_str());
        let told = event(EventSubject::CheckoutSession, account, session.as_str());
        sale.app.events.receive(&told).await.unwrap();
        assert!(is_put_off(&sale.app.step().await), "{is_named}");
        assert_eq!(sale.app.step().await, jobs::Step::Idle);
        sale.app.payments.pay(&session).unwrap();
        sale.app.payments.take_events();
        sale.app.clock.advance_seconds(5);
        let applied = jobs::Step::Ran(JobKind::ApplyEvent, jobs::Outcome::Done);
        assert_eq!(sale.app.step().await, applied, "{is_named}");
        assert!(sale.is_open().await);
    }
}

/// The events that are about no session.
fn reversals(events: Vec<ProviderEvent>) -> impl Iterator<Item = ProviderEvent> {
    events.into_iter().filter(|event| !event.object_id.starts_with("cs_"))
}

/// Whether what was bought opens the page; `None` if nothing is known to be bought.
fn is_active(sale: &Sale) -> Option<bool> {
    sale.app.store.purchases().first().map(|purchase| purchase.holding().is_active())
}

#[pollster::test]
async fn what_takes_a_payment_back_waits_until_its_session_is_shown_as_paid() {
    for story in [[Pay, RefundAPart, RefundTheRest].as_slice(), &[Pay, Dispute]] {
        for before in [SessionProgress::Open, SessionProgress::Pending] {
            let (sale, events) = played(story).await;
            let session = sale.app.payments.sessions().pop().unwrap();
            let show = |progress| {
                sale.app.payments.tamper(&session, |state| state.progress = progress);
            };
            show(before);
            sale.app.deliver(reversals(events)).await;
            assert_eq!(is_active(&sale), None, "{story:?}, {before:?}");
            let events = sale.app.store.events();
            assert!(events.iter().all(|(_, outcome)| outcome.is_none()), "{events:?}");
            show(SessionProgress::Paid);
            sale.app.clock.advance_seconds(5);
            sale.app.work().await;
            assert_eq!(is_active(&sale), Some(false), "{story:?}, {before:?}");
        }
    }
}

#[pollster::test]
async fn what_takes_a_payment_back_finds_a_session_whose_opening_had_no_answer() {
    for is_disputed in [false, true] {
        let sale = Sale::new().await;
        let payments = &sale.app.payments;
        payments.fail_next(Call::OpenCheckout, Fault::lost_answer());
        payments.fail_next(Call::FindCheckout, Fault::lost_request());
        assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
        assert!(sale.app.store.orders().iter().all(|order| order.opened.is_none()));
        let payment = payments.pay(&payments.sessions().pop().unwrap()).unwrap();
        if is_disputed {
            payments.dispute(&payment, DisputeProgress::Open).unwrap();
        } else {
            payments.refund_in_dashboard(&payment, 1_200).unwrap();
        }
        sale.app.deliver(reversals(payments.take_events())).await;
        assert_eq!(is_active(&sale), Some(false), "disputed: {is_disputed}");
    }
}

#[pollster::test]
async fn a_charge_that_is_shown_without_its_refund_is_read_again() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.deliver_webhooks().await;
    let payment = bought.payment.unwrap().payment_intent;
    let (account, payments) = (sale.shop.account.as_str(), &sale.app.payments);
    let charge = payments.charge_of(&payment).unwrap();
    let told = event(EventSubject::Charge, Some(account), charge.as_str());
    sale.app.events.receive(&told).await.unwrap();
    assert!(is_put_off(&sale.app.step().await));
    payments.refund_in_dashboard(&payment, 1_200).unwrap();
    payments.take_events();
    sale.app.clock.advance_seconds(5);
    let applied = jobs::Step::Ran(JobKind::ApplyEvent, jobs::Outcome::Done);
    assert_eq!(sale.app.step().await, applied);
    assert!(!sale.is_open().await);
}

/// A session that stays open is not waited for longer than one that is not there.
#[pollster::test]
async fn a_session_that_is_always_shown_as_open_is_given_up() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let account = sale.shop.account.as_str();
    let told = event(EventSubject::CheckoutSession, Some(account), session.as_str());
    sale.app.events.receive(&told).await.unwrap();
    sale.app.clock.advance_seconds(3 * 24 * 3_600);
    let applied = jobs::Step::Ran(JobKind::ApplyEvent, jobs::Outcome::Done);
    assert!(sale.app.work().await.contains(&applied));
    assert!(!sale.is_open().await);
    assert!(sale.app.store.events().iter().all(|(_, outcome)| outcome.is_some()));
}

/// A key that is exchanged is refused for a while.
#[pollster::test]
async fn what_an_event_names_is_read_again_after_a_refusal() {
    let sale = Sale::new().await;
    let purchase = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.deliver_webhooks().await;
    let payment = purchase.payment.unwrap().payment_intent;
    sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    let message = "the key is not accepted".to_owned();
    let refused = PaymentsError::Refused { refusal: Refusal::Other, message };
    sale.app.payments.fail_next(Call::Dispute, Fault::BeforeEffect(refused));
    sale.app.deliver_webhooks().await;
    sale.app.work().await;
    assert!(sale.is_open().await, "nobody knows of the dispute yet");
    sale.app.clock.advance_seconds(60);
    sale.app.work().await;
    assert!(!sale.is_open().await);
}

#[pollster::test]
async fn an_event_cannot_be_received_while_the_store_is_down() {
    let app = TestApp::new();
    app.store.set_down(true);
    assert!(app.events.receive(&event(EventSubject::Other, None, "in_1")).await.is_err());
    app.store.set_down(false);
    assert!(app.events.receive(&event(EventSubject::Other, None, "in_1")).await.unwrap());
}

#[pollster::test]
async fn what_the_provider_does_not_show_at_once_is_tried_again() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.deliver_webhooks().await;
    let payment = bought.payment.unwrap().payment_intent;
    let missing =
        || PaymentsError::Refused { refusal: Refusal::NotFound, message: "404".to_owned() };
    sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.payments.fail_next(Call::Dispute, Fault::BeforeEffect(missing()));
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    sale.app.clock.advance_seconds(5);
    sale.app.work().await;
    assert!(!sale.is_open().await);
}
