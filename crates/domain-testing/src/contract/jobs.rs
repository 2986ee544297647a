//! The job queue.

use std::collections::BTreeSet;

use futures_util::future::join;
use jiff::Timestamp;

use super::fixture::{Begin, just_before, parallel, soon};
use crate::{a_job, at};
use tollgate_domain::{
    clock::plus_seconds,
    id::{CheckoutId, FileId, GroupBuyId, MailId, PurchaseId, RefundId, VisitorId},
    jobs::{
        ClaimedJob, Job, JobKind, LEASE_SECONDS, NewJob, Priority,
        ports::{KindDepth, QueueDepth},
    },
    store::Stores,
};

const RESUME: JobKind = JobKind::ResumeRefund;

async fn enqueue(on: &Stores, job: &NewJob) {
    let mut unit = on.begin().await;
    unit.jobs().enqueue(job).await.unwrap();
    unit.commit().await.unwrap();
}

async fn claim(on: &Stores, now: Timestamp) -> Option<ClaimedJob> {
    for kind in JobKind::ALL {
        let claimed = on.jobs.claim(kind, &[], now).await.unwrap();
        if claimed.is_some() {
            return claimed;
        }
    }
    None
}

async fn complete(on: &Stores, claimed: &ClaimedJob) {
    let mut unit = on.begin().await;
    unit.jobs().complete(claimed).await.unwrap();
    unit.commit().await.unwrap();
}

async fn reschedule(on: &Stores, claimed: &ClaimedJob, due_at: Timestamp, error: Option<&str>) {
    let mut unit = on.begin().await;
    unit.jobs().reschedule(claimed, due_at, error).await.unwrap();
    unit.commit().await.unwrap();
}

async fn bury(on: &Stores, claimed: &ClaimedJob) {
    let mut unit = on.begin().await;
    unit.jobs().bury(claimed, at(9), "it will never work").await.unwrap();
    unit.commit().await.unwrap();
}

async fn depth(on: &Stores) -> (u64, u64) {
    let QueueDepth { waiting, dead } = QueueDepth::of(&on.jobs.depth().await.unwrap());
    (waiting, dead)
}

/// Returns when the lease of a job ends that is claimed at `now`.
fn lease_end(now: Timestamp) -> Timestamp {
    plus_seconds(now, LEASE_SECONDS)
}

/// A job of every kind comes with what it is about and the lease of its kind.
pub async fn a_job_of_every_kind_comes_back_as_stored(on: Stores) {
    let random = crate::SeededRandom::new(5);
    let now = at(1);
    let jobs = [
        Job::SendUrgentMail(MailId::new(now, &random)),
        Job::MailPasswordReset(crate::email("ada@creators.example")),
        Job::ApplyEvent("evt_Ünïcode '/' \\ %".to_owned()),
        a_job(now).job,
        Job::CloseCheckout(CheckoutId::new(now, &random)),
        Job::ResumeRefund(RefundId::new(now, &random)),
        Job::RefundSecondPayment(PurchaseId::new(now, &random)),
        Job::EndGroupBuy(GroupBuyId::new(now, &random)),
        Job::NotifyInterested(GroupBuyId::new(now, &random), VisitorId::new(&random)),
        Job::ClearFile(FileId::new(now, &random)),
        Job::DeleteStrayObjects,
        Job::ForgetExpired,
        Job::SweepAccounts,
        Job::SweepAccount("acct_1".to_owned()),
    ];
    assert_eq!(jobs.each_ref().map(Job::kind), JobKind::ALL);
    for job in jobs {
        let new = NewJob::new(job.clone(), now);
        enqueue(&on, &new).await;
        let leased_until = lease_end(at(2));
        let claimed = claim(&on, at(2)).await;
        assert_eq!(claimed, Some(ClaimedJob { job, attempts: 1, leased_until }));
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

/// Absence is not an error.
pub async fn an_empty_queue_gives_nothing(on: Stores) {
    assert_eq!(claim(&on, at(1)).await, None);
    assert_eq!(depth(&on).await, (0, 0));
}

/// It is not claimed a microsecond too early.
pub async fn a_job_is_not_claimed_before_it_is_due(on: Stores) {
    enqueue(&on, &a_job(at(5))).await;
    assert_eq!(claim(&on, just_before(at(5))).await, None);
    assert!(claim(&on, at(5)).await.is_some());
}

/// The order in which jobs were enqueued does not matter.
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

/// Jobs of other kinds wait, even if they are due longer.
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
        let mut unit = on.begin().await;
        unit.jobs().put_in_lane(&claimed, lane, job.due_at).await.unwrap();
        unit.commit().await.unwrap();
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
        let expected = ClaimedJob { job: job.job.clone(), attempts, leased_until };
        assert_eq!(claim(&on, now).await, Some(expected));
        now = leased_until;
    }
}

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

/// It is neither claimed again nor counted, and may be enqueued anew.
pub async fn a_completed_job_is_gone(on: Stores) {
    let job = a_job(at(1));
    enqueue(&on, &job).await;
    complete(&on, &claim(&on, at(1)).await.unwrap()).await;
    assert_eq!(claim(&on, at(1_000_000)).await, None);
    assert_eq!(depth(&on).await, (0, 0));
    enqueue(&on, &job).await;
    assert_eq!(claim(&on, at(1_000_000)).await.unwrap().attempts, 1);
}

/// It is kept to be seen, until it is enqueued again.
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
        let mut unit = on.begin().await;
        let are_left = unit.jobs().forget_dead(at(before), most).await.unwrap();
        unit.commit().await.unwrap();
        are_left
    };
    assert!(!forget(5, 9).await);
    assert_eq!(depth(&on).await, (1, 2));
    assert!(forget(9, 1).await);
    assert_eq!(depth(&on).await, (1, 1));
    assert!(!forget(9, 9).await);
    assert_eq!(depth(&on).await, (1, 0));
}

/// Eight runners work on forty jobs, and each job runs once.
pub async fn no_job_has_two_runners_at_once(on: Stores) {
    let mut unit = on.begin().await;
    for number in 0..40 {
        unit.jobs().enqueue(&a_job(at(number % 7))).await.unwrap();
    }
    unit.commit().await.unwrap();
    let claimed = parallel(8, |_| {
        let on = on.clone();
        async move {
            let mut claimed = Vec::new();
            while let Some(job) = claim(&on, at(10)).await {
                assert_eq!(job.attempts, 1);
                claimed.push(job.job.key());
            }
            claimed
        }
    })
    .await
    .concat();
    assert_eq!(claimed.len(), 40);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>().len(), 40);
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

/// Twenty calls at once store one job.
pub async fn of_parallel_jobs_with_one_key_one_is_stored(on: Stores) {
    let (one, other) = (a_job(at(1)), a_job(at(1)));
    parallel(20, |number| {
        let (on, one, other) = (on.clone(), one.clone(), other.clone());
        async move {
            let mut unit = on.begin().await;
            let jobs = unit.jobs();
            if number % 2 == 0 {
                jobs.enqueue(&one).await.unwrap();
            } else {
                jobs.ensure(&other).await.unwrap();
            }
            unit.commit().await.unwrap();
        }
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

/// It ends when another runner has the job after the lease, or when the job is enqueued again.
pub async fn a_claim_is_held_as_long_as_nobody_else_has_the_job(on: Stores) {
    let holds = async |claimed: &ClaimedJob| {
        let mut unit = on.begin().await;
        let holds = unit.jobs().lock_claim(claimed).await.unwrap();
        unit.commit().await.unwrap();
        holds
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
    let mut unit = on.begin().await;
    unit.jobs().ensure(&job).await.unwrap();
    unit.commit().await.unwrap();
    ensure().await;
    assert_eq!(claim(&on, just_before(at(5))).await, None);
    let claimed = claim(&on, at(5)).await.unwrap();
    ensure().await;
    assert_eq!(claim(&on, at(6)).await, None);
    bury(&on, &claimed).await;
    ensure().await;
    assert_eq!((claim(&on, at(99_999)).await, depth(&on).await), (None, (0, 1)));
}

/// It also counts as waiting while a runner works on it.
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

/// The counts of each kind come with the oldest job that waits.
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
    let mut unit = on.begin().await;
    unit.jobs().put_in_lane(&claimed, "acct_1", at(3)).await.unwrap();
    unit.commit().await.unwrap();
    let lanes = ["acct_1".to_owned(), "acct_2".to_owned()];
    let claim_beside = async |full: &[String]| {
        let claimed = on.jobs.claim(RESUME, full, at(4)).await.unwrap();
        claimed.map(|claimed| (claimed.job, claimed.attempts))
    };
    assert_eq!(claim_beside(&lanes).await, Some((second.job, 1)));
    assert_eq!(claim_beside(&lanes).await, None);
    assert_eq!(claim_beside(&lanes[1..]).await, Some((first.job, 1)));
}
