//! Which job comes next.

use super::{RESUME, claim, depth, enqueue};
use crate::{
    a_job, at,
    contract::fixture::{Begin, just_before},
};
use tollgate_domain::{
    id::RefundId,
    jobs::{Job, JobKind, NewJob, Priority},
    store::Stores,
};

pub async fn an_empty_queue_gives_nothing(on: Stores) {
    assert_eq!(claim(&on, at(1)).await, None);
    assert_eq!(depth(&on).await, (0, 0));
}

pub async fn a_job_is_not_claimed_before_it_is_due(on: Stores) {
    enqueue(&on, &a_job(at(5))).await;
    assert_eq!(claim(&on, just_before(at(5))).await, None);
    assert!(claim(&on, at(5)).await.is_some());
}

pub async fn the_job_that_is_due_longest_comes_first(on: Stores) {
    let jobs = [3, 1, 2].map(|second| a_job(at(second)));
    for job in &jobs {
        enqueue(&on, job).await;
    }
    let [third, first, second] = jobs;
    for expected in [first, second, third] {
        assert_eq!(claim(&on, at(9)).await.unwrap().job, expected.job);
    }
    assert_eq!(claim(&on, at(9)).await, None);
}

/// A person who waits comes first, and clearing up last, however long it is due.
pub async fn an_urgent_job_comes_before_what_is_due_longer(on: Stores) {
    let low = a_job(at(1)).with(Priority::Low);
    let normal = a_job(at(2));
    let (late, urgent) = (a_job(at(9)).with(Priority::Urgent), a_job(at(4)).with(Priority::Urgent));
    for job in [&low, &normal, &late, &urgent] {
        enqueue(&on, job).await;
    }
    for expected in [urgent, normal, low] {
        assert_eq!(claim(&on, at(8)).await.unwrap().job, expected.job);
    }
    assert_eq!(claim(&on, at(8)).await, None);
    assert_eq!(claim(&on, at(9)).await.unwrap().job, late.job);
}

pub async fn only_the_kind_that_was_asked_for_is_claimed(on: Stores) {
    let mail = a_job(at(1)).with(Priority::Urgent);
    let sweep = NewJob::new(Job::ForgetExpired, at(3));
    for job in [&mail, &sweep] {
        enqueue(&on, job).await;
    }
    assert_eq!(on.jobs.claim(RESUME, &[], at(9)).await.unwrap(), None);
    let found = on.jobs.claim(JobKind::ForgetExpired, &[], at(9)).await.unwrap();
    assert_eq!(found.unwrap().job, sweep.job);
    assert_eq!(on.jobs.claim(JobKind::ForgetExpired, &[], at(9)).await.unwrap(), None);
    assert_eq!(claim(&on, at(9)).await.unwrap().job, mail.job);
}

/// Jobs of other lanes, and those in none, come in their order.
pub async fn jobs_of_full_lanes_are_passed_over(on: Stores) {
    let random = crate::SeededRandom::new(8);
    let refund = |second| {
        let at = at(second);
        NewJob::new(Job::ResumeRefund(RefundId::new(at, &random)), at)
    };
    let lanes = ["acct_1", "acct_2", "acct_3"].map(str::to_owned);
    let [one, two, three] = &lanes;
    let jobs = [1, 2, 4, 5, 3].map(refund);
    for (job, lane) in jobs.iter().zip([one, three, two, one]) {
        enqueue(&on, job).await;
        let claimed = on.jobs.claim(RESUME, &lanes, job.due_at).await.unwrap().unwrap();
        on.commit(async |unit| unit.jobs().put_in_lane(&claimed, lane, job.due_at).await).await;
    }
    let [in_one, in_three, in_two, late_in_one, in_none] = &jobs;
    enqueue(&on, in_none).await;
    let next = async |full: &[String]| {
        let claimed = on.jobs.claim(RESUME, full, at(9)).await.unwrap();
        claimed.map(|claimed| claimed.job)
    };
    for job in [in_three, in_none, in_two] {
        assert_eq!(next(std::slice::from_ref(one)).await.as_ref(), Some(&job.job));
    }
    assert_eq!(next(std::slice::from_ref(one)).await, None);
    for job in [in_one, late_in_one] {
        assert_eq!(next(&[two.clone(), three.clone()]).await.as_ref(), Some(&job.job));
    }
    assert_eq!(next(&[]).await, None);
}

/// It waits as long as its lane has no place, while other jobs are claimed. The attempt does not count.
pub async fn a_job_waits_in_its_lane(on: Stores) {
    let random = crate::SeededRandom::new(7);
    let refund = |seconds| {
        let at = at(seconds);
        NewJob::new(Job::ResumeRefund(RefundId::new(at, &random)), at)
    };
    let (first, second) = (refund(1), refund(2));
    for job in [&first, &second] {
        enqueue(&on, job).await;
    }
    let claimed = claim(&on, at(3)).await.unwrap();
    on.commit(async |unit| unit.jobs().put_in_lane(&claimed, "acct_1", at(3)).await).await;
    let lanes = ["acct_1".to_owned(), "acct_2".to_owned()];
    let claim_beside = async |full: &[String]| {
        let claimed = on.jobs.claim(RESUME, full, at(4)).await.unwrap();
        claimed.map(|claimed| (claimed.job, claimed.attempts))
    };
    assert_eq!(claim_beside(&lanes).await, Some((second.job, 1)));
    assert_eq!(claim_beside(&lanes).await, None);
    assert_eq!(claim_beside(&lanes[1..]).await, Some((first.job, 1)));
}
