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

impl Policy {
    /// Returns the longest pause after so many failed attempts, in seconds: 5 after the first, then twice as long each
    /// time.
    pub(super) fn pause_seconds(&self, attempts: u32) -> i64 {
        let doublings = attempts.saturating_sub(1).min(12);
        (5_i64 << doublings).min(self.max_pause_seconds)
    }

    /// Returns after how many attempts a job is dead that cannot be read; `None` to leave it to a version that can, for however
    /// long that takes. What failed before for another reason leaves as many attempts as others have.
    pub(super) fn max_unreadable_attempts(&self) -> Option<u32> {
        self.max_attempts.map(|most| most.saturating_mul(2))
    }
}

/// The policy of most kinds: one at a time, tried without end, at least every hour.
pub(super) const USUAL: Policy =
    Policy { max_running: 1, max_attempts: None, max_pause_seconds: HOUR, every_seconds: None };

/// The policy of mails. The last attempt comes about a day after the first: the pauses add up to at most 26 hours.
pub(super) const MAIL: Policy =
    Policy { max_running: 4, max_attempts: Some(18), max_pause_seconds: 4 * HOUR, ..USUAL };

/// The policy of calls to the provider. Many run at once, so that there is room for others beside accounts whose calls hang.
pub(super) const CALL: Policy = Policy { max_running: 32, ..USUAL };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_tried_for_about_a_day() {
        let attempts = MAIL.max_attempts.unwrap();
        let waited: i64 = (1..attempts).map(|failed| MAIL.pause_seconds(failed)).sum();
        assert!((24 * HOUR..28 * HOUR).contains(&waited), "{waited}");
    }
}
