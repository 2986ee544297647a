//! How much time is left, as people are told.

use tollgate_domain::Timestamp;

use super::Texts;

/// The time until an instant in a unit that fits it, rounded up: right after a week has begun, seven days are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeLeft {
    Days(i64),
    Hours(i64),
    Minutes(i64),
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl TimeLeft {
    /// Returns the time from `now` until `end`; none if that has passed.
    pub(crate) fn until(now: Timestamp, end: Timestamp) -> Self {
        let micros = end.as_microsecond().saturating_sub(now.as_microsecond()).max(0);
        let seconds = rounded_up(micros, 1_000_000);
        if seconds > DAY {
            Self::Days(rounded_up(seconds, DAY))
        } else if seconds > HOUR {
            Self::Hours(rounded_up(seconds, HOUR))
        } else {
            Self::Minutes(rounded_up(seconds, MINUTE))
        }
    }
}

impl Texts {
    /// Returns how long to wait, in words.
    pub(crate) fn duration(self, seconds: u64) -> String {
        if seconds <= 90 {
            self.count("sign-in-seconds", seconds)
        } else if seconds <= 2 * 3_600 {
            self.count("sign-in-minutes", seconds.div_ceil(60))
        } else {
            self.count("sign-in-hours", seconds.div_ceil(3_600))
        }
    }
}

fn rounded_up(number: i64, unit: i64) -> i64 {
    number.saturating_add(unit - 1) / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_rounded_up() {
        for (seconds, expected) in [
            (7 * DAY, TimeLeft::Days(7)),
            (7 * DAY - 3, TimeLeft::Days(7)),
            (6 * DAY + 1, TimeLeft::Days(7)),
            (DAY + 1, TimeLeft::Days(2)),
            (DAY, TimeLeft::Hours(24)),
            (HOUR + 1, TimeLeft::Hours(2)),
            (HOUR, TimeLeft::Minutes(60)),
            (1, TimeLeft::Minutes(1)),
            (0, TimeLeft::Minutes(0)),
            (-5, TimeLeft::Minutes(0)),
        ] {
            let now = Timestamp::from_second(1_000_000).unwrap();
            let end = Timestamp::from_second(1_000_000 + seconds).unwrap();
            assert_eq!(TimeLeft::until(now, end), expected, "{seconds}");
        }
    }
}
