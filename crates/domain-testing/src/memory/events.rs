//! Events that the payment provider's webhooks brought.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{EventRow, forget_oldest},
    unit::MemoryUnit,
};
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
        let row = EventRow { event: event.clone(), outcome: None, done_at: None };
        events.insert(event.id.clone(), row);
        Ok(true)
    }

    async fn applied(
        &mut self,
        id: &str,
        outcome: Applied,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.events.edit().get_mut(id) {
            row.outcome = Some(outcome);
            row.done_at = Some(now);
        }
        Ok(())
    }

    async fn forget_applied(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let events = self.state().await?.events.edit();
        Ok(forget_oldest(events, instant, most, |row| row.done_at))
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
