//! Checkout sessions.

use serde_json::{Map, Value};

use super::call::{Call, expand, expand_listed};
use super::lists::{Created, Paging};
use crate::error::ApiError;
use crate::model::{IntentData, Item, Metadata, Session, SessionExtras, State};
use crate::params::Fields;
use crate::status::SessionStatus;
use crate::{ids, money, render};

/// The limits of a session's lifetime: 30 minutes and 24 hours.
const MIN_SECONDS: i64 = 30 * 60;
const MAX_SECONDS: i64 = 24 * 3600;
/// The largest price in minor units: eight digits, but twelve in Indonesian rupiah.
const MAX_UNIT_AMOUNT: i64 = 99_999_999;

/// Parameters that Stripe supports and the sandbox ignores.
const IGNORED: [&str; 13] = [
    "adaptive_pricing",
    "after_expiration",
    "allowed_payment_method_types",
    "branding_settings",
    "consent_collection",
    "custom_text",
    "excluded_payment_method_types",
    "name_collection",
    "payment_method_options",
    "permissions",
    "phone_number_collection",
    "saved_payment_method_options",
    "wallet_options",
];

/// Parameters that are returned as they were sent, with their possible values.
const ECHOED: [(&str, &[&str]); 4] = [
    ("billing_address_collection", &["auto", "required"]),
    ("customer_creation", &["always", "if_required"]),
    ("origin_context", &["mobile_app", "web"]),
    ("submit_type", &["auto", "book", "donate", "pay"]),
];

pub(super) fn create(
    state: &mut State,
    call: &Call,
    fields: &mut Fields,
) -> Result<Value, ApiError> {
    fields.ignore(&IGNORED);
    let expand = expand("checkout.session", fields)?;
    if fields.one_of("mode", &["payment"])?.is_none() {
        return Err(fields.missing("mode"));
    }
    fields.one_of("ui_mode", &["hosted_page"])?;
    let success_url = fields.required("success_url", Fields::url)?;
    let cancel_url = fields.url("cancel_url")?;
    let created = state.now();
    let expires_at = expires_at(fields, created)?;
    let (currency, items) = line_items(fields)?;
    let session = Session {
        id: ids::random("cs_test_", 50),
        serial: state.next_serial(),
        owner: call.owner.clone(),
        created,
        expires_at,
        status: SessionStatus::Open,
        currency,
        items,
        success_url,
        cancel_url,
        client_reference_id: fields.short_text("client_reference_id", 200)?,
        customer_email: email(fields, "customer_email")?,
        metadata: fields.metadata("metadata")?,
        intent: intent_data(fields)?,
        payment: None,
        extras: extras(fields)?,
        extra: echoed(fields)?,
    };
    fields.finish()?;
    check_amounts(state, &session)?;
    let rendered = render::session(state, &session, &expand);
    state.sessions.insert(session.id.clone(), session);
    Ok(rendered)
}

fn expires_at(fields: &mut Fields, created: i64) -> Result<i64, ApiError> {
    let expires_at = fields.integer("expires_at")?;
    let expires_at = expires_at.unwrap_or(created + MAX_SECONDS);
    let message = match expires_at.saturating_sub(created) {
        ..MIN_SECONDS => "at least 30 minutes from Checkout Session creation",
        MIN_SECONDS..=MAX_SECONDS => return Ok(expires_at),
        _ => "less than 24 hours from Checkout Session creation",
    };
    Err(ApiError::invalid(format!("The `expires_at` timestamp must be {message}."))
        .param("expires_at"))
}

/// Takes the line items and their common currency.
fn line_items(fields: &mut Fields) -> Result<(String, Vec<Item>), ApiError> {
    let list = fields.list_of_fields("line_items")?;
    if list.is_empty() {
        return Err(fields.missing("line_items"));
    }
    if list.len() > 100 {
        return Err(fields.invalid("line_items", "array of at most 100 items"));
    }
    let mut currency: Option<String> = None;
    let mut items = Vec::new();
    for mut entry in list {
        let (item_currency, item) = line_item(&mut entry)?;
        if currency.get_or_insert(item_currency.clone()) != &item_currency {
            return Err(ApiError::invalid("All line items must have the same currency.")
                .param(entry.name("price_data")));
        }
        items.push(item);
    }
    Ok((currency.unwrap_or_default(), items))
}

fn line_item(fields: &mut Fields) -> Result<(String, Item), ApiError> {
    if let Some(price) = fields.text("price")? {
        return Err(ApiError::missing("price", &price).param(fields.name("price")));
    }
    let quantity = fields.required("quantity", Fields::integer)?;
    if !(1..=999_999).contains(&quantity) {
        return Err(fields.invalid("quantity", "positive integer"));
    }
    let mut price = fields.required("price_data", Fields::fields)?;
    fields.ignore(&["metadata"]);
    fields.finish()?;
    let currency = price.required("currency", Fields::text)?.to_lowercase();
    if !money::is_known(&currency) {
        return Err(ApiError::invalid(format!("Invalid currency: {currency}."))
            .param(price.name("currency")));
    }
    let unit_amount = price.required("unit_amount", Fields::integer)?;
    let most = if currency == "idr" { money::MAXIMUM } else { MAX_UNIT_AMOUNT };
    if !(0..=most).contains(&unit_amount) {
        return Err(price
            .invalid("unit_amount", "non-negative integer that is not too large")
            .code("parameter_invalid_integer"));
    }
    // These two have amounts in hundredths, which must be a multiple of 100.
    if matches!(currency.as_str(), "isk" | "ugx") && unit_amount % 100 != 0 {
        return Err(price.invalid("unit_amount", "amount, which must end in 00"));
    }
    let tax = price.one_of("tax_behavior", &["exclusive", "inclusive", "unspecified"])?;
    let without_tax = tax.as_deref() != Some("inclusive");
    let mut product = price.required("product_data", Fields::fields)?;
    price.finish()?;
    let name = product.required("name", Fields::text)?;
    let description = product.text("description")?;
    product.ignore(&["images", "metadata", "tax_code", "unit_label"]);
    product.finish()?;
    let id = ids::random("li_1", 23);
    let item = Item { without_tax, id, name, description, unit_amount, quantity };
    Ok((currency, item))
}

/// Reads which extras the payment is to have: an invoice, automatic tax, or the tax id of the buyer.
fn extras(fields: &mut Fields) -> Result<SessionExtras, ApiError> {
    let mut is_on = |name: &str, others: &[&str]| {
        let Some(mut nested) = fields.fields(name)? else { return Ok(false) };
        let enabled = nested.required("enabled", Fields::boolean)?;
        nested.ignore(others);
        nested.finish()?;
        Ok(enabled)
    };
    Ok(SessionExtras {
        invoice: is_on("invoice_creation", &["invoice_data"])?,
        automatic_tax: is_on("automatic_tax", &["liability"])?,
        tax_id: is_on("tax_id_collection", &["required"])?,
    })
}

fn intent_data(fields: &mut Fields) -> Result<IntentData, ApiError> {
    let Some(mut fields) = fields.fields("payment_intent_data")? else {
        return Ok(IntentData::default());
    };
    fields.one_of("capture_method", &["automatic", "automatic_async"])?;
    let application_fee = fields.integer("application_fee_amount")?;
    let metadata: Metadata = fields.metadata("metadata")?;
    let data = IntentData {
        metadata,
        description: fields.short_text("description", 1000)?,
        application_fee,
        receipt_email: email(&mut fields, "receipt_email")?,
        statement_descriptor: fields.short_text("statement_descriptor", 22)?,
        statement_descriptor_suffix: fields.short_text("statement_descriptor_suffix", 22)?,
    };
    if application_fee.is_some_and(|fee| fee < 1) {
        return Err(fields
            .invalid("application_fee_amount", "positive integer")
            .code("parameter_invalid_integer"));
    }
    fields.finish()?;
    Ok(data)
}

fn email(fields: &mut Fields, name: &str) -> Result<Option<String>, ApiError> {
    let email = fields.short_text(name, 800)?;
    let plausible = |email: &String| {
        let parts = email.split_once('@');
        parts.is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
            && !email.contains(char::is_whitespace)
    };
    match email {
        Some(email) if !plausible(&email) => Err(ApiError::invalid("Invalid email address")
            .code("email_invalid")
            .param(fields.name(name))),
        email => Ok(email),
    }
}

fn echoed(fields: &mut Fields) -> Result<Map<String, Value>, ApiError> {
    let mut echoed = Map::new();
    for (name, known) in ECHOED {
        if let Some(value) = fields.one_of(name, known)? {
            echoed.insert(name.to_owned(), value.into());
        }
    }
    if let Some(locale) = fields.short_text("locale", 6)? {
        echoed.insert("locale".to_owned(), locale.into());
    }
    Ok(echoed)
}

/// Checks the total and the application fee, and that the account can take charges.
fn check_amounts(state: &State, session: &Session) -> Result<(), ApiError> {
    let (total, currency) = (session.total(), session.currency.as_str());
    let minimum = money::minimum(currency);
    if total < minimum {
        return Err(ApiError::invalid(format!(
            "The Checkout Session's total amount due must add up to at least {}",
            money::display(minimum, currency)
        ))
        .code("amount_too_small"));
    }
    let step = money::step(currency);
    if total % step != 0 {
        return Err(ApiError::invalid(format!(
            "Amounts in {currency} have to be a multiple of {step}."
        )));
    }
    if total > money::MAXIMUM {
        return Err(
            ApiError::invalid("The total amount due has too many digits.").code("amount_too_large")
        );
    }
    let fee = "payment_intent_data[application_fee_amount]";
    match (&session.owner, session.intent.application_fee) {
        (None, Some(_)) => Err(ApiError::invalid(
            "Can only apply an application_fee when the request is made on behalf of another account.",
        )
        .code("application_fees_not_allowed")
        .param(fee)),
        (Some(_), Some(amount)) if amount > total => Err(ApiError::invalid(
            "The application fee must be at most the amount of the payment.",
        )
        .param(fee)),
        (Some(id), _) => match state.accounts.get(id) {
            Some(account) if account.charges_enabled() => Ok(()),
            Some(account) if account.enabled => Err(ApiError::restricted()),
            _ => Err(ApiError::refused(
                "account_invalid",
                "The account cannot currently make charges: complete its onboarding first.",
            )),
        },
        _ => Ok(()),
    }
}

fn find<'a>(state: &'a State, call: &Call, id: &str) -> Result<&'a Session, ApiError> {
    let session = state.sessions.get(id);
    session
        .filter(|session| session.owner == call.owner)
        .ok_or_else(|| ApiError::missing("checkout.session", id))
}

pub(super) fn get(
    state: &State,
    call: &Call,
    fields: &mut Fields,
    id: &str,
) -> Result<Value, ApiError> {
    let expand = expand("checkout.session", fields)?;
    fields.finish()?;
    let session = find(state, call, id)?;
    Ok(render::session(state, session, &expand))
}

pub(super) fn list(state: &State, call: &Call, fields: &mut Fields) -> Result<Value, ApiError> {
    let expand = expand_listed("checkout.session", fields)?;
    let paging = Paging::take(fields)?;
    let created = Created::take(fields)?;
    let status = fields.one_of("status", &["complete", "expired", "open"])?;
    let payment = fields.text("payment_intent")?;
    let email = match fields.fields("customer_details")? {
        Some(mut details) => {
            let email = details.required("email", Fields::text)?;
            details.finish()?;
            Some(email)
        }
        None => None,
    };
    for kind in ["customer", "customer_account", "payment_link", "subscription"] {
        if let Some(id) = fields.text(kind)? {
            return Err(ApiError::missing(kind, &id).param(kind));
        }
    }
    fields.finish()?;
    let mut ours: Vec<&Session> =
        state.sessions.values().filter(|session| session.owner == call.owner).collect();
    ours.sort_by_key(|session| std::cmp::Reverse((session.created, session.serial)));
    let is_status = |session: &Session| {
        status.as_deref().is_none_or(|status| session.status.as_str() == status)
    };
    paging.list(
        ("checkout.session", "/v1/checkout/sessions"),
        ours,
        |session| &session.id,
        |session| {
            created.admits(session.created)
                && is_status(session)
                && (payment.is_none() || payment == session.payment)
                && (email.is_none() || email == session.customer_email)
        },
        |session| render::session(state, session, &expand),
    )
}

pub(super) fn expire(
    state: &mut State,
    call: &Call,
    fields: &mut Fields,
    id: &str,
) -> Result<Value, ApiError> {
    let expand = expand("checkout.session", fields)?;
    fields.finish()?;
    let session = find(state, call, id)?;
    if session.status != SessionStatus::Open {
        let mut error =
            ApiError::invalid("Only Checkout Sessions with a status in [\"open\"] can be expired.");
        error.executed = true;
        return Err(error.param("session"));
    }
    state.expire(id, &call.cause);
    let session = find(state, call, id)?;
    Ok(render::session(state, session, &expand))
}
