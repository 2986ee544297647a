//! Load shedding: refuses requests while more come than can be answered.
//!
//! The more requests are being answered, the longer each of them takes. So only so many are admitted at once, and a few
//! more while a burst begins. The others wait for a slot for a moment: a short burst is over by then, and those that are
//! refused after it cannot ask again at once, which would take the processors from those that were admitted. The newest
//! waiting request is admitted first, since the one that has waited longest will be refused in any case. Each web worker
//! counts its own requests.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Duration,
};

use actix_web::rt::time::timeout;
use tokio::sync::oneshot;
use tollgate_domain::{Timestamp, clock::Clock};

/// The number of requests that are answered at once under overload, however slowly.
const MIN_CONCURRENCY: usize = 96;
/// The limit rises to as many requests as are answered within this time, in microseconds, at the rate of just now.
const LATENCY_TARGET: i64 = 25_000;
/// The time over which that rate is measured, in microseconds.
const WINDOW: i64 = 100_000;
/// The number of requests above the limit that a burst may have.
const BURST: usize = 64;
/// The number of running requests below which the next burst may begin.
const CALM: usize = MIN_CONCURRENCY / 2;
/// How long a request waits for a slot at most.
const MAX_WAIT: Duration = Duration::from_millis(40);
/// A request that runs longer than this, in microseconds, waits for something other than the processor: a payment
/// provider, or a slow body. It is not counted any more.
const MAX_COUNTED_AGE: i64 = 500_000;

thread_local! {
    static ADMISSION: RefCell<Admission> = RefCell::default();
}

/// The right to be answered, until this is dropped. Then the slot goes to a waiting request.
#[derive(Debug)]
pub(super) struct Slot(Rc<Running>);

#[derive(Debug)]
struct Running {
    since: i64,
    is_counted: Cell<bool>,
}

/// Admits a request that came at `now`, unless too many are being answered.
pub(super) fn admit(now: Timestamp) -> Option<Slot> {
    ADMISSION.with_borrow_mut(|admission| admission.admit(now.as_microsecond())).map(Slot)
}

/// Waits for a slot. Returns `None` if there is none in time.
pub(super) async fn wait(clock: &dyn Clock) -> Option<Slot> {
    let (sender, slot) = oneshot::channel();
    let waiting = Waiting { since: clock.now().as_microsecond(), slot: sender };
    ADMISSION.with_borrow_mut(|admission| admission.wait(waiting));
    timeout(MAX_WAIT, slot).await.ok()?.ok()
}

impl Drop for Slot {
    fn drop(&mut self) {
        let next = ADMISSION.with_borrow_mut(|admission| admission.finish(&self.0));
        if let Some((waiting, running)) = next {
            // If it no longer waits, its slot is dropped here and goes to another one.
            let _ = waiting.slot.send(Self(running));
        }
    }
}

/// The requests of a web worker.
#[derive(Debug, Default)]
struct Admission {
    /// Those that were admitted, in the order in which they began.
    running: VecDeque<Rc<Running>>,
    /// The number of these that are counted.
    counted: usize,
    /// How many were admitted above the limit since the last time of calm.
    in_burst: usize,
    /// Those that wait, the newest last.
    waiting: VecDeque<Waiting>,
    /// When the window for measuring the rate began, and how many were answered in it.
    window_start: i64,
    answered: usize,
    /// How many are answered within the latency target.
    capacity: usize,
}

#[derive(Debug)]
struct Waiting {
    /// When it came, in microseconds.
    since: i64,
    slot: oneshot::Sender<Slot>,
}

impl Admission {
    fn admit(&mut self, now: i64) -> Option<Rc<Running>> {
        while let Some(first) = self.running.front().cloned() {
            if first.is_counted.get() && now.saturating_sub(first.since) < MAX_COUNTED_AGE {
                break;
            }
            self.stop_counting(&first);
            self.running.pop_front();
        }
        self.measure(now);
        if self.counted < CALM {
            self.in_burst = 0;
        } else if self.counted >= self.limit() {
            if self.in_burst >= BURST {
                return None;
            }
            self.in_burst += 1;
        }
        Some(self.start(now))
    }

    fn start(&mut self, now: i64) -> Rc<Running> {
        let running = Rc::new(Running { since: now, is_counted: Cell::new(true) });
        self.running.push_back(running.clone());
        self.counted += 1;
        running
    }

    fn wait(&mut self, waiting: Waiting) {
        while self.waiting.front().is_some_and(|first| first.slot.is_closed()) {
            self.waiting.pop_front();
        }
        self.waiting.push_back(waiting);
    }

    /// Ends a request. Returns the one that gets its slot.
    fn finish(&mut self, running: &Running) -> Option<(Waiting, Rc<Running>)> {
        self.answered += usize::from(self.stop_counting(running));
        if self.counted >= self.limit() {
            return None;
        }
        let next = loop {
            let next = self.waiting.pop_back()?;
            if !next.slot.is_closed() {
                break next;
            }
        };
        let running = self.start(next.since);
        Some((next, running))
    }

    /// Returns whether the request was counted until now.
    fn stop_counting(&mut self, running: &Running) -> bool {
        let was_counted = running.is_counted.replace(false);
        self.counted = self.counted.saturating_sub(usize::from(was_counted));
        was_counted
    }

    fn limit(&self) -> usize {
        self.capacity.max(MIN_CONCURRENCY)
    }

    fn measure(&mut self, now: i64) {
        let length = now.saturating_sub(self.window_start);
        if length >= WINDOW {
            let answered = i64::try_from(self.answered).unwrap_or(i64::MAX);
            let in_time = answered.saturating_mul(LATENCY_TARGET).checked_div(length);
            self.capacity = usize::try_from(in_time.unwrap_or_default()).unwrap_or_default();
            (self.window_start, self.answered) = (now, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(admission: &mut Admission, now: i64) -> Vec<Rc<Running>> {
        std::iter::from_fn(|| admission.admit(now)).take(10_000).collect()
    }

    #[test]
    fn burst_is_admitted_and_lasting_overload_is_not() {
        let mut admission = Admission::default();
        let mut running = fill(&mut admission, 0);
        assert_eq!(running.len(), MIN_CONCURRENCY + BURST);
        // Under overload one is admitted for each that ends, once the burst is over.
        for request in running.drain(MIN_CONCURRENCY..) {
            assert!(admission.finish(&request).is_none());
        }
        assert!(admission.admit(1).is_none());
        admission.finish(&running.pop().unwrap());
        running.push(admission.admit(2).unwrap());
        assert!(admission.admit(2).is_none());
        // After a time of calm there is room for another burst.
        for request in running.drain(CALM - 1..) {
            admission.finish(&request);
        }
        assert_eq!(fill(&mut admission, 3).len(), MIN_CONCURRENCY + BURST - (CALM - 1));
    }

    #[test]
    fn request_that_waits_for_something_else_does_not_count() {
        let mut admission = Admission::default();
        let slow = fill(&mut admission, 0);
        assert!(admission.admit(MAX_COUNTED_AGE - 1).is_none());
        assert_eq!(fill(&mut admission, MAX_COUNTED_AGE).len(), MIN_CONCURRENCY + BURST);
        for request in slow {
            admission.finish(&request);
        }
        assert!(admission.admit(MAX_COUNTED_AGE).is_none());
        assert_eq!(admission.running.len(), MIN_CONCURRENCY + BURST);
    }

    #[test]
    fn more_are_admitted_the_faster_they_are_answered() {
        let mut admission = Admission::default();
        for now in 0..1_000 {
            let request = admission.admit(now * 100).unwrap();
            admission.finish(&request);
        }
        // A thousand in a tenth of a second are 250 in a fortieth.
        let running = fill(&mut admission, WINDOW);
        assert_eq!(running.len(), 250 + BURST);
        // From now on none is answered.
        assert!(admission.admit(WINDOW + MAX_COUNTED_AGE - 1).is_none());
        assert_eq!(
            fill(&mut admission, WINDOW + 2 * MAX_COUNTED_AGE).len(),
            MIN_CONCURRENCY + BURST
        );
    }

    #[test]
    fn newest_that_waits_is_admitted_first_and_one_that_has_gone_is_passed_over() {
        let now = Timestamp::UNIX_EPOCH;
        let mut running: Vec<_> = std::iter::from_fn(|| admit(now)).take(10_000).collect();
        assert_eq!(running.len(), MIN_CONCURRENCY + BURST);
        running.truncate(MIN_CONCURRENCY);
        let mut waiting_ones: Vec<_> = (0..3)
            .map(|since| {
                let (slot, waiting) = oneshot::channel();
                ADMISSION.with_borrow_mut(|admission| admission.wait(Waiting { since, slot }));
                waiting
            })
            .collect();
        drop(waiting_ones.pop());
        drop(running.pop());
        let first = waiting_ones.pop().unwrap().blocking_recv().unwrap();
        assert_eq!(first.0.since, 1);
        assert!(admit(now).is_none(), "it has the slot of the one that ended");
        drop(first);
        assert_eq!(waiting_ones.pop().unwrap().blocking_recv().unwrap().0.since, 0);
        drop(running);
        assert!(admit(now).is_some());
    }

    #[test]
    fn slot_of_one_that_gave_up_while_it_was_admitted_goes_on() {
        let now = Timestamp::UNIX_EPOCH;
        let mut running: Vec<_> = std::iter::from_fn(|| admit(now)).take(10_000).collect();
        running.truncate(MIN_CONCURRENCY);
        let wait = || {
            let (slot, waiting) = oneshot::channel();
            ADMISSION.with_borrow_mut(|admission| admission.wait(Waiting { since: 0, slot }));
            waiting
        };
        let (mut patient, impatient) = (wait(), wait());
        drop(running.pop());
        assert!(patient.try_recv().is_err());
        drop(impatient);
        assert!(patient.try_recv().is_ok());
    }
}
