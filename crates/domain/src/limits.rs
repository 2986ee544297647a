//! Limits on how often something may be asked for, shared by all replicas.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::store_error::StoreError;

/// How often something may be asked for by one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Names the kind of limit, so that two limits on one subject do not share a row.
    pub name: &'static str,
    /// How requests are counted.
    pub rule: LimitRule,
}

/// How requests are counted. Times are in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitRule {
    /// `burst` requests at once, and one more for every `refill` that passes.
    Bucket {
        /// Requests that may come at once; at least 1.
        burst: i64,
        /// Microseconds that win one request back.
        refill: i64,
    },
    /// `most` requests in a window that starts with the first of them.
    Window {
        /// Requests in one window; at least 1.
        most: i64,
        /// Length of the window.
        length: i64,
    },
}

impl Limit {
    /// `burst` at once, then `per_minute` a minute.
    pub const fn per_minute(name: &'static str, burst: i64, per_minute: i64) -> Self {
        Self { name, rule: LimitRule::Bucket { burst, refill: 60_000_000 / per_minute } }
    }

    /// At most `most` in an hour.
    pub const fn per_hour(name: &'static str, most: i64) -> Self {
        Self { name, rule: LimitRule::Window { most, length: 3_600_000_000 } }
    }
}

/// Whether a request may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may, and it has been counted.
    Admitted,
    /// It may not, and it has not been counted.
    Limited {
        /// Whole seconds until it would be admitted, at least 1.
        retry_after_seconds: u64,
    },
}

/// Counts requests.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RateLimits: Send + Sync {
    /// Counts one request of `subject` if the limit has room for it. MUST be one conditional
    /// statement, so that parallel requests on several replicas never exceed the limit.
    async fn admit(
        &self,
        limit: Limit,
        subject: &str,
        now: Timestamp,
    ) -> Result<Admission, StoreError>;

    /// Forgets the subjects whose limit has its whole room again.
    async fn forget_idle(&self, now: Timestamp) -> Result<(), StoreError>;
}
