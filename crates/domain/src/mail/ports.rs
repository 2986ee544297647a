//! What mails need from a store and from a mail server.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{LoggedMail, Mail, MailKind, MailMessage, MailScope, MailStatus, QueuedMail, Returned};
use crate::{
    email::Email,
    id::{CreatorId, HandleId, MailId},
    language::Language,
    paging::{Listing, PageRequest},
    store_error::StoreError,
};

/// The mail log, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Outbox: Send {
    /// Stores a mail as queued. The job that sends it is stored beside it.
    async fn insert(&mut self, mail: &QueuedMail) -> Result<(), StoreError>;

    /// Notes that a mail was handed over at the attempt of this number, even if it was given up before. Unless `keep`, MUST
    /// delete the sealed content. MUST do nothing if it was handed over before.
    async fn sent(
        &mut self,
        id: MailId,
        attempts: u32,
        now: Timestamp,
        keep: bool,
    ) -> Result<(), StoreError>;

    /// Returns when the mail was queued that comes after `rank` others, the newest first, among the mails of
    /// this scope that were queued after `since` and whose kind is one of the scope's ([`MailScope::kinds`]); `None` if
    /// there are no more than `rank`.
    async fn caused(
        &mut self,
        scope: &MailScope,
        since: Timestamp,
        rank: u32,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Deletes the sealed content of about `most` mails that were sent before `instant`, and of as many that were stored
    /// before it and given up. Returns whether some may be left.
    async fn forget_contents(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError>;

    /// Queues a mail again that was given up, as if it had never been tried, and returns its kind. MUST do nothing and
    /// return `None` if it is in another status or its content was deleted.
    async fn revive(&mut self, id: MailId) -> Result<Option<MailKind>, StoreError>;

    /// Notes that a mail was not handed over at the attempt of this number, and whether it was given up. MUST do nothing
    /// unless the mail is queued.
    async fn failed(
        &mut self,
        id: MailId,
        attempts: u32,
        reason: &str,
        is_dead: bool,
    ) -> Result<(), StoreError>;
}

/// The creators who cause mails, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait MailCausers: Send {
    /// Locks the creator. Until the unit ends, other units that lock the same creator MUST wait, so that a limit that is
    /// checked in one unit holds when the unit is committed.
    async fn lock(&mut self, id: CreatorId) -> Result<(), StoreError>;

    /// Returns whether a creator has sold anything, refunded or not.
    async fn has_sold(&mut self, id: CreatorId) -> Result<bool, StoreError>;
}

/// The languages that the owners of addresses read, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Languages: Send {
    /// Remembers the language that the owner of an address reads.
    async fn remember(&mut self, email: &Email, language: Language) -> Result<(), StoreError>;

    /// Returns the language that the owner of an address reads, if it is known.
    async fn of(&mut self, email: &Email) -> Result<Option<Language>, StoreError>;
}

/// Recipients who do not want mails that the creator of a handle causes, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait MailStops: Send {
    /// Remembers that the owner of an address does not want such mails about a handle. Keeps the instant of
    /// an earlier stop.
    async fn insert(
        &mut self,
        handle: HandleId,
        email: &Email,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Forgets a stop, so that such mails are sent again. Without one, MUST do nothing.
    async fn delete(&mut self, handle: HandleId, email: &Email) -> Result<(), StoreError>;

    /// Returns whether the owner of an address does not want such mails about a handle.
    async fn is_stopped(&mut self, handle: HandleId, email: &Email) -> Result<bool, StoreError>;
}

/// Addresses that mails came back from, and recipients who complained of mails, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ReturnedMails: Send {
    /// Notes that a mail to an address came back at `now`, since the address takes no mails.
    async fn bounced(&mut self, email: &Email, now: Timestamp) -> Result<(), StoreError>;

    /// Notes that a recipient complained of a mail at `now`.
    async fn complained(&mut self, email: &Email, now: Timestamp) -> Result<(), StoreError>;

    /// Forgets that mails to an address came back, because one has arrived. A complaint stays.
    async fn arrived(&mut self, email: &Email) -> Result<(), StoreError>;
}

/// How many mails are stored that were not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MailBacklog {
    /// The number of mails that are queued.
    pub waiting: u64,
    /// When the oldest of those that are queued was.
    pub waiting_since: Option<Timestamp>,
    /// The number of mails that were given up and whose content is still stored.
    pub dead: u64,
}

/// The mail log, read outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait OutboxReads: Send + Sync {
    /// Returns a mail that is queued; `None` if it was sent or given up.
    async fn queued_mail(&self, id: MailId) -> Result<Option<QueuedMail>, StoreError>;

    /// Returns a mail about a handle with its status; its content is empty once it was deleted.
    async fn mail_about(
        &self,
        handle: HandleId,
        id: MailId,
    ) -> Result<Option<(QueuedMail, MailStatus)>, StoreError>;

    /// Returns the mails that were given up and whose content is still stored, newest first.
    async fn dead_mails(&self, page: &PageRequest) -> Result<Listing<LoggedMail>, StoreError>;

    /// Counts the mails that were not sent. MUST NOT read those that were.
    async fn backlog(&self) -> Result<MailBacklog, StoreError>;

    /// Returns whether the owner of an address does not want the mails that the creator of a handle causes.
    async fn has_stopped(&self, handle: HandleId, email: &Email) -> Result<bool, StoreError>;

    /// Returns whether a creator has sold anything, refunded or not.
    async fn has_sold(&self, creator: CreatorId) -> Result<bool, StoreError>;

    /// Returns the same as [`Outbox::caused`].
    async fn caused(
        &self,
        scope: &MailScope,
        since: Timestamp,
        rank: u32,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Returns what was reported of mails to an address.
    async fn returned(&self, email: &Email) -> Result<Returned, StoreError>;

    /// Returns whether there is a mail about a handle to an address, sent or not. MUST NOT read mails to others.
    async fn has_mail_to(&self, handle: HandleId, email: &Email) -> Result<bool, StoreError>;

    /// Returns when the first mail about a handle was sent to an address; `None` if none was. MUST NOT read mails to others.
    async fn first_sent(
        &self,
        handle: HandleId,
        email: &Email,
    ) -> Result<Option<Timestamp>, StoreError>;
}

/// Returns the value of what came with a call under a name, such as a header of HTTP; `None` if it is missing
/// or came more than once.
pub type Envelope<'a> = &'a (dyn Fn(&str) -> Option<&'a str> + Sync);

/// Why a message of a mail service is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailReportError {
    /// The message does not prove who sent it.
    #[error("the sender of the message is not proved")]
    Unproved,
    /// The message is not one of a known mail service.
    #[error("the message cannot be read")]
    Unreadable,
}

/// Reads what a mail service reports.
pub trait MailReportReader: Send + Sync {
    /// Refuses a message that cannot be believed, before its body has arrived.
    fn check(&self, envelope: Envelope<'_>, now: Timestamp) -> Result<(), MailReportError>;

    /// Checks who sent a message, and returns what it says.
    fn read(
        &self,
        body: &[u8],
        envelope: Envelope<'_>,
        now: Timestamp,
    ) -> Result<MailMessage, MailReportError>;
}

/// Why a mail was not handed over. The texts MUST NOT hold addresses or content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// May work later: the server is down, busy or slow.
    #[error("mail server: {0}")]
    Transient(String),
    /// Will never work: the server refuses the recipient or the message.
    #[error("mail server refused: {0}")]
    Permanent(String),
}

/// Hands mails over to a mail server.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one mail over. MUST end within a bounded time, and `Ok` MUST mean that the server has
    /// accepted the mail. The same mail may come twice.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
