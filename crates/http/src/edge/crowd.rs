//! Refuses requests while more come than can be answered.
//!
//! The more requests are being answered, the longer each of them takes. So only so many are let in at once, and a few more
//! while a burst begins. The others wait outside for a moment: a short burst is over by then, and those that are refused
//! after it cannot ask again at once, which would take the processors from those that were let in. The newest goes in
//! first, since who waits longest will be refused in any case. Each web worker counts its own requests.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Duration,
};

use actix_web::rt::time::timeout;
use tokio::sync::oneshot;
use tollgate_domain::{Timestamp, clock::Clock};

/// The number of requests that are answered at once while a crowd lasts, however slowly.
const ENOUGH: usize = 96;
/// Beyond that as many are answered at once as would be within this time, in microseconds, by how many were just now.
const SOON: i64 = 25_000;
/// How long answers are counted for that, in microseconds.
const WINDOW: i64 = 100_000;
/// The number below which a crowd has gone.
const FEW: usize = ENOUGH / 2;
/// The number of requests that a burst may have beyond that, until the crowd has gone.
const BURST: usize = 64;
/// How long a request waits outside at most.
const MAX_WAIT: Duration = Duration::from_millis(40);
/// A request that takes longer than this, in microseconds, waits for something else than its turn: a payment
/// provider, or a slow body. It does not count any more.
const YOUNG: i64 = 500_000;

thread_local! {
    static HERE: RefCell<Crowd> = RefCell::default();
}

/// A request that is being answered, until this is dropped. Then another one that waits may come in.
#[derive(Debug)]
pub(super) struct Place(Rc<Begun>);

#[derive(Debug)]
struct Begun {
    at: i64,
    counts: Cell<bool>,
}

/// Lets a request in at `now`, unless too many are being answered.
pub(super) fn enter(now: Timestamp) -> Option<Place> {
    HERE.with_borrow_mut(|crowd| crowd.enter(now.as_microsecond())).map(Place)
}

/// Waits until a request can be let in. Returns `None` if it cannot.
pub(super) async fn wait(clock: &dyn Clock) -> Option<Place> {
    let (sender, place) = oneshot::channel();
    let now = clock.now().as_microsecond();
    HERE.with_borrow_mut(|crowd| crowd.wait(Outside { since: now, place: sender }));
    timeout(MAX_WAIT, place).await.ok()?.ok()
}

impl Drop for Place {
    fn drop(&mut self) {
        let next = HERE.with_borrow_mut(|crowd| crowd.leave(&self.0));
        if let Some((outside, begun)) = next {
            // If it waits no more, its place is dropped here and goes to another one.
            let _ = outside.place.send(Self(begun));
        }
    }
}

/// The requests of a web worker.
#[derive(Debug, Default)]
struct Crowd {
    /// Those that were let in, in the order in which they began.
    begun: VecDeque<Rc<Begun>>,
    /// The number of these that count.
    counted: usize,
    /// How many were let in beyond what is enough since the last crowd has gone.
    beyond: usize,
    /// Those that wait, the newest last.
    outside: VecDeque<Outside>,
    /// When answers began to be counted, and how many there were.
    since: i64,
    answered: usize,
    /// How many may be answered at once, if that is more than enough.
    capacity: usize,
}

/// A request that waits.
#[derive(Debug)]
struct Outside {
    /// When it came, in microseconds.
    since: i64,
    place: oneshot::Sender<Place>,
}

impl Crowd {
    fn enter(&mut self, now: i64) -> Option<Rc<Begun>> {
        while let Some(first) = self.begun.front().cloned() {
            if first.counts.get() && now.saturating_sub(first.at) < YOUNG {
                break;
            }
            self.forget(&first);
            self.begun.pop_front();
        }
        self.measure(now);
        if self.counted < FEW {
            self.beyond = 0;
        } else if self.counted >= self.most() {
            if self.beyond >= BURST {
                return None;
            }
            self.beyond += 1;
        }
        Some(self.begin(now))
    }

    fn begin(&mut self, now: i64) -> Rc<Begun> {
        let begun = Rc::new(Begun { at: now, counts: Cell::new(true) });
        self.begun.push_back(begun.clone());
        self.counted += 1;
        begun
    }

    fn wait(&mut self, outside: Outside) {
        while self.outside.front().is_some_and(|first| first.place.is_closed()) {
            self.outside.pop_front();
        }
        self.outside.push_back(outside);
    }

    /// Ends a request. Returns the one that comes in for it.
    fn leave(&mut self, begun: &Begun) -> Option<(Outside, Rc<Begun>)> {
        self.answered += usize::from(self.forget(begun));
        if self.counted >= self.most() {
            return None;
        }
        let next = loop {
            let next = self.outside.pop_back()?;
            if !next.place.is_closed() {
                break next;
            }
        };
        let begun = self.begin(next.since);
        Some((next, begun))
    }

    /// Does not count a request any more, and returns whether it counted until now.
    fn forget(&mut self, begun: &Begun) -> bool {
        let counted = begun.counts.replace(false);
        self.counted = self.counted.saturating_sub(usize::from(counted));
        counted
    }

    fn most(&self) -> usize {
        self.capacity.max(ENOUGH)
    }

    fn measure(&mut self, now: i64) {
        let length = now.saturating_sub(self.since);
        if length >= WINDOW {
            let answered = i64::try_from(self.answered).unwrap_or(i64::MAX);
            let soon = answered.saturating_mul(SOON).checked_div(length).unwrap_or_default();
            self.capacity = usize::try_from(soon).unwrap_or_default();
            (self.since, self.answered) = (now, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(crowd: &mut Crowd, now: i64) -> Vec<Rc<Begun>> {
        std::iter::from_fn(|| crowd.enter(now)).take(10_000).collect()
    }

    #[test]
    fn burst_is_let_in_and_a_lasting_crowd_is_not() {
        let mut crowd = Crowd::default();
        let mut inside = fill(&mut crowd, 0);
        assert_eq!(inside.len(), ENOUGH + BURST);
        // While it lasts, one comes for each that goes, once there are no more than enough.
        for begun in inside.drain(ENOUGH..) {
            assert!(crowd.leave(&begun).is_none());
        }
        assert!(crowd.enter(1).is_none());
        crowd.leave(&inside.pop().unwrap());
        inside.push(crowd.enter(2).unwrap());
        assert!(crowd.enter(2).is_none());
        // When it has gone, there is room for another burst.
        for begun in inside.drain(FEW - 1..) {
            crowd.leave(&begun);
        }
        assert_eq!(fill(&mut crowd, 3).len(), ENOUGH + BURST - (FEW - 1));
    }

    #[test]
    fn request_that_waits_for_something_else_does_not_count() {
        let mut crowd = Crowd::default();
        let slow = fill(&mut crowd, 0);
        assert!(crowd.enter(YOUNG - 1).is_none());
        assert_eq!(fill(&mut crowd, YOUNG).len(), ENOUGH + BURST);
        for begun in slow {
            crowd.leave(&begun);
        }
        assert!(crowd.enter(YOUNG).is_none());
        assert_eq!(crowd.begun.len(), ENOUGH + BURST);
    }

    #[test]
    fn more_are_let_in_the_faster_they_are_answered() {
        let mut crowd = Crowd::default();
        for now in 0..1_000 {
            let begun = crowd.enter(now * 100).unwrap();
            crowd.leave(&begun);
        }
        // A thousand in a tenth of a second are 250 in a fortieth.
        let inside = fill(&mut crowd, WINDOW);
        assert_eq!(inside.len(), 250 + BURST);
        // From now on none is answered.
        assert!(crowd.enter(WINDOW + YOUNG - 1).is_none());
        assert_eq!(fill(&mut crowd, WINDOW + 2 * YOUNG).len(), ENOUGH + BURST);
    }

    #[test]
    fn newest_that_waits_comes_in_first_and_one_that_has_gone_is_passed_over() {
        let now = Timestamp::UNIX_EPOCH;
        let mut inside: Vec<_> = std::iter::from_fn(|| enter(now)).take(10_000).collect();
        assert_eq!(inside.len(), ENOUGH + BURST);
        inside.truncate(ENOUGH);
        let mut outside: Vec<_> = (0..3)
            .map(|since| {
                let (place, waiting) = oneshot::channel();
                HERE.with_borrow_mut(|crowd| crowd.wait(Outside { since, place }));
                waiting
            })
            .collect();
        drop(outside.pop());
        drop(inside.pop());
        let first = outside.pop().unwrap().blocking_recv().unwrap();
        assert_eq!(first.0.at, 1);
        assert!(enter(now).is_none(), "it has the place of the one that left");
        drop(first);
        assert_eq!(outside.pop().unwrap().blocking_recv().unwrap().0.at, 0);
        drop(inside);
        assert!(enter(now).is_some());
    }

    #[test]
    fn place_of_one_that_gave_up_while_it_came_in_goes_on() {
        let now = Timestamp::UNIX_EPOCH;
        let mut inside: Vec<_> = std::iter::from_fn(|| enter(now)).take(10_000).collect();
        inside.truncate(ENOUGH);
        let wait = || {
            let (place, waiting) = oneshot::channel();
            HERE.with_borrow_mut(|crowd| crowd.wait(Outside { since: 0, place }));
            waiting
        };
        let (mut patient, impatient) = (wait(), wait());
        drop(inside.pop());
        assert!(patient.try_recv().is_err());
        drop(impatient);
        assert!(patient.try_recv().is_ok());
    }
}
