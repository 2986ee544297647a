//! The outbox and the received events, as their workers see them.
//!
//! To claim is to look for what has been due longest and to move its due time on if it is still the
//! one that was seen. Whoever loses that race looks again: somebody else has got on with the work.

use tollgate_domain::{
    checkout::{ProviderEvent, ports::EventQueue},
    id::MailId,
    outbox::{MailQueue, MailStatus, Outbox, QueueDepth, QueuedMail},
};

use super::prelude::*;
use crate::{
    rows::{EventRow, MailRow},
    schema::{outbox, provider_events},
};

#[async_trait]
impl Outbox for Unit {
    async fn enqueue(&mut self, mail: &QueuedMail) -> Result<(), StoreError> {
        let row = MailRow::from(mail);
        run!(self, |conn| {
            diesel::insert_into(outbox::table).values(row).execute(conn).await.map(drop)
        })
    }
}

#[async_trait]
impl MailQueue for Database {
    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<QueuedMail>, StoreError> {
        let (now, leased_until) = (micros(now), micros(leased_until));
        loop {
            let oldest: Option<(String, i64)> = read!(self, |conn| {
                outbox::table
                    .filter(outbox::status.eq(MailStatus::Queued.as_str()))
                    .filter(outbox::due_at.le(now))
                    .order((outbox::due_at, outbox::id))
                    .select((outbox::id, outbox::due_at))
                    .first(on(&mut conn))
                    .await
                    .optional()
            })?;
            let Some((id, due_at)) = oldest else { return Ok(None) };
            let claimed: Option<MailRow> = write!(self, |conn| {
                let unclaimed = outbox::table
                    .find(id)
                    .filter(outbox::status.eq(MailStatus::Queued.as_str()))
                    .filter(outbox::due_at.eq(due_at));
                diesel::update(unclaimed)
                    .set((
                        outbox::due_at.eq(leased_until),
                        outbox::attempts.eq(outbox::attempts + 1),
                    ))
                    .returning(MailRow::as_returning())
                    .get_result(conn)
                    .await
                    .optional()
            })?;
            if let Some(row) = claimed {
                return row.try_into().map(Some);
            }
        }
    }

    async fn sent(&self, id: MailId, now: Timestamp) -> Result<(), StoreError> {
        let (id, now) = (id.to_string(), micros(now));
        write!(self, |conn| {
            diesel::update(outbox::table.find(id))
                .set((
                    outbox::status.eq(MailStatus::Sent.as_str()),
                    outbox::sent_at.eq(now),
                    outbox::sealed.eq(Vec::<u8>::new()),
                    outbox::last_error.eq(None::<String>),
                ))
                .execute(conn)
                .await
                .map(drop)
        })
    }

    async fn failed(
        &self,
        id: MailId,
        reason: &str,
        again_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let (id, reason) = (id.to_string(), reason.to_owned());
        write!(self, |conn| {
            let mail = outbox::table.find(id);
            match again_at {
                Some(again_at) => {
                    diesel::update(mail)
                        .set((outbox::due_at.eq(micros(again_at)), outbox::last_error.eq(reason)))
                        .execute(conn)
                        .await
                }
                None => {
                    diesel::update(mail)
                        .set((
                            outbox::status.eq(MailStatus::Dead.as_str()),
                            outbox::last_error.eq(reason),
                        ))
                        .execute(conn)
                        .await
                }
            }
            .map(drop)
        })
    }

    async fn depth(&self) -> Result<QueueDepth, StoreError> {
        let (queued, dead): (i64, i64) = read!(self, |conn| {
            let queued = outbox::table
                .filter(outbox::status.eq(MailStatus::Queued.as_str()))
                .count()
                .get_result(on(&mut conn))
                .await?;
            let dead = outbox::table
                .filter(outbox::status.eq(MailStatus::Dead.as_str()))
                .count()
                .get_result(on(&mut conn))
                .await?;
            Ok((queued, dead))
        })?;
        Ok(QueueDepth { queued: queued.unsigned_abs(), dead: dead.unsigned_abs() })
    }
}

#[async_trait]
impl EventQueue for Database {
    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<ProviderEvent>, StoreError> {
        let (now, leased_until) = (micros(now), micros(leased_until));
        loop {
            let oldest: Option<(String, Option<i64>)> = read!(self, |conn| {
                provider_events::table
                    .filter(provider_events::due_at.le(now))
                    .order((provider_events::due_at, provider_events::id))
                    .select((provider_events::id, provider_events::due_at))
                    .first(on(&mut conn))
                    .await
                    .optional()
            })?;
            let Some((id, due_at)) = oldest else { return Ok(None) };
            let claimed: Option<EventRow> = write!(self, |conn| {
                let unclaimed =
                    provider_events::table.find(id).filter(provider_events::due_at.eq(due_at));
                diesel::update(unclaimed)
                    .set((
                        provider_events::due_at.eq(leased_until),
                        provider_events::attempts.eq(provider_events::attempts + 1),
                    ))
                    .returning(EventRow::as_returning())
                    .get_result(conn)
                    .await
                    .optional()
            })?;
            if let Some(row) = claimed {
                return row.try_into().map(Some);
            }
        }
    }

    async fn done(&self, id: &str, outcome: &str, now: Timestamp) -> Result<(), StoreError> {
        let (id, outcome, now) = (id.to_owned(), outcome.to_owned(), micros(now));
        write!(self, |conn| {
            diesel::update(provider_events::table.find(id))
                .set((
                    provider_events::due_at.eq(None::<i64>),
                    provider_events::done_at.eq(now),
                    provider_events::outcome.eq(outcome),
                ))
                .execute(conn)
                .await
                .map(drop)
        })
    }

    async fn failed(&self, id: &str, reason: &str, again_at: Timestamp) -> Result<(), StoreError> {
        let (id, reason, again_at) = (id.to_owned(), reason.to_owned(), micros(again_at));
        write!(self, |conn| {
            diesel::update(provider_events::table.find(id))
                .set((provider_events::due_at.eq(again_at), provider_events::last_error.eq(reason)))
                .execute(conn)
                .await
                .map(drop)
        })
    }
}
