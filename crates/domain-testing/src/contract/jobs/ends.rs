//! How jobs end, and how many there are.

use super::{RESUME, bury, claim, complete, depth, enqueue, reschedule};
use crate::{
    a_job, at,
    contract::fixture::{Begin, just_before},
};
use tollgate_domain::{
    id::RefundId,
    jobs::{Job, JobKind, NewJob, ports::KindDepth},
    store::Stores,
};

/// That can be later or sooner than its lease would have ended. Failures are counted, and a job that is not possible yet has
/// not failed.
pub async fn a_rescheduled_job_comes_again_when_it_is_said_to(on: Stores) {
    enqueue(&on, &a_job(at(1))).await;
    let steps = [(1, 1, Some("busy"), 30), (30, 2, Some("away"), 5_000), (5_000, 3, None, 5_010)];
    for (second, attempts, error, again) in steps {
        let claimed = claim(&on, at(second)).await.unwrap();
        assert_eq!(claimed.attempts, attempts);
        reschedule(&on, &claimed, at(again), error).await;
        assert_eq!(claim(&on, just_before(at(again))).await, None);
        assert_eq!(depth(&on).await, (1, 0));
    }
    assert_eq!(claim(&on, at(5_010)).await.unwrap().attempts, 1);
}

pub async fn a_completed_job_is_gone(on: Stores) {
    let job = a_job(at(1));
    enqueue(&on, &job).await;
    complete(&on, &claim(&on, at(1)).await.unwrap()).await;
    assert_eq!(claim(&on, at(1_000_000)).await, None);
    assert_eq!(depth(&on).await, (0, 0));
    enqueue(&on, &job).await;
    assert_eq!(claim(&on, at(1_000_000)).await.unwrap().attempts, 1);
}

/// A dead job is kept for the operator to see until it is enqueued again.
pub async fn a_dead_job_is_counted_and_not_claimed(on: Stores) {
    let (dead, alive) = (a_job(at(1)), a_job(at(2)));
    enqueue(&on, &dead).await;
    enqueue(&on, &alive).await;
    assert_eq!(depth(&on).await, (2, 0));
    let claimed = claim(&on, at(5)).await.unwrap();
    assert_eq!(claimed.job, dead.job);
    bury(&on, &claimed).await;
    assert_eq!(depth(&on).await, (1, 1));
    let next = claim(&on, at(1_000_000)).await.unwrap();
    assert_eq!(next.job, alive.job);
    complete(&on, &next).await;
    assert_eq!(claim(&on, at(2_000_000)).await, None);
    enqueue(&on, &NewJob { due_at: at(2_000_001), ..dead.clone() }).await;
    assert_eq!(depth(&on).await, (1, 0));
    let revived = claim(&on, at(2_000_001)).await.unwrap();
    assert_eq!((revived.job, revived.attempts), (dead.job, 1));
}

/// Those that were given up before the instant are forgotten, some at a time, and others stay.
pub async fn dead_jobs_are_forgotten_in_parts(on: Stores) {
    for second in 1..=3 {
        enqueue(&on, &a_job(at(second))).await;
    }
    for second in [5, 6] {
        let claimed = claim(&on, at(3)).await.unwrap();
        let mut unit = on.begin().await;
        unit.jobs().bury(&claimed, at(second), "it will never work").await.unwrap();
        unit.commit().await.unwrap();
    }
    let forget = async |before: i64, most: u32| {
        on.commit(async |unit| unit.jobs().forget_dead(at(before), most).await).await
    };
    assert!(!forget(5, 9).await);
    assert_eq!(depth(&on).await, (1, 2));
    assert!(forget(9, 1).await);
    assert_eq!(depth(&on).await, (1, 1));
    assert!(!forget(9, 9).await);
    assert_eq!(depth(&on).await, (1, 0));
}

pub async fn a_job_waits_until_it_is_done_or_given_up(on: Stores) {
    let job = a_job(at(1));
    let is_waiting = async || {
        let mut unit = on.begin().await;
        unit.jobs().is_waiting(&job.job).await.unwrap()
    };
    enqueue(&on, &NewJob::new(Job::ForgetExpired, at(99))).await;
    assert!(!is_waiting().await);
    enqueue(&on, &job).await;
    assert!(is_waiting().await);
    let claimed = claim(&on, at(1)).await.unwrap();
    assert!(is_waiting().await);
    bury(&on, &claimed).await;
    assert!(!is_waiting().await);
    enqueue(&on, &job).await;
    assert!(is_waiting().await);
    let claimed = claim(&on, at(2)).await.unwrap();
    complete(&on, &claimed).await;
    assert!(!is_waiting().await);
}

pub async fn jobs_are_counted_by_kind(on: Stores) {
    let random = crate::SeededRandom::new(6);
    let refund = |seconds| {
        let at = at(seconds);
        NewJob::new(Job::ResumeRefund(RefundId::new(at, &random)), at)
    };
    for job in [NewJob::new(Job::ForgetExpired, at(7)), refund(5), refund(3), refund(1)] {
        enqueue(&on, &job).await;
    }
    bury(&on, &claim(&on, at(2)).await.unwrap()).await;
    let mut depths = on.jobs.depth().await.unwrap();
    depths.sort_by_key(|depth| depth.kind.as_str());
    let depth = |kind, waiting, dead, seconds| KindDepth {
        kind,
        waiting,
        dead,
        due_since: Some(at(seconds)),
    };
    assert_eq!(depths, [depth(JobKind::ForgetExpired, 1, 0, 7), depth(RESUME, 2, 1, 3)]);
}
