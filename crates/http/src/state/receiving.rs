//! The time that a body may take. A client that sends a byte a second would hold a connection for days.

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use actix_web::{HttpRequest, rt::time::timeout};
use futures_util::task::AtomicWaker;

use crate::problem::{Code, Problem};

/// The longest time that a client may take to send the next part, and for a body of no length.
const PATIENCE: Duration = Duration::from_secs(10);
/// The bytes that a client has to send in each further second, on average.
const BYTES_PER_SECOND: u64 = 16 * 1024;
/// The most bytes that the bodies which are being received have in memory together.
const MAX_KEPT: u64 = 64 << 20;

/// The bodies that are being received. If there are too many, the oldest of the slow ones ends, so that slow clients leave
/// room for others; if none is slow, the oldest of all. If they take too much memory, the largest ends in the same way.
#[derive(Debug, Clone)]
pub(crate) struct Receiving(Arc<State>);

#[derive(Debug)]
struct State {
    max: usize,
    max_kept: u64,
    bodies: Mutex<Bodies>,
}

#[derive(Debug, Default)]
struct Bodies {
    next: u64,
    by_age: BTreeMap<u64, Arc<Body>>,
    /// What these have in memory, in bytes.
    kept: u64,
}

#[derive(Debug)]
struct Body {
    started: Instant,
    received: AtomicU64,
    /// How much of it is in memory. It changes while the bodies are locked.
    kept: AtomicU64,
    is_ended: AtomicBool,
    waker: AtomicWaker,
}

impl Receiving {
    pub(crate) fn new(max: usize) -> Self {
        Self::with(max, MAX_KEPT)
    }

    pub(crate) fn with(max: usize, max_kept: u64) -> Self {
        Self(Arc::new(State { max: max.max(1), max_kept, bodies: Mutex::default() }))
    }

    /// Returns those of the server that takes a request.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        req.app_data::<Self>().cloned().unwrap_or_else(|| Self::new(usize::MAX))
    }

    fn lock(&self) -> MutexGuard<'_, Bodies> {
        self.0.bodies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a body begins, and ends another one if there are too many.
    pub(crate) fn begin(&self) -> Pace {
        let body = Arc::new(Body {
            started: Instant::now(),
            received: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            is_ended: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        });
        let mut bodies = self.lock();
        if bodies.by_age.len() >= self.0.max {
            bodies.end_oldest();
        }
        let number = bodies.next;
        bodies.next += 1;
        bodies.by_age.insert(number, body.clone());
        drop(bodies);
        Pace { all: self.clone(), number, body }
    }
}

impl Bodies {
    /// Ends the oldest of the slow ones, or the oldest of all.
    fn end_oldest(&mut self) {
        let slow = self.by_age.iter().find(|(_, body)| body.is_slow());
        let oldest = slow.or_else(|| self.by_age.iter().next()).map(|(number, _)| *number);
        self.end(oldest);
    }

    /// Ends the one of the slow ones that has the most in memory, or of all. Returns `false` if none has anything.
    fn end_largest(&mut self) -> bool {
        let with_size = self.by_age.iter().rev().map(|(number, body)| (*number, body.size(), body));
        let largest = with_size
            .filter(|(_, size, _)| *size > 0)
            .max_by_key(|(_, size, body)| (body.is_slow(), *size))
            .map(|(number, _, _)| number);
        self.end(largest)
    }

    /// Returns whether there was one to end.
    fn end(&mut self, number: Option<u64>) -> bool {
        let Some(body) = number.and_then(|number| self.remove(number)) else { return false };
        body.is_ended.store(true, Ordering::Release);
        body.waker.wake();
        true
    }

    fn remove(&mut self, number: u64) -> Option<Arc<Body>> {
        let body = self.by_age.remove(&number)?;
        self.kept = self.kept.saturating_sub(body.size());
        Some(body)
    }
}

impl Body {
    fn size(&self) -> u64 {
        self.kept.load(Ordering::Relaxed)
    }

    fn is_slow(&self) -> bool {
        let seconds = self.started.elapsed().as_secs() + 1;
        self.received.load(Ordering::Relaxed) / seconds < BYTES_PER_SECOND
    }
}

/// The limits of a body that is being received.
#[derive(Debug)]
pub(crate) struct Pace {
    all: Receiving,
    number: u64,
    body: Arc<Body>,
}

impl Pace {
    /// Waits for the next part within the limits.
    pub(crate) async fn next<T>(&self, part: impl Future<Output = T>) -> Result<T, Problem> {
        let Body { started, received, is_ended, waker, .. } = &*self.body;
        let received = received.load(Ordering::Relaxed);
        let allowed = PATIENCE + Duration::from_secs(received / BYTES_PER_SECOND);
        let left = allowed.saturating_sub(started.elapsed()).min(PATIENCE);
        let mut part = pin!(timeout(left, part));
        let part = poll_fn(|context| {
            waker.register(context.waker());
            if is_ended.load(Ordering::Acquire) {
                return Poll::Ready(None);
            }
            part.as_mut().poll(context).map(Some)
        });
        match part.await {
            Some(Ok(part)) => Ok(part),
            Some(Err(_)) => {
                Err(Problem::because(Code::BadRequest, "The body did not arrive in time."))
            }
            None => Err(Problem::because(
                Code::Unavailable,
                "Too many slow bodies are being received; please send it again.",
            )
            .again_in(1)),
        }
    }

    /// Notes that this many bytes have arrived.
    pub(crate) fn received(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.body.received.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Notes that this many bytes have arrived and stay in memory. Ends bodies, this one perhaps, if all together have too much.
    pub(crate) fn kept(&self, bytes: usize) {
        self.received(bytes);
        self.keeps(bytes);
    }

    /// Notes that this many of the bytes that have arrived stay in memory, like [`kept`](Self::kept).
    pub(crate) fn keeps(&self, bytes: usize) {
        let mut bodies = self.all.lock();
        if !bodies.by_age.contains_key(&self.number) {
            return;
        }
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.body.kept.fetch_add(bytes, Ordering::Relaxed);
        bodies.kept = bodies.kept.saturating_add(bytes);
        while bodies.kept > self.all.0.max_kept && bodies.end_largest() {}
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        self.all.lock().remove(self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[actix_web::test]
    async fn oldest_of_the_slow_bodies_ends_when_there_are_too_many() {
        let receiving = Receiving::new(2);
        let fast = receiving.begin();
        fast.received(1 << 20);
        let slow = receiving.begin();
        let new = receiving.begin();
        let refused = slow.next(pending::<()>()).await.unwrap_err();
        assert_eq!((refused.code(), refused.retry_after()), (Code::Unavailable, Some(1)));
        assert_eq!(fast.next(ready(1)).await.unwrap(), 1);
        assert_eq!(new.next(ready(2)).await.unwrap(), 2);
        // If none is slow, one still ends.
        new.received(1 << 20);
        let newest = receiving.begin();
        assert_eq!(fast.next(pending::<()>()).await.unwrap_err().code(), Code::Unavailable);
        assert_eq!(newest.next(ready(3)).await.unwrap(), 3);
        drop((fast, slow, new, newest));
        assert!(receiving.lock().by_age.is_empty());
    }

    #[actix_web::test]
    async fn bodies_in_memory_are_bounded_in_sum() {
        let receiving = Receiving::with(10, 100);
        let (streamed, old, new) = (receiving.begin(), receiving.begin(), receiving.begin());
        old.kept(60);
        new.kept(40);
        assert_eq!(old.next(ready(1)).await.unwrap(), 1);
        new.kept(1);
        let refused = old.next(pending::<()>()).await.unwrap_err();
        assert_eq!((refused.code(), refused.retry_after()), (Code::Unavailable, Some(1)));
        assert_eq!(new.next(ready(2)).await.unwrap(), 2);
        assert_eq!(streamed.next(ready(3)).await.unwrap(), 3, "nothing of it is in memory");
        // What has ended is on its way out of memory.
        old.kept(1_000);
        assert_eq!(receiving.lock().kept, 41);
        drop((streamed, old, new));
        assert_eq!(receiving.lock().kept, 0);
    }

    #[actix_web::test]
    async fn body_that_drips_is_late_although_each_part_is_in_time() {
        let pace = Receiving::new(1).begin();
        let long_ago = Instant::now().checked_sub(PATIENCE).unwrap();
        let body = Body {
            started: long_ago,
            received: AtomicU64::new(10),
            kept: AtomicU64::new(0),
            is_ended: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        };
        let pace = Pace { all: pace.all.clone(), number: 7, body: Arc::new(body) };
        let refused = pace.next(pending::<()>()).await.unwrap_err();
        assert_eq!(refused.code(), Code::BadRequest);
        // With as many bytes as are wanted in each second it may go on.
        pace.received(usize::try_from(BYTES_PER_SECOND * 5).unwrap());
        assert_eq!(pace.next(ready(1)).await.unwrap(), 1);
    }
}
