//! Sending mails.

use std::sync::Arc;

use super::{
    MailWriter,
    ports::{MailError, Mailer, OutboxReads},
};
use crate::{
    id::MailId,
    jobs::{ClaimedJob, Finish, Outcome},
    opaque_debug::opaque_debug,
    store::Runtime,
    store_error::StoreError,
};

/// Hands written mails over to a mail server.
#[derive(Clone)]
pub struct Delivery {
    runtime: Runtime,
    reads: Arc<dyn OutboxReads>,
    writer: MailWriter,
    mailer: Arc<dyn Mailer>,
}

impl Delivery {
    /// Creates the delivery of what `writer` wrote to `mailer`.
    pub fn new(
        runtime: Runtime,
        reads: Arc<dyn OutboxReads>,
        writer: MailWriter,
        mailer: Arc<dyn Mailer>,
    ) -> Self {
        Self { runtime, reads, writer, mailer }
    }

    /// Sends a mail, unless it was sent or given up before.
    pub async fn send(&self, id: MailId, job: &ClaimedJob) -> Result<Finish, StoreError> {
        let Some(queued) = self.reads.queued_mail(id).await? else { return Ok(Finish::done()) };
        let opened = self.writer.open(queued);
        let sent = match &opened {
            Ok(mail) => self.mailer.send(mail).await,
            Err(error) => Err(MailError::Permanent(error.to_string())),
        };
        let attempts = job.attempts;
        let mut unit = self.runtime.begin().await?;
        let outcome = match sent {
            Ok(()) => {
                let keep = opened.is_ok_and(|mail| !mail.content.is_secret());
                unit.outbox().sent(id, attempts, self.runtime.now(), keep).await?;
                Outcome::Done
            }
            Err(MailError::Transient(reason)) if !job.is_last_attempt() => {
                unit.outbox().failed(id, attempts, &reason, false).await?;
                Outcome::Retry(reason)
            }
            Err(MailError::Transient(reason) | MailError::Permanent(reason)) => {
                unit.outbox().failed(id, attempts, &reason, true).await?;
                Outcome::Dead(reason)
            }
        };
        Ok(Finish::of(outcome).within(unit))
    }
}

opaque_debug!(Delivery);
