//! Events that the payment provider's webhooks brought.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, state::EventRow, unit::MemoryUnit};
use tollgate_domain::{
    checkout::Applied,
    payments::ProviderEvent,
    reconcile::ports::{EventLog, EventReads},
    store_error::StoreError,
};

#[async_trait]
impl EventLog for MemoryUnit {
    async fn insert(&mut self, event: &ProviderEvent) -> Result<bool, StoreError> {
        let events = self.state().await?.events.edit();
        if events.contains_key(&event.id) {
            return Ok(false);
        }
        events.insert(event.id.clone(), EventRow { event: event.clone(), outcome: None });
        Ok(true)
    }

    async fn applied(
        &mut self,
        id: &str,
        outcome: Applied,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.events.edit().get_mut(id) {
            row.outcome = Some(outcome);
        }
        Ok(())
    }
}

#[async_trait]
impl EventReads for MemoryStore {
    async fn pending_event(&self, id: &str) -> Result<Option<ProviderEvent>, StoreError> {
        let state = self.read().await?;
        let row = state.events.get(id).filter(|row| row.outcome.is_none());
        Ok(row.map(|row| row.event.clone()))
    }
}
