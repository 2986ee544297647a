//! Mails that a creator causes: their limits, and recipients who do not want them.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::{
    MailScope, MailWriteError, MailWriter, NewMail, QueuedMail, RewriteError, SecretText,
    ports::OutboxReads,
};
use crate::{
    clock::{DAY_SECONDS, plus_seconds},
    email::Email,
    id::{CreatorId, HandleId},
    limits::{Limit, RateLimits},
    links::Links,
    names::HandleName,
    opaque_debug::opaque_debug,
    seal::Sealed,
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
};

/// The handle that a mail is about, with what makes its addresses.
#[derive(Clone, Copy)]
pub(crate) struct MailAbout<'a> {
    pub(crate) handle: HandleId,
    pub(crate) name: &'a HandleName,
    pub(crate) links: &'a dyn Links,
}

/// The limit for sending a mail once more: three times in 24 hours. The first one, which had a cause of its own, is
/// not counted.
const AGAIN: Limit = Limit::per_day("mail-again", 3);

/// What a sealed stop begins with, so that nothing else that is sealed counts as one.
const STOP: &str = "stop mails";

impl MailWriter {
    /// Checks that a creator may cause `wanted` more mails. Units that check the same creator wait for each
    /// other, so that the limit holds for all of them together.
    pub(crate) async fn admit(
        &self,
        unit: &mut dyn UnitOfWork,
        creator: CreatorId,
        wanted: u32,
    ) -> Result<(), MailWriteError> {
        unit.mail_causers().lock(creator).await?;
        let has_sold = unit.mail_causers().has_sold(creator).await?;
        let most = self.quota.of_creator(has_sold);
        self.admit_within(unit, &MailScope::Creator(creator), most, wanted).await
    }

    async fn admit_within(
        &self,
        unit: &mut dyn UnitOfWork,
        scope: &MailScope,
        most: u32,
        wanted: u32,
    ) -> Result<(), MailWriteError> {
        let now = self.runtime.now();
        // With this one in the last day, one more would be too many.
        let rank = most.checked_sub(wanted);
        let too_many = match rank {
            Some(rank) => unit.outbox().caused(scope, a_day_before(now), rank).await?,
            None => Some(now),
        };
        wait_for(too_many, now)
    }

    /// Writes a mail that a creator causes. It is an error if its recipient stopped mails from the handle. The caller MUST
    /// have called [`admit`](Self::admit) for it.
    pub(crate) async fn write_caused(
        &self,
        unit: &mut dyn UnitOfWork,
        creator: CreatorId,
        about: MailAbout<'_>,
        mail: NewMail<'_>,
    ) -> Result<(), MailWriteError> {
        if unit.mail_stops().is_stopped(about.handle, &mail.to).await? {
            return Err(MailWriteError::Unwanted);
        }
        let scope = MailScope::Recipient(creator, mail.to.clone());
        self.admit_within(unit, &scope, self.quota.per_recipient, 1).await?;
        self.write_stoppable(self.runtime.now(), unit, about, mail).await
    }

    /// Writes a mail that follows from what a creator did earlier, unless its recipient stopped mails from the
    /// handle. It has no limit.
    pub(crate) async fn write_stoppable(
        &self,
        now: Timestamp,
        unit: &mut dyn UnitOfWork,
        about: MailAbout<'_>,
        mail: NewMail<'_>,
    ) -> Result<(), MailWriteError> {
        if unit.mail_stops().is_stopped(about.handle, &mail.to).await? {
            return Ok(());
        }
        self.write_asked_for(now, unit, about, mail).await
    }

    /// Writes a mail that its recipient has asked for, even if the recipient stopped mails from the handle. The mail
    /// contains the link that stops others. It has no limit.
    pub(crate) async fn write_asked_for(
        &self,
        now: Timestamp,
        unit: &mut dyn UnitOfWork,
        about: MailAbout<'_>,
        mail: NewMail<'_>,
    ) -> Result<(), MailWriteError> {
        let token = self.stop_token(about.handle, &mail.to)?;
        let stop = SecretText(about.links.stop_mails(about.name, &token));
        self.store(now, unit, mail, Some(stop)).await
    }

    /// Refuses a mail that [`resend`](Self::resend) would refuse now. Reads alone, so that it waits for no writer.
    pub(crate) async fn check_resend(
        &self,
        reads: &dyn OutboxReads,
        creator: CreatorId,
        mail: &QueuedMail,
    ) -> Result<(), RewriteError> {
        if let Some(handle) = mail.handle_id
            && mail.kind.is_held_back_by_a_stop()
        {
            if reads.has_stopped(handle, &mail.to).await? {
                return Err(MailWriteError::Unwanted.into());
            }
            let now = self.runtime.now();
            let of_creator = self.quota.of_creator(reads.has_sold(creator).await?);
            let to_recipient = MailScope::Recipient(creator, mail.to.clone());
            for (scope, most) in [
                (MailScope::Creator(creator), of_creator),
                (to_recipient, self.quota.per_recipient),
            ] {
                let too_many = match most.checked_sub(1) {
                    Some(rank) => reads.caused(&scope, a_day_before(now), rank).await?,
                    None => Some(now),
                };
                wait_for(too_many, now)?;
            }
        }
        self.reopen(mail.clone()).map(drop)
    }

    /// Writes a mail about a handle once more, under the limits if a creator causes its kind, if that
    /// makes sense.
    pub(crate) async fn resend(
        &self,
        unit: &mut dyn UnitOfWork,
        creator: CreatorId,
        mail: QueuedMail,
    ) -> Result<(), RewriteError> {
        if let Some(handle) = mail.handle_id
            && mail.kind.is_held_back_by_a_stop()
        {
            if unit.mail_stops().is_stopped(handle, &mail.to).await? {
                return Err(MailWriteError::Unwanted.into());
            }
            self.admit(unit, creator, 1).await?;
            let scope = MailScope::Recipient(creator, mail.to.clone());
            self.admit_within(unit, &scope, self.quota.per_recipient, 1).await?;
        }
        self.rewrite(unit, mail).await
    }

    fn stop_token(&self, handle: HandleId, to: &Email) -> Result<String, MailWriteError> {
        let plain = format!("{STOP} {handle} {to}");
        let sealed = self.seal.seal(plain.as_bytes(), &*self.runtime.random)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed.0))
    }

    fn stop_of(&self, token: &str) -> Option<Stop> {
        let sealed = Sealed(URL_SAFE_NO_PAD.decode(token).ok()?);
        let plain = String::from_utf8(self.seal.open(&sealed).ok()?).ok()?;
        let (handle, email) = plain.strip_prefix(STOP)?.trim_start().split_once(' ')?;
        Some(Stop { handle: handle.parse().ok()?, email: email.parse().ok()? })
    }
}

fn a_day_before(now: Timestamp) -> Timestamp {
    plus_seconds(now, -DAY_SECONDS)
}

/// Refuses a mail `now` until a day has passed since `queued_at`, if there is such an instant.
fn wait_for(queued_at: Option<Timestamp>, now: Timestamp) -> Result<(), MailWriteError> {
    let Some(queued_at) = queued_at else { return Ok(()) };
    let wait = plus_seconds(queued_at, DAY_SECONDS).as_second() - now.as_second();
    Err(MailWriteError::Limited { retry_after_seconds: wait.max(1).unsigned_abs() })
}

/// Counts mails that are sent once more.
#[derive(Clone)]
pub(crate) struct SentAgain(pub(crate) Arc<dyn RateLimits>);

impl SentAgain {
    /// Checks that a mail about `subject` may be sent once more at `now`, and counts it.
    pub(crate) async fn admit(&self, subject: &str, now: Timestamp) -> Result<(), MailWriteError> {
        let admission = self.0.admit(AGAIN, subject, now).await?;
        admission.or_else(|retry_after_seconds| MailWriteError::Limited { retry_after_seconds })
    }
}

/// What a link in a mail stops: the mails that a creator causes about a handle to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The handle whose mails are stopped.
    pub handle: HandleId,
    /// The address that gets no more of them.
    pub email: Email,
}

/// The use case of stopping mails from a handle.
#[derive(Clone)]
pub struct StopMails {
    runtime: Runtime,
    mails: MailWriter,
    reads: Arc<dyn OutboxReads>,
}

impl StopMails {
    /// Creates the use case for the links of mails that `mails` writes.
    pub fn new(runtime: Runtime, mails: MailWriter, reads: Arc<dyn OutboxReads>) -> Self {
        Self { runtime, mails, reads }
    }

    /// Returns what the link with this token stops; `None` if no mail has it.
    pub fn preview(&self, token: &str) -> Option<Stop> {
        self.mails.stop_of(token)
    }

    /// Returns whether the mails are stopped already.
    pub async fn is_done(&self, stop: &Stop) -> Result<bool, StoreError> {
        self.reads.has_stopped(stop.handle, &stop.email).await
    }

    /// Stops the mails. Doing it again changes nothing.
    pub async fn stop(&self, stop: &Stop) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        unit.mail_stops().insert(stop.handle, &stop.email, self.runtime.now()).await?;
        unit.commit().await
    }

    /// Takes a stop back, so that the mails are sent again. Doing it again changes nothing.
    pub async fn take_back(&self, stop: &Stop) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        unit.mail_stops().delete(stop.handle, &stop.email).await?;
        unit.commit().await
    }
}

opaque_debug!(StopMails);
