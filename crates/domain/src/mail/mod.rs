//! Mails: what they say, the log of all mails, and handing them over to a mail server.
//!
//! A mail is a row of the log and a job that sends it, both stored in the unit of work of the fact that
//! the mail reports.

mod caused;
mod content;
mod delivery;
mod facts;
mod kinds;
pub mod ports;
mod quota;
mod report;
mod returned;
mod sender;
mod validity;
mod writer;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use caused::{MailAbout, SentAgain};
pub use caused::{Stop, StopMails};
pub use content::MailContent;
pub use delivery::Delivery;
use delivery::{NOT_DELIVERED, TAKES_NO_MAILS, TOO_LATE};
pub use facts::{Mismatch, ReceiptFacts, RefundHindrance, SecretText, SignInTarget};
pub use kinds::MailKind;
pub use quota::{MailQuota, MailScope};
pub use report::{MailMessage, MailReport, Returned};
pub use returned::MailReports;
pub use writer::{MailWriteError, MailWriter, NewMail};
pub(crate) use writer::{RewriteError, first_language, from_mail_write_error};

use crate::{
    clock::DAY_SECONDS,
    email::Email,
    id::{HandleId, MailId},
    jobs::JobKind,
    language::Language,
    seal::Sealed,
    text_enum::text_enum,
};

/// Texts of a creator that visitors read in mails and on pages about a handle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandleTexts {
    /// Where visitors can ask for help.
    pub support_email: Option<Email>,
    /// The end of mails to visitors, as plain text.
    pub mail_footer: Option<String>,
}

/// A mail that is ready to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Stays the same over retries, so that a second copy can be recognised.
    pub id: MailId,
    /// The recipient.
    pub to: Email,
    /// What the mail says.
    pub content: MailContent,
    /// The creator's texts that the mail ends with.
    pub signature: HandleTexts,
    /// Where the recipient stops such mails, if a creator causes them.
    pub stop: Option<SecretText>,
    /// The language that it is written in.
    pub language: Language,
    /// When the mail was queued.
    pub queued_at: Timestamp,
}

/// How often 0.1.0 tried mails. Those that it gave up may still be in the store.
const EARLIER_ATTEMPTS: u32 = 14;

/// A mail as it waits in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedMail {
    /// The mail's id.
    pub id: MailId,
    /// See [`MailContent::kind`].
    pub kind: MailKind,
    /// The recipient.
    pub to: Email,
    /// The handle that the mail is about, if it is about one.
    pub handle_id: Option<HandleId>,
    /// The content as sealed JSON. Once the mail is sent, it is empty if it held a secret, and otherwise after
    /// [`KEPT_SECONDS`](Self::KEPT_SECONDS).
    pub sealed: Sealed,
    /// When the mail was queued.
    pub queued_at: Timestamp,
}

impl QueuedMail {
    /// How long the content of a mail is kept, in seconds, so that it can be sent again.
    pub const KEPT_SECONDS: i64 = 30 * DAY_SECONDS;
}

/// The status of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailStatus {
    /// Waiting to be sent.
    Queued,
    /// Handed over to a mail server.
    Sent,
    /// Given up; kept for the operator to see.
    Dead,
}

text_enum!(MailStatus, Queued = "QUEUED", Sent = "SENT", Dead = "DEAD");

/// A mail in the mail log, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedMail {
    /// The mail's id.
    pub id: MailId,
    /// See [`MailContent::kind`].
    pub kind: MailKind,
    /// The recipient.
    pub to: Email,
    /// The mail's status.
    pub status: MailStatus,
    /// How often sending was tried.
    pub attempts: u32,
    /// When the mail was queued.
    pub queued_at: Timestamp,
    /// When the mail was handed over.
    pub sent_at: Option<Timestamp>,
    /// Why the last attempt failed, in the words of the mail server if it has refused the mail.
    pub last_error: Option<String>,
    /// Whether the recipient stopped the mails of the handle.
    pub is_stopped: bool,
}

impl LoggedMail {
    /// Returns the mail as the creator of its handle sees it: of one that was given up, the words of the mail server are left
    /// out. Where they are missing they would tell that an address takes no mails because of what other creators sent there.
    #[must_use]
    pub fn for_creator(self) -> Self {
        if self.status != MailStatus::Dead {
            return self;
        }
        let is_told = |reason: &String| [TOO_LATE, TAKES_NO_MAILS].contains(&reason.as_str());
        let told = self.last_error.filter(is_told).unwrap_or_else(|| NOT_DELIVERED.to_owned());
        Self { last_error: Some(told), ..self }
    }

    /// Returns whether the creator can have the mail sent once more. One that waits is sent anyway, a link to confirm an address
    /// is not kept, what [told of a moment](MailKind::tells_of_a_moment) and was sent is told once, and who stopped the mails
    /// of the handle gets none. What the mail says or leads to is not looked at, and can refuse it still.
    pub fn can_be_resent(&self) -> bool {
        let is_told = self.status == MailStatus::Sent && self.kind.tells_of_a_moment();
        let is_held_back = self.is_stopped && self.kind.is_held_back_again();
        let is_over = self.status != MailStatus::Queued && self.kind != MailKind::ConfirmMove;
        is_over && !is_told && !is_held_back
    }

    /// Returns whether the mail was tried as often as mails are, so that it was given up because of its server and not
    /// because of its recipient.
    pub fn was_tried_to_the_end(&self) -> bool {
        let policy = JobKind::SendMail.policy();
        // Between the two are mails whose recipient was refused in the end.
        policy.max_attempts.is_some_and(|most| self.attempts >= most)
            || self.attempts == EARLIER_ATTEMPTS
    }
}
