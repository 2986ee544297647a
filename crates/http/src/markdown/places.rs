//! How many texts are rendered at the same time, and how many wait for it.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_web::web;
use async_lock::Semaphore;
use tollgate_domain::id::CreatorId;

use crate::problem::{Code, Problem};

/// Bounds how much is rendered at the same time, and how much waits for it.
pub(super) struct Places {
    running: Semaphore,
    admitted: Semaphore,
}

impl Places {
    pub(super) fn new(at_once: usize, waiting: usize) -> Self {
        Self { running: Semaphore::new(at_once), admitted: Semaphore::new(at_once + waiting) }
    }

    pub(super) async fn run<T: Send + 'static>(
        &'static self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let admitted = self.admitted.try_acquire().ok_or_else(too_many)?;
        let running = self.running.acquire().await;
        let done = web::block(move || {
            // The task holds the places, because the request may be dropped before the task ends.
            let _places = (admitted, running);
            Ok::<_, Infallible>(work())
        })
        .await;
        let Ok(Ok(value)) = done else { return Err(Problem::new(Code::InternalError)) };
        Ok(value)
    }
}

/// Places that creators take one at a time, so that much work of one of them holds up another by one text at most.
pub(super) struct CreatorPlaces {
    places: Places,
    /// How much of one creator may run and wait.
    each: usize,
    queues: Mutex<HashMap<CreatorId, Queue>>,
}

/// The work of one creator. It is forgotten with the last of it.
struct Queue {
    turn: Arc<Semaphore>,
    length: usize,
}

impl CreatorPlaces {
    pub(super) fn new(places: Places, each: usize) -> Self {
        Self { places, each, queues: Mutex::default() }
    }

    pub(super) async fn run<T: Send + 'static>(
        &'static self,
        creator: CreatorId,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let queued = self.queue(creator)?;
        let turn = queued.turn.acquire_arc().await;
        self.places
            .run(move || {
                let _held = (turn, queued);
                work()
            })
            .await
    }

    fn queue(&'static self, creator: CreatorId) -> Result<Queued, Problem> {
        let mut queues = self.lock();
        let queue = queues
            .entry(creator)
            .or_insert_with(|| Queue { turn: Arc::new(Semaphore::new(1)), length: 0 });
        if queue.length >= self.each {
            return Err(too_many());
        }
        queue.length += 1;
        Ok(Queued { all: self, creator, turn: queue.turn.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CreatorId, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all places.
    #[cfg(test)]
    pub(super) fn fill(&'static self) -> Vec<async_lock::SemaphoreGuard<'static>> {
        std::iter::from_fn(|| self.places.admitted.try_acquire()).collect()
    }
}

/// Work in the queue of its creator, until this is dropped.
struct Queued {
    all: &'static CreatorPlaces,
    creator: CreatorId,
    turn: Arc<Semaphore>,
}

impl Drop for Queued {
    fn drop(&mut self) {
        let mut queues = self.all.lock();
        if let Some(queue) = queues.get_mut(&self.creator) {
            queue.length = queue.length.saturating_sub(1);
            if queue.length == 0 {
                queues.remove(&self.creator);
            }
        }
    }
}

fn too_many() -> Problem {
    Problem::new(Code::Unavailable).again_in(1)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;

    use super::*;

    fn places(at_once: usize, waiting: usize) -> &'static Places {
        Box::leak(Box::new(Places::new(at_once, waiting)))
    }

    fn creator(number: u8) -> CreatorId {
        format!("cre_{number:026}").parse().unwrap()
    }

    #[actix_web::test]
    async fn texts_are_rendered_in_turn() {
        let places = places(1, 1);
        let running = places.running.acquire().await;
        let mut waiting = pin!(places.run(|| "rendered"));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(running);
        assert_eq!(waiting.await.unwrap(), "rendered");
    }

    #[actix_web::test]
    async fn too_many_texts_are_refused() {
        let places = places(1, 1);
        let others = [places.admitted.acquire().await, places.admitted.acquire().await];
        let refused = places.run(|| "rendered").await.unwrap_err();
        assert_eq!((refused.code(), refused.retry_after()), (Code::Unavailable, Some(1)));
        drop(others);
        assert_eq!(places.run(|| "rendered").await.unwrap(), "rendered");
    }

    #[actix_web::test]
    async fn creator_with_many_texts_holds_up_no_other() {
        // One text is rendered, and one waits.
        let all: &'static CreatorPlaces =
            Box::leak(Box::new(CreatorPlaces::new(Places::new(1, 1), 3)));
        let running = all.places.running.acquire().await;
        let mut greedy = [1; 3].map(|number| Box::pin(all.run(creator(number), || "rendered")));
        for text in &mut greedy {
            assert!(text.as_mut().now_or_never().is_none());
        }
        let refused = all.run(creator(1), || "rendered").await.unwrap_err();
        assert_eq!((refused.code(), refused.retry_after()), (Code::Unavailable, Some(1)));
        let mut other = pin!(all.run(creator(2), || "rendered"));
        assert!(other.as_mut().now_or_never().is_none(), "it waits, and is not refused");
        // It waits for one text of the other creator, and not for three.
        drop(running);
        let [first, ..] = &mut greedy;
        assert_eq!(first.await.unwrap(), "rendered");
        assert_eq!(other.await.unwrap(), "rendered");
        drop(greedy);
        assert!(all.lock().is_empty());
    }
}
