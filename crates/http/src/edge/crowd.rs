//! Refuses requests while more come than can be answered.
//!
//! The more requests are being answered, the longer each of them takes. A burst is let in: it is over soon. When a crowd
//! lasts, only as many are let in as are answered within [`MAX_WAIT`]; the others are refused before their handlers run,
//! which costs little. Each web worker counts its own requests.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

use tollgate_domain::Timestamp;

/// The number of requests that may be answered at once, however slowly.
const ENOUGH: usize = 96;
/// How long the requests that are let in may take, in microseconds, by how many were answered just now.
const MAX_WAIT: i64 = 150_000;
/// How long answers are counted for that, in microseconds.
const WINDOW: i64 = 100_000;
/// The number below which a crowd has gone.
const FEW: usize = ENOUGH / 2;
/// The number of requests that a burst may have beyond that, until the crowd has gone.
const BURST: usize = 400;
/// A request that takes longer than this, in microseconds, waits for something else than its turn: a payment
/// provider, or a slow body. It does not count any more.
const YOUNG: i64 = 500_000;

thread_local! {
    static HERE: RefCell<Crowd> = RefCell::default();
}

/// A request that is being answered, until this is dropped.
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

impl Drop for Place {
    fn drop(&mut self) {
        HERE.with_borrow_mut(|crowd| crowd.leave(&self.0));
    }
}

/// The requests of a web worker, in the order in which they began.
#[derive(Debug, Default)]
struct Crowd {
    begun: VecDeque<Rc<Begun>>,
    /// The number of those that count.
    counted: usize,
    /// How many were let in beyond what is enough since the last crowd has gone.
    beyond: usize,
    /// When answers began to be counted, and how many there were.
    since: i64,
    answered: usize,
    /// How many may be answered at once, if that is more than enough.
    capacity: usize,
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
        } else if self.counted >= self.capacity.max(ENOUGH) {
            if self.beyond >= BURST {
                return None;
            }
            self.beyond += 1;
        }
        let begun = Rc::new(Begun { at: now, counts: Cell::new(true) });
        self.begun.push_back(begun.clone());
        self.counted += 1;
        Some(begun)
    }

    fn leave(&mut self, begun: &Begun) {
        if self.forget(begun) {
            self.answered += 1;
        }
    }

    /// Does not count a request any more, and returns whether it counted until now.
    fn forget(&mut self, begun: &Begun) -> bool {
        let counted = begun.counts.replace(false);
        self.counted = self.counted.saturating_sub(usize::from(counted));
        counted
    }

    fn measure(&mut self, now: i64) {
        let length = now.saturating_sub(self.since);
        if length >= WINDOW {
            let answered = i64::try_from(self.answered).unwrap_or(i64::MAX);
            let within = answered.saturating_mul(MAX_WAIT).checked_div(length).unwrap_or_default();
            self.capacity = usize::try_from(within).unwrap_or_default();
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
            crowd.leave(&begun);
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
        // A thousand in a tenth of a second are 1,500 in the longest that they may take.
        let inside = fill(&mut crowd, WINDOW);
        assert_eq!(inside.len(), 1_500 + BURST);
        // From now on none is answered. Those that are stuck are not taken for answered ones.
        assert!(crowd.enter(WINDOW + YOUNG - 1).is_none());
        assert_eq!(fill(&mut crowd, WINDOW + YOUNG).len(), ENOUGH + BURST);
        assert_eq!(fill(&mut crowd, WINDOW + 2 * YOUNG).len(), ENOUGH + BURST);
    }

    #[test]
    fn place_is_free_again_when_its_request_is_answered() {
        let now = Timestamp::UNIX_EPOCH;
        let places: Vec<_> = std::iter::from_fn(|| enter(now)).take(10_000).collect();
        assert_eq!(places.len(), ENOUGH + BURST);
        drop(places);
        assert!(enter(now).is_some());
    }
}
