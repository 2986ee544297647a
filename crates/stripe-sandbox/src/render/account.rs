//! Connected accounts and their onboarding links.

use serde_json::{Value, json};

use super::template::{ACCOUNT, ACCOUNT_LINK, fill, list};
use crate::model::{Account, Controller, Link, State};

/// The requirements of an account that is not onboarded.
const DUE: [&str; 3] = ["business_profile.url", "external_account", "tos_acceptance.date"];

/// The requirement of an account that was restricted later.
const RESTRICTED: [&str; 1] = ["individual.verification.document"];

pub(crate) fn account(account: &Account) -> Value {
    let capability = if account.charges_enabled() { "active" } else { "inactive" };
    let able = account.charges_enabled() && account.payouts_enabled();
    let is_checked = account.under_review && !able;
    let due: &[&str] = match (account.enabled, able) {
        (false, _) => &DUE,
        (true, false) if is_checked => &[],
        (true, false) => &RESTRICTED,
        (true, true) => &[],
    };
    let pending: &[&str] = if is_checked { &RESTRICTED } else { &[] };
    let reason =
        if is_checked { "requirements.pending_verification" } else { "requirements.past_due" };
    let disabled = (!able).then_some(reason);
    let default = Controller {
        fee_payer: "account".to_owned(),
        losses: "stripe".to_owned(),
        requirement_collection: "stripe".to_owned(),
        dashboard: "full".to_owned(),
    };
    let controller = account.controller.as_ref().unwrap_or(&default);
    fill(
        &ACCOUNT,
        json!({
            "id": account.id,
            "created": account.created,
            "country": account.country,
            "email": account.email,
            "metadata": account.metadata,
            "type": account.kind,
            "controller": {
                "type": "application",
                "is_controller": true,
                "fees": {"payer": controller.fee_payer},
                "losses": {"payments": controller.losses},
                "requirement_collection": controller.requirement_collection,
                "stripe_dashboard": {"type": controller.dashboard},
            },
            "capabilities": {"card_payments": capability, "transfers": capability},
            "charges_enabled": account.charges_enabled(),
            "payouts_enabled": account.payouts_enabled(),
            "details_submitted": account.enabled,
            "external_accounts": list(
                &format!("/v1/accounts/{}/external_accounts", account.id),
                &[],
                false,
            ),
            "requirements": {
                "alternatives": [],
                "current_deadline": null,
                "currently_due": due,
                "disabled_reason": disabled,
                "errors": [],
                "eventually_due": due,
                "past_due": due,
                "pending_verification": pending,
            },
        }),
    )
}

pub(crate) fn account_link(state: &State, token: &str, link: &Link) -> Value {
    fill(
        &ACCOUNT_LINK,
        json!({
            "created": link.created,
            "expires_at": link.expires_at,
            "url": format!("{}/connect/{token}", state.base_url),
        }),
    )
}
