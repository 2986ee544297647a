//! Mails that came back, and recipients who complained of them.

use std::sync::Arc;

use jiff::Timestamp;

use super::ports::OutboxReads;
use crate::{email::Email, opaque_debug::opaque_debug, store::Runtime, store_error::StoreError};

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

    /// Returns the reports on mails to an address.
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
