//! Questions of probes to the database. Probes are answered however many requests there are, so they must not make more
//! work the more of them come.

use std::{
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
};

use async_lock::Mutex;
use tollgate_domain::{
    Timestamp,
    clock::{Clock, plus_seconds},
    jobs::ports::KindDepth,
    store_error::StoreError,
};

/// How long the numbers of jobs are kept, in seconds: all jobs are counted for them.
const KEEP_DEPTHS: i64 = 1;

/// What probes ask the database.
#[derive(Debug)]
pub(crate) struct Probes {
    pub(crate) ready: SharedAnswer<Result<(), StoreError>>,
    pub(crate) depths: SharedAnswer<Result<Vec<KindDepth>, StoreError>>,
}

impl Probes {
    pub(crate) fn new() -> Self {
        Self { ready: SharedAnswer::kept_for(0), depths: SharedAnswer::kept_for(KEEP_DEPTHS) }
    }
}

/// The answer to a question that is asked once at a time. Requests that come in the meantime share the next answer. Unless
/// it is kept for longer, none is older than the request that gets it.
#[derive(Debug)]
pub(crate) struct SharedAnswer<T> {
    /// How long an answer is kept, in seconds.
    kept_for: i64,
    /// The number of the last question that was begun.
    begun: AtomicU64,
    last: Mutex<Option<Answered<T>>>,
}

/// An answer, with the number of its question and when that was begun.
#[derive(Debug)]
struct Answered<T> {
    number: u64,
    at: Timestamp,
    answer: T,
}

impl<T: Clone> SharedAnswer<T> {
    fn kept_for(seconds: i64) -> Self {
        Self { kept_for: seconds, begun: AtomicU64::new(0), last: Mutex::new(None) }
    }

    /// Returns an answer that is kept, or the one to a question that begins now or later; `ask` asks it, unless somebody else
    /// did.
    pub(crate) async fn get(&self, clock: &dyn Clock, ask: impl Future<Output = T>) -> T {
        let before = self.begun.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        let at = clock.now();
        let is_kept = |last: &&Answered<T>| {
            last.number > before || (last.at..plus_seconds(last.at, self.kept_for)).contains(&at)
        };
        if let Some(last) = last.as_ref().filter(is_kept) {
            return last.answer.clone();
        }
        let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
        let answer = ask.await;
        *last = Some(Answered { number, at, answer: answer.clone() });
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::{
        FutureExt,
        future::{join_all, ready},
    };
    use tokio::sync::oneshot;
    use tollgate_domain_testing::ManualClock;

    use super::*;

    #[actix_web::test]
    async fn probes_that_wait_share_one_answer() {
        let (answers, asked) = (SharedAnswer::kept_for(0), AtomicU64::new(0));
        let clock = ManualClock::new();
        let (release, held) = oneshot::channel::<()>();
        let mut first = pin!(answers.get(&clock, async {
            held.await.unwrap();
            1
        }));
        assert!(first.as_mut().now_or_never().is_none());
        let ask = || async {
            asked.fetch_add(1, Ordering::Relaxed);
            2
        };
        let mut waiting = pin!(join_all((0..20).map(|_| answers.get(&clock, ask()))));
        assert!(waiting.as_mut().now_or_never().is_none());
        release.send(()).unwrap();
        assert_eq!(first.await, 1);
        // The answer of the first may be from before they came.
        assert_eq!(waiting.await, [2; 20]);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        let third = answers.get(&clock, ready(3)).await;
        assert_eq!(third, 3, "no answer is older than its request");
    }

    #[actix_web::test]
    async fn answer_is_kept_for_its_time_and_no_longer() {
        let (answers, clock) = (SharedAnswer::kept_for(1), ManualClock::new());
        assert_eq!(answers.get(&clock, ready(1)).await, 1);
        assert_eq!(answers.get(&clock, ready(2)).await, 1);
        clock.advance_seconds(1);
        assert_eq!(answers.get(&clock, ready(3)).await, 3);
        clock.advance_seconds(-5);
        assert_eq!(answers.get(&clock, ready(4)).await, 4, "the clock was put back");
    }
}
