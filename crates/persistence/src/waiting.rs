//! How many wait for the database, and when further requests are refused.
//!
//! The more wait, the longer each of them does. A burst is let in: it is over soon. While more come than can be answered,
//! those beyond [`ENOUGH`] are refused at once, so that the others are answered about as fast as ever. Whoever was let in
//! to make a change is not refused at a later step, and neither is work that belongs to no request, such as jobs.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use metrics::{counter, gauge};
use tollgate_domain::store_error::StoreError;

const WAITING: &str = "tollgate_units_of_work_waiting";
const REFUSED: &str = "tollgate_overload_refusals_total";

/// The number of those that may wait all the time.
const ENOUGH: usize = 160;
/// The number below which a crowd has gone.
const FEW: usize = ENOUGH / 2;
/// The number of those that may wait for a moment.
const MOST: usize = 768;
/// The longest moment.
const BURST: Duration = Duration::from_millis(100);

tokio::task_local! {
    /// Set while a request is handled: whether it was let in already.
    static IS_LET_IN: Cell<bool>;
}

/// Handles a request, which a store of this crate refuses when too many are waiting for it:
/// [`StoreError::Overloaded`].
pub async fn as_request<F: Future>(handling: F) -> F::Output {
    IS_LET_IN.scope(Cell::new(false), handling).await
}

/// Handles a request that is never refused.
pub(crate) async fn never_refused<F: Future>(handling: F) -> F::Output {
    IS_LET_IN.scope(Cell::new(true), handling).await
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// The turn of a change. Its request is let in for good.
    Changes,
    /// The answer to a question.
    Answers,
}

/// Those that wait for the same part of the database.
#[derive(Debug)]
pub(crate) struct Lane {
    waits_for: For,
    waiting: AtomicUsize,
    /// Since when too many have been waiting, in microseconds after `start`; 0 if they are not.
    crowded_since: AtomicU64,
    start: Instant,
}

impl Lane {
    pub(crate) fn for_changes() -> Arc<Self> {
        Self::new(For::Changes)
    }

    pub(crate) fn for_answers() -> Arc<Self> {
        Self::new(For::Answers)
    }

    fn new(waits_for: For) -> Arc<Self> {
        let (waiting, crowded_since) = (AtomicUsize::new(0), AtomicU64::new(0));
        Arc::new(Self { waits_for, waiting, crowded_since, start: Instant::now() })
    }

    /// Begins to wait, unless too many do.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Waiting, StoreError> {
        let others = self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting::new(self.clone());
        let has_room = self.has_room(others, || self.start.elapsed());
        // Without a request there is nobody to refuse.
        let is_let_in = IS_LET_IN.try_with(Cell::get).unwrap_or(true);
        if !has_room && !is_let_in {
            counter!(REFUSED).increment(1);
            return Err(StoreError::Overloaded);
        }
        if self.waits_for == For::Changes {
            let _ = IS_LET_IN.try_with(|it| it.set(true));
        }
        Ok(waiting)
    }

    /// Returns whether one more may wait beside the others.
    fn has_room(&self, others: usize, now: impl Fn() -> Duration) -> bool {
        if others < ENOUGH {
            if others < FEW && self.crowded_since.load(Ordering::Relaxed) != 0 {
                self.crowded_since.store(0, Ordering::Relaxed);
            }
            return true;
        }
        let now = u64::try_from(now().as_micros()).unwrap_or(u64::MAX).max(1);
        let first = self.crowded_since.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        let since = first.err().unwrap_or(now);
        others < MOST && Duration::from_micros(now.saturating_sub(since)) < BURST
    }
}

/// Somebody who waits, until this is dropped.
#[derive(Debug)]
pub(crate) struct Waiting(Arc<Lane>);

impl Waiting {
    fn new(lane: Arc<Lane>) -> Self {
        if lane.waits_for == For::Changes {
            gauge!(WAITING).increment(1);
        }
        Self(lane)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        if self.0.waits_for == For::Changes {
            gauge!(WAITING).decrement(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> impl Fn() -> Duration {
        move || Duration::from_millis(millis)
    }

    #[test]
    fn burst_is_let_in_and_a_lasting_crowd_is_not() {
        let lane = Lane::for_changes();
        assert!(lane.has_room(MOST - 1, at(1_000)));
        assert!(lane.has_room(ENOUGH, at(1_099)));
        assert!(!lane.has_room(ENOUGH, at(1_100)));
        assert!(!lane.has_room(MOST, at(1_100)));
        assert!(lane.has_room(ENOUGH - 1, at(1_100)));
        // While there are always about as many as may wait, the crowd has not gone.
        assert!(lane.has_room(FEW, at(2_000)));
        assert!(!lane.has_room(ENOUGH, at(2_000)));
        assert!(lane.has_room(FEW - 1, at(3_000)));
        assert!(lane.has_room(ENOUGH, at(3_000)));
        assert!(!lane.has_room(MOST, at(3_000)));
    }

    fn crowd(lane: &Arc<Lane>) -> Vec<Waiting> {
        (0..MOST).map(|_| lane.enter().unwrap()).collect()
    }

    #[tokio::test]
    async fn only_requests_are_refused() {
        let lane = Lane::for_answers();
        let crowd = crowd(&lane);
        assert_eq!(as_request(async { lane.enter().map(drop) }).await, Err(StoreError::Overloaded));
        assert_eq!(never_refused(async { lane.enter().map(drop) }).await, Ok(()));
        assert_eq!(lane.enter().map(drop), Ok(()));
        drop(crowd);
        assert_eq!(as_request(async { lane.enter().map(drop) }).await, Ok(()));
    }

    #[tokio::test]
    async fn request_that_was_let_in_for_a_change_is_not_refused_later() {
        let (calm, busy) = (Lane::for_changes(), Lane::for_answers());
        let _crowd = crowd(&busy);
        let outcome = as_request(async {
            calm.enter()?;
            busy.enter()
        });
        assert!(outcome.await.is_ok());
        let (calm, busy) = (Lane::for_answers(), Lane::for_changes());
        let _crowd = crowd(&busy);
        let outcome = as_request(async {
            calm.enter()?;
            busy.enter()
        });
        assert_eq!(outcome.await.map(drop), Err(StoreError::Overloaded));
    }
}
