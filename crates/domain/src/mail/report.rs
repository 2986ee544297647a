//! What a mail service reports of the mails that it was given.

use jiff::Timestamp;

use crate::email::Email;

/// A report of a mail service on a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailReport {
    /// A mail was returned permanently: the address accepts no mails.
    Bounced(Email),
    /// The recipient reported a mail as unwanted.
    Complained(Email),
}

/// A message of a mail service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailMessage {
    /// Reports on mails. Empty if the message contains nothing that is recorded, such as that a mail arrived.
    Reports(Vec<MailReport>),
    /// The service asks for confirmation that its messages are wanted, by a visit to this URL.
    Confirm(String),
}

/// The reports on mails to an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Returned {
    /// When a mail was last returned. `None` again once a mailed link was followed, which proves that mails arrive.
    pub bounced_at: Option<Timestamp>,
    /// When the recipient last complained.
    pub complained_at: Option<Timestamp>,
}

impl Returned {
    /// Returns whether the address takes mails that its owner did not ask for.
    pub fn takes_mails(self) -> bool {
        self.bounced_at.is_none() && self.complained_at.is_none()
    }

    /// Returns the reports that came after the first mail that somebody sent to the address. What was reported before has to
    /// do with others.
    pub(super) fn since(self, first_sent: Option<Timestamp>) -> Self {
        let follows = |at: &Timestamp| first_sent.is_some_and(|sent| sent <= *at);
        Self {
            bounced_at: self.bounced_at.filter(follows),
            complained_at: self.complained_at.filter(follows),
        }
    }
}
