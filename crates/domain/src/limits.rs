//! Rate limits that all replicas share.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{clock::DAY_SECONDS, store_error::StoreError};

/// A limit on the number of requests of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The kind of limit, which keeps limits on the same subject apart.
    pub name: &'static str,
    /// How requests are counted.
    pub rule: LimitRule,
}

/// How requests are counted. Times are in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitRule {
    /// Allows `burst` requests at once, and one more for every `refill` that passes.
    Bucket {
        /// The number of requests allowed at once; at least 1.
        burst: i64,
        /// The time until one more request is allowed, in microseconds.
        refill: i64,
    },
    /// Allows `most` requests in a window that starts with the first of them.
    Window {
        /// The number of requests in one window; at least 1.
        most: i64,
        /// The length of the window in microseconds.
        length: i64,
    },
}

/// Allows one request in three seconds, such as a question to the payment provider about one order or account.
pub(crate) const ONCE_IN_A_WHILE: LimitRule = LimitRule::Bucket { burst: 1, refill: 3_000_000 };

impl Limit {
    /// Creates a limit of `burst` requests at once, then `per_minute` requests per minute.
    pub const fn per_minute(name: &'static str, burst: i64, per_minute: i64) -> Self {
        Self { name, rule: LimitRule::Bucket { burst, refill: 60_000_000 / per_minute } }
    }

    /// Creates a limit of `most` requests per hour.
    pub const fn per_hour(name: &'static str, most: i64) -> Self {
        Self { name, rule: LimitRule::Window { most, length: 3_600_000_000 } }
    }

    /// Creates a limit of `most` requests in 24 hours.
    pub(crate) const fn per_day(name: &'static str, most: i64) -> Self {
        Self { name, rule: LimitRule::Window { most, length: DAY_SECONDS * 1_000_000 } }
    }
}

/// The result of counting a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The request is within the limit and was counted.
    Admitted,
    /// The request exceeds the limit and was not counted.
    Limited {
        /// The whole seconds until the request would be admitted, at least 1.
        retry_after_seconds: u64,
    },
}

impl Admission {
    /// Returns the error of a request that exceeds its limit, which is made of the seconds until it would be admitted.
    pub(crate) fn or_else<E>(self, limited: impl FnOnce(u64) -> E) -> Result<(), E> {
        match self {
            Self::Admitted => Ok(()),
            Self::Limited { retry_after_seconds } => Err(limited(retry_after_seconds)),
        }
    }
}

/// Counts requests against limits.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RateLimits: Send + Sync {
    /// Counts one request against each limit on the subject beside it, in this order, until it exceeds one. No limit is
    /// there twice with the same subject. Counting against a limit MUST be one conditional statement, so that parallel
    /// requests on several replicas never exceed it.
    async fn admit_all(
        &self,
        limits: Vec<(Limit, String)>,
        now: Timestamp,
    ) -> Result<Admission, StoreError>;

    /// Counts one request of `subject` if it is within the limit.
    async fn admit(
        &self,
        limit: Limit,
        subject: &str,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        self.admit_all(vec![(limit, subject.to_owned())], now).await
    }

    /// Deletes about `most` counters of subjects that have their full limit available again, and returns whether some may
    /// be left.
    async fn forget_idle(&self, now: Timestamp, most: u32) -> Result<bool, StoreError>;
}
