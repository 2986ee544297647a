//! Rate limits. Counts need not outlive a power loss, so requests do not wait until they are durable.

use tollgate_domain::limits::{Admission, Limit, RateLimits};

use super::{
    super::{count_all, forget_idle},
    prelude::*,
};
use crate::{count::Count, schema::rate_limits};

#[async_trait]
impl RateLimits for Database {
    async fn admit_all(
        &self,
        limits: Vec<(Limit, String)>,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        let now = now.as_microsecond();
        let counts: Vec<_> =
            limits.iter().map(|(limit, subject)| Count::new(*limit, subject, now)).collect();
        write_relaxed!(self, |conn| {
            let admitted = count_all(on(&mut conn), counts.clone()).await?;
            let Some(exceeded) = counts.get(admitted) else { return Ok(Admission::Admitted) };
            let stored = rate_limits::table.find(exceeded.subject()).select(rate_limits::at);
            // The row may have become idle, and been deleted, since.
            let stored: Option<i64> = stored.first(on(&mut conn)).await.optional()?;
            let free_at = stored.map_or(now, |stored| exceeded.free_at(stored));
            let micros = free_at.saturating_sub(now).max(1).unsigned_abs();
            Ok(Admission::Limited { retry_after_seconds: micros.div_ceil(1_000_000) })
        })
    }

    async fn forget_idle(&self, now: Timestamp, most: u32) -> Result<bool, StoreError> {
        let (now, most) = (now.as_microsecond(), i64::from(most));
        let forgotten = write!(self, |conn| { forget_idle(conn, now, most).await })?;
        Ok(i64::try_from(forgotten).is_ok_and(|forgotten| forgotten >= most))
    }
}
