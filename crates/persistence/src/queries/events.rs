//! Events that the payment provider's webhooks brought.

use tollgate_domain::{
    checkout::Applied,
    payments::ProviderEvent,
    reconcile::ports::{EventLog, EventReads},
};

use super::prelude::*;
use crate::{rows::EventRow, schema::provider_events};

#[async_trait]
impl EventLog for Unit {
    async fn insert(&mut self, event: &ProviderEvent) -> Result<bool, StoreError> {
        insert!(self, provider_events, EventRow::from(event))
    }

    async fn applied(
        &mut self,
        id: &str,
        outcome: Applied,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let applied =
            (provider_events::done_at.eq(AsInt(now)), provider_events::outcome.eq(AsText(outcome)));
        execute!(self, diesel::update(provider_events::table.find(id.to_owned())).set(applied))
    }

    async fn forget_applied(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let done_at = provider_events::done_at.assume_not_null();
        let applied = provider_events::table.filter(done_at.lt(AsInt(instant)));
        forget_oldest!(self, applied, done_at, most)
    }
}

#[async_trait]
impl EventReads for Database {
    async fn pending_event(&self, id: &str) -> Result<Option<ProviderEvent>, StoreError> {
        let event = provider_events::table.find(id.to_owned());
        read_first!(self, EventRow, event.filter(provider_events::done_at.is_null()))
    }
}
