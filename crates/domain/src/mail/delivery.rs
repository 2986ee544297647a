//! Sending mails.

use std::sync::Arc;

use super::{
    LoggedMail, Mail, MailWriter, QueuedMail, Returned,
    ports::{MailError, Mailer, OutboxReads},
    writer::sending,
};
use crate::{
    clock::plus_seconds,
    id::MailId,
    jobs::{ClaimedJob, Finish, Outcome},
    opaque_debug::opaque_debug,
    paging::{Listing, PageRequest},
    store::Runtime,
    store_error::StoreError,
};

/// Why a mail with an expired link is given up.
pub(super) const TOO_LATE: &str = "its link expired before it could be sent";

/// Why a mail that its recipient did not ask for is given up, after a mail of the same creator came back or was called
/// unwanted.
pub(super) const TAKES_NO_MAILS: &str =
    "the address takes no such mails: one came back, or was called unwanted";
/// The same after a mail of another creator: what became of that one is not told. To the creator of the handle, every other
/// mail that was given up says the same, see [`LoggedMail::for_creator`].
pub(super) const NOT_DELIVERED: &str = "could not be delivered";

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
        if queued.kind.is_stoppable() {
            let returned = self.reads.returned(&queued.to).await?;
            if !returned.takes_mails() {
                let reason = self.why_not(&queued, returned).await?;
                return self.give_up(id, job, reason).await;
            }
        }
        let opened = self.writer.open(queued);
        if opened.as_ref().is_ok_and(|mail| self.is_too_late(mail)) {
            return self.give_up(id, job, TOO_LATE).await;
        }
        let sent = match &opened {
            Ok(mail) => self.mailer.send(mail).await,
            // Another replica may have the key, or this one later.
            Err(error) => Err(MailError::Transient(error.to_string())),
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
                // Noted with the end of the job, unless another runner has the job by now.
                return Ok(Finish::of(Outcome::Dead(reason)));
            }
        };
        Ok(Finish::of(outcome).within(unit))
    }

    /// Returns the mails that were given up and can be sent again, newest first.
    pub async fn given_up(&self, page: &PageRequest) -> Result<Listing<LoggedMail>, StoreError> {
        self.reads.dead_mails(page).await
    }

    /// Queues a mail that was given up once more. Returns `false` if there is none, or if its content is no longer stored.
    pub async fn retry(&self, id: MailId) -> Result<bool, StoreError> {
        let mut unit = self.runtime.begin().await?;
        let Some(kind) = unit.outbox().revive(id).await? else { return Ok(false) };
        unit.jobs().enqueue(&sending(id, kind, self.runtime.now())).await?;
        unit.commit().await?;
        Ok(true)
    }

    /// Returns why a mail is not sent after these reports on its recipient.
    async fn why_not(
        &self,
        mail: &QueuedMail,
        returned: Returned,
    ) -> Result<&'static str, StoreError> {
        let first_sent = match mail.handle_id {
            Some(handle) => self.reads.first_sent(handle, &mail.to).await?,
            None => None,
        };
        let is_own = !returned.since(first_sent).takes_mails();
        Ok(if is_own { TAKES_NO_MAILS } else { NOT_DELIVERED })
    }

    async fn give_up(
        &self,
        id: MailId,
        job: &ClaimedJob,
        reason: &str,
    ) -> Result<Finish, StoreError> {
        let mut unit = self.runtime.begin().await?;
        unit.outbox().failed(id, job.attempts, reason, true).await?;
        Ok(Finish::done().within(unit))
    }

    /// Returns whether the link in a mail has expired, so that it would only confuse.
    fn is_too_late(&self, mail: &Mail) -> bool {
        let valid = mail.content.valid_seconds();
        valid.is_some_and(|seconds| self.runtime.now() >= plus_seconds(mail.queued_at, seconds))
    }
}

opaque_debug!(Delivery);
