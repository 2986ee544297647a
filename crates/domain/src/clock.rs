//! The only source of time.

use jiff::Timestamp;

/// Tells the time.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The current instant. MUST be in whole microseconds, since that is what the stores keep.
    fn now(&self) -> Timestamp;
}

/// Cuts an instant down to whole microseconds.
pub fn whole_micros(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

/// `instant` moved by `seconds`; saturates at the ends of what a [`Timestamp`] can hold.
pub fn plus_seconds(instant: Timestamp, seconds: i64) -> Timestamp {
    instant.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(instant)
}

/// Returns the instant one microsecond after `instant`: the earliest that a store tells apart from it.
pub fn just_after(instant: Timestamp) -> Timestamp {
    instant.saturating_add(jiff::SignedDuration::from_micros(1)).unwrap_or(instant)
}
