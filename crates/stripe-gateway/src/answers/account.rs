//! Connected accounts.

use miniserde::{Deserialize, json::Value};
use tollgate_domain::payments::{AccountId, AccountReport, AccountState};

use super::ACCOUNT;
use crate::{
    failure::CallError,
    ids::given,
    values::{is_true, member, text, text_of},
};

#[derive(Deserialize)]
pub(crate) struct Account {
    pub(super) id: String,
    deleted: Option<Value>,
    // What the account can do is never guessed, so that these fail if they are other values.
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

    /// Returns what the account can do. Stripe tells of a deleted account in an answer that is not an error, and nobody has access to
    /// it any more.
    pub(crate) fn report(&self) -> Result<AccountReport, CallError> {
        if self.deleted.as_ref().is_some_and(is_true) {
            return Err(CallError::deleted_account());
        }
        let state = AccountState {
            charges_enabled: self.charges_enabled.unwrap_or_default(),
            payouts_enabled: self.payouts_enabled.unwrap_or_default(),
            details_submitted: self.details_submitted.unwrap_or_default(),
        };
        Ok(AccountReport { state, due: self.due().unwrap_or_default() })
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
