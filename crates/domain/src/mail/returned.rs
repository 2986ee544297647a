//! Mails that came back, and recipients who complained of them.

use std::sync::Arc;

use super::{MailReport, Returned, ports::OutboxReads};
use crate::{
    email::Email, id::HandleId, opaque_debug::opaque_debug, store::Runtime, store_error::StoreError,
};

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

    /// Returns the reports on mails to an address that came after the first mail about a handle was sent there, for the
    /// handle's creator, who does not learn what became of mails of other creators.
    pub async fn about(&self, handle: HandleId, email: &Email) -> Result<Returned, StoreError> {
        let returned = self.of(email).await?;
        if returned.takes_mails() {
            return Ok(returned);
        }
        Ok(returned.since(self.reads.first_sent(handle, email).await?))
    }

    /// Returns whether a mail about a handle went to an address or is on its way there.
    pub async fn has_mailed(&self, handle: HandleId, email: &Email) -> Result<bool, StoreError> {
        self.reads.has_mail_to(handle, email).await
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
