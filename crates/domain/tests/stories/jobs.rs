//! Jobs: how the runner works them off.

mod renewals;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::future::join_all;
use tollgate_domain::{
    Timestamp,
    clock::Clock,
    jobs::{
        ClaimedJob, Finish, HandlerError, Job, JobHandler, JobKind, NewJob, Outcome, Runner, Step,
        ports::{JobClaims, KindDepth},
    },
    mocks::MockJobClaims,
    payments::MAX_PER_ACCOUNT,
    store::Runtime,
    store_error::StoreError,
};
use tollgate_domain_testing::{Call, Fault, STORED_JOBS, TestApp, a_page, yield_now};

use crate::{BOB, Sale, checkout::price, sign_in::ask_for_mail};

fn done(kind: JobKind) -> Step {
    Step::Ran(kind, Outcome::Done)
}

#[test]
fn stored_form_of_each_kind_stays_as_it_is() {
    for (kind, (payload, key)) in JobKind::ALL.into_iter().zip(STORED_JOBS) {
        let job = Job::from_payload(payload).unwrap();
        assert_eq!((job.kind(), job.payload().as_str()), (kind, payload));
        assert_eq!(job.key(), key);
        assert_eq!(key.split('/').next(), Some(kind.as_str()));
    }
}

#[pollster::test]
async fn recurring_jobs_are_stored_once_and_come_again() {
    let app = TestApp::new();
    let runner = app.runner();
    for _ in 0..3 {
        runner.schedule_recurring().await.unwrap();
        assert_eq!(app.store.jobs(), Job::recurring());
    }
    let kinds = [JobKind::DeleteStrayObjects, JobKind::ForgetExpired, JobKind::SweepAccounts];
    let all = kinds.map(done).to_vec();
    assert_eq!(app.work().await, all);
    assert_eq!(app.store.jobs(), Job::recurring());
    app.clock.advance_seconds(599);
    assert_eq!(app.work().await, vec![]);
    app.clock.advance_seconds(1);
    assert_eq!(app.work().await, vec![done(JobKind::ForgetExpired)]);
    app.clock.advance_seconds(300);
    assert_eq!(app.work().await, vec![done(JobKind::SweepAccounts)]);
    app.clock.advance_seconds(2_700);
    let mut due = app.work().await;
    due.sort_by_key(|step| all.iter().position(|other| other == step));
    assert_eq!(due, all);
}

#[pollster::test]
async fn what_expired_is_forgotten_after_a_while() {
    let app = TestApp::new();
    app.runner().schedule_recurring().await.unwrap();
    app.sign_in(BOB).await;
    assert_eq!((app.store.magic_links().len(), app.store.count_visitor_sessions()), (1, 1));
    app.clock.advance_seconds(24 * 3_600 + 901);
    app.work().await;
    assert_eq!((app.store.magic_links().len(), app.store.count_visitor_sessions()), (0, 1));
    app.clock.advance_seconds(60 * 24 * 3_600);
    app.work().await;
    assert_eq!(app.store.count_visitor_sessions(), 0);
}

#[pollster::test]
async fn a_runner_works_on_so_many_jobs_of_a_kind_at_once() {
    let app = TestApp::new();
    for _ in 0..3 {
        for person in 0..2 {
            ask_for_mail(&app, &format!("person{person}@example.com")).await;
        }
    }
    app.runner().schedule_recurring().await.unwrap();
    let runner = app.runner();
    let mut claims = Vec::new();
    while let Some(claim) = runner.claim().await.unwrap() {
        claims.push(claim);
    }
    // Four mails, and one of each of the others.
    assert_eq!(claims.len(), 7);
    let first = claims.swap_remove(0);
    let finish = runner.work(&first).await;
    assert_eq!(runner.finish(first, finish).await.unwrap(), Outcome::Done);
    assert!(runner.claim().await.unwrap().is_some(), "there is room for another");
    // Another runner has room of its own.
    assert!(app.runner().claim().await.unwrap().is_some());
    assert!(app.runner().claim().await.unwrap().is_none(), "all six mails are claimed");
}

struct Idle;

#[async_trait]
impl JobHandler for Idle {
    async fn handle(&self, _: &ClaimedJob) -> Result<Finish, HandlerError> {
        Ok(Finish::done())
    }
}

/// Has always a job of one kind, which takes a moment to claim.
struct Slow;

#[async_trait]
impl JobClaims for Slow {
    async fn claim(
        &self,
        kind: JobKind,
        _: &[String],
        now: Timestamp,
    ) -> Result<Option<ClaimedJob>, StoreError> {
        if kind != JobKind::ForgetExpired {
            return Ok(None);
        }
        yield_now().await;
        let job = Job::ForgetExpired;
        Ok(Some(ClaimedJob { job, attempts: 1, leased_until: now, renewed_until: None }))
    }

    async fn renew(&self, _: &ClaimedJob, _: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }

    async fn depth(&self) -> Result<Vec<KindDepth>, StoreError> {
        Ok(Vec::new())
    }

    async fn enqueued(&self) -> Vec<JobKind> {
        Vec::new()
    }
}

/// Says which lanes are full.
struct InLanes(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl JobHandler for InLanes {
    async fn handle(&self, _: &ClaimedJob) -> Result<Finish, HandlerError> {
        Ok(Finish::done())
    }

    fn full_lanes(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

struct Panicking;

#[async_trait]
impl JobHandler for Panicking {
    async fn handle(&self, job: &ClaimedJob) -> Result<Finish, HandlerError> {
        panic!("{:?} is too much", job.job)
    }
}

#[pollster::test]
async fn a_job_that_panics_is_tried_again_after_a_pause() {
    let app = TestApp::new();
    app.runner().schedule_recurring().await.unwrap();
    let runtime = Runtime {
        store: Arc::new(app.store.clone()),
        clock: app.clock.clone(),
        random: app.random.clone(),
    };
    let runner = Runner::new(runtime, Arc::new(app.store.clone()), Arc::new(Panicking));
    let claim = runner.claim().await.unwrap().unwrap();
    let kind = claim.kind();
    let finish = runner.work(&claim).await;
    let outcome = runner.finish(claim, finish).await.unwrap();
    assert_eq!(outcome, Outcome::Retry("the job panicked".to_owned()));
    while let Some(other) = runner.claim().await.unwrap() {
        assert_ne!(other.kind(), kind, "it waits");
    }
}

#[pollster::test]
async fn a_kind_of_which_none_was_due_is_looked_for_when_there_may_be_one() {
    let looked_for = Arc::new(Mutex::new(Vec::new()));
    let mut claims = MockJobClaims::new();
    let noted = looked_for.clone();
    claims.expect_claim().returning(move |kind, _, _| {
        noted.lock().unwrap().push(kind);
        Ok(None)
    });
    claims.expect_enqueued().returning(|| vec![JobKind::SendMail]);
    let TestApp { store, clock, random, .. } = TestApp::new();
    let runtime = Runtime { store: Arc::new(store), clock, random };
    let runner = Runner::new(runtime, Arc::new(claims), Arc::new(Idle));
    let look = async || {
        assert!(runner.claim().await.unwrap().is_none());
        std::mem::take(&mut *looked_for.lock().unwrap())
    };
    assert_eq!(look().await, JobKind::ALL);
    assert!(look().await.is_empty(), "none was due");
    runner.enqueued().await;
    assert_eq!(look().await, [JobKind::SendMail]);
    runner.look_for_all();
    assert_eq!(look().await, JobKind::ALL);
}

#[pollster::test]
async fn claims_at_once_take_no_more_jobs_of_a_kind_than_may_run() {
    let TestApp { store, clock, random, .. } = TestApp::new();
    let runtime = Runtime { store: Arc::new(store), clock, random };
    let runner = Runner::new(runtime, Arc::new(Slow), Arc::new(Idle));
    let claims = join_all((0..8).map(|_| {
        let runner = runner.clone();
        async move {
            // As if another job had just been enqueued.
            runner.look_for_all();
            runner.claim().await.unwrap()
        }
    }));
    let claims: Vec<_> = claims.await.into_iter().flatten().collect();
    assert_eq!(claims.len(), 1);
    assert!(runner.claim().await.unwrap().is_none(), "one is running");
    drop(claims);
    assert!(runner.claim().await.unwrap().is_some(), "there is a place again");
}

#[pollster::test]
async fn jobs_of_all_kinds_are_looked_for_when_a_lane_has_a_place_again() {
    let looked_for = Arc::new(Mutex::new(Vec::new()));
    let mut claims = MockJobClaims::new();
    let noted = looked_for.clone();
    claims.expect_claim().returning(move |kind, _, _| {
        noted.lock().unwrap().push(kind);
        Ok(None)
    });
    let TestApp { store, clock, random, .. } = TestApp::new();
    let runtime = Runtime { store: Arc::new(store), clock, random };
    let full = Arc::new(Mutex::new(vec!["acct_1".to_owned(), "acct_2".to_owned()]));
    let handler = Arc::new(InLanes(full.clone()));
    let runner = Runner::new(runtime, Arc::new(claims), handler);
    let look = async || {
        assert!(runner.claim().await.unwrap().is_none());
        std::mem::take(&mut *looked_for.lock().unwrap())
    };
    assert_eq!(look().await, JobKind::ALL);
    assert!(look().await.is_empty(), "both lanes are full");
    full.lock().unwrap().pop();
    assert_eq!(look().await, JobKind::ALL);
    assert!(look().await.is_empty(), "one lane is full");
}

#[pollster::test]
async fn a_kind_that_cannot_be_claimed_does_not_hold_up_the_others() {
    let TestApp { store, clock, random, .. } = TestApp::new();
    let lost = StoreError::Corrupt("payload: not a Job".into());
    let answer = Err(lost.clone());
    let leased_until = clock.now();
    let mut claims = MockJobClaims::new();
    claims.expect_claim().returning(move |kind, _, _| match kind {
        JobKind::SendMail => answer.clone(),
        JobKind::ForgetExpired => {
            let job = Job::ForgetExpired;
            Ok(Some(ClaimedJob { job, attempts: 1, leased_until, renewed_until: None }))
        }
        _ => Ok(None),
    });
    let runtime = Runtime { store: Arc::new(store), clock, random };
    let runner = Runner::new(runtime, Arc::new(claims), Arc::new(Idle));
    let claim = runner.claim().await.unwrap().unwrap();
    assert_eq!(claim.kind(), JobKind::ForgetExpired);
    assert_eq!(runner.claim().await.unwrap_err(), lost);
}

#[pollster::test]
async fn a_step_finds_what_was_enqueued_since_the_last_one() {
    let app = TestApp::new();
    let runner = app.runner();
    assert_eq!(runner.step().await.unwrap(), Step::Idle);
    ask_for_mail(&app, BOB).await;
    assert_eq!(runner.step().await.unwrap(), done(JobKind::SendUrgentMail));
}

#[pollster::test]
async fn a_job_that_cannot_be_read_is_left_to_another_version() {
    let app = TestApp::new();
    let began = app.clock.now();
    let mut unit = app.unit().await;
    for (kind, key) in
        [(JobKind::ApplyEvent, "apply_event/evt_1"), (JobKind::ForgetExpired, "forget_expired")]
    {
        let unreadable = NewJob::new(Job::Unreadable(kind, key.to_owned()), began);
        unit.jobs().enqueue(&unreadable).await.unwrap();
    }
    unit.commit().await.unwrap();
    while app.clock.now().duration_since(began).as_hours() < 48 {
        for step in app.work().await {
            assert!(matches!(step, Step::Ran(_, Outcome::Retry(_))), "{step:?}");
        }
        app.clock.advance_seconds(60);
    }
    let waiting = app.queue_depths().await.unwrap();
    assert!(waiting.iter().all(|kind| (kind.waiting, kind.dead) == (1, 0)), "{waiting:?}");
}

#[pollster::test]
async fn a_session_that_could_not_be_closed_is_closed_later() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    sale.app.payments.fail_next(Call::ExpireCheckout, Fault::lost_request());
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    let step = sale.app.step().await;
    assert!(matches!(step, Step::Ran(JobKind::CloseCheckout, Outcome::Retry(_))), "{step:?}");
    sale.app.clock.advance_seconds(5);
    assert_eq!(sale.app.work().await, vec![done(JobKind::CloseCheckout)]);
    assert_eq!(sale.app.payments.pay(&old), None);
}

#[pollster::test]
async fn a_job_is_done_exactly_when_its_outcome_is_stored() {
    for passes in 0..20 {
        let app = TestApp::new();
        ask_for_mail(&app, BOB).await;
        app.store.fail_after(passes);
        let step = app.runner().step().await;
        let came_through = app.store.heal();
        let is_sent = app.store.mails().iter().all(|(mail, _)| mail.sealed.0.is_empty());
        assert_eq!(app.store.jobs().is_empty(), is_sent, "after {passes}: {step:?}");
        app.clock.advance_seconds(45);
        app.work().await;
        assert!(app.store.jobs().is_empty());
        if came_through {
            return;
        }
    }
    panic!("it never comes through");
}

#[pollster::test]
async fn an_account_whose_calls_hang_does_not_hold_up_the_others() {
    let sale = Sale::new().await;
    let other = sale.app.shop("bea").await;
    let theirs = sale.app.page(&other, a_page().paid(900, "usd").published()).await;
    let carol = sale.app.sign_in("carol@example.com").await;
    let ours = sale.started().await;
    let started = sale.app.start(&other, &theirs, &carol).await.unwrap();
    let its = sale.app.payments.session_at(&started.url).unwrap();
    sale.app.payments.pay(&ours).unwrap();
    sale.app.payments.pay(&its).unwrap();
    let account = &sale.app.store.orders().first().unwrap().account.clone();
    let lanes: Vec<_> =
        (0..MAX_PER_ACCOUNT).map(|_| sale.app.lanes.enter(account).unwrap()).collect();
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    assert!(sale.app.is_open(&other, &theirs, &carol).await);
    drop(lanes);
    sale.app.clock.advance_seconds(2);
    sale.app.work().await;
    assert!(sale.is_open().await);
}
