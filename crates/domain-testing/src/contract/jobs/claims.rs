//! Claims and their leases.

use std::collections::BTreeSet;

use super::{bury, claim, complete, depth, enqueue, lease_end, reschedule};
use crate::{
    a_job, at,
    contract::fixture::{Begin, just_before, parallel},
};
use tollgate_domain::{
    jobs::{ClaimedJob, Job, LEASE_SECONDS, NewJob},
    store::Stores,
};

/// This holds until its lease ends. The job still counts as waiting.
pub async fn a_claimed_job_is_given_to_nobody_else(on: Stores) {
    let job = a_job(at(1));
    enqueue(&on, &job).await;
    assert!(claim(&on, at(1)).await.is_some());
    assert_eq!(claim(&on, at(1)).await, None);
    assert_eq!(claim(&on, just_before(lease_end(at(1)))).await, None);
    assert_eq!(depth(&on).await, (1, 0));
}

/// A runner that died is followed by another.
pub async fn a_job_is_claimed_again_when_its_lease_ends(on: Stores) {
    let job = a_job(at(1));
    enqueue(&on, &job).await;
    let mut now = at(1);
    for attempts in 1..=4 {
        let leased_until = lease_end(now);
        let claimed = claim(&on, now).await.unwrap();
        assert_eq!((claimed.job, claimed.attempts), (job.job.clone(), attempts));
        assert_eq!((claimed.leased_until, claimed.renewed_until), (leased_until, None));
        now = leased_until;
    }
}

pub async fn no_job_has_two_runners_at_once(on: Stores) {
    let mut unit = on.begin().await;
    for number in 0..40 {
        unit.jobs().enqueue(&a_job(at(number % 7))).await.unwrap();
    }
    unit.commit().await.unwrap();
    let claimed = parallel(8, async |_| {
        let mut claimed = Vec::new();
        while let Some(job) = claim(&on, at(10)).await {
            assert_eq!(job.attempts, 1);
            claimed.push(job.job.key());
        }
        claimed
    })
    .await
    .concat();
    assert_eq!(claimed.len(), 40);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>().len(), 40);
}

/// It ends when another runner has the job after the lease, or when the job is enqueued again.
pub async fn a_claim_is_held_as_long_as_nobody_else_has_the_job(on: Stores) {
    let holds = async |claimed: &ClaimedJob| {
        on.commit(async |unit| unit.jobs().lock_claim(claimed).await).await
    };
    let job = a_job(at(1));
    enqueue(&on, &job).await;
    let first = claim(&on, at(1)).await.unwrap();
    assert!(holds(&first).await && holds(&first).await);
    let second = claim(&on, lease_end(at(1))).await.unwrap();
    assert!(!holds(&first).await && holds(&second).await);
    enqueue(&on, &job).await;
    assert!(!holds(&second).await);
    let third = claim(&on, at(90)).await.unwrap();
    complete(&on, &third).await;
    assert!(!holds(&third).await);
}

/// A runner that was thought dead does not disturb the one that followed it.
pub async fn a_claim_that_has_lapsed_changes_nothing(on: Stores) {
    for end in 0..3 {
        let job = a_job(at(1));
        enqueue(&on, &job).await;
        let lapsed = claim(&on, at(1)).await.unwrap();
        let now = lease_end(at(1));
        let held = claim(&on, now).await.unwrap();
        match end {
            0 => complete(&on, &lapsed).await,
            1 => reschedule(&on, &lapsed, now, Some("busy")).await,
            _ => bury(&on, &lapsed).await,
        }
        assert_eq!(depth(&on).await, (1, 0));
        assert_eq!(claim(&on, just_before(held.leased_until)).await, None);
        complete(&on, &held).await;
        assert_eq!(depth(&on).await, (0, 0));
        complete(&on, &held).await;
    }
}

/// This holds as long as its runner renews the claim. The claim still ends the job.
pub async fn a_job_whose_claim_is_renewed_is_not_claimed_again(on: Stores) {
    enqueue(&on, &NewJob::new(Job::ForgetExpired, at(0))).await;
    let mut claimed = claim(&on, at(0)).await.unwrap();
    for seconds in [LEASE_SECONDS - 1, 2 * LEASE_SECONDS - 2] {
        let renewed = on.jobs.renew(&claimed, at(seconds)).await.unwrap();
        assert_eq!(renewed, Some(lease_end(at(seconds))));
        claimed.leased_until = renewed.unwrap();
        assert_eq!(claim(&on, at(seconds + LEASE_SECONDS - 1)).await, None);
    }
    complete(&on, &claimed).await;
    assert_eq!(depth(&on).await, (0, 0));
}

/// A claim is lost when its lease ended and another runner took the job, or when the job was enqueued again.
pub async fn a_claim_that_is_lost_is_not_renewed(on: Stores) {
    let job = NewJob::new(Job::ForgetExpired, at(0));
    enqueue(&on, &job).await;
    let lapsed = claim(&on, at(0)).await.unwrap();
    let next = claim(&on, at(LEASE_SECONDS)).await.unwrap();
    assert_eq!(on.jobs.renew(&lapsed, at(LEASE_SECONDS)).await, Ok(None));
    enqueue(&on, &NewJob { due_at: at(LEASE_SECONDS + 1), ..job }).await;
    assert_eq!(on.jobs.renew(&next, at(LEASE_SECONDS + 1)).await, Ok(None));
    assert!(claim(&on, at(LEASE_SECONDS + 1)).await.is_some());
}
