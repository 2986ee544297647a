//! Questions of probes to the database. Probes are answered however many requests there are, so they must not make more
//! work the more of them come.

use std::{
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
};

use async_lock::Mutex;
use tollgate_domain::{jobs::ports::KindDepth, store_error::StoreError};

/// What probes ask the database.
#[derive(Debug, Default)]
pub(crate) struct Probes {
    pub(super) ready: SharedAnswer<Result<(), StoreError>>,
    pub(super) depths: SharedAnswer<Result<Vec<KindDepth>, StoreError>>,
}

/// The answer to a question that is asked once at a time. Those who come meanwhile share the next answer, so that none is older
/// than the request that gets it.
#[derive(Debug)]
pub(super) struct SharedAnswer<T> {
    /// The number of the last question that was begun.
    begun: AtomicU64,
    /// The last answer, and the number of its question.
    last: Mutex<Option<(u64, T)>>,
}

impl<T> Default for SharedAnswer<T> {
    fn default() -> Self {
        Self { begun: AtomicU64::new(0), last: Mutex::new(None) }
    }
}

impl<T: Clone> SharedAnswer<T> {
    /// Returns the answer to a question that begins now or later; `ask` asks it, unless somebody else did.
    pub(super) async fn get(&self, ask: impl Future<Output = T>) -> T {
        let before = self.begun.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        if let Some((number, answer)) = &*last
            && *number > before
        {
            return answer.clone();
        }
        let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
        let answer = ask.await;
        *last = Some((number, answer.clone()));
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

    use super::*;

    #[actix_web::test]
    async fn probes_that_wait_share_one_answer() {
        let (answers, asked) = (SharedAnswer::default(), AtomicU64::new(0));
        let (release, held) = oneshot::channel::<()>();
        let mut first = pin!(answers.get(async {
            held.await.unwrap();
            1
        }));
        assert!(first.as_mut().now_or_never().is_none());
        let ask = || async {
            asked.fetch_add(1, Ordering::Relaxed);
            2
        };
        let mut waiting = pin!(join_all((0..20).map(|_| answers.get(ask()))));
        assert!(waiting.as_mut().now_or_never().is_none());
        release.send(()).unwrap();
        assert_eq!(first.await, 1);
        // The answer of the first may be from before they came.
        assert_eq!(waiting.await, [2; 20]);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_eq!(answers.get(ready(3)).await, 3, "no answer is older than its request");
    }
}
