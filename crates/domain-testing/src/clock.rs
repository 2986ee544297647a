//! A clock that stands still until it is told otherwise.

use std::sync::{
    Mutex,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};

use super::locked;
use tollgate_domain::clock::{Clock, whole_micros};

/// 2026-01-01T00:00:00Z in microseconds.
const START: i64 = 1_767_225_600_000_000;

/// Returns the instant at which tests begin: 2026-01-01T00:00:00Z.
pub fn start_of_time() -> Timestamp {
    Timestamp::from_microsecond(START).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Returns the instant `seconds` after [`start_of_time`].
pub fn at(seconds: i64) -> Timestamp {
    tollgate_domain::clock::plus_seconds(start_of_time(), seconds)
}

/// Tells the time that it was set to.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
    /// The number of microseconds by which each reading of the clock moves it on.
    tick: AtomicI64,
}

impl ManualClock {
    /// Creates a clock at [`start_of_time`].
    pub fn new() -> Self {
        Self::at(start_of_time())
    }

    /// Creates a clock at `instant`.
    pub fn at(instant: Timestamp) -> Self {
        Self { now: Mutex::new(whole_micros(instant)), tick: AtomicI64::new(0) }
    }

    /// Sets the clock.
    pub fn set(&self, instant: Timestamp) {
        *locked(&self.now) = whole_micros(instant);
    }

    /// Has the clock go from now on, as a real one does: each look at it is later than the one before.
    pub fn run(&self) {
        self.tick.store(1, Ordering::Relaxed);
    }

    /// Moves the clock on.
    pub fn advance_seconds(&self, seconds: i64) {
        self.advance(SignedDuration::from_secs(seconds));
    }

    /// Moves the clock on, or back if `by` is negative.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = locked(&self.now);
        *now = whole_micros(now.saturating_add(by).unwrap_or(*now));
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let tick = SignedDuration::from_micros(self.tick.load(Ordering::Relaxed));
        let mut now = locked(&self.now);
        *now = now.saturating_add(tick).unwrap_or(*now);
        *now
    }
}
