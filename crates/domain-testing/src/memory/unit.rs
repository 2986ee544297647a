//! A unit of work in memory: a copy of everything that takes the place of the original at commit.

use async_lock::MutexGuardArc;
use async_trait::async_trait;

use super::{MemoryStore, state::State};
use crate::locked;
use tollgate_domain::{repositories, store::UnitOfWork, store_error::StoreError};

pub(super) struct MemoryUnit {
    store: MemoryStore,
    state: State,
    /// Whether a job was enqueued, so that runners are woken at commit.
    pub(super) enqueued: bool,
    /// Whether a statement failed, so that nothing can be stored any more.
    failed: bool,
    /// Given back when the unit is dropped.
    _turn: MutexGuardArc<()>,
}

impl MemoryUnit {
    pub(super) fn new(store: MemoryStore, state: State, turn: MutexGuardArc<()>) -> Self {
        Self { store, state, enqueued: false, failed: false, _turn: turn }
    }

    /// Returns the unit's own copy, unless the store fails just now.
    pub(super) async fn state(&mut self) -> Result<&mut State, StoreError> {
        self.store.inner.faults.pass().await?;
        Ok(&mut self.state)
    }

    /// A row contradicts another.
    pub(super) fn conflict<T>(&mut self) -> Result<T, StoreError> {
        self.failed = true;
        Err(StoreError::Conflict)
    }
}

macro_rules! memory_unit {
    ($($(#[$doc:meta])* $name:ident: $port:path, $mock:path;)*) => {
        #[async_trait]
        impl UnitOfWork for MemoryUnit {
            $(fn $name(&mut self) -> &mut dyn $port {
                self
            })*

            async fn commit(self: Box<Self>) -> Result<(), StoreError> {
                let inner = &self.store.inner;
                inner.faults.pass().await?;
                if self.failed {
                    return Err(StoreError::Conflict);
                }
                *locked(&inner.committed) = self.state.clone();
                if self.enqueued {
                    inner.enqueued.notify();
                }
                inner.faults.answer()
            }
        }
    };
}

repositories!(memory_unit);
