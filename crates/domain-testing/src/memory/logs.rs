//! The mail log and the log of webhook events.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{EventRow, MailRow},
    unit::MemoryUnit,
};
use tollgate_domain::{
    checkout::Applied,
    id::{HandleId, MailId},
    mail::{
        MailStatus, QueuedMail,
        ports::{Outbox, OutboxReads},
    },
    payments::ProviderEvent,
    reconcile::ports::{EventLog, EventReads},
    seal::Sealed,
    store_error::StoreError,
};

#[async_trait]
impl Outbox for MemoryUnit {
    async fn insert(&mut self, mail: &QueuedMail) -> Result<(), StoreError> {
        let mails = self.state().await?.mails.edit();
        if mails.contains_key(&mail.id) {
            return Err(StoreError::Conflict);
        }
        let row = MailRow {
            mail: mail.clone(),
            attempts: 0,
            status: MailStatus::Queued,
            sent_at: None,
            last_error: None,
        };
        mails.insert(mail.id, row);
        Ok(())
    }

    async fn sent(
        &mut self,
        id: MailId,
        attempts: u32,
        now: Timestamp,
        keep: bool,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.mails.edit().get_mut(&id) {
            row.status = MailStatus::Sent;
            row.attempts = attempts;
            row.sent_at = Some(now);
            row.last_error = None;
            if !keep {
                row.mail.sealed = Sealed(Vec::new());
            }
        }
        Ok(())
    }

    async fn forget_contents(&mut self, instant: Timestamp) -> Result<(), StoreError> {
        for row in self.state().await?.mails.edit().values_mut() {
            if row.sent_at.is_some_and(|at| at < instant) {
                row.mail.sealed = Sealed(Vec::new());
            }
        }
        Ok(())
    }

    async fn failed(
        &mut self,
        id: MailId,
        attempts: u32,
        reason: &str,
        is_dead: bool,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.mails.edit().get_mut(&id) {
            row.attempts = attempts;
            row.last_error = Some(reason.to_owned());
            row.status = if is_dead { MailStatus::Dead } else { row.status };
        }
        Ok(())
    }
}

#[async_trait]
impl OutboxReads for MemoryStore {
    async fn queued_mail(&self, id: MailId) -> Result<Option<QueuedMail>, StoreError> {
        let state = self.read().await?;
        let row = state.mails.get(&id).filter(|row| row.status == MailStatus::Queued);
        Ok(row.map(|row| row.mail.clone()))
    }

    async fn mail_about(
        &self,
        handle: HandleId,
        id: MailId,
    ) -> Result<Option<QueuedMail>, StoreError> {
        let state = self.read().await?;
        let row = state.mails.get(&id).filter(|row| row.mail.handle_id == Some(handle));
        Ok(row.map(|row| row.mail.clone()))
    }
}

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
