//! When sweeps run.

use tollgate_domain::{
    clock::Clock,
    jobs::{Job, JobKind, Outcome, Step},
    payments::{AccountId, PaymentsError},
    reconcile::SweepRequest,
};
use tollgate_domain_testing::{Call, Fault};

use super::{opening_is_never_answered, swept};
use crate::Sale;

#[pollster::test]
async fn sweeps_recur_without_being_asked_for() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    sale.app.runner().schedule_recurring().await.unwrap();
    sale.app.clock.advance_seconds(900);
    for _ in 0..20 {
        sale.app.step().await;
    }
    assert!(sale.is_open().await);
}

/// So that one whose calls hang holds up no other.
#[pollster::test]
async fn each_account_is_swept_by_a_job_of_its_own() {
    let sale = Sale::new().await;
    let eve = sale.app.shop("eve").await;
    sale.app.reconciler.schedule().await.unwrap();
    let sweeps = |account: &AccountId| Job::SweepAccount(account.to_string());
    let jobs = sale.app.store.jobs();
    for account in [&sale.shop.account, &eve.account] {
        assert!(jobs.contains(&sweeps(account)), "{jobs:?}");
    }
    sale.app.work().await;
    let swept = sale.app.reconciler.accounts(&SweepRequest::default()).await.unwrap();
    assert!(swept.len() == 2 && swept.iter().all(|account| account.swept_at.is_some()));
}

/// However long a round takes.
#[pollster::test]
async fn an_account_whose_sweep_waits_keeps_its_turn() {
    let sale = Sale::new().await;
    sale.app.shop("eve").await;
    sale.app.work().await;
    for _ in 0..2 {
        sale.app.reconciler.schedule().await.unwrap();
        assert_eq!(sale.app.step().await, Step::Ran(JobKind::SweepAccount, Outcome::Done));
        sale.app.clock.advance_seconds(60);
    }
    let swept = sale.app.reconciler.accounts(&SweepRequest::default()).await.unwrap();
    assert!(swept.iter().all(|account| account.swept_at.is_some()), "{swept:?}");
}

/// Otherwise only sessions would ever be compared at an account that is often busy.
#[pollster::test]
async fn a_sweep_that_the_provider_asked_to_pause_goes_on_where_it_ended() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.deliver_webhooks().await;
    let payment = bought.payment.unwrap().payment_intent;
    payments.refund_in_dashboard(&payment, 1_200).unwrap();
    payments.take_events();
    sale.app.clock.advance_seconds(60);
    let started = sale.app.clock.now();
    let busy = PaymentsError::Busy { reason: "429".into(), retry_after_seconds: 20 };
    payments.fail_next(Call::RefundsSince, Fault::BeforeEffect(busy));
    let before = [Call::CheckoutsSince, Call::RefundsSince].map(|call| payments.calls(call));
    let calls = || {
        let [sessions, refunds] = before;
        (
            payments.calls(Call::CheckoutsSince) - sessions,
            payments.calls(Call::RefundsSince) - refunds,
        )
    };
    sale.app.reconciler.schedule().await.unwrap();
    sale.app.work().await;
    assert_eq!(calls(), (1, 1));
    sale.app.clock.advance_seconds(19);
    sale.app.work().await;
    assert_eq!(calls(), (1, 1), "it was asked to wait");
    assert!(sale.is_open().await);
    sale.app.clock.advance_seconds(1);
    sale.app.work().await;
    assert_eq!(calls(), (1, 2));
    assert!(!sale.is_open().await);
    let account = sale.app.reconciler.accounts(&SweepRequest::default()).await.unwrap().remove(0);
    assert_eq!(account.swept_at, Some(started), "the two are one sweep");
    // The next one is a whole one.
    sale.app.reconciler.schedule().await.unwrap();
    sale.app.work().await;
    assert_eq!(calls(), (2, 3));
}

#[pollster::test]
async fn answers_that_were_lost_are_looked_for_in_turn() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    opening_is_never_answered(&sale).await;
    sale.app.clock.advance_seconds(1);
    let carol = sale.app.sign_in("carol@example.com").await;
    opening_is_never_answered(&Sale { bob: carol, ..sale.clone() }).await;
    sale.app.clock.advance_seconds(180);
    let busy = PaymentsError::Busy { reason: "429".into(), retry_after_seconds: 20 };
    // The first order is left out, and the second one is where the provider asks for a pause.
    payments.fail_next(Call::FindCheckout, Fault::lost_request());
    payments.fail_next(Call::FindCheckout, Fault::BeforeEffect(busy));
    assert!(swept(&sale.app, &SweepRequest::default()).await.error.is_some());
    // So the second one comes first now, and is left out in its turn.
    payments.fail_next(Call::FindCheckout, Fault::lost_request());
    swept(&sale.app, &SweepRequest::default()).await;
    let orders = sale.app.store.orders();
    let opened: Vec<_> = orders.iter().map(|order| order.opened.is_some()).collect();
    assert_eq!(opened, [true, false]);
}
