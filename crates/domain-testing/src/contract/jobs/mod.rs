//! The job queue.

mod claims;
mod ends;
mod order;
mod queue;

use jiff::Timestamp;

pub use self::{claims::*, ends::*, order::*, queue::*};
use super::fixture::Begin;
use crate::at;
use tollgate_domain::{
    clock::plus_seconds,
    jobs::{ClaimedJob, JobKind, LEASE_SECONDS, NewJob, ports::QueueDepth},
    store::Stores,
};

const RESUME: JobKind = JobKind::ResumeRefund;

pub(super) async fn enqueue(on: &Stores, job: &NewJob) {
    let mut unit = on.begin().await;
    unit.jobs().enqueue(job).await.unwrap();
    unit.commit().await.unwrap();
}

pub(super) async fn claim(on: &Stores, now: Timestamp) -> Option<ClaimedJob> {
    for kind in JobKind::ALL {
        let claimed = on.jobs.claim(kind, &[], now).await.unwrap();
        if claimed.is_some() {
            return claimed;
        }
    }
    None
}

pub(super) async fn complete(on: &Stores, claimed: &ClaimedJob) {
    let mut unit = on.begin().await;
    unit.jobs().complete(claimed).await.unwrap();
    unit.commit().await.unwrap();
}

pub(super) async fn reschedule(
    on: &Stores,
    claimed: &ClaimedJob,
    due_at: Timestamp,
    error: Option<&str>,
) {
    let mut unit = on.begin().await;
    unit.jobs().reschedule(claimed, due_at, error).await.unwrap();
    unit.commit().await.unwrap();
}

pub(super) async fn bury(on: &Stores, claimed: &ClaimedJob) {
    let mut unit = on.begin().await;
    unit.jobs().bury(claimed, at(9), "it will never work").await.unwrap();
    unit.commit().await.unwrap();
}

pub(super) async fn depth(on: &Stores) -> (u64, u64) {
    let QueueDepth { waiting, dead } = QueueDepth::of(&on.jobs.depth().await.unwrap());
    (waiting, dead)
}

/// Returns when the lease of a job ends that is claimed at `now`.
pub(super) fn lease_end(now: Timestamp) -> Timestamp {
    plus_seconds(now, LEASE_SECONDS)
}
