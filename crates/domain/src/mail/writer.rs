//! Writing mails, and reading them back when they are sent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{HandleTexts, Mail, MailContent, MailKind, MailQuota, QueuedMail, SecretText};
use crate::{
    email::Email,
    id::{HandleId, MailId},
    jobs::{Job, NewJob, Priority},
    language::Language,
    seal::{Seal, SealError},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
};

/// A mail to be written.
#[derive(Debug, Clone)]
pub struct NewMail<'a> {
    /// The recipient.
    pub(super) to: Email,
    /// The handle that the mail is about, if it is about one.
    pub(super) handle_id: Option<HandleId>,
    /// What the mail says.
    pub(super) content: &'a MailContent,
    /// The creator's texts that the mail ends with.
    pub(super) signature: HandleTexts,
    /// The recipient's language; `None` if it is the one that is remembered of the address, or else English.
    pub(super) language: Option<Language>,
}

impl<'a> NewMail<'a> {
    /// Creates a mail about no handle and without a creator's texts, in the language that is remembered of the
    /// address, or else in English.
    pub fn new(to: Email, content: &'a MailContent) -> Self {
        let signature = HandleTexts::default();
        Self { to, handle_id: None, content, signature, language: None }
    }

    /// Returns the mail as one about a handle.
    #[must_use]
    pub fn with_handle(self, handle: HandleId) -> Self {
        Self { handle_id: Some(handle), ..self }
    }

    /// Returns the mail with the creator's texts that it ends with.
    #[must_use]
    pub(crate) fn with_signature(self, signature: HandleTexts) -> Self {
        Self { signature, ..self }
    }

    /// Returns the mail in a language; `None` stands for the one that is remembered of the address, or
    /// else English.
    #[must_use]
    pub(crate) fn in_language(self, language: Option<Language>) -> Self {
        Self { language, ..self }
    }
}

/// Why a mail was not written.
#[derive(Debug, thiserror::Error)]
pub enum MailWriteError {
    /// The content could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The creator has caused too many mails, or too many to this recipient.
    #[error("too many mails")]
    Limited {
        /// The whole seconds until the mail would be accepted.
        retry_after_seconds: u64,
    },
    /// The recipient asked for no more mails from the handle.
    #[error("the recipient asked for no more mails")]
    Unwanted,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a mail was not written once more.
#[derive(Debug)]
pub(crate) enum RewriteError {
    /// Its content is no longer stored, or cannot be read.
    Forgotten,
    /// The link or the offer in the mail has ended.
    Over,
    /// No mail can be written to its recipient now.
    Write(MailWriteError),
}

impl From<MailWriteError> for RewriteError {
    fn from(error: MailWriteError) -> Self {
        Self::Write(error)
    }
}

impl From<StoreError> for RewriteError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

/// Turns an error of the store into the variant `Store` of a use case's error, and any other into `Mail`.
macro_rules! from_mail_write_error {
    ($error:ty) => {
        impl From<$crate::mail::MailWriteError> for $error {
            fn from(error: $crate::mail::MailWriteError) -> Self {
                match error {
                    $crate::mail::MailWriteError::Store(error) => Self::Store(error),
                    error => Self::Mail(error),
                }
            }
        }
    };
}
pub(crate) use from_mail_write_error;

/// Writes mails. A mail holds secrets while it waits, so its content is stored sealed.
#[derive(Debug, Clone)]
pub struct MailWriter {
    pub(super) runtime: Runtime,
    pub(super) seal: Seal,
    pub(super) quota: MailQuota,
}

/// A mail's content as it is stored. Mails from before there were signatures have none.
#[derive(Serialize, Deserialize)]
struct Stored<C> {
    #[serde(flatten)]
    content: C,
    #[serde(default)]
    signature: HandleTexts,
    #[serde(default)]
    stop: Option<SecretText>,
    #[serde(default)]
    language: Language,
}

/// Returns the job that sends a mail. Somebody is waiting for one with a link, and it must not wait behind a mailing to
/// many.
pub(super) fn sending(id: MailId, kind: MailKind, due_at: Timestamp) -> NewJob {
    if kind.is_secret() {
        NewJob::new(Job::SendUrgentMail(id), due_at).with(Priority::Urgent)
    } else {
        NewJob::new(Job::SendMail(id), due_at)
    }
}

/// Returns the language of the first of these addresses of which one is known; English if none is.
pub(crate) async fn first_language(
    unit: &mut dyn UnitOfWork,
    addresses: &[&Email],
) -> Result<Language, StoreError> {
    for address in addresses {
        if let Some(language) = unit.languages().of(address).await? {
            return Ok(language);
        }
    }
    Ok(Language::default())
}

impl MailWriter {
    /// Creates a writer that seals with `seal`.
    pub fn new(runtime: Runtime, seal: Seal) -> Self {
        Self { runtime, seal, quota: MailQuota::default() }
    }

    /// Returns the writer with another number of mails that a creator may cause.
    #[must_use]
    pub fn with_quota(self, quota: MailQuota) -> Self {
        Self { quota, ..self }
    }

    /// Stores a mail and the job that sends it.
    pub async fn write(
        &self,
        unit: &mut dyn UnitOfWork,
        mail: NewMail<'_>,
    ) -> Result<(), MailWriteError> {
        self.store(self.runtime.now(), unit, mail, None).await
    }

    /// Stores a mail that tells a creator of something, such as `an account`, like [`write`](Self::write). One that cannot be
    /// written keeps nothing else from being done, and is logged.
    pub(crate) async fn write_if_possible(
        &self,
        unit: &mut dyn UnitOfWork,
        mail: NewMail<'_>,
        what: &str,
    ) -> Result<(), StoreError> {
        match self.write(unit, mail).await {
            Err(MailWriteError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(%error, "a creator could not be told about {what}");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Stores a mail at the instant of the fact that it reports.
    pub(super) async fn store(
        &self,
        now: Timestamp,
        unit: &mut dyn UnitOfWork,
        mail: NewMail<'_>,
        stop: Option<SecretText>,
    ) -> Result<(), MailWriteError> {
        let NewMail { to, handle_id, content, signature, language } = mail;
        let language = match language {
            Some(language) => language,
            None => first_language(unit, &[&to]).await?,
        };
        let stored = Stored { content, signature, stop, language };
        let plain = serde_json::to_vec(&stored).map_err(|_| SealError)?;
        let queued = QueuedMail {
            id: MailId::new(now, &*self.runtime.random),
            kind: content.kind(),
            to,
            handle_id,
            sealed: self.seal.seal(&plain, &*self.runtime.random)?,
            queued_at: now,
        };
        unit.outbox().insert(&queued).await?;
        Ok(unit.jobs().enqueue(&sending(queued.id, queued.kind, now)).await?)
    }

    /// Opens a mail that is to be written once more, if that makes sense.
    pub(super) fn reopen(&self, mail: QueuedMail) -> Result<Mail, RewriteError> {
        if mail.sealed.0.is_empty() {
            return Err(RewriteError::Forgotten);
        }
        // Mails cannot be read without the key that they were sealed with.
        let mail = self.open(mail).map_err(|_| RewriteError::Forgotten)?;
        if mail.content.is_over(mail.queued_at, self.runtime.now()) {
            return Err(RewriteError::Over);
        }
        Ok(mail)
    }

    /// Writes a mail once more, with a new id, if that makes sense.
    pub(super) async fn rewrite(
        &self,
        unit: &mut dyn UnitOfWork,
        mail: QueuedMail,
    ) -> Result<(), RewriteError> {
        let handle_id = mail.handle_id;
        let Mail { to, content, signature, stop, language, .. } = self.reopen(mail)?;
        let language = Some(language);
        let mail = NewMail { to, handle_id, content: &content, signature, language };
        Ok(self.store(self.runtime.now(), unit, mail, stop).await?)
    }

    /// Returns how many mails a creator may cause.
    pub(crate) fn quota(&self) -> MailQuota {
        self.quota
    }

    /// Returns the seal, for other secrets that are stored.
    pub(crate) fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Returns the URL of the page that a mail says was given to its recipient; `None` for other mails, and for those that cannot
    /// be read any more.
    pub(crate) fn given_page_url(&self, queued: &QueuedMail) -> Option<String> {
        match self.open(queued.clone()).ok()?.content {
            MailContent::Granted { page_url, .. } => Some(page_url),
            _ => None,
        }
    }

    /// Returns the URL of the receipt that a mail is; `None` for other mails, and for those that cannot be read any more or do
    /// not name it.
    pub(crate) fn receipt_url(&self, queued: &QueuedMail) -> Option<String> {
        match self.open(queued.clone()).ok()?.content {
            MailContent::Receipt { facts, .. } => Some(facts?.url),
            _ => None,
        }
    }

    /// Opens a mail that was written.
    pub(super) fn open(&self, queued: QueuedMail) -> Result<Mail, SealError> {
        let plain = self.seal.open(&queued.sealed)?;
        let Stored { content, signature, stop, language } =
            serde_json::from_slice(&plain).map_err(|_| SealError)?;
        let QueuedMail { id, to, queued_at, .. } = queued;
        Ok(Mail { id, to, content, signature, stop, language, queued_at })
    }
}
