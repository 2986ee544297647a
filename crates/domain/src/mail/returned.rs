//! Mails that came back, and recipients who complained of them.

use std::sync::Arc;

use jiff::Timestamp;

use super::ports::OutboxReads;
use crate::{email::Email, opaque_debug::opaque_debug, store::Runtime, store_error::StoreError};

/// What a mail service reports of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailReport {
    /// A mail came back for good: the address takes no mails.
    Bounced(Email),
    /// The recipient called a mail unwanted.
    Complained(Email),
}

/// A message of a mail service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailMessage {
    /// What became of mails. Empty if the message is about nothing that counts, such as a mail that arrived.
    Reports(Vec<MailReport>),
    /// The service asks for proof that its messages are wanted: somebody has to open this address.
    Confirm(String),
}

/// What was reported of mails to an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Returned {
    /// When a mail last came back. A link that is followed proves that mails arrive, and ends it.
    pub bounced_at: Option<Timestamp>,
    /// When the recipient last complained.
    pub complained_at: Option<Timestamp>,
}

impl Returned {
    /// Returns whether the address takes mails that its owner did not ask for.
    pub fn takes_mails(self) -> bool {
        self.bounced_at.is_none() && self.complained_at.is_none()
    }
}

/// The use case of taking what a mail service reports.
#[derive(Clone)]
pub struct MailReports {
    runtime: Runtime,
    reads: Arc<dyn OutboxReads>,
}

impl MailReports {
    /// Creates the use case.
    pub fn new(runtime: Runtime, reads: Arc<dyn OutboxReads>) -> Self {
        Self { runtime, reads }
    }

    /// Returns what was reported of mails to an address.
    pub async fn of(&self, email: &Email) -> Result<Returned, StoreError> {
        self.reads.returned(email).await
    }

    /// Marks the addresses. Mails that a creator causes are not sent to them any more; what their owners ask
    /// for is.
    pub async fn take(&self, reports: &[MailReport]) -> Result<(), StoreError> {
        if reports.is_empty() {
            return Ok(());
        }
        let now = self.runtime.now();
        let mut unit = self.runtime.begin().await?;
        for report in reports {
            match report {
                MailReport::Bounced(email) => unit.returned_mails().bounced(email, now).await?,
                MailReport::Complained(email) => {
                    unit.returned_mails().complained(email, now).await?;
                }
            }
        }
        unit.commit().await
    }
}

opaque_debug!(MailReports);
