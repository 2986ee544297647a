//! The mail log and the log of received webhook events.

use tollgate_domain::{
    checkout::Applied,
    id::{HandleId, MailId},
    mail::{
        MailStatus, QueuedMail,
        ports::{Outbox, OutboxReads},
    },
    payments::ProviderEvent,
    reconcile::ports::{EventLog, EventReads},
};

use super::prelude::*;
use crate::{
    rows::{EventRow, MailRow},
    schema::{outbox, provider_events},
};

#[async_trait]
impl Outbox for Unit {
    async fn insert(&mut self, mail: &QueuedMail) -> Result<(), StoreError> {
        let is_queued = outbox::status.eq(AsText(MailStatus::Queued));
        let row = (MailRow::from(mail), is_queued, outbox::attempts.eq(0));
        execute!(self, diesel::insert_into(outbox::table).values(row))
    }

    async fn sent(
        &mut self,
        id: MailId,
        attempts: u32,
        now: Timestamp,
        keep: bool,
    ) -> Result<(), StoreError> {
        let sent = (
            outbox::status.eq(AsText(MailStatus::Sent)),
            outbox::attempts.eq(AsInt(attempts)),
            outbox::sent_at.eq(AsInt(now)),
            (!keep).then(|| outbox::sealed.eq(Vec::<u8>::new())),
            outbox::last_error.eq(None::<String>),
        );
        execute!(self, diesel::update(outbox::table.find(AsText(id))).set(sent))
    }

    async fn forget_contents(&mut self, instant: Timestamp) -> Result<(), StoreError> {
        let old = outbox::table
            .filter(outbox::sent_at.assume_not_null().lt(AsInt(instant)))
            .filter(outbox::sealed.ne(Vec::<u8>::new()));
        execute!(self, diesel::update(old).set(outbox::sealed.eq(Vec::<u8>::new())))
    }

    async fn failed(
        &mut self,
        id: MailId,
        attempts: u32,
        reason: &str,
        is_dead: bool,
    ) -> Result<(), StoreError> {
        let failed = (
            outbox::attempts.eq(AsInt(attempts)),
            outbox::last_error.eq(reason.to_owned()),
            is_dead.then(|| outbox::status.eq(AsText(MailStatus::Dead))),
        );
        execute!(self, diesel::update(outbox::table.find(AsText(id))).set(failed))
    }
}

#[async_trait]
impl OutboxReads for Database {
    async fn queued_mail(&self, id: MailId) -> Result<Option<QueuedMail>, StoreError> {
        let is_queued = outbox::status.eq(AsText(MailStatus::Queued));
        read_first!(self, MailRow, outbox::table.find(AsText(id)).filter(is_queued))
    }

    async fn mail_about(
        &self,
        handle: HandleId,
        id: MailId,
    ) -> Result<Option<QueuedMail>, StoreError> {
        let is_about_it = outbox::handle_id.eq(AsText(handle));
        read_first!(self, MailRow, outbox::table.find(AsText(id)).filter(is_about_it))
    }
}

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
}

#[async_trait]
impl EventReads for Database {
    async fn pending_event(&self, id: &str) -> Result<Option<ProviderEvent>, StoreError> {
        let event = provider_events::table.find(id.to_owned());
        read_first!(self, EventRow, event.filter(provider_events::done_at.is_null()))
    }
}
