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
    on.commit(async |unit| unit.jobs().enqueue(job).await).await;
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
    on.commit(async |unit| unit.jobs().complete(claimed).await).await;
}

pub(super) async fn reschedule(
    on: &Stores,
    claimed: &ClaimedJob,
    due_at: Timestamp,
    error: Option<&str>,
) {
    on.commit(async |unit| unit.jobs().reschedule(claimed, due_at, error).await).await;
}

pub(super) async fn bury(on: &Stores, claimed: &ClaimedJob) {
    on.commit(async |unit| unit.jobs().bury(claimed, at(9), "it will never work").await).await;
}

pub(super) async fn depth(on: &Stores) -> (u64, u64) {
    let QueueDepth { waiting, dead } = QueueDepth::of(&on.jobs.depth().await.unwrap());
    (waiting, dead)
}

/// Returns when the lease of a job ends that is claimed at `now`.
pub(super) fn lease_end(now: Timestamp) -> Timestamp {
    plus_seconds(now, LEASE_SECONDS)
}
