//! Claiming jobs, running them, and recording how they ended.

use std::{
    error::Error,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures_util::FutureExt;
use jiff::Timestamp;

use super::{ClaimedJob, Job, JobKind, LEASE_SECONDS, NewJob, Priority, ports::JobClaims};
use crate::{
    clock::plus_seconds,
    opaque_debug::opaque_debug,
    random,
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
};

/// Does the work of jobs.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// Does the work. A job may be handled more than once, also at the same time if its lease ends, so the
    /// work MUST be safe to repeat. An error means that the job is tried again later. One that is
    /// [unreadable](Job::Unreadable) MUST end with an error: a version that can read it does its work.
    async fn handle(&self, job: &ClaimedJob) -> Result<Finish, HandlerError>;

    /// Notes that a job was given up, in the unit of work that keeps it as dead. What the job is about MUST NOT look as if
    /// the work were still to come. Not called if the handler ended the job within a unit of work, or if another runner has
    /// the job by now.
    async fn given_up(
        &self,
        unit: &mut dyn UnitOfWork,
        job: &ClaimedJob,
        reason: &str,
    ) -> Result<(), StoreError> {
        let _ = (unit, job, reason);
        Ok(())
    }

    /// Returns the lanes in which there is no place now: jobs that wait in them are not claimed. None are full if no job
    /// ends [in a lane](Outcome::InLane).
    fn full_lanes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Any error of a use case.
pub type HandlerError = Box<dyn Error + Send + Sync>;

/// How a job ended.
pub struct Finish {
    outcome: Outcome,
    unit: Option<Box<dyn UnitOfWork>>,
}

/// The outcome of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The job is done.
    Done,
    /// The job waits until there is a place in this lane.
    InLane(String),
    /// The job is not possible before this instant.
    NotBefore(Timestamp),
    /// The job failed and is tried again; the text says why.
    Retry(String),
    /// The job will never succeed; the text says why.
    Dead(String),
}

impl Finish {
    /// Creates the result of a job that is done.
    pub fn done() -> Self {
        Self::of(Outcome::Done)
    }

    /// Creates the result of a job that ended in this way.
    pub fn of(outcome: Outcome) -> Self {
        Self { outcome, unit: None }
    }

    /// Returns the result, recorded in an open unit of work, which the runner commits.
    pub fn within(self, unit: Box<dyn UnitOfWork>) -> Self {
        Self { unit: Some(unit), ..self }
    }
}

/// Work that ended without an error is done.
impl From<()> for Finish {
    fn from((): ()) -> Self {
        Self::done()
    }
}

/// What [`Runner::step`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// No job was due, or those that were are of kinds of which enough are running.
    Idle,
    /// A job of this kind ran and ended like this.
    Ran(JobKind, Outcome),
}

/// Runs jobs.
#[derive(Clone)]
pub struct Runner {
    runtime: Runtime,
    claims: Arc<dyn JobClaims>,
    handler: Arc<dyn JobHandler>,
    kinds: Arc<[OfKind; JobKind::ALL.len()]>,
    /// The lanes that had no place at the last claim.
    full_lanes: Arc<Mutex<Vec<String>>>,
    /// Whether it was told that the store is away, which holds for all kinds and is told once.
    is_away: Arc<AtomicBool>,
}

/// What a runner knows of the jobs of a kind.
#[derive(Debug)]
struct OfKind {
    /// How many it works on.
    running: AtomicUsize,
    /// Whether there may be one that can be claimed.
    may_be_due: AtomicBool,
}

impl OfKind {
    const fn new() -> Self {
        Self { running: AtomicUsize::new(0), may_be_due: AtomicBool::new(true) }
    }
}

/// When the lease of a claimed job ends; see [`ClaimedJob`].
#[derive(Debug, Clone, Copy)]
struct Lease {
    until: Timestamp,
    renewed_until: Option<Timestamp>,
}

/// A place among the jobs of a kind that a runner works on. It is taken before the store is asked for a job, so that several
/// claims at once do not take more than there are, and given back when it is dropped.
struct Place {
    slot: usize,
    kinds: Arc<[OfKind; JobKind::ALL.len()]>,
    /// Whether there may be a job for it once it is given back.
    is_wanted: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(kind) = self.kinds.get(self.slot) {
            kind.running.fetch_sub(1, Ordering::Relaxed);
            if self.is_wanted {
                kind.may_be_due.store(true, Ordering::Relaxed);
            }
        }
    }
}

/// A claimed job. It counts as running until it is dropped.
pub struct RunningJob {
    job: ClaimedJob,
    lease: Mutex<Lease>,
    _place: Place,
}

impl RunningJob {
    fn new(job: ClaimedJob, place: Place) -> Self {
        let lease = Lease { until: job.leased_until, renewed_until: job.renewed_until };
        Self { job, lease: Mutex::new(lease), _place: place }
    }

    /// Returns the kind of the job.
    pub fn kind(&self) -> JobKind {
        self.job.job.kind()
    }

    /// Returns the job with the lease that it has now.
    fn current(&self) -> ClaimedJob {
        let Lease { until, renewed_until } = *self.lease();
        ClaimedJob { leased_until: until, renewed_until, ..self.job.clone() }
    }

    fn lease(&self) -> MutexGuard<'_, Lease> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runner {
    /// Creates a runner.
    pub fn new(runtime: Runtime, claims: Arc<dyn JobClaims>, handler: Arc<dyn JobHandler>) -> Self {
        let kinds = Arc::new([const { OfKind::new() }; JobKind::ALL.len()]);
        let full_lanes = Arc::default();
        Self { runtime, claims, handler, kinds, full_lanes, is_away: Arc::default() }
    }

    /// Stores the recurring jobs that are not stored yet. One that is due later than its interval allows, since a clock was
    /// ahead when it ran, is due now.
    pub async fn schedule_recurring(&self) -> Result<(), StoreError> {
        let now = self.runtime.now();
        let mut unit = self.runtime.begin().await?;
        for job in Job::recurring() {
            let policy = job.kind().policy();
            let longest = policy.every_seconds.unwrap_or_default().max(policy.max_pause_seconds);
            unit.jobs().bring_forward(&job, plus_seconds(now, longest), now).await?;
            unit.jobs().ensure(&NewJob::new(job, now).with(Priority::Low)).await?;
        }
        unit.commit().await
    }

    /// Completes soon after a job was enqueued by this process; see [`JobClaims::enqueued`].
    pub async fn enqueued(&self) {
        let kinds = self.claims.enqueued().await;
        self.look_for(|kind| kinds.contains(&kind));
    }

    /// Makes the next [claims](Self::claim) look for jobs of all kinds, since other processes enqueue some and others
    /// become due.
    pub fn look_for_all(&self) {
        self.look_for(|_| true);
    }

    fn look_for(&self, is_wanted: impl Fn(JobKind) -> bool) {
        for (kind, known) in JobKind::ALL.into_iter().zip(&*self.kinds) {
            if is_wanted(kind) {
                known.may_be_due.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Takes a place for a job of a kind, unless enough of them are running.
    fn place(&self, slot: usize, kind: JobKind) -> Option<Place> {
        let most = kind.policy().max_running;
        let one_more = |running| (running < most).then_some(running + 1);
        let running = &self.kinds.get(slot)?.running;
        running.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Place { slot, kinds: self.kinds.clone(), is_wanted: true })
    }

    /// Returns the lanes without a place. Where there is one again, jobs of any kind may have waited for it.
    fn full_lanes(&self) -> Vec<String> {
        let full = self.handler.full_lanes();
        let mut known = self.full_lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *known, full.clone());
        if before.iter().any(|lane| !full.contains(lane)) {
            self.look_for_all();
        }
        full
    }

    /// Claims a due job, if there is one of a kind of which not enough are running, of the [kind](JobKind::ALL) that comes
    /// first. Kinds of which none was due are left out until a job of the kind is enqueued or ends, a lane has a place again,
    /// or [`look_for_all`](Self::look_for_all). An error about one kind does not hold up the others. Errors are logged here; that the
    /// store is away, once until it is back.
    pub async fn claim(&self) -> Result<Option<RunningJob>, StoreError> {
        let full_lanes = self.full_lanes();
        let mut failed = None;
        for (slot, (kind, known)) in JobKind::ALL.into_iter().zip(&*self.kinds).enumerate() {
            // What is enqueued while the store looks is looked for again: another claim may have found no place.
            while known.may_be_due.load(Ordering::Relaxed) {
                let Some(mut place) = self.place(slot, kind) else { break };
                place.is_wanted = known.may_be_due.swap(false, Ordering::Relaxed);
                if !place.is_wanted {
                    continue;
                }
                match self.claims.claim(kind, &full_lanes, self.runtime.now()).await {
                    Ok(Some(job)) => {
                        known.may_be_due.store(true, Ordering::Relaxed);
                        self.is_away.store(false, Ordering::Relaxed);
                        return Ok(Some(RunningJob::new(job, place)));
                    }
                    Ok(None) => place.is_wanted = false,
                    Err(error) => {
                        let is_away = matches!(error, StoreError::Unavailable(_));
                        if !is_away || !self.is_away.swap(true, Ordering::Relaxed) {
                            tracing::warn!(%error, kind = kind.as_str(), "cannot claim jobs of a kind");
                        }
                        failed = Some(error);
                        break;
                    }
                }
            }
        }
        if failed.is_none() {
            self.is_away.store(false, Ordering::Relaxed);
        }
        failed.map_or(Ok(None), Err)
    }

    /// Does the work of a claimed job. It takes longer than [`LEASE_SECONDS`] at times, so the
    /// claim has to be [renewed](Self::renew) in the meantime.
    pub async fn work(&self, claim: &RunningJob) -> Finish {
        let job = &claim.job;
        // A job that panics is one that failed, or it would be claimed again without a pause and without an end.
        let handled = AssertUnwindSafe(self.handler.handle(job)).catch_unwind().await;
        let error = match handled {
            Ok(Ok(finish)) => return finish,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the job panicked".to_owned(),
        };
        Finish::of(if job.is_last_attempt() { Outcome::Dead(error) } else { Outcome::Retry(error) })
    }

    /// Renews a claim. It stays as it is if the job was enqueued again or claimed by another runner. If this fails, or its
    /// future is dropped, the claim may be renewed all the same, and ends the job as well.
    pub async fn renew(&self, claim: &RunningJob) -> Result<(), StoreError> {
        let job = claim.current();
        // A renewal that was not answered is repeated until it is, so that the lease ends at one of two instants.
        let unanswered = job.renewed_until.map(|until| plus_seconds(until, -LEASE_SECONDS));
        let from = unanswered.unwrap_or_else(|| self.runtime.now());
        claim.lease().renewed_until = Some(plus_seconds(from, LEASE_SECONDS));
        let renewed = self.claims.renew(&job, from).await?;
        let until = renewed.unwrap_or(job.leased_until);
        *claim.lease() = Lease { until, renewed_until: None };
        Ok(())
    }

    /// Records how a claimed job ended.
    pub async fn finish(&self, claim: RunningJob, finish: Finish) -> Result<Outcome, StoreError> {
        let Finish { outcome, unit } = finish;
        let job = &claim.current();
        let (kind, attempts) = (job.job.kind(), job.attempts);
        // A job that is ended within a unit of work was noted as ended there.
        let is_noted = unit.is_some();
        let mut unit = match unit {
            Some(unit) => unit,
            None => self.runtime.begin().await?,
        };
        let policy = kind.policy();
        match &outcome {
            Outcome::Done => match policy.every_seconds {
                Some(seconds) => {
                    let next = plus_seconds(self.runtime.now(), seconds);
                    unit.jobs().reschedule(job, next, None).await?;
                }
                None => unit.jobs().complete(job).await?,
            },
            Outcome::InLane(lane) => {
                unit.jobs().put_in_lane(job, lane, self.runtime.now()).await?;
            }
            Outcome::NotBefore(instant) => unit.jobs().reschedule(job, *instant, None).await?,
            Outcome::Retry(reason) => {
                tracing::warn!(job = job.job.key(), attempts, reason, "job put off");
                let pause = self.shortened(policy.pause_seconds(attempts));
                let again = plus_seconds(self.runtime.now(), pause);
                unit.jobs().reschedule(job, again, Some(reason)).await?;
            }
            Outcome::Dead(reason) => {
                tracing::error!(job = job.job.key(), attempts, reason, "job given up");
                if !is_noted && unit.jobs().lock_claim(job).await? {
                    self.handler.given_up(&mut *unit, job, reason).await?;
                }
                unit.jobs().bury(job, self.runtime.now(), reason).await?;
            }
        }
        unit.commit().await?;
        Ok(outcome)
    }

    /// [Claims](Self::claim) a job of any kind and runs it, without renewing its claim.
    pub async fn step(&self) -> Result<Step, StoreError> {
        self.look_for_all();
        let Some(claim) = self.claim().await? else { return Ok(Step::Idle) };
        let (kind, finish) = (claim.kind(), self.work(&claim).await);
        Ok(Step::Ran(kind, self.finish(claim, finish).await?))
    }

    /// Shortens a pause at random by up to a fifth: what failed together is not tried again together.
    fn shortened(&self, pause: i64) -> i64 {
        let [draw] = random::bytes::<1>(&*self.runtime.random);
        pause - pause * i64::from(draw) / (5 * 255)
    }
}

impl std::fmt::Debug for RunningJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RunningJob").field(&self.job).finish()
    }
}

impl std::fmt::Debug for Finish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Finish").field(&self.outcome).finish_non_exhaustive()
    }
}

opaque_debug!(Runner);
