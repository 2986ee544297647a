//! Connected accounts.

use miniserde::Deserialize;
use tollgate_domain::payments::{AccountReport, AccountState};

use super::{ACCOUNT, Metadata};

#[derive(Deserialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    charges_enabled: Option<bool>,
    payouts_enabled: Option<bool>,
    details_submitted: Option<bool>,
    metadata: Metadata,
    requirements: Option<Requirements>,
}

#[derive(Deserialize)]
struct Requirements {
    currently_due: Option<Vec<String>>,
}

impl Account {
    pub(crate) fn label(&self) -> Option<&str> {
        self.metadata.as_ref()?.get(ACCOUNT).map(String::as_str)
    }

    pub(crate) fn report(self) -> AccountReport {
        let state = AccountState {
            charges_enabled: self.charges_enabled.unwrap_or_default(),
            payouts_enabled: self.payouts_enabled.unwrap_or_default(),
            details_submitted: self.details_submitted.unwrap_or_default(),
        };
        let due = self.requirements.and_then(|requirements| requirements.currently_due);
        AccountReport { state, due: due.unwrap_or_default() }
    }
}

#[derive(Deserialize)]
pub(crate) struct AccountLink {
    pub(crate) url: String,
}
