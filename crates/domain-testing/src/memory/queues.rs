//! Mails and webhook events that wait for a worker.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{EventRow, MailRow},
    unit::MemoryUnit,
};
use tollgate_domain::{
    checkout::{
        ProviderEvent,
        ports::{EventQueue, ProviderEvents},
    },
    id::MailId,
    outbox::{MailQueue, MailStatus, Outbox, QueueDepth, QueuedMail},
    seal::Sealed,
    store::StoreError,
};

#[async_trait]
impl Outbox for MemoryUnit {
    async fn enqueue(&mut self, mail: &QueuedMail) -> Result<(), StoreError> {
        let mails = self.state().await?.mails.edit();
        if mails.contains_key(&mail.id) {
            return Err(StoreError::Conflict);
        }
        let row = MailRow {
            mail: mail.clone(),
            status: MailStatus::Queued,
            sent_at: None,
            last_error: None,
        };
        mails.insert(mail.id, row);
        Ok(())
    }
}

#[async_trait]
impl MailQueue for MemoryStore {
    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<QueuedMail>, StoreError> {
        self.change(|state| {
            let due = state
                .mails
                .edit()
                .values_mut()
                .filter(|row| row.status == MailStatus::Queued && row.mail.next_attempt_at <= now)
                .min_by_key(|row| (row.mail.next_attempt_at, row.mail.id))?;
            due.mail.attempts += 1;
            due.mail.next_attempt_at = leased_until;
            Some(due.mail.clone())
        })
        .await
    }

    async fn sent(&self, id: MailId, now: Timestamp) -> Result<(), StoreError> {
        self.change(|state| {
            if let Some(row) = state.mails.edit().get_mut(&id) {
                row.status = MailStatus::Sent;
                row.sent_at = Some(now);
                row.last_error = None;
                row.mail.sealed = Sealed(Vec::new());
            }
        })
        .await
    }

    async fn failed(
        &self,
        id: MailId,
        reason: &str,
        again_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.change(|state| {
            let Some(row) = state.mails.edit().get_mut(&id) else { return };
            row.last_error = Some(reason.to_owned());
            match again_at {
                Some(again_at) => row.mail.next_attempt_at = again_at,
                None => row.status = MailStatus::Dead,
            }
        })
        .await
    }

    async fn depth(&self) -> Result<QueueDepth, StoreError> {
        let state = self.read().await?;
        let count = |status: MailStatus| {
            let rows = state.mails.values().filter(|row| row.status == status).count();
            u64::try_from(rows).unwrap_or(u64::MAX)
        };
        Ok(QueueDepth { queued: count(MailStatus::Queued), dead: count(MailStatus::Dead) })
    }
}

#[async_trait]
impl ProviderEvents for MemoryUnit {
    async fn insert(&mut self, event: &ProviderEvent) -> Result<bool, StoreError> {
        let events = self.state().await?.events.edit();
        if events.contains_key(&event.id) {
            return Ok(false);
        }
        let row = EventRow { event: event.clone(), due_at: event.received_at, outcome: None };
        events.insert(event.id.clone(), row);
        Ok(true)
    }
}

#[async_trait]
impl EventQueue for MemoryStore {
    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<ProviderEvent>, StoreError> {
        self.change(|state| {
            let due = state
                .events
                .edit()
                .values_mut()
                .filter(|row| row.outcome.is_none() && row.due_at <= now)
                .min_by_key(|row| (row.due_at, row.event.id.clone()))?;
            due.event.attempts += 1;
            due.due_at = leased_until;
            Some(due.event.clone())
        })
        .await
    }

    async fn done(&self, id: &str, outcome: &str, _now: Timestamp) -> Result<(), StoreError> {
        self.change(|state| {
            if let Some(row) = state.events.edit().get_mut(id) {
                row.outcome = Some(outcome.to_owned());
            }
        })
        .await
    }

    async fn failed(&self, id: &str, _reason: &str, again_at: Timestamp) -> Result<(), StoreError> {
        self.change(|state| {
            if let Some(row) = state.events.edit().get_mut(id) {
                row.due_at = again_at;
            }
        })
        .await
    }
}
