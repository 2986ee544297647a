//! How jobs are run.

/// How jobs of one kind are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How many jobs of the kind one runner works on at the same time.
    pub max_running: usize,
    /// After this many failed attempts the job is dead; `None` to try without end.
    pub max_attempts: Option<u32>,
    /// The longest pause between two attempts, in seconds.
    pub max_pause_seconds: i64,
    /// Seconds from the end of one run to the start of the next, for recurring work.
    pub every_seconds: Option<i64>,
}

pub(super) const HOUR: i64 = 3600;

/// One at a time, tried without end, at least every hour.
pub(super) const USUAL: Policy =
    Policy { max_running: 1, max_attempts: None, max_pause_seconds: HOUR, every_seconds: None };

/// The last attempt comes about a day after the first.
pub(super) const MAIL: Policy =
    Policy { max_running: 4, max_attempts: Some(14), max_pause_seconds: 4 * HOUR, ..USUAL };

/// So many that accounts whose calls to the provider hang leave room for others.
pub(super) const CALL: Policy = Policy { max_running: 32, ..USUAL };
