//! When sweeps run.

use tollgate_domain::{
    jobs::{Job, JobKind, Outcome, Step},
    payments::AccountId,
    reconcile::SweepRequest,
};

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
