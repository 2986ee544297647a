//! Sweeps: with every webhook lost, access equals payments after one sweep.

mod awaited;
mod clocks;
mod dry_runs;
mod lost;
mod mismatches;
mod pauses;
mod pending;
mod restored;
mod schedule;
mod sessions;
mod taken_back;
mod unreadable;

use std::sync::atomic::Ordering;

use tollgate_domain::{
    access::FactKind,
    clock::Clock,
    disputes::ports::DisputeReads,
    payments::{AccountState, DisputeId, DisputeProgress, PaymentsError, Refusal},
    reconcile::{FindingKind, SweepOutcome, SweepRequest},
    store::{Store, Stores},
};
use tollgate_domain_testing::{Call, Fault, TestApp, a_page, sales_in_order};

use crate::{ADA, BOB, Sale, all_calls};

async fn swept(app: &TestApp, request: &SweepRequest) -> SweepOutcome {
    let accounts = app.reconciler.accounts(request).await.unwrap();
    let [account] = accounts.as_slice() else { panic!("one account: {accounts:?}") };
    app.reconciler.sweep(account, request).await
}

/// Sweeps once, and returns what was found.
async fn findings(app: &TestApp) -> Vec<FindingKind> {
    let outcome = swept(app, &SweepRequest::default()).await;
    assert_eq!(outcome.error, None);
    assert!(outcome.findings.iter().all(|finding| finding.is_mended), "{outcome:?}");
    app.work().await;
    outcome.findings.into_iter().map(|finding| finding.kind).collect()
}

/// Returns the kinds of what a dry run tells of.
async fn told(app: &TestApp) -> Vec<FindingKind> {
    let request = SweepRequest { dry_run: true, ..SweepRequest::default() };
    let findings = swept(app, &request).await.findings;
    findings.into_iter().map(|finding| finding.kind).collect()
}

/// Opens a session of which Tollgate does not learn.
async fn opening_is_never_answered(sale: &Sale) {
    for _ in 0..3 {
        sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_answer());
    }
    sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
}

#[pollster::test]
async fn a_payment_that_nobody_told_of_is_found() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    assert!(!sale.is_open().await);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(sale.is_open().await);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
    assert_eq!(findings(&sale.app).await, [], "a second sweep finds nothing");
}

#[pollster::test]
async fn inquiry_that_nobody_told_of_is_found_and_suspends_nothing() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let payment = sale.app.payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Dispute]);
    assert!(sale.is_open().await);
    let purchase = sale.app.store.purchases().remove(0).id;
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let case = sale.app.dispute_cases.of_purchase(creator, name, purchase).await.unwrap();
    assert_eq!(case.unwrap().dispute.progress, DisputeProgress::Inquiry);
    assert_eq!(findings(&sale.app).await, [], "a second sweep finds nothing");
}

#[pollster::test]
async fn payment_in_a_session_of_somebody_elses_making_is_found_once() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.paid_elsewhere();
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(!sale.is_open().await);
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
    assert_eq!(findings(&sale.app).await, [], "it is known now");
    // The order's own session can be paid, and another stray payment is found beside it.
    sale.app.payments.pay(&session).unwrap();
    sale.paid_elsewhere();
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Session, FindingKind::Session]);
    assert!(sale.is_open().await);
    assert_eq!(findings(&sale.app).await, []);
}

#[pollster::test]
async fn refunds_and_disputes_that_nobody_told_of_are_found() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let payment = sale.app.payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    let dispute = sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Dispute]);
    assert!(!sale.is_open().await);
    // Decided long after it began.
    sale.app.clock.advance_seconds(90 * 24 * 3600);
    assert_eq!(findings(&sale.app).await, []);
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Dispute]);
    let bob = sale.app.sign_in(BOB).await;
    assert!(sale.app.is_open(&sale.shop, &sale.page, &bob).await);
    let refund = sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Refund]);
    assert!(!sale.app.is_open(&sale.shop, &sale.page, &bob).await);
    sale.app.payments.fail_refund(&refund);
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Refund]);
    assert!(sale.app.is_open(&sale.shop, &sale.page, &bob).await);
}

#[pollster::test]
async fn an_inquiry_that_becomes_a_dispute_after_months_is_found() {
    let sale = Sale::new().await;
    let payment = sale.app.payments.pay(&sale.started().await).unwrap();
    sale.app.deliver_webhooks().await;
    let dispute = sale.app.payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
    sale.app.deliver_webhooks().await;
    let bob = |app: TestApp| async move { app.sign_in(BOB).await };
    for (progress, is_open) in [
        (DisputeProgress::Lost, false),
        // The appeal against it succeeds.
        (DisputeProgress::Won, true),
    ] {
        sale.app.clock.advance_seconds(80 * 24 * 3600);
        assert_eq!(findings(&sale.app).await, []);
        sale.app.payments.decide_dispute(&dispute, progress);
        sale.app.payments.take_events();
        assert_eq!(findings(&sale.app).await, [FindingKind::Dispute]);
        let bob = bob(sale.app.clone()).await;
        assert_eq!(sale.app.is_open(&sale.shop, &sale.page, &bob).await, is_open, "{progress:?}");
    }
}

#[pollster::test]
async fn a_sweep_since_a_late_time_leaves_nothing_out() {
    let sale = Sale::new().await;
    assert_eq!(findings(&sale.app).await, []);
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    sale.app.clock.advance_seconds(3_600);
    let request = SweepRequest { since: Some(sale.app.clock.now()), ..SweepRequest::default() };
    let outcome = swept(&sale.app, &request).await;
    let kinds: Vec<_> = outcome.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::Session]);
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn a_sweep_since_an_early_time_looks_at_more_than_others() {
    let sale = Sale::new().await;
    let began = sale.app.clock.now();
    sale.app.payments.pay(&sale.started().await).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.clock.advance_seconds(10 * 24 * 3_600);
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(swept(&sale.app, &SweepRequest::default()).await.looked_at, 0);
    let request = SweepRequest { since: Some(began), ..SweepRequest::default() };
    assert_eq!(swept(&sale.app, &request).await.looked_at, 1);
    assert_eq!(request.looked_at.load(Ordering::Relaxed), 1);
}

#[pollster::test]
async fn what_an_account_can_do_is_read() {
    let sale = Sale::new().await;
    sale.app.payments.set_account(&sale.shop.account, AccountState::default());
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Account]);
    sale.app.payments.deauthorize(&sale.shop.account);
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Account]);
    assert_eq!(findings(&sale.app).await, [], "that it is out of reach is known");
}

#[pollster::test]
async fn what_happened_at_an_earlier_account_is_found_when_it_can_be_read_again() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let payment = sale.app.payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    sale.app.payments.deauthorize(&sale.shop.account);
    sale.app.deliver_webhooks().await;
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.clock.advance_seconds(90 * 24 * 3600);
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    assert!(outcome.findings.is_empty() && outcome.is_out_of_reach, "{outcome:?}");
    let bob = sale.app.sign_in(BOB).await;
    assert!(sale.app.is_open(&sale.shop, &sale.page, &bob).await);
    sale.app.payments.activate(&sale.shop.account);
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Account, FindingKind::Refund]);
    assert!(!sale.app.is_open(&sale.shop, &sale.page, &bob).await);
    assert_eq!(findings(&sale.app).await, []);
    // The platform has access to it, so the shop sells again.
    sale.app.start(&sale.shop, &sale.page, &bob).await.unwrap();
}

#[pollster::test]
async fn refusals_do_not_disconnect_an_account_that_can_be_read() {
    let sale = Sale::new().await;
    let refused =
        PaymentsError::Refused { refusal: Refusal::AccountDisconnected, message: "403".into() };
    for _ in 0..2 {
        sale.app.payments.fail_next(Call::OpenCheckout, Fault::BeforeEffect(refused.clone()));
    }
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    sale.app.clock.advance_seconds(1);
    sale.started().await;
}

#[pollster::test]
async fn payments_that_are_not_ours_are_not_read() {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.deliver_webhooks().await;
    let (_, payment) = sale.paid_elsewhere();
    sale.app.deliver_webhooks().await;
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.payments.take_events();
    let before = sale.app.payments.calls(Call::CheckoutOfPayment);
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(told(&sale.app).await, []);
    assert_eq!(sale.app.payments.calls(Call::CheckoutOfPayment), before);
}

#[pollster::test]
async fn a_sweep_over_many_sales_in_order_writes_nothing_and_reads_lists() {
    const SALES: u32 = 10_000;
    let app = TestApp::new();
    // As many as with Stripe.
    app.payments.list_by(100);
    sales_in_order(&Stores::of(app.store.clone()), &app.payments, &app.clock, SALES).await;
    let stored = || {
        let store = &app.store;
        (store.facts(), store.purchases(), store.jobs(), store.mails().len(), store.events().len())
    };
    let (before, calls, reads) = (stored(), all_calls(&app), app.payments.calls(Call::Checkout));
    let outcome = swept(&app, &SweepRequest::default()).await;
    assert!(outcome.findings.is_empty() && outcome.error.is_none(), "{outcome:?}");
    assert_eq!(outcome.looked_at, u64::from(SALES));
    assert!(stored() == before, "nothing is written but the time of the sweep");
    assert_eq!(app.payments.calls(Call::Checkout), reads, "no session is read by itself");
    // The account, the pages of a hundred sessions each, the refunds and the disputes.
    assert_eq!(all_calls(&app) - calls, 1 + SALES / 100 + 1 + 1);
    app.work().await;
    assert!(stored() == before);
}

/// Versions before stored what they read, and no fact of it.
#[pollster::test]
async fn a_dispute_that_is_stored_as_opened_again_without_a_fact_suspends_after_a_sweep() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = bought.payment.unwrap().payment_intent;
    let payments = &sale.app.payments;
    let dispute = payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    let mut stored = DisputeReads::disputes_of(&sale.app.store, bought.id).await.unwrap();
    payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    sale.app.clock.advance_seconds(3_600);
    payments.decide_dispute(&dispute, DisputeProgress::Open);
    payments.take_events();
    let mut opened = stored.pop().unwrap();
    opened.read_at = sale.app.clock.now();
    let mut unit = Store::begin(&sale.app.store).await.unwrap();
    assert!(unit.disputes().put(&opened).await.unwrap());
    unit.commit().await.unwrap();
    sale.app.clock.advance_seconds(60);
    assert_eq!(told(&sale.app).await, [], "nothing is known to differ");
    assert_eq!(findings(&sale.app).await, [FindingKind::Dispute]);
    assert!(!sale.is_open().await);
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(told(&sale.app).await, []);
}

/// They began so long ago that lists do not have them.
#[pollster::test]
async fn open_disputes_that_are_too_many_for_one_sweep_are_read_by_the_next() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    for number in 0..=200 {
        let buyer = app.sign_in(&format!("buyer-{number}@example.com")).await;
        let payment = app.buy(&shop, &page, &buyer).await.payment.unwrap().payment_intent;
        app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    }
    app.deliver_webhooks().await;
    for _ in 0..2 {
        app.clock.advance_seconds(200 * 24 * 3600);
        assert_eq!(findings(&app).await, []);
    }
    // They are read in the order of their facts.
    let opened = app.store.facts().into_iter().filter(|fact| fact.kind == FactKind::Disputed);
    let last = opened.max_by_key(|fact| fact.id).unwrap();
    let last = DisputeId::new(&last.reference);
    app.payments.decide_dispute(&last, DisputeProgress::Won);
    app.payments.take_events();
    assert_eq!(findings(&app).await, [], "the first of them are read");
    assert_eq!(findings(&app).await, [FindingKind::Dispute]);
    let open = app.store.purchases().into_iter().filter(|it| it.suspended_at.is_none());
    assert_eq!(open.count(), 1);
}
