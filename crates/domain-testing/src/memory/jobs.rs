//! The job queue.

use std::{
    collections::btree_map::Entry,
    future::poll_fn,
    sync::Mutex,
    task::{Poll, Waker},
};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{JobRow, forget_oldest},
    unit::MemoryUnit,
};
use crate::locked;
use tollgate_domain::{
    clock::{just_after, plus_seconds},
    jobs::{
        ClaimedJob, Job, JobKind, LEASE_SECONDS, NewJob,
        ports::{JobClaims, JobQueue, KindDepth},
    },
    store_error::StoreError,
};

/// Wakes runners when a job is enqueued.
#[derive(Default)]
pub(super) struct Enqueued(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// Whether something was enqueued that nobody was told of.
    is_news: bool,
    /// How often runners were told.
    told: u64,
    wakers: Vec<Waker>,
}

impl Enqueued {
    pub(super) fn notify(&self) {
        let wakers = {
            let mut waiting = locked(&self.0);
            waiting.is_news = true;
            std::mem::take(&mut waiting.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Completes after a notification; of several that wait, all complete.
    async fn wait(&self) {
        let since = locked(&self.0).told;
        poll_fn(|context| {
            let mut waiting = locked(&self.0);
            if std::mem::take(&mut waiting.is_news) {
                waiting.told += 1;
                return Poll::Ready(());
            }
            if waiting.told != since {
                return Poll::Ready(());
            }
            waiting.wakers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl JobRow {
    fn new(job: &NewJob, last_lease: Option<Timestamp>) -> Self {
        let NewJob { job, due_at, priority } = job.clone();
        Self {
            job,
            due_at,
            priority,
            attempts: 0,
            leased_until: None,
            last_lease,
            lane: None,
            dead_at: None,
        }
    }

    fn has_claim(&self, claimed: &ClaimedJob) -> bool {
        self.leased_until.is_some_and(|until| claimed.lease_ends().contains(&until))
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.dead_at.is_none() && self.due_at <= now
    }
}

impl MemoryUnit {
    /// Returns the stored job if the claim still holds.
    async fn claimed(&mut self, claimed: &ClaimedJob) -> Result<Option<&mut JobRow>, StoreError> {
        let jobs = self.state().await?.jobs.edit();
        let row = jobs.get_mut(&claimed.job.key());
        Ok(row.filter(|row| row.has_claim(claimed)))
    }
}

#[async_trait]
impl JobQueue for MemoryUnit {
    async fn enqueue(&mut self, job: &NewJob) -> Result<(), StoreError> {
        let jobs = self.state().await?.jobs.edit();
        let last_lease = jobs.get(&job.job.key()).and_then(|row| row.last_lease);
        jobs.insert(job.job.key(), JobRow::new(job, last_lease));
        self.enqueued = true;
        Ok(())
    }

    async fn ensure(&mut self, job: &NewJob) -> Result<(), StoreError> {
        let jobs = self.state().await?.jobs.edit();
        if let Entry::Vacant(place) = jobs.entry(job.job.key()) {
            place.insert(JobRow::new(job, None));
            self.enqueued = true;
        }
        Ok(())
    }

    async fn is_waiting(&mut self, job: &Job) -> Result<bool, StoreError> {
        let jobs = self.state().await?.jobs.edit();
        Ok(jobs.get(&job.key()).is_some_and(|row| row.dead_at.is_none()))
    }

    async fn bring_forward(
        &mut self,
        job: &Job,
        latest: Timestamp,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        let jobs = self.state().await?.jobs.edit();
        if let Some(row) =
            jobs.get_mut(&job.key()).filter(|row| row.dead_at.is_none() && row.due_at > latest)
        {
            row.due_at = due_at;
            row.leased_until = None;
        }
        Ok(())
    }

    async fn lock_claim(&mut self, claimed: &ClaimedJob) -> Result<bool, StoreError> {
        Ok(self.claimed(claimed).await?.is_some())
    }

    async fn complete(&mut self, claimed: &ClaimedJob) -> Result<(), StoreError> {
        if self.claimed(claimed).await?.is_some() {
            self.state().await?.jobs.edit().remove(&claimed.job.key());
        }
        Ok(())
    }

    async fn reschedule<'a>(
        &mut self,
        claimed: &ClaimedJob,
        due_at: Timestamp,
        error: Option<&'a str>,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.claimed(claimed).await? {
            row.due_at = due_at;
            row.leased_until = None;
            if error.is_none() {
                row.attempts = 0;
            }
        }
        Ok(())
    }

    async fn put_in_lane(
        &mut self,
        claimed: &ClaimedJob,
        lane: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.claimed(claimed).await? {
            row.lane = Some(lane.to_owned());
            row.due_at = now;
            row.leased_until = None;
            row.attempts -= 1;
        }
        Ok(())
    }

    async fn bury(
        &mut self,
        claimed: &ClaimedJob,
        now: Timestamp,
        _error: &str,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.claimed(claimed).await? {
            row.dead_at = Some(now);
            row.leased_until = None;
        }
        Ok(())
    }

    async fn forget_dead(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let jobs = self.state().await?.jobs.edit();
        Ok(forget_oldest(jobs, instant, most, |row| row.dead_at))
    }
}

#[async_trait]
impl JobClaims for MemoryStore {
    async fn claim(
        &self,
        kind: JobKind,
        full_lanes: &[String],
        now: Timestamp,
    ) -> Result<Option<ClaimedJob>, StoreError> {
        self.change(|state| {
            let due = state.jobs.values().filter(|row| row.is_due(now));
            let due = due.filter(|row| row.job.kind() == kind);
            let due =
                due.filter(|row| row.lane.as_ref().is_none_or(|lane| !full_lanes.contains(lane)));
            let key = due.min_by_key(|row| (row.priority, row.due_at, row.job.key()))?.job.key();
            let row = state.jobs.edit().get_mut(&key)?;
            let mut leased_until = plus_seconds(now, LEASE_SECONDS);
            if row.last_lease == Some(leased_until) {
                // The instant identifies the claim, and the clock may stand still.
                leased_until = just_after(leased_until);
            }
            row.attempts += 1;
            row.due_at = leased_until;
            row.leased_until = Some(leased_until);
            row.last_lease = Some(leased_until);
            let (job, attempts) = (row.job.clone(), row.attempts);
            Some(ClaimedJob { job, attempts, leased_until, renewed_until: None })
        })
        .await
    }

    async fn renew(
        &self,
        claimed: &ClaimedJob,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.change(|state| {
            let row = state.jobs.edit().get_mut(&claimed.job.key())?;
            row.has_claim(claimed).then(|| {
                let until = plus_seconds(now, LEASE_SECONDS);
                row.due_at = until;
                row.leased_until = Some(until);
                row.last_lease = Some(until);
                until
            })
        })
        .await
    }

    async fn depth(&self) -> Result<Vec<KindDepth>, StoreError> {
        let state = self.read().await?;
        let depth = |kind: JobKind| {
            let rows = || state.jobs.values().filter(move |row| row.job.kind() == kind);
            let count = |dead| {
                u64::try_from(rows().filter(|row| row.dead_at.is_some() == dead).count())
                    .unwrap_or(u64::MAX)
            };
            let due_since = rows().filter(|row| row.dead_at.is_none()).map(|row| row.due_at).min();
            KindDepth { kind, waiting: count(false), dead: count(true), due_since }
        };
        let depths = JobKind::ALL.map(depth);
        Ok(depths.into_iter().filter(|depth| depth.waiting + depth.dead > 0).collect())
    }

    async fn enqueued(&self) -> Vec<JobKind> {
        self.inner.enqueued.wait().await;
        JobKind::ALL.to_vec()
    }
}
