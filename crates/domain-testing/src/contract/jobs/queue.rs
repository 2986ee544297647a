//! What is enqueued.

use futures_util::future::join;

use super::{bury, claim, complete, depth, enqueue, lease_end, reschedule};
use crate::{
    STORED_JOBS, a_job, at,
    contract::fixture::{Begin, just_before, parallel, soon},
};
use tollgate_domain::{
    jobs::{ClaimedJob, Job, JobKind, NewJob, Priority},
    store::Stores,
};

/// A job of every kind comes with what it is about and the lease of its kind.
pub async fn a_job_of_every_kind_comes_back_as_stored(on: Stores) {
    let now = at(1);
    let mut jobs = STORED_JOBS.map(|(payload, _)| Job::from_payload(payload).unwrap()).to_vec();
    assert_eq!(jobs.iter().map(Job::kind).collect::<Vec<_>>(), JobKind::ALL);
    jobs.push(Job::ApplyEvent("evt_Ünïcode '/' \\ %".to_owned()));
    for job in jobs {
        let new = NewJob::new(job.clone(), now);
        enqueue(&on, &new).await;
        let leased_until = lease_end(at(2));
        let claimed = claim(&on, at(2)).await;
        let expected = ClaimedJob { job, attempts: 1, leased_until, renewed_until: None };
        assert_eq!(claimed, Some(expected));
        complete(&on, &claimed.unwrap()).await;
    }
}

/// It is put off and given up like others, until it is enqueued in a form that can be read.
pub async fn a_job_that_cannot_be_read_is_claimed_by_its_kind_and_key(on: Stores) {
    let job = a_job(at(1)).job;
    let unreadable = Job::Unreadable(job.kind(), job.key());
    enqueue(&on, &NewJob::new(unreadable.clone(), at(1))).await;
    let other = NewJob::new(Job::ForgetExpired, at(2));
    enqueue(&on, &other).await;
    let claimed = claim(&on, at(2)).await.unwrap();
    assert_eq!((&claimed.job, claimed.attempts), (&unreadable, 1));
    assert_eq!(claim(&on, at(2)).await.unwrap().job, other.job);
    reschedule(&on, &claimed, at(3), Some("it cannot be read")).await;
    let claimed = claim(&on, at(3)).await.unwrap();
    assert_eq!((&claimed.job, claimed.attempts), (&unreadable, 2));
    bury(&on, &claimed).await;
    assert_eq!(depth(&on).await, (1, 1));
    enqueue(&on, &NewJob::new(job.clone(), at(4))).await;
    let claimed = claim(&on, at(4)).await.unwrap();
    assert_eq!((claimed.job, claimed.attempts), (job, 1));
}

/// There is one job of a key; its time, priority and attempts are those of the last call.
pub async fn a_job_that_is_enqueued_again_is_put_off_or_moved_up(on: Stores) {
    let (job, other) = (a_job(at(9)).with(Priority::Low), a_job(at(2)));
    enqueue(&on, &job).await;
    enqueue(&on, &other).await;
    enqueue(&on, &NewJob { due_at: at(3), ..job.clone() }.with(Priority::Urgent)).await;
    assert_eq!(depth(&on).await, (2, 0));
    let claimed = claim(&on, at(3)).await.unwrap();
    assert_eq!(claimed.job, job.job);
    reschedule(&on, &claimed, at(4), Some("busy")).await;
    enqueue(&on, &NewJob { due_at: at(50), ..job.clone() }).await;
    complete(&on, &claim(&on, at(4)).await.unwrap()).await;
    assert_eq!(claim(&on, just_before(at(50))).await, None);
    let claimed = claim(&on, at(50)).await.unwrap();
    assert_eq!((claimed.job, claimed.attempts), (job.job, 1));
}

pub async fn of_parallel_jobs_with_one_key_one_is_stored(on: Stores) {
    let (one, other) = (a_job(at(1)), a_job(at(1)));
    parallel(20, async |number: usize| {
        let mut unit = on.begin().await;
        let jobs = unit.jobs();
        if number.is_multiple_of(2) {
            jobs.enqueue(&one).await.unwrap();
        } else {
            jobs.ensure(&other).await.unwrap();
        }
        unit.commit().await.unwrap();
    })
    .await;
    assert_eq!(depth(&on).await, (2, 0));
}

/// How the first run ends says nothing about what was enqueued since.
pub async fn a_job_that_is_enqueued_while_it_runs_runs_once_more(on: Stores) {
    for end in 0..3 {
        let job = a_job(at(1));
        enqueue(&on, &job).await;
        let running = claim(&on, at(1)).await.unwrap();
        enqueue(&on, &NewJob { due_at: at(2), ..job.clone() }).await;
        match end {
            0 => complete(&on, &running).await,
            1 => reschedule(&on, &running, at(9_999), Some("busy")).await,
            _ => bury(&on, &running).await,
        }
        assert_eq!(depth(&on).await, (1, 0));
        let again = claim(&on, at(3)).await.unwrap();
        assert_eq!((&again.job, again.attempts), (&job.job, 1));
        complete(&on, &again).await;
        assert_eq!(depth(&on).await, (0, 0));
    }
}

/// The queue is part of the unit, at the beginning and at the end of a job.
pub async fn a_job_of_a_dropped_unit_is_not_there(on: Stores) {
    let job = a_job(at(1));
    let mut unit = on.begin().await;
    unit.jobs().enqueue(&job).await.unwrap();
    unit.jobs().ensure(&a_job(at(1))).await.unwrap();
    drop(unit);
    assert_eq!((claim(&on, at(9)).await, depth(&on).await), (None, (0, 0)));

    enqueue(&on, &job).await;
    let claimed = claim(&on, at(1)).await.unwrap();
    let mut unit = on.begin().await;
    unit.jobs().complete(&claimed).await.unwrap();
    drop(unit);
    assert_eq!(depth(&on).await, (1, 0));
    assert_eq!(claim(&on, claimed.leased_until).await.unwrap().attempts, 2);
}

/// A job that is there stays as it is, whether it waits, runs or is dead.
pub async fn ensuring_a_job_disturbs_none(on: Stores) {
    let job = NewJob::new(Job::ForgetExpired, at(5)).with(Priority::Low);
    let ensure = async || {
        let mut unit = on.begin().await;
        let again = NewJob::new(Job::ForgetExpired, at(1)).with(Priority::Urgent);
        unit.jobs().ensure(&again).await.unwrap();
        unit.commit().await.unwrap();
    };
    on.commit(async |unit| unit.jobs().ensure(&job).await).await;
    ensure().await;
    assert_eq!(claim(&on, just_before(at(5))).await, None);
    let claimed = claim(&on, at(5)).await.unwrap();
    ensure().await;
    assert_eq!(claim(&on, at(6)).await, None);
    bury(&on, &claimed).await;
    ensure().await;
    assert_eq!((claim(&on, at(99_999)).await, depth(&on).await), (None, (0, 1)));
}

/// No other job is brought forward.
pub async fn a_job_that_is_due_too_late_is_brought_forward(on: Stores) {
    let bring = async |latest, due_at| {
        let mut unit = on.begin().await;
        unit.jobs().bring_forward(&Job::ForgetExpired, at(latest), at(due_at)).await.unwrap();
        unit.commit().await.unwrap();
    };
    bring(1, 1).await;
    assert_eq!(depth(&on).await, (0, 0));
    enqueue(&on, &NewJob::new(Job::ForgetExpired, at(90))).await;
    let other = NewJob::new(Job::SweepAccounts, at(95));
    enqueue(&on, &other).await;
    bring(90, 5).await;
    assert_eq!(claim(&on, at(89)).await, None);
    bring(89, 5).await;
    assert_eq!(claim(&on, at(5)).await.unwrap().job, Job::ForgetExpired);
    assert_eq!(claim(&on, just_before(at(95))).await.map(|it| it.job), Some(Job::ForgetExpired));
    assert_eq!(claim(&on, at(95)).await.unwrap().job, other.job);
}

/// It is told whether it was waiting by then or begins to wait afterwards.
pub async fn a_runner_is_told_soon_after_a_commit(on: Stores) {
    for _ in 0..3 {
        enqueue(&on, &a_job(at(1))).await;
        soon(on.jobs.enqueued()).await;
        soon(join(on.jobs.enqueued(), enqueue(&on, &a_job(at(1))))).await;
    }
}
