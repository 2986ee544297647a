//! How the store in memory wakes runners. Other stores may wake them more often.

#![expect(clippy::unwrap_used, reason = "a helper of tests")]

use std::{future::Future, pin::pin, task::Poll};

use tollgate_domain::{
    jobs::ports::{JobClaims, JobQueue},
    store::Store,
};
use tollgate_domain_testing::{MemoryStore, a_job, at};

/// Whether it is done already.
async fn is_done<T: Send>(future: std::pin::Pin<&mut (impl Future<Output = T> + Send)>) -> bool {
    matches!(futures_util::poll!(future), Poll::Ready(_))
}

async fn enqueue(jobs: &mut dyn JobQueue) {
    jobs.enqueue(&a_job(at(1))).await.unwrap();
}

#[pollster::test]
async fn only_a_commit_with_a_new_job_wakes_a_runner() {
    let store = MemoryStore::new();
    let mut woken = pin!(store.enqueued());
    assert!(!is_done(woken.as_mut()).await);

    let mut dropped = store.begin().await.unwrap();
    enqueue(dropped.jobs()).await;
    drop(dropped);
    assert!(!is_done(woken.as_mut()).await, "it was rolled back");

    store.begin().await.unwrap().commit().await.unwrap();
    assert!(!is_done(woken.as_mut()).await, "nothing was enqueued");

    let mut unit = store.begin().await.unwrap();
    enqueue(unit.jobs()).await;
    assert!(!is_done(woken.as_mut()).await, "it is not committed yet");
    unit.commit().await.unwrap();
    assert!(is_done(woken).await);
    assert!(!is_done(pin!(store.enqueued())).await, "it was told");
}

#[pollster::test]
async fn every_runner_that_waits_is_woken() {
    let store = MemoryStore::new();
    let (mut one, mut other) = (pin!(store.enqueued()), pin!(store.enqueued()));
    assert!(!is_done(one.as_mut()).await && !is_done(other.as_mut()).await);
    let mut unit = store.begin().await.unwrap();
    enqueue(unit.jobs()).await;
    unit.commit().await.unwrap();
    assert!(is_done(one).await && is_done(other).await);
}
