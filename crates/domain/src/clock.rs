//! The clock, which is the only source of time.

use jiff::Timestamp;

/// A day, in seconds.
pub const DAY_SECONDS: i64 = 24 * 3600;

/// Returns the current time.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Returns the current instant. MUST be in whole microseconds, which is the precision of the stores.
    fn now(&self) -> Timestamp;
}

/// Truncates an instant to whole microseconds.
pub fn whole_micros(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

/// Returns `instant` moved by `seconds`. Saturates at the limits of [`Timestamp`].
pub fn plus_seconds(instant: Timestamp, seconds: i64) -> Timestamp {
    instant.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(instant)
}

/// Returns the instant one microsecond after `instant`, the smallest difference that a store preserves.
pub fn just_after(instant: Timestamp) -> Timestamp {
    instant.saturating_add(jiff::SignedDuration::from_micros(1)).unwrap_or(instant)
}
