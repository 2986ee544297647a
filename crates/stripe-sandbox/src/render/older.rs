//! Objects as an older API version renders them: without the members that are newer.

use serde_json::{Map, Value, json};

/// The API version of an account that never upgraded.
pub(crate) const OLD_VERSION: &str = "2020-08-27";

/// The members of objects at that version. Source: docs.stripe.com/changelog.
const MEMBERS: [(&str, &[&str]); 4] = [
    (
        "checkout.session",
        &[
            "amount_subtotal",
            "amount_total",
            "cancel_url",
            "client_reference_id",
            "currency",
            "customer",
            "customer_email",
            "livemode",
            "metadata",
            "mode",
            "payment_intent",
            "payment_status",
            "success_url",
        ],
    ),
    (
        "refund",
        &[
            "amount",
            "balance_transaction",
            "charge",
            "created",
            "currency",
            "metadata",
            "payment_intent",
            "reason",
            "receipt_number",
            "status",
        ],
    ),
    (
        "dispute",
        &[
            "amount",
            "balance_transactions",
            "charge",
            "created",
            "currency",
            "evidence",
            "evidence_details",
            "is_charge_refundable",
            "livemode",
            "metadata",
            "payment_intent",
            "reason",
            "status",
        ],
    ),
    (
        "account",
        &[
            "business_type",
            "charges_enabled",
            "country",
            "created",
            "default_currency",
            "details_submitted",
            "email",
            "metadata",
            "payouts_enabled",
            "type",
        ],
    ),
];

/// Returns the object as the older version renders it. An object of another kind does not change.
pub(crate) fn older(object: Value) -> Value {
    let Value::Object(members) = object else { return object };
    let kind = members.get("object").and_then(Value::as_str).unwrap_or_default();
    let Some((_, known)) = MEMBERS.iter().find(|(known, _)| *known == kind) else {
        return Value::Object(members);
    };
    let is_session = kind == "checkout.session";
    let is_kept = |name: &str| matches!(name, "id" | "object") || known.contains(&name);
    let mut kept: Map<String, Value> =
        members.into_iter().filter(|(name, _)| is_kept(name)).collect();
    if is_session {
        kept.insert("payment_method_types".to_owned(), json!(["card"]));
    }
    Value::Object(kept)
}
