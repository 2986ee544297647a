//! Spreading the reads of an account over time.
//!
//! A sweep reads lists one page after the other, and would ask as fast as Stripe answers. Stripe limits the requests of an
//! account, and a buyer's request is refused as well once the limit is reached.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// When the next read of each account may begin.
#[derive(Debug)]
pub(crate) struct Pace {
    /// The time between two reads of an account; `None` if they are not spread.
    interval: Option<Duration>,
    next: Mutex<HashMap<String, Instant>>,
}

impl Pace {
    pub(crate) fn new(reads_per_second: Option<u32>) -> Self {
        let interval = reads_per_second.map(|reads| Duration::from_secs(1) / reads.max(1));
        Self { interval, next: Mutex::default() }
    }

    /// Takes the next place among the reads of an account, and returns how long it is until then; `None`, and no place is
    /// taken, if that is longer than `most`.
    pub(crate) fn take(&self, account: &str, now: Instant, most: Duration) -> Option<Duration> {
        let Some(interval) = self.interval else { return Some(Duration::ZERO) };
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.retain(|_, at| *at > now);
        let at = next.get(account).copied().unwrap_or(now);
        let wait = at.saturating_duration_since(now);
        if wait > most {
            return None;
        }
        next.insert(account.to_owned(), at + interval);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn reads_of_an_account_are_spread_and_those_of_others_are_not_held_up() {
        let (pace, now) = (Pace::new(Some(10)), Instant::now());
        let waits = |account| [(); 3].map(|()| pace.take(account, now, LONG).unwrap().as_millis());
        assert_eq!(waits("acct_1"), [0, 100, 200]);
        assert_eq!(waits("acct_2"), [0, 100, 200]);
        let later = now + Duration::from_millis(250);
        assert_eq!(pace.take("acct_1", later, LONG), Some(Duration::from_millis(50)));
        let idle = now + Duration::from_secs(1);
        assert_eq!(pace.take("acct_1", idle, LONG), Some(Duration::ZERO));
        assert_eq!(pace.next.lock().unwrap().len(), 1, "idle accounts are forgotten");
    }

    #[test]
    fn who_would_wait_too_long_takes_no_place() {
        let (pace, now) = (Pace::new(Some(1)), Instant::now());
        let take = |most| pace.take("acct_1", now, Duration::from_secs(most));
        assert_eq!(take(1), Some(Duration::ZERO));
        assert_eq!(take(1), Some(Duration::from_secs(1)));
        assert_eq!((take(1), take(1)), (None, None));
        assert_eq!(take(2), Some(Duration::from_secs(2)));
    }

    #[test]
    fn reads_without_a_limit_are_not_spread() {
        let (pace, now) = (Pace::new(None), Instant::now());
        for _ in 0..1_000 {
            assert_eq!(pace.take("acct_1", now, Duration::ZERO), Some(Duration::ZERO));
        }
    }
}
