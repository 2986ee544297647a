//! Sweeps that go on after a pause that the provider asked for.

use tollgate_domain::{
    clock::{Clock, plus_seconds},
    payments::{MAX_PAUSE_SECONDS, PaymentsError},
    reconcile::{FindingKind, Reconciler, SweepOutcome, SweepRequest, ports::SweptAccount},
    store::Stores,
};
use tollgate_domain_testing::{Call, Fault, TestApp};

use super::findings;
use crate::Sale;

async fn account(app: &TestApp) -> SweptAccount {
    app.reconciler.accounts(&SweepRequest::default()).await.unwrap().remove(0)
}

fn busy() -> Fault {
    busy_for(20)
}

fn busy_for(retry_after_seconds: u64) -> Fault {
    Fault::BeforeEffect(PaymentsError::Busy { reason: "429".into(), retry_after_seconds })
}

fn kinds(outcome: &SweepOutcome) -> Vec<FindingKind> {
    outcome.findings.iter().map(|finding| finding.kind).collect()
}

/// Returns what sweeps in a process that has just started.
fn another_process(app: &TestApp) -> Reconciler {
    app.over(Stores::of(app.store.clone())).reconciler
}

/// Returns the usual request, one that lists more, and one that changes nothing.
fn requests(app: &TestApp) -> [SweepRequest; 3] {
    let since = plus_seconds(app.clock.now(), -9 * 24 * 3_600);
    [
        SweepRequest::default(),
        SweepRequest { since: Some(since), ..SweepRequest::default() },
        SweepRequest { dry_run: true, ..SweepRequest::default() },
    ]
}

/// In a dry run, the refund is only known to be of a purchase since its payment was found before the pause.
#[pollster::test]
async fn a_sweep_goes_on_where_the_provider_asked_for_a_pause() {
    for number in 0..3 {
        let sale = Sale::new().await;
        let all = requests(&sale.app);
        let request = &all[number];
        let payments = &sale.app.payments;
        let payment = payments.pay(&sale.started().await).unwrap();
        payments.refund_in_dashboard(&payment, 1_200).unwrap();
        payments.take_events();
        sale.app.clock.advance_seconds(60);
        let started = sale.app.clock.now();
        let before = [Call::CheckoutsSince, Call::RefundsSince].map(|call| payments.calls(call));
        payments.fail_next(Call::RefundsSince, busy());
        let account_then = account(&sale.app).await;
        let paused = sale.app.reconciler.sweep(&account_then, request).await;
        assert_eq!(paused.pause.as_ref().map(|pause| pause.seconds), Some(20), "{paused:?}");
        assert!(paused.error.as_ref().is_some_and(|error| error.contains("429")), "{paused:?}");
        assert_eq!(kinds(&paused), [FindingKind::Session]);
        sale.app.clock.advance_seconds(20);
        let whole = sale.app.reconciler.go_on(&account_then, request, paused).await;
        assert_eq!((&whole.error, &whole.pause), (&None, &None), "{whole:?}");
        assert_eq!(kinds(&whole), [FindingKind::Session, FindingKind::Refund]);
        assert!(whole.findings.iter().all(|finding| finding.is_mended != request.dry_run));
        assert_eq!(whole.looked_at, 2, "the session and the refund");
        let after = [Call::CheckoutsSince, Call::RefundsSince].map(|call| payments.calls(call));
        assert_eq!([after[0] - before[0], after[1] - before[1]], [1, 2]);
        let swept_at = account(&sale.app).await.swept_at;
        assert_eq!(swept_at, (!request.dry_run).then_some(started), "the two are one sweep");
        // The next one is a whole one.
        let left = findings(&sale.app).await;
        assert_eq!(left.is_empty(), !request.dry_run, "{left:?}");
        assert_eq!(payments.calls(Call::CheckoutsSince) - after[0], 1);
    }
}

#[pollster::test]
async fn a_sweep_may_be_asked_to_pause_again_and_again() {
    let sale = Sale::new().await;
    let (payments, request) = (&sale.app.payments, SweepRequest::default());
    let account = account(&sale.app).await;
    for call in [Call::CheckoutsSince, Call::RefundsSince, Call::DisputesSince] {
        payments.fail_next(call, busy());
    }
    let mut outcome = sale.app.reconciler.sweep(&account, &request).await;
    for _ in 0..3 {
        assert!(outcome.pause.is_some(), "{outcome:?}");
        outcome = sale.app.reconciler.go_on(&account, &request, outcome).await;
    }
    assert_eq!((&outcome.error, &outcome.pause), (&None, &None), "{outcome:?}");
    // There is nothing to go on with.
    let again = sale.app.reconciler.go_on(&account, &request, outcome.clone()).await;
    assert_eq!(again, outcome);
}

/// Otherwise a dry run of many slow payments would begin with the first ones after each pause.
#[pollster::test]
async fn a_dry_run_goes_on_with_what_it_reads_one_by_one() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    payments.pay_later(&sale.started().await).unwrap();
    sale.app.clock.advance_seconds(1);
    let eve = sale.app.sign_in("eve@example.com").await;
    let started = sale.app.start(&sale.shop, &sale.page, &eve).await.unwrap();
    payments.pay_later(&payments.session_at(&started.url).unwrap()).unwrap();
    sale.app.deliver_webhooks().await;
    let request = SweepRequest { dry_run: true, ..SweepRequest::default() };
    let account = account(&sale.app).await;
    let before = payments.calls(Call::Checkout);
    // The first one is left out, and the second one is where the provider asks for a pause.
    payments.fail_next(Call::Checkout, Fault::lost_request());
    payments.fail_next(Call::Checkout, busy());
    let paused = sale.app.reconciler.sweep(&account, &request).await;
    assert!(paused.pause.is_some(), "{paused:?}");
    let whole = sale.app.reconciler.go_on(&account, &request, paused).await;
    assert_eq!((kinds(&whole), &whole.pause), (vec![FindingKind::Session], &None), "{whole:?}");
    assert_eq!(payments.calls(Call::Checkout) - before, 3);
    // A dry run begins with the first ones.
    assert_eq!(sale.app.reconciler.sweep(&account, &request).await.error, None);
    assert_eq!(payments.calls(Call::Checkout) - before, 5);
}

#[pollster::test]
async fn a_pause_is_as_long_as_asked_for_and_not_too_short() {
    let sale = Sale::new().await;
    let account = account(&sale.app).await;
    for (asked, waited) in [(1, 5), (5, 5), (6, 6), (MAX_PAUSE_SECONDS, MAX_PAUSE_SECONDS)] {
        sale.app.payments.fail_next(Call::CheckoutsSince, busy_for(asked));
        let paused = sale.app.reconciler.sweep(&account, &SweepRequest::default()).await;
        assert_eq!(paused.pause.map(|pause| pause.seconds), Some(waited), "{asked}");
    }
}

/// Otherwise the disputes of an account that is always busy would never be compared.
#[pollster::test]
async fn a_paused_sweep_is_finished_by_whichever_process_comes_next() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    let payment = payments.pay(&sale.started().await).unwrap();
    payments.refund_in_dashboard(&payment, 1_200).unwrap();
    payments.take_events();
    sale.app.clock.advance_seconds(60);
    let started = sale.app.clock.now();
    let lists = [Call::CheckoutsSince, Call::RefundsSince, Call::DisputesSince];
    let calls = || lists.map(|call| payments.calls(call));
    let before = calls();
    payments.fail_next(Call::RefundsSince, busy());
    payments.fail_next(Call::DisputesSince, busy());
    for is_paused in [true, true, false] {
        another_process(&sale.app).sweep_account(&sale.shop.account).await.unwrap();
        let account = account(&sale.app).await;
        assert_eq!(account.place.is_some(), is_paused);
        assert_eq!(account.swept_at, (!is_paused).then_some(started), "they are one sweep");
        sale.app.clock.advance_seconds(20);
    }
    let after = calls();
    assert_eq!([after[0] - before[0], after[1] - before[1], after[2] - before[2]], [1, 2, 2]);
    let purchase = sale.app.store.purchases().pop().unwrap();
    assert_eq!(purchase.refunded, 1_200, "what was found before the pauses counts");
    // The next one is a whole one.
    another_process(&sale.app).sweep_account(&sale.shop.account).await.unwrap();
    assert_eq!(payments.calls(Call::CheckoutsSince) - after[0], 1);
}

#[pollster::test]
async fn another_process_goes_on_with_what_is_read_one_by_one() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    payments.pay_later(&sale.started().await).unwrap();
    sale.app.clock.advance_seconds(1);
    let eve = sale.app.sign_in("eve@example.com").await;
    let started = sale.app.start(&sale.shop, &sale.page, &eve).await.unwrap();
    payments.pay_later(&payments.session_at(&started.url).unwrap()).unwrap();
    sale.app.deliver_webhooks().await;
    let before = payments.calls(Call::Checkout);
    // The first one is left out, and the second one is where the provider asks for a pause.
    payments.fail_next(Call::Checkout, Fault::lost_request());
    payments.fail_next(Call::Checkout, busy());
    for calls in [2, 3, 5] {
        another_process(&sale.app).sweep_account(&sale.shop.account).await.unwrap();
        assert_eq!(payments.calls(Call::Checkout) - before, calls);
    }
    let account = account(&sale.app).await;
    assert_eq!((account.place, account.swept_at.is_some()), (None, true));
}

/// Somebody waits for what it finds, such as with `tollgate reconcile`.
#[pollster::test]
async fn a_sweep_that_is_asked_for_begins_from_the_start() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    payments.fail_next(Call::RefundsSince, busy());
    another_process(&sale.app).sweep_account(&sale.shop.account).await.unwrap();
    payments.pay(&sale.started().await).unwrap();
    payments.take_events();
    let paused = account(&sale.app).await;
    assert!(paused.place.is_some(), "the sessions were compared before that");
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(sale.is_open().await);
    assert_eq!(account(&sale.app).await.place, None, "nothing is left to finish");
}

/// Otherwise who asks for sweeps often would keep the server's own from ever coming to their last parts.
#[pollster::test]
async fn a_sweep_that_is_asked_for_leaves_the_place_of_the_paused_one() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    payments.fail_next(Call::DisputesSince, busy());
    another_process(&sale.app).sweep_account(&sale.shop.account).await.unwrap();
    let paused = account(&sale.app).await;
    assert!(paused.place.is_some());
    for request in requests(&sale.app) {
        payments.fail_next(Call::CheckoutsSince, Fault::lost_request());
        let process = another_process(&sale.app);
        let failed = process.sweep(&paused, &request).await;
        assert!(failed.error.is_some() && failed.pause.is_none(), "{failed:?}");
        assert_eq!(account(&sale.app).await.place, paused.place, "{request:?}");
        payments.fail_next(Call::CheckoutsSince, busy());
        let asked_to_pause = process.sweep(&paused, &request).await;
        assert!(asked_to_pause.pause.is_some(), "{asked_to_pause:?}");
        assert_eq!(account(&sale.app).await.place, paused.place, "{request:?}");
        payments.fail_next(Call::CheckoutsSince, Fault::lost_request());
        let failed = process.go_on(&paused, &request, asked_to_pause).await;
        assert!(failed.error.is_some() && failed.pause.is_none(), "{failed:?}");
        assert_eq!(account(&sale.app).await.place, paused.place, "{request:?}");
    }
}

/// What the first half had compared may have changed while no server ran.
#[pollster::test]
async fn a_sweep_that_could_not_go_on_for_long_begins_from_the_start() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    payments.fail_next(Call::RefundsSince, busy());
    another_process(&sale.app).sweep_account(&sale.shop.account).await.unwrap();
    payments.pay(&sale.started().await).unwrap();
    payments.take_events();
    sale.app.clock.advance_seconds(6 * 3_600);
    another_process(&sale.app).sweep_account(&sale.shop.account).await.unwrap();
    assert!(sale.is_open().await);
    let swept = account(&sale.app).await;
    assert_eq!((swept.place, swept.swept_at), (None, Some(sale.app.clock.now())));
}
