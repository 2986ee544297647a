//! The clock of a replica.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tollgate_domain::clock::Clock;
use tollgate_domain_testing::ManualClock;

/// Differs from the common clock by a constant.
#[derive(Debug)]
pub(crate) struct SkewedClock {
    common: Arc<ManualClock>,
    skew: SignedDuration,
}

impl SkewedClock {
    pub(crate) fn new(common: Arc<ManualClock>, skew_millis: i64) -> Self {
        Self { common, skew: SignedDuration::from_millis(skew_millis) }
    }
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        let now = self.common.now();
        now.saturating_add(self.skew).unwrap_or(now)
    }
}
