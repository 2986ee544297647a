//! Connected accounts and their onboarding links.

use serde_json::Value;

use super::call::{Call, expand};
use super::lists::{Created, Paging};
use crate::error::ApiError;
use crate::ids;
use crate::model::{Account, Controller, Link, State};
use crate::params::Fields;
use crate::render;

/// The lifetime of an account link: five minutes.
const LINK_SECONDS: i64 = 300;

/// Parameters that Stripe supports and the sandbox ignores.
const IGNORED: [&str; 11] = [
    "account_token",
    "business_profile",
    "business_type",
    "capabilities",
    "company",
    "default_currency",
    "documents",
    "external_account",
    "individual",
    "settings",
    "tos_acceptance",
];

pub(super) fn create(
    state: &mut State,
    call: &Call,
    fields: &mut Fields,
) -> Result<Value, ApiError> {
    fields.ignore(&IGNORED);
    expand("account", fields)?;
    let kind = fields.one_of("type", &["standard", "express", "custom"])?;
    let controller = controller(fields)?;
    if kind.is_some() && controller.is_some() {
        return Err(ApiError::invalid(
            "You may not provide the `type` parameter and `controller` parameters simultaneously.",
        )
        .param("type"));
    }
    let email = fields.text("email")?;
    let country = fields.text("country")?;
    if country.as_ref().is_some_and(|country| country.len() != 2) {
        return Err(fields.invalid("country", "country"));
    }
    let metadata = fields.metadata("metadata")?;
    fields.finish()?;
    if call.owner.is_some() {
        return Err(ApiError::invalid(
            "An account is created by the platform, without a Stripe-Account header.",
        ));
    }
    let dashboard = controller.as_ref().map(|it| it.dashboard.as_str());
    let account = Account {
        id: ids::random("acct_1", 15),
        created: state.now(),
        email,
        country: country.unwrap_or_else(|| "US".to_owned()),
        kind: kind.unwrap_or_else(|| {
            match dashboard {
                None | Some("full") => "standard",
                Some(_) => "none",
            }
            .to_owned()
        }),
        controller,
        metadata,
        enabled: false,
        without_charges: false,
        without_payouts: false,
        disconnected: false,
        without_balance: false,
        under_review: false,
    };
    let rendered = render::account(&account);
    state.accounts.insert(account.id.clone(), account);
    Ok(rendered)
}

/// Lists the accounts that the platform has access to, newest first.
pub(super) fn list(state: &State, call: &Call, fields: &mut Fields) -> Result<Value, ApiError> {
    let (paging, created) = (Paging::take(fields)?, Created::take(fields)?);
    expand("account", fields)?;
    fields.finish()?;
    if call.owner.is_some() {
        return Err(ApiError::invalid("Only the platform can list its connected accounts."));
    }
    let mut accounts: Vec<_> = state.accounts.values().collect();
    // Ids are random, so accounts of the same second have any order, but always the same.
    accounts.sort_by(|one, other| (other.created, &other.id).cmp(&(one.created, &one.id)));
    let admits = |it: &Account| created.admits(it.created) && state.has_access(&it.id);
    paging.list(("account", "/v1/accounts"), accounts, |it| &it.id, admits, render::account)
}

fn controller(fields: &mut Fields) -> Result<Option<Controller>, ApiError> {
    let Some(mut fields) = fields.fields("controller")? else {
        return Ok(None);
    };
    let mut inner = |map: &str, name: &str, known: &[&str], default: &str| {
        let Some(mut fields) = fields.fields(map)? else {
            return Ok(default.to_owned());
        };
        let value = fields.one_of(name, known)?;
        fields.finish()?;
        Ok(value.unwrap_or_else(|| default.to_owned()))
    };
    let fee_payer = inner("fees", "payer", &["account", "application"], "account")?;
    let losses = inner("losses", "payments", &["application", "stripe"], "stripe")?;
    let dashboard = inner("stripe_dashboard", "type", &["express", "full", "none"], "full")?;
    let requirement_collection = fields
        .one_of("requirement_collection", &["application", "stripe"])?
        .unwrap_or_else(|| "stripe".to_owned());
    fields.finish()?;
    Ok(Some(Controller { fee_payer, losses, requirement_collection, dashboard }))
}

/// Returns an account to the platform, or to the account itself.
pub(super) fn get(
    state: &State,
    call: &Call,
    fields: &mut Fields,
    id: &str,
) -> Result<Value, ApiError> {
    expand("account", fields)?;
    fields.finish()?;
    state
        .accounts
        .get(id)
        .filter(|account| call.owner.as_ref().is_none_or(|owner| *owner == account.id))
        .filter(|account| state.has_access(&account.id))
        .map(render::account)
        .ok_or_else(|| ApiError::foreign_account(id))
}

pub(super) fn create_link(
    state: &mut State,
    call: &Call,
    fields: &mut Fields,
) -> Result<Value, ApiError> {
    fields.ignore(&["collect", "collection_options"]);
    expand("account_link", fields)?;
    let account = fields.required("account", Fields::text)?;
    let kind = fields.one_of("type", &["account_onboarding", "account_update"])?;
    if kind.is_none() {
        return Err(fields.missing("type"));
    }
    let refresh_url = fields.required("refresh_url", Fields::url)?;
    let return_url = fields.required("return_url", Fields::url)?;
    fields.finish()?;
    if call.owner.is_some() || !state.has_access(&account) {
        return Err(ApiError::foreign_account(&account).param("account"));
    }
    let token = ids::random("", 32);
    let created = state.now();
    let link = Link {
        account,
        created,
        expires_at: created + LINK_SECONDS,
        refresh_url,
        return_url,
        used: false,
    };
    let rendered = render::account_link(state, &token, &link);
    state.links.insert(token, link);
    Ok(rendered)
}
