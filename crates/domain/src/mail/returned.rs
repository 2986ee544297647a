//! Mails that came back, and recipients who complained of them.

use std::sync::Arc;

use super::{MailReport, Returned, ports::OutboxReads};
use crate::{email::Email, opaque_debug::opaque_debug, store::Runtime, store_error::StoreError};

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
