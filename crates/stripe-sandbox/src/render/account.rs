//! Connected accounts and the links to their onboarding.

use serde_json::{Value, json};

use super::{ACCOUNT, ACCOUNT_LINK, fill};
use crate::model::{Account, Link, State};

/// What Stripe still wants to know before onboarding is done.
const DUE: [&str; 3] = ["business_profile.url", "external_account", "tos_acceptance.date"];

pub(crate) fn account(_state: &State, account: &Account) -> Value {
    let capability = if account.enabled { "active" } else { "inactive" };
    let due: &[&str] = if account.enabled { &[] } else { &DUE };
    let disabled = (!account.enabled).then_some("requirements.past_due");
    let controller = account.controller.as_ref().map_or_else(
        || {
            json!({
                "type": "application",
                "is_controller": true,
                "fees": {"payer": "account"},
                "losses": {"payments": "stripe"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "full"},
            })
        },
        |controller| {
            json!({
                "type": "application",
                "is_controller": true,
                "fees": {"payer": controller.fee_payer},
                "losses": {"payments": controller.losses},
                "requirement_collection": controller.requirement_collection,
                "stripe_dashboard": {"type": controller.dashboard},
            })
        },
    );
    fill(
        &ACCOUNT,
        json!({
            "id": account.id,
            "created": account.created,
            "country": account.country,
            "email": account.email,
            "metadata": account.metadata,
            "type": account.kind,
            "controller": controller,
            "capabilities": {"card_payments": capability, "transfers": capability},
            "charges_enabled": account.enabled,
            "payouts_enabled": account.enabled,
            "details_submitted": account.enabled,
            "external_accounts": super::list(
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
                "pending_verification": [],
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
