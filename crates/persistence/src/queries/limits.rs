//! Rate limits: one row for each subject, changed by one conditional upsert.
//!
//! A bucket is stored as the instant at which it will be full again (the generic cell rate algorithm),
//! a window as its start and the number of requests in it. Counts need not outlive a power loss, so nobody waits
//! until they are durable.

use diesel::{dsl::case_when, query_dsl::methods::FilterDsl};
use tollgate_domain::limits::{Admission, Limit, LimitRule, RateLimits};

use super::prelude::*;
use crate::schema::rate_limits;

#[async_trait]
impl RateLimits for Database {
    async fn admit_all(
        &self,
        limits: Vec<(Limit, String)>,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        let now = now.as_microsecond();
        write_relaxed!(self, |conn| {
            for (limit, subject) in limits {
                let subject = format!("{}:{subject}", limit.name);
                let free_at = match limit.rule {
                    LimitRule::Bucket { burst, refill } => {
                        bucket(&mut conn, subject, burst, refill, now).await?
                    }
                    LimitRule::Window { most, length } => {
                        window(&mut conn, subject, most, length, now).await?
                    }
                };
                if let Some(free_at) = free_at {
                    let micros = free_at.saturating_sub(now).max(1).unsigned_abs();
                    let retry_after_seconds = micros.div_ceil(1_000_000);
                    return Ok(Admission::Limited { retry_after_seconds });
                }
            }
            Ok(Admission::Admitted)
        })
    }

    async fn forget_idle(&self, now: Timestamp) -> Result<(), StoreError> {
        let now = now.as_microsecond();
        write!(self, |conn| {
            let idle = FilterDsl::filter(rate_limits::table, rate_limits::idle_at.le(now));
            diesel::delete(idle).execute(conn).await.map(drop)
        })
    }
}

/// Returns `None` if the request is admitted, or the instant from which it would be.
async fn bucket(
    conn: &mut ReadConn<'_>,
    subject: String,
    burst: i64,
    refill: i64,
    now: i64,
) -> QueryResult<Option<i64>> {
    let first = (
        rate_limits::subject.eq(subject.clone()),
        rate_limits::at.eq(now + refill),
        rate_limits::used.eq(0),
        rate_limits::idle_at.eq(now + refill),
    );
    let full_at = case_when(rate_limits::at.gt(now), rate_limits::at).otherwise(now);
    let has_room = rate_limits::at.le(now + (burst - 1) * refill);
    let upsert = diesel::insert_into(rate_limits::table)
        .values(first)
        .on_conflict(rate_limits::subject)
        .do_update()
        .set((rate_limits::at.eq(full_at + refill), rate_limits::idle_at.eq(full_at + refill)));
    let upsert = FilterDsl::filter(upsert, has_room);
    if CachedStatement(upsert).execute(on(conn)).await? == 1 {
        return Ok(None);
    }
    let full_at = rate_limits::table.find(subject).select(rate_limits::at);
    // The row may have become idle, and been deleted, since.
    let full_at: Option<i64> = full_at.first(on(conn)).await.optional()?;
    Ok(Some(full_at.map_or(now, |full_at| full_at - (burst - 1) * refill)))
}

/// Returns `None` if the request is admitted, or the instant from which it would be.
async fn window(
    conn: &mut ReadConn<'_>,
    subject: String,
    most: i64,
    length: i64,
    now: i64,
) -> QueryResult<Option<i64>> {
    let first = (
        rate_limits::subject.eq(subject.clone()),
        rate_limits::at.eq(now),
        rate_limits::used.eq(1),
        rate_limits::idle_at.eq(now + length),
    );
    let is_running = || rate_limits::at.gt(now - length);
    let start = case_when(is_running(), rate_limits::at).otherwise(now);
    let used = case_when(is_running(), rate_limits::used + 1).otherwise(1);
    let idle_at = case_when(is_running(), rate_limits::idle_at).otherwise(now + length);
    let upsert = diesel::insert_into(rate_limits::table)
        .values(first)
        .on_conflict(rate_limits::subject)
        .do_update()
        .set((
            rate_limits::at.eq(start),
            rate_limits::used.eq(used),
            rate_limits::idle_at.eq(idle_at),
        ));
    let has_room = rate_limits::used.lt(most).or(rate_limits::at.le(now - length));
    let upsert = FilterDsl::filter(upsert, has_room);
    if CachedStatement(upsert).execute(on(conn)).await? == 1 {
        return Ok(None);
    }
    let start = rate_limits::table.find(subject).select(rate_limits::at);
    let start: Option<i64> = start.first(on(conn)).await.optional()?;
    Ok(Some(start.map_or(now, |start| start + length)))
}
