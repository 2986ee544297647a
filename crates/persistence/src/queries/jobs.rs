//! Jobs.
//!
//! A claim reads the job that comes first and moves its due time to the end of the lease, if it is still
//! the due time that was read. If it is not, another runner was faster, and this one looks again. A claim need not
//! outlive a power loss: the job is then due again, as after any crash.

use tollgate_domain::{
    clock::plus_seconds,
    jobs::{
        ClaimedJob, Job, JobKind, LEASE_SECONDS, NewJob,
        ports::{JobClaims, JobQueue, KindDepth},
    },
};

use super::{super::may_claim, prelude::*};
use crate::schema::jobs;

/// The columns of a new job.
macro_rules! columns {
    ($new:expr) => {{
        let NewJob { job, due_at, priority } = $new;
        (
            jobs::job_key.eq(job.key()),
            jobs::kind.eq(AsText(job.kind())),
            jobs::payload.eq(AsText(job.clone())),
            jobs::priority.eq(priority.rank()),
            jobs::due_at.eq(AsInt(*due_at)),
            jobs::attempts.eq(0),
        )
    }};
}

/// A job while the claim is valid.
macro_rules! claimed {
    ($claimed:expr) => {{
        let [until, or_until] = $claimed.lease_ends();
        let is_leased = jobs::due_at.eq(AsInt(until)).or(jobs::due_at.eq(AsInt(or_until)));
        jobs::table.find($claimed.job.key()).filter(is_leased)
    }};
}

#[async_trait]
impl JobQueue for Unit {
    async fn enqueue(&mut self, job: &NewJob) -> Result<(), StoreError> {
        self.wakeup.add(job.job.kind());
        let again = (
            // One that was given up because it could not be read can be read again.
            jobs::payload.eq(AsText(job.job.clone())),
            jobs::priority.eq(job.priority.rank()),
            jobs::due_at.eq(AsInt(job.due_at)),
            jobs::attempts.eq(0),
            jobs::dead_at.eq(None::<i64>),
        );
        let insert = diesel::insert_into(jobs::table).values(columns!(job));
        execute!(self, insert.on_conflict(jobs::job_key).do_update().set(again))
    }

    async fn ensure(&mut self, job: &NewJob) -> Result<(), StoreError> {
        self.wakeup.add(job.job.kind());
        let insert = diesel::insert_into(jobs::table).values(columns!(job));
        execute!(self, insert.on_conflict_do_nothing())
    }

    async fn is_waiting(&mut self, job: &Job) -> Result<bool, StoreError> {
        let waiting =
            jobs::table.find(job.key()).filter(jobs::dead_at.is_null()).select(jobs::job_key);
        Ok(self.first::<String, _>(waiting).await?.is_some())
    }

    async fn bring_forward(
        &mut self,
        job: &Job,
        latest: Timestamp,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        let late = jobs::table.find(job.key()).filter(jobs::due_at.gt(AsInt(latest)));
        execute!(self, diesel::update(late).set(jobs::due_at.eq(AsInt(due_at))))
    }

    async fn lock_claim(&mut self, claimed: &ClaimedJob) -> Result<bool, StoreError> {
        // Updating a row, even without a change, locks it in both databases.
        let same = jobs::due_at.eq(jobs::due_at);
        changes!(self, diesel::update(claimed!(claimed)).set(same))
    }

    async fn complete(&mut self, claimed: &ClaimedJob) -> Result<(), StoreError> {
        execute!(self, diesel::delete(claimed!(claimed)))
    }

    async fn reschedule<'a>(
        &mut self,
        claimed: &ClaimedJob,
        due_at: Timestamp,
        error: Option<&'a str>,
    ) -> Result<(), StoreError> {
        let again = (
            jobs::due_at.eq(AsInt(due_at)),
            jobs::last_error.eq(error.map(ToOwned::to_owned)),
            error.is_none().then(|| jobs::attempts.eq(0)),
        );
        execute!(self, diesel::update(claimed!(claimed)).set(again))
    }

    async fn put_in_lane(
        &mut self,
        claimed: &ClaimedJob,
        lane: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let waiting = (
            jobs::lane.eq(lane.to_owned()),
            jobs::due_at.eq(AsInt(now)),
            jobs::attempts.eq(jobs::attempts - 1),
        );
        execute!(self, diesel::update(claimed!(claimed)).set(waiting))
    }

    async fn bury(
        &mut self,
        claimed: &ClaimedJob,
        now: Timestamp,
        error: &str,
    ) -> Result<(), StoreError> {
        let dead = (
            jobs::due_at.eq(None::<i64>),
            jobs::dead_at.eq(AsInt(now)),
            jobs::last_error.eq(error.to_owned()),
        );
        execute!(self, diesel::update(claimed!(claimed)).set(dead))
    }

    async fn forget_dead(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let dead_at = jobs::dead_at.assume_not_null();
        let dead = jobs::table.filter(dead_at.lt(AsInt(instant)));
        forget_oldest!(self, dead, dead_at, most)
    }
}

/// The payload of a claimed job, and the number of its attempts.
type ClaimedRow = (String, AsInt<u32>);

/// Kind, number of jobs, number of those that are dead, and when the first of the others is due.
type DepthRow = (String, i64, i64, Option<AsInt<Timestamp>>);

#[async_trait]
impl JobClaims for Database {
    async fn claim(
        &self,
        kind: JobKind,
        full_lanes: &[String],
        now: Timestamp,
    ) -> Result<Option<ClaimedJob>, StoreError> {
        if !may_claim(self, || self.end_leases(now).boxed()).await? {
            return Ok(None);
        }
        loop {
            let Some((key, due_at)) = self.first_due(kind, full_lanes, now).await? else {
                return Ok(None);
            };
            let leased_until = plus_seconds(now, LEASE_SECONDS);
            let due = jobs::table.find(key.clone()).filter(jobs::due_at.eq(due_at));
            let claim = diesel::update(due)
                .set((
                    jobs::due_at.eq(AsInt(leased_until)),
                    jobs::attempts.eq(jobs::attempts + 1),
                    // Only a job that waits for its next attempt has an error.
                    jobs::last_error.eq(None::<String>),
                ))
                .returning((jobs::payload, jobs::attempts));
            let claimed: Option<ClaimedRow> = write_claim!(self, |conn| {
                CachedStatement(claim).get_result(on(&mut conn)).await.optional()
            })?;
            let Some((payload, AsInt(attempts))) = claimed else { continue };
            let job = Job::from_payload(&payload).unwrap_or(Job::Unreadable(kind, key));
            return Ok(Some(ClaimedJob { job, attempts, leased_until, renewed_until: None }));
        }
    }

    async fn renew(
        &self,
        claimed: &ClaimedJob,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let until = plus_seconds(now, LEASE_SECONDS);
        let renewed = diesel::update(claimed!(claimed)).set(jobs::due_at.eq(AsInt(until)));
        let rows =
            write_claim!(self, |conn| { CachedStatement(renewed).execute(on(&mut conn)).await })?;
        Ok((rows > 0).then_some(until))
    }

    async fn depth(&self) -> Result<Vec<KindDepth>, StoreError> {
        use diesel::dsl::{count, count_star, min};

        let kinds = jobs::table.group_by(jobs::kind).select((
            jobs::kind,
            count_star(),
            count(jobs::dead_at),
            min(jobs::due_at),
        ));
        let rows: Vec<DepthRow> = report_all!(self, kinds)?;
        let depth = |(kind, all, dead, due): DepthRow| {
            Some(KindDepth {
                // A newer replica may store kinds that are not known here.
                kind: kind.parse().ok()?,
                waiting: (all - dead).unsigned_abs(),
                dead: dead.unsigned_abs(),
                due_since: due.map(|due| due.0),
            })
        };
        Ok(rows.into_iter().filter_map(depth).collect())
    }

    async fn enqueued(&self) -> Vec<JobKind> {
        self.wakeup.wait().await
    }
}

/// The key of a job, and when it is due.
type DueRow = (String, Option<i64>);

/// The priority of a job, when it is due, and its key: what jobs are ordered by.
type RankedRow = (i32, Option<i64>, String);

impl Database {
    /// Makes jobs due that are claimed. Those of which an attempt failed keep their pauses: they have an error. Writes nothing
    /// if there are none.
    async fn end_leases(&self, now: Timestamp) -> Result<(), StoreError> {
        let last = plus_seconds(now, LEASE_SECONDS);
        let leased = jobs::table
            .filter(jobs::attempts.gt(0))
            .filter(jobs::last_error.is_null())
            .filter(jobs::due_at.gt(AsInt(now)))
            .filter(jobs::due_at.le(AsInt(last)));
        let keys: Vec<String> = read_all!(self, leased.select(jobs::job_key))?;
        if keys.is_empty() {
            return Ok(());
        }
        let ended = diesel::update(leased).set(jobs::due_at.eq(AsInt(now)));
        write!(self, |conn| { CachedStatement(ended).execute(conn).await.map(drop) })
    }

    /// Returns the job that a claim begins with.
    async fn first_due(
        &self,
        kind: JobKind,
        full_lanes: &[String],
        now: Timestamp,
    ) -> Result<Option<DueRow>, StoreError> {
        if !full_lanes.is_empty() {
            return self.first_in_open_lanes(kind, full_lanes, now).await;
        }
        // An index has the answer, whatever else waits.
        let first = jobs::table
            .filter(jobs::kind.eq(AsText(kind)))
            .filter(jobs::due_at.le(AsInt(now)))
            .order((jobs::priority, jobs::due_at, jobs::job_key))
            .select((jobs::job_key, jobs::due_at))
            .limit(1);
        read!(self, |conn| { CachedStatement(first).get_result(on(&mut conn)).await.optional() })
    }

    /// Returns the first job of a kind that waits in no lane, or in one that has a place. Jobs of other lanes are passed
    /// over lane by lane, however many there are.
    async fn first_in_open_lanes(
        &self,
        kind: JobKind,
        full_lanes: &[String],
        now: Timestamp,
    ) -> Result<Option<DueRow>, StoreError> {
        let mut first = self.first_in(kind, None, now).await?;
        let mut last = String::new();
        while let Some(lane) = self.lane_after(kind, last).await? {
            if !full_lanes.contains(&lane) {
                let other = self.first_in(kind, Some(lane.clone()), now).await?;
                first = first.into_iter().chain(other).min();
            }
            last = lane;
        }
        Ok(first.map(|(_, due_at, key)| (key, due_at)))
    }

    async fn first_in(
        &self,
        kind: JobKind,
        lane: Option<String>,
        now: Timestamp,
    ) -> Result<Option<RankedRow>, StoreError> {
        let due = jobs::table
            .filter(jobs::kind.eq(AsText(kind)))
            .filter(jobs::due_at.le(AsInt(now)))
            // With the lane, or PostgreSQL would sort the jobs without one.
            .order((jobs::lane, jobs::priority, jobs::due_at, jobs::job_key))
            .select((jobs::priority, jobs::due_at, jobs::job_key))
            .limit(1);
        if let Some(lane) = lane {
            let first = due.filter(jobs::lane.eq(lane));
            read!(self, |conn| {
                CachedStatement(first).get_result(on(&mut conn)).await.optional()
            })
        } else {
            let first = due.filter(jobs::lane.is_null());
            read!(self, |conn| {
                CachedStatement(first).get_result(on(&mut conn)).await.optional()
            })
        }
    }

    /// Returns the next lane that jobs of a kind wait in.
    async fn lane_after(&self, kind: JobKind, lane: String) -> Result<Option<String>, StoreError> {
        let next = jobs::table
            .filter(jobs::kind.eq(AsText(kind)))
            .filter(jobs::lane.gt(lane))
            .filter(jobs::due_at.is_not_null())
            .order(jobs::lane)
            .select(jobs::lane.assume_not_null())
            .limit(1);
        read!(self, |conn| { CachedStatement(next).get_result(on(&mut conn)).await.optional() })
    }
}
