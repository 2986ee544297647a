//! Connected accounts.

use miniserde::{Deserialize, json::Value};
use tollgate_domain::payments::{AccountId, AccountReport, AccountState};

use super::ACCOUNT;
use crate::{
    failure::CallError,
    ids::given,
    values::{member, text, text_of},
};

#[derive(Deserialize)]
pub(crate) struct Account {
    pub(super) id: String,
    // What the account can do is never guessed, so that these fail if they are no such values.
    charges_enabled: Option<bool>,
    payouts_enabled: Option<bool>,
    details_submitted: Option<bool>,
    metadata: Option<Value>,
    requirements: Option<Value>,
}

impl Account {
    /// Returns the id of an account that was created or found.
    pub(crate) fn named(self) -> Result<AccountId, CallError> {
        given(self.id).map(AccountId::new)
    }

    pub(crate) fn label(&self) -> Option<&str> {
        text_of(self.metadata.as_ref()?, ACCOUNT)
    }

    pub(crate) fn report(&self) -> AccountReport {
        let state = AccountState {
            charges_enabled: self.charges_enabled.unwrap_or_default(),
            payouts_enabled: self.payouts_enabled.unwrap_or_default(),
            details_submitted: self.details_submitted.unwrap_or_default(),
        };
        AccountReport { state, due: self.due().unwrap_or_default() }
    }

    fn due(&self) -> Option<Vec<String>> {
        let due = member(self.requirements.as_ref()?, "currently_due")?;
        let Value::Array(due) = due else { return None };
        Some(due.iter().filter_map(text).map(ToOwned::to_owned).collect())
    }
}

#[derive(Deserialize)]
pub(crate) struct AccountLink {
    pub(crate) url: String,
}
