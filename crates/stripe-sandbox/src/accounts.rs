//! What becomes of a connected account: onboarding, restrictions, and the platform's access to it.

use serde::Deserialize;
use serde_json::json;

use crate::emit::DEAUTHORIZED;
use crate::error::ApiError;
use crate::model::{Account, State};
use crate::render;
use crate::state::Cause;

/// A change of an account. A member that is left out does not change.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountChange {
    pub(crate) charges_enabled: Option<bool>,
    pub(crate) payouts_enabled: Option<bool>,
    /// Whether the platform has access to the account.
    pub(crate) connected: Option<bool>,
    /// Whether the balance covers refunds.
    pub(crate) covers_refunds: Option<bool>,
    /// Whether Stripe has all details and is checking them. Until it is done it allows neither charges nor payouts.
    pub(crate) under_review: Option<bool>,
}

impl State {
    /// Completes the onboarding of an account, so that it can take charges.
    pub(crate) fn enable_account(&mut self, id: &str) {
        let Some(account) = self.accounts.get_mut(id) else {
            return;
        };
        account.enabled = true;
        account.without_charges = false;
        account.without_payouts = false;
        account.under_review = false;
        self.emit_account(id);
    }

    /// Changes an account as Stripe or its owner does.
    pub(crate) fn change_account(
        &mut self,
        id: &str,
        change: AccountChange,
    ) -> Result<(), ApiError> {
        let account = self.accounts.find_mut("account", id)?;
        let state = |it: &Account| (it.without_charges, it.without_payouts, it.under_review);
        let before = state(account);
        let was_connected = !account.disconnected;
        for (enabled, without) in [
            (change.charges_enabled, &mut account.without_charges),
            (change.payouts_enabled, &mut account.without_payouts),
        ] {
            if let Some(enabled) = enabled {
                account.enabled |= enabled;
                *without = !enabled;
            }
        }
        if let Some(under_review) = change.under_review {
            account.enabled = true;
            account.without_charges = under_review;
            account.without_payouts = under_review;
            account.under_review = under_review;
        }
        if let Some(covers) = change.covers_refunds {
            account.without_balance = !covers;
        }
        if let Some(connected) = change.connected {
            account.disconnected = !connected;
        }
        let restricted = before != state(account);
        let left = was_connected && account.disconnected;
        if restricted {
            self.emit_account(id);
        }
        if left {
            // The event is about the application, and names the account beside it.
            let application = json!({
                "id": render::APPLICATION,
                "object": "application",
                "name": "Tollgate",
            });
            self.emit(&Some(id.to_owned()), DEAUTHORIZED, application, &Cause::default());
        }
        Ok(())
    }

    /// Returns whether the platform has access to an account.
    pub(crate) fn has_access(&self, account: &str) -> bool {
        self.accounts.get(account).is_some_and(|account| !account.disconnected)
    }

    fn emit_account(&mut self, id: &str) {
        if let Some(account) = self.accounts.get(id) {
            let object = render::account(account);
            self.emit(&Some(id.to_owned()), "account.updated", object, &Cause::default());
        }
    }
}
