//! What a sweep cannot read: it is left out, tried again and given up.

use tollgate_domain::{
    access::FactKind,
    checkout::OrderStatus,
    payments::{DisputeProgress, PaymentsError, Refusal},
    reconcile::{FindingKind, SweepRequest, ports::SweepReads},
};
use tollgate_domain_testing::{Call, Fault, TestApp};

use super::{findings, opening_is_never_answered, swept};
use crate::{Sale, checkout::statuses};

#[pollster::test]
async fn an_object_that_cannot_be_read_is_left_out_and_the_others_are_compared() {
    let sale = Sale::new().await;
    let late = sale.started().await;
    sale.app.payments.pay_later(&late).unwrap();
    sale.app.deliver_webhooks().await;
    let eve = sale.app.sign_in("eve@example.com").await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &eve).await;
    sale.app.deliver_webhooks().await;
    let payment = bought.payment.unwrap().payment_intent;
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.payments.take_events();
    let missing = PaymentsError::Refused { refusal: Refusal::NotFound, message: "404".into() };
    let unclear = PaymentsError::Unavailable("the answer was not understood".into());
    for (error, is_complete) in [(unclear, false), (missing, true)] {
        sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(error));
        let outcome = swept(&sale.app, &SweepRequest::default()).await;
        let left_out = outcome.findings.iter().find(|finding| finding.id == late.as_str());
        assert!(left_out.is_some_and(|finding| !finding.is_mended), "{outcome:?}");
        assert_eq!(outcome.error.is_none(), is_complete, "{outcome:?}");
        assert!(outcome.error.is_none_or(|error| error.starts_with(late.as_str())));
        assert!(!sale.app.is_open(&sale.shop, &sale.page, &eve).await, "the refund was found");
        let account = sale.app.reconciler.accounts(&SweepRequest::default()).await.unwrap();
        // Otherwise the next sweep begins where this one did.
        assert_eq!(account[0].swept_at.is_some(), is_complete);
    }
    assert_eq!(findings(&sale.app).await, []);
    sale.app.payments.fail_next(Call::Checkout, Fault::lost_request());
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    let [finding] = &outcome.findings[..] else { panic!("one finding: {outcome:?}") };
    assert_eq!((finding.kind, finding.is_mended), (FindingKind::Session, false));
}

#[pollster::test]
async fn sessions_that_cannot_be_read_do_not_keep_refunds_from_being_found() {
    let sale = Sale::new().await;
    let eve = sale.app.sign_in("eve@example.com").await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &eve).await;
    for number in 0..6 {
        let visitor = sale.app.sign_in(&format!("slow-{number}@example.com")).await;
        let started = sale.app.start(&sale.shop, &sale.page, &visitor).await.unwrap();
        let session = sale.app.payments.session_at(&started.url).unwrap();
        sale.app.payments.pay_later(&session).unwrap();
    }
    sale.app.deliver_webhooks().await;
    sale.app.clock.advance_seconds(4 * 24 * 3600);
    assert_eq!(findings(&sale.app).await, []);
    let payment = bought.payment.unwrap().payment_intent;
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.payments.take_events();
    let before = sale.app.payments.calls(Call::Checkout);
    for _ in 0..6 {
        sale.app.payments.fail_next(Call::Checkout, Fault::lost_request());
    }
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    assert!(outcome.error.is_some(), "{outcome:?}");
    assert_eq!(sale.app.payments.calls(Call::Checkout) - before, 4, "no more than that in a row");
    let refund = outcome.findings.iter().find(|finding| finding.kind == FindingKind::Refund);
    assert!(refund.is_some_and(|refund| refund.is_mended), "{outcome:?}");
    assert!(!sale.app.is_open(&sale.shop, &sale.page, &eve).await);
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    assert!(outcome.error.is_some(), "{outcome:?}");
    assert_eq!(sale.app.payments.calls(Call::Checkout) - before, 6, "the others come next");
}

#[pollster::test]
async fn an_order_that_never_got_a_session_is_not_looked_for_without_end() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_request());
    sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    for (seconds, status) in
        [(3_600, OrderStatus::Creating), (3 * 24 * 3_600, OrderStatus::Expired)]
    {
        sale.app.clock.advance_seconds(seconds);
        assert_eq!(findings(&sale.app).await, []);
        assert_eq!(statuses(&sale.app), [status]);
    }
    let before = sale.app.payments.calls(Call::FindCheckout);
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(sale.app.payments.calls(Call::FindCheckout), before);
}

/// Long after a voucher could have been paid.
#[pollster::test]
async fn a_slow_payment_that_can_never_be_read_is_given_up() {
    let sale = Sale::new().await;
    sale.app.payments.pay_later(&sale.started().await).unwrap();
    sale.app.deliver_webhooks().await;
    let unclear = PaymentsError::Unavailable("the answer was not understood".into());
    for (days, status) in [(64, OrderStatus::Pending), (2, OrderStatus::Expired)] {
        sale.app.clock.advance_seconds(days * 24 * 3_600);
        sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(unclear.clone()));
        let outcome = swept(&sale.app, &SweepRequest::default()).await;
        assert_eq!(outcome.error.is_some(), status == OrderStatus::Pending, "{outcome:?}");
        assert_eq!(statuses(&sale.app), [status]);
    }
}

/// Its end is then awaited.
#[pollster::test]
async fn wherever_the_store_fails_a_slow_payment_that_is_given_up_can_still_be_found() {
    for passes in 0..90 {
        let sale = Sale::new().await;
        sale.app.payments.pay_later(&sale.started().await).unwrap();
        sale.app.deliver_webhooks().await;
        sale.app.clock.advance_seconds(66 * 24 * 3_600);
        let request = SweepRequest::default();
        let account = sale.app.reconciler.accounts(&request).await.unwrap().remove(0);
        for _ in 0..2 {
            sale.app.payments.fail_next(Call::Checkout, Fault::lost_request());
        }
        sale.app.store.fail_after(passes);
        sale.app.reconciler.sweep(&account, &request).await;
        let came_through = sale.app.store.heal();
        let is_closed = statuses(&sale.app) == [OrderStatus::Expired];
        let awaited = sale.app.store.awaited_orders_at(&account.account, None, 9).await.unwrap();
        assert_eq!(is_closed, !awaited.is_empty(), "after {passes}");
        if came_through {
            return;
        }
    }
    panic!("it never comes through");
}

/// As among more sessions than are looked through.
#[pollster::test]
async fn an_order_whose_session_can_never_be_searched_does_not_stop_sweeps() {
    let sale = Sale::new().await;
    opening_is_never_answered(&sale).await;
    let search_fails = || sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
    sale.app.clock.advance_seconds(3_600);
    search_fails();
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    assert!(outcome.error.is_some(), "it is searched again");
    assert_eq!(statuses(&sale.app), [OrderStatus::Creating]);
    // Somebody paid, and nothing told of it.
    let session = sale.app.payments.sessions().pop().unwrap();
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    sale.app.clock.advance_seconds(2 * 24 * 3_600);
    search_fails();
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
    assert_eq!(findings(&sale.app).await, []);
}

#[pollster::test]
async fn a_provider_that_is_down_ends_the_sweep_and_the_next_one_starts_where_it_did() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    sale.app.payments.set_down(true);
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    assert!(outcome.error.is_some());
    sale.app.payments.set_down(false);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
}

/// It is reported, and the refunds beside it count.
#[pollster::test]
async fn a_refund_in_another_currency_is_set_against_nothing() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.deliver_webhooks().await;
    let payment = bought.payment.unwrap().payment_intent;
    let payments = &sale.app.payments;
    let sound = payments.refund_in_dashboard(&payment, 100).unwrap();
    // More than the objects in a row after which the provider is taken for one that is down.
    let foreign = [(); 5].map(|()| {
        let refund = payments.refund_in_dashboard(&payment, 200).unwrap();
        payments.refund_in(&refund, "eur");
        refund
    });
    let refunded = || sale.app.store.purchases()[0].refunded;
    let events = payments.take_events();
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    let is_mended = |id: &str| {
        let found = outcome.findings.iter().find(|finding| finding.id == id);
        found.map(|finding| finding.is_mended)
    };
    assert_eq!(is_mended(sound.as_str()), Some(true), "{outcome:?}");
    for foreign in &foreign {
        assert_eq!(is_mended(foreign.as_str()), Some(false), "{outcome:?}");
    }
    // Otherwise every sweep would begin where this one did.
    assert_eq!(outcome.error, None);
    assert_eq!(refunded(), 100);
    sale.app.deliver(events).await;
    assert_eq!(refunded(), 100);
    assert!(sale.is_open().await);
    assert!(sale.app.store.events().iter().any(|(_, outcome)| outcome.is_none()));
    sale.app.clock.advance_seconds(3 * 24 * 3_600);
    sale.app.work().await;
    assert!(sale.app.store.events().iter().all(|(_, outcome)| outcome.is_some()));
    assert_eq!(refunded(), 100);
}

#[pollster::test]
async fn what_did_not_match_is_not_refunded_in_another_currency() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let payments = &sale.app.payments;
    let payment = payments.pay(&session).unwrap();
    payments.tamper(&session, |state| state.amount = 1_100);
    sale.app.deliver_webhooks().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Quarantined]);
    let refund = payments.refund_in_dashboard(&payment, 1_200).unwrap();
    payments.refund_in(&refund, "jpy");
    sale.app.deliver_webhooks().await;
    let refunded = |app: &TestApp| {
        app.store.facts().iter().any(|fact| fact.kind == FactKind::QuarantineRefunded)
    };
    assert!(!refunded(&sale.app));
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    let finding = outcome.findings.iter().find(|finding| finding.kind == FindingKind::Refund);
    assert!(finding.is_some_and(|finding| !finding.is_mended), "{outcome:?}");
    payments.refund_in(&refund, "usd");
    assert_eq!(findings(&sale.app).await, [FindingKind::Refund]);
    assert!(refunded(&sale.app));
}

/// The step ends, and the steps after it do not wait for it.
#[pollster::test]
async fn a_list_that_begins_again_is_not_read_for_ever() {
    let sale = Sale::new().await;
    let mut payments = Vec::new();
    for number in 0..4 {
        let visitor = sale.app.sign_in(&format!("buyer-{number}@example.com")).await;
        let bought = sale.app.buy(&sale.shop, &sale.page, &visitor).await;
        payments.push(bought.payment.unwrap().payment_intent);
    }
    sale.app.deliver_webhooks().await;
    let provider = &sale.app.payments;
    let calls = [Call::CheckoutsSince, Call::RefundsSince, Call::DisputesSince];
    let read = || calls.map(|call| provider.calls(call));
    provider.ignore_cursors(true);
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    assert!(outcome.error.is_some_and(|error| error.contains("begins again")));
    assert_eq!((read(), outcome.findings), ([2, 1, 1], vec![]));
    for payment in &payments {
        provider.refund_in_dashboard(payment, 100).unwrap();
        provider.dispute(payment, DisputeProgress::Open).unwrap();
    }
    provider.take_events();
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    assert!(outcome.error.is_some(), "{outcome:?}");
    assert_eq!(read(), [4, 3, 3]);
    provider.ignore_cursors(false);
    // What the first pages did not have.
    let kinds = findings(&sale.app).await;
    assert_eq!(kinds, [FindingKind::Refund, FindingKind::Dispute]);
}

/// The rest of the sweep would only ask for more.
#[pollster::test]
async fn a_provider_that_asks_for_a_pause_is_not_called_again_by_the_sweep() {
    for call in [Call::CheckoutsSince, Call::Checkout] {
        let sale = Sale::new().await;
        sale.app.payments.pay_later(&sale.started().await).unwrap();
        sale.app.deliver_webhooks().await;
        let busy = PaymentsError::Busy { reason: "429".into(), retry_after_seconds: 20 };
        sale.app.payments.fail_next(call, Fault::BeforeEffect(busy));
        let outcome = swept(&sale.app, &SweepRequest::default()).await;
        assert!(outcome.error.is_some_and(|error| error.contains("429")), "{call:?}");
        assert_eq!(outcome.findings, [], "{call:?}");
        let later = [Call::RefundsSince, Call::DisputesSince];
        assert_eq!(later.map(|later| sale.app.payments.calls(later)), [0, 0], "{call:?}");
        assert_eq!(findings(&sale.app).await, []);
    }
}
