//! A replica's way to the store, with a gate before and after each begin and commit.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tollgate_domain::{
    idempotency::{IdempotencyKeys, KeyClaim, KeyClaimOutcome, StoredResponse},
    jobs::{
        ClaimedJob, JobKind,
        ports::{JobClaims, KindDepth},
    },
    limits::{Admission, Limit, RateLimits},
    repositories,
    store::{Store, Stores, UnitOfWork},
    store_error::StoreError,
};

use super::gates::{CommitFault, Gates, ReplicaId, Turn};

/// Returns the ports of one replica over common stores. Only units of work and claims have gates.
pub(crate) fn gated(stores: &Stores, gates: &Arc<Gates>, replica: ReplicaId) -> Stores {
    let gate = || Gate { gates: gates.clone(), replica };
    Stores {
        store: Arc::new(GatedStore { inner: stores.store.clone(), gate: gate() }),
        jobs: Arc::new(GatedClaims { inner: stores.jobs.clone(), gate: gate() }),
        idempotency: Arc::new(GatedKeys { inner: stores.idempotency.clone(), gate: gate() }),
        limits: Arc::new(GatedLimits { inner: stores.limits.clone(), gate: gate() }),
        ..stores.clone()
    }
}

struct Gate {
    gates: Arc<Gates>,
    replica: ReplicaId,
}

impl Gate {
    async fn pass(&self) {
        self.gates.pass(self.replica).await;
    }

    fn connected(&self) -> Result<(), StoreError> {
        self.gates.connected(self.replica)
    }
}

struct GatedStore {
    inner: Arc<dyn Store>,
    gate: Gate,
}

struct GatedUnit {
    inner: Box<dyn UnitOfWork>,
    gate: Gate,
    turn: Turn,
}

struct GatedClaims {
    inner: Arc<dyn JobClaims>,
    gate: Gate,
}

/// Counts take their turn among the units of work, which SQLite's writer would wait for.
struct GatedLimits {
    inner: Arc<dyn RateLimits>,
    gate: Gate,
}

#[async_trait]
impl RateLimits for GatedLimits {
    async fn admit_all(
        &self,
        limits: Vec<(Limit, String)>,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        self.gate.connected()?;
        let _turn = self.gate.gates.turn().await;
        self.inner.admit_all(limits, now).await
    }

    async fn forget_idle(&self, now: Timestamp, most: u32) -> Result<bool, StoreError> {
        self.gate.connected()?;
        let _turn = self.gate.gates.turn().await;
        self.inner.forget_idle(now, most).await
    }
}

/// Idempotency keys take their turn as well.
struct GatedKeys {
    inner: Arc<dyn IdempotencyKeys>,
    gate: Gate,
}

#[async_trait]
impl IdempotencyKeys for GatedKeys {
    async fn claim<'a>(
        &self,
        claim: KeyClaim<'a>,
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<KeyClaimOutcome, StoreError> {
        let _turn = self.gate.gates.turn().await;
        self.inner.claim(claim, fingerprint, now).await
    }

    async fn renew<'a>(&self, claim: KeyClaim<'a>, now: Timestamp) -> Result<(), StoreError> {
        let _turn = self.gate.gates.turn().await;
        self.inner.renew(claim, now).await
    }

    async fn store<'a>(
        &self,
        claim: KeyClaim<'a>,
        response: &StoredResponse,
    ) -> Result<(), StoreError> {
        let _turn = self.gate.gates.turn().await;
        self.inner.store(claim, response).await
    }

    async fn release<'a>(&self, claim: KeyClaim<'a>) -> Result<(), StoreError> {
        let _turn = self.gate.gates.turn().await;
        self.inner.release(claim).await
    }

    async fn forget_before(&self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        self.gate.connected()?;
        let _turn = self.gate.gates.turn().await;
        self.inner.forget_before(instant, most).await
    }
}

#[async_trait]
impl Store for GatedStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.gate.pass().await;
        self.gate.connected()?;
        let turn = self.gate.gates.turn().await;
        let inner = self.inner.begin().await?;
        let gate = Gate { gates: self.gate.gates.clone(), replica: self.gate.replica };
        let unit = GatedUnit { inner, gate, turn };
        unit.gate.pass().await;
        Ok(Box::new(unit))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.inner.ready().await
    }
}

macro_rules! gated_unit {
    ($($(#[$doc:meta])* $name:ident: $port:path, $mock:path;)*) => {
        #[async_trait]
        impl UnitOfWork for GatedUnit {
            $(fn $name(&mut self) -> &mut dyn $port {
                self.inner.$name()
            })*

            async fn commit(self: Box<Self>) -> Result<(), StoreError> {
                let Self { inner, gate, turn } = *self;
                gate.pass().await;
                gate.connected()?;
                let outcome = match gate.gates.commit_fault(gate.replica) {
                    None => inner.commit().await,
                    Some(CommitFault::Fails) => {
                        drop(inner);
                        Err(StoreError::Unavailable("the commit failed".into()))
                    }
                    Some(CommitFault::LosesAnswer) => inner.commit().await.and_then(|()| {
                        Err(StoreError::Unavailable("the answer to the commit was lost".into()))
                    }),
                };
                drop(turn);
                gate.pass().await;
                outcome
            }
        }
    };
}

repositories!(gated_unit);

#[async_trait]
impl JobClaims for GatedClaims {
    async fn claim(
        &self,
        kind: JobKind,
        full_lanes: &[String],
        now: Timestamp,
    ) -> Result<Option<ClaimedJob>, StoreError> {
        self.gate.connected()?;
        let turn = self.gate.gates.turn().await;
        let claimed = self.inner.claim(kind, full_lanes, now).await;
        drop(turn);
        // A claim that finds no job stores nothing.
        if claimed != Ok(None) {
            self.gate.pass().await;
        }
        claimed
    }

    async fn renew(
        &self,
        claimed: &ClaimedJob,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let _turn = self.gate.gates.turn().await;
        self.inner.renew(claimed, now).await
    }

    async fn depth(&self) -> Result<Vec<KindDepth>, StoreError> {
        self.inner.depth().await
    }

    async fn enqueued(&self) -> Vec<JobKind> {
        self.inner.enqueued().await
    }
}
