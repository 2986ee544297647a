//! Renewals of claims whose answers are lost.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use tollgate_domain::{
    Timestamp,
    clock::Clock,
    id::RefundId,
    jobs::{
        ClaimedJob, Job, JobKind, NewJob, Outcome, Runner,
        ports::{JobClaims, KindDepth},
    },
    store::Runtime,
    store_error::StoreError,
};
use tollgate_domain_testing::{MemoryStore, TestApp};

use super::Idle;

/// Renews claims, or not, and loses the answers.
struct Unanswered {
    store: MemoryStore,
    /// Whether the first and the second renewal take place.
    take_place: [bool; 2],
    renewals: AtomicUsize,
}

#[async_trait]
impl JobClaims for Unanswered {
    async fn claim(
        &self,
        kind: JobKind,
        full_lanes: &[String],
        now: Timestamp,
    ) -> Result<Option<ClaimedJob>, StoreError> {
        self.store.claim(kind, full_lanes, now).await
    }

    async fn renew(
        &self,
        claimed: &ClaimedJob,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        if self.take_place[self.renewals.fetch_add(1, Ordering::Relaxed)] {
            self.store.renew(claimed, now).await?;
        }
        Err(StoreError::Unavailable("the answer was lost".into()))
    }

    async fn depth(&self) -> Result<Vec<KindDepth>, StoreError> {
        self.store.depth().await
    }

    async fn enqueued(&self) -> Vec<JobKind> {
        self.store.enqueued().await
    }
}

#[pollster::test]
async fn a_job_is_done_whether_or_not_its_renewal_took_place_that_was_not_answered() {
    for take_place in [[true, true], [true, false], [false, true], [false, false]] {
        let app = TestApp::new();
        let job = Job::ResumeRefund(RefundId::new(app.clock.now(), &*app.random));
        let mut unit = app.unit().await;
        unit.jobs().enqueue(&NewJob::new(job, app.clock.now())).await.unwrap();
        unit.commit().await.unwrap();
        let runtime = Runtime {
            store: Arc::new(app.store.clone()),
            clock: app.clock.clone(),
            random: app.random.clone(),
        };
        let claims =
            Unanswered { store: app.store.clone(), take_place, renewals: AtomicUsize::new(0) };
        let runner = Runner::new(runtime, Arc::new(claims), Arc::new(Idle));
        let claim = runner.claim().await.unwrap().unwrap();
        for _ in take_place {
            app.clock.advance_seconds(3);
            assert!(runner.renew(&claim).await.is_err());
        }
        let finish = runner.work(&claim).await;
        assert_eq!(runner.finish(claim, finish).await, Ok(Outcome::Done));
        assert!(app.store.jobs().is_empty(), "{take_place:?}");
    }
}
