//! What jobs need from a store.

#![cfg_attr(
    feature = "testing",
    expect(
        clippy::ref_option_ref,
        reason = "how mockall hands an optional reference to an expectation"
    )
)]

use async_trait::async_trait;
use jiff::Timestamp;

use super::{ClaimedJob, Job, JobKind, NewJob};
use crate::store_error::StoreError;

/// Stored jobs, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait JobQueue: Send {
    /// Stores a job. If one with the same [`key`](super::Job::key) is stored, dead or alive, it gets the
    /// new due time and priority and counts its attempts anew, even while a runner works on it: it then
    /// runs once more.
    async fn enqueue(&mut self, job: &NewJob) -> Result<(), StoreError>;

    /// Stores a job unless one with the same key is stored.
    async fn ensure(&mut self, job: &NewJob) -> Result<(), StoreError>;

    /// Returns whether a job with this key is stored that was not given up, whether or not a runner works on it.
    async fn is_waiting(&mut self, job: &Job) -> Result<bool, StoreError>;

    /// Makes a job due at `due_at` if it is stored and due only after `latest`.
    async fn bring_forward(
        &mut self,
        job: &Job,
        latest: Timestamp,
        due_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns whether the claim still holds, and locks it until the unit ends: work that must not be done twice begins with
    /// this.
    async fn lock_claim(&mut self, claimed: &ClaimedJob) -> Result<bool, StoreError>;

    /// Deletes a job that is done. MUST do nothing if the claim has lapsed, or if the job was enqueued
    /// again since it was claimed: if its lease ends at none of [`ClaimedJob::lease_ends`].
    async fn complete(&mut self, claimed: &ClaimedJob) -> Result<(), StoreError>;

    /// Makes a job due at `due_at`. Without an `error` its attempts are counted anew. MUST do nothing in
    /// the cases in which [`complete`](Self::complete) does nothing.
    async fn reschedule<'a>(
        &mut self,
        claimed: &ClaimedJob,
        due_at: Timestamp,
        error: Option<&'a str>,
    ) -> Result<(), StoreError>;

    /// Makes a job wait in a lane, and does not count the attempt. MUST do nothing in the cases in which
    /// [`complete`](Self::complete) does nothing.
    async fn put_in_lane(
        &mut self,
        claimed: &ClaimedJob,
        lane: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Keeps a job as dead, so that it is never claimed again. MUST do nothing in the cases in which
    /// [`complete`](Self::complete) does nothing.
    async fn bury(
        &mut self,
        claimed: &ClaimedJob,
        now: Timestamp,
        error: &str,
    ) -> Result<(), StoreError>;

    /// Deletes about `most` jobs that were given up before `instant`. Returns whether some may be left.
    async fn forget_dead(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError>;
}

/// Stored jobs as runners see them, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait JobClaims: Send + Sync {
    /// Claims the due job of this kind, and in none of the lanes that are full, that comes first by priority,
    /// then by due time; `None` if none is due. The job becomes due again when its lease ends,
    /// [`LEASE_SECONDS`](super::LEASE_SECONDS) after `now`, or before if the process that claimed it is known to be gone. The
    /// attempt is counted. A job that cannot be read MUST be claimed as [`Job::Unreadable`]. The answer MUST NOT take longer
    /// the more jobs of other kinds wait. Of parallel calls on any number of replicas one MUST get a job.
    /// MUST NOT take a write lock while nothing is due.
    async fn claim(
        &self,
        kind: JobKind,
        full_lanes: &[String],
        now: Timestamp,
    ) -> Result<Option<ClaimedJob>, StoreError>;

    /// Renews the lease of a job that a runner works on, and returns when it ends now, which MUST be
    /// [`LEASE_SECONDS`](super::LEASE_SECONDS) after `now`: one whose call is not answered counts on it. MUST do nothing and
    /// return `None` in the cases in which [`complete`](JobQueue::complete) does nothing.
    async fn renew(
        &self,
        claimed: &ClaimedJob,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Returns how many jobs of each kind are stored, for kinds of which there are any.
    async fn depth(&self) -> Result<Vec<KindDepth>, StoreError>;

    /// Completes soon after this process has committed a unit of work that enqueued a job since the last
    /// call completed, and returns the kinds of those jobs, or more. May also complete at any other time.
    async fn enqueued(&self) -> Vec<JobKind>;
}

/// How many jobs of one kind are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindDepth {
    /// The kind that is counted.
    pub kind: JobKind,
    /// The number of jobs that are due now or later.
    pub waiting: u64,
    /// The number of jobs that were given up.
    pub dead: u64,
    /// When the first of those that wait is due, or when its lease ends.
    pub due_since: Option<Timestamp>,
}

/// How many jobs of all kinds are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueDepth {
    /// The number of jobs that are due now or later.
    pub waiting: u64,
    /// The number of jobs that were given up.
    pub dead: u64,
}

impl QueueDepth {
    /// Adds up the kinds.
    pub fn of(kinds: &[KindDepth]) -> Self {
        kinds.iter().fold(Self::default(), |sum, kind| Self {
            waiting: sum.waiting.saturating_add(kind.waiting),
            dead: sum.dead.saturating_add(kind.dead),
        })
    }
}
