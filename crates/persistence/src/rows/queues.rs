//! Mails in the outbox and received events.

use diesel::prelude::*;
use tollgate_domain::{
    checkout::{AccountId, ProviderEvent},
    outbox::{MailStatus, QueuedMail},
    reports::LoggedMail,
    seal::Sealed,
    store::StoreError,
};

use super::{count, instant, instant_option, micros, parse, parse_option, uncount};
use crate::schema::{outbox, provider_events};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox)]
pub(crate) struct MailRow {
    id: String,
    kind: String,
    recipient: String,
    handle_id: Option<String>,
    sealed: Vec<u8>,
    status: String,
    attempts: i32,
    due_at: i64,
    queued_at: i64,
}

impl From<&QueuedMail> for MailRow {
    fn from(mail: &QueuedMail) -> Self {
        Self {
            id: mail.id.to_string(),
            kind: mail.kind.clone(),
            recipient: mail.to.to_string(),
            handle_id: mail.handle_id.map(|id| id.to_string()),
            sealed: mail.sealed.0.clone(),
            status: MailStatus::Queued.as_str().to_owned(),
            attempts: count(mail.attempts),
            due_at: micros(mail.next_attempt_at),
            queued_at: micros(mail.queued_at),
        }
    }
}

impl TryFrom<MailRow> for QueuedMail {
    type Error = StoreError;

    fn try_from(row: MailRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("outbox.id", &row.id)?,
            kind: row.kind,
            to: parse("outbox.recipient", &row.recipient)?,
            handle_id: parse_option("outbox.handle_id", row.handle_id.as_deref())?,
            sealed: Sealed(row.sealed),
            attempts: uncount("outbox.attempts", row.attempts)?,
            next_attempt_at: instant("outbox.due_at", row.due_at)?,
            queued_at: instant("outbox.queued_at", row.queued_at)?,
        })
    }
}

/// A mail as its log shows it: without what it says.
#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub(crate) struct LoggedMailRow {
    id: String,
    kind: String,
    recipient: String,
    status: String,
    attempts: i32,
    queued_at: i64,
    sent_at: Option<i64>,
    last_error: Option<String>,
}

impl TryFrom<LoggedMailRow> for LoggedMail {
    type Error = StoreError;

    fn try_from(row: LoggedMailRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("outbox.id", &row.id)?,
            kind: row.kind,
            to: parse("outbox.recipient", &row.recipient)?,
            status: parse("outbox.status", &row.status)?,
            attempts: uncount("outbox.attempts", row.attempts)?,
            queued_at: instant("outbox.queued_at", row.queued_at)?,
            sent_at: instant_option("outbox.sent_at", row.sent_at)?,
            last_error: row.last_error,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = provider_events)]
pub(crate) struct EventRow {
    id: String,
    kind: String,
    account: Option<String>,
    object_id: String,
    received_at: i64,
    attempts: i32,
    due_at: Option<i64>,
}

impl From<&ProviderEvent> for EventRow {
    fn from(event: &ProviderEvent) -> Self {
        Self {
            id: event.id.clone(),
            kind: event.kind.clone(),
            account: event.account.as_ref().map(ToString::to_string),
            object_id: event.object_id.clone(),
            received_at: micros(event.received_at),
            attempts: count(event.attempts),
            due_at: Some(micros(event.received_at)),
        }
    }
}

impl TryFrom<EventRow> for ProviderEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            kind: row.kind,
            account: row.account.map(AccountId::new),
            object_id: row.object_id,
            received_at: instant("provider_events.received_at", row.received_at)?,
            attempts: uncount("provider_events.attempts", row.attempts)?,
        })
    }
}
