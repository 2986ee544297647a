//! Stripe's objects, made from what the sandbox remembers.
//!
//! Each object starts as a complete template with every member that Stripe's contract requires, and is
//! overlaid with what is known.

mod account;
mod payment;
mod refund;
mod session;

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

pub(crate) use account::{account, account_link};
pub(crate) use payment::{charge, payment_intent};
pub(crate) use refund::{dispute, refund};
pub(crate) use session::session;

use crate::error::ApiError;
use crate::model::{Event, State};

/// The version in which objects and events are rendered; the one of the contract.
pub(crate) const API_VERSION: &str = "2026-10-28.endive";

macro_rules! template {
    ($name:ident, $file:literal) => {
        pub(crate) static $name: LazyLock<Map<String, Value>> =
            LazyLock::new(|| parse(include_str!(concat!("../objects/", $file, ".json"))));
    };
}

template!(ACCOUNT, "account");
template!(ACCOUNT_LINK, "account_link");
template!(CHARGE, "charge");
template!(DISPUTE, "dispute");
template!(PAYMENT_INTENT, "payment_intent");
template!(REFUND, "refund");
template!(SESSION, "checkout.session");

#[expect(clippy::expect_used, reason = "the templates are part of the program text")]
fn parse(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).expect("a template is a JSON object")
}

/// The template with `known` laid over it.
fn fill(template: &Map<String, Value>, known: Value) -> Value {
    let mut object = template.clone();
    if let Value::Object(known) = known {
        object.extend(known);
    }
    Value::Object(object)
}

/// What can be expanded: object, member, and the object behind it.
const EXPANDABLE: &[(&str, &str, &str)] = &[
    ("checkout.session", "payment_intent", "payment_intent"),
    ("checkout.session", "line_items", "item"),
    ("payment_intent", "latest_charge", "charge"),
    ("charge", "payment_intent", "payment_intent"),
    ("charge", "refunds", "refund"),
    ("refund", "charge", "charge"),
    ("refund", "payment_intent", "payment_intent"),
    ("dispute", "charge", "charge"),
    ("dispute", "payment_intent", "payment_intent"),
];

/// The members of an object that are answered whole instead of as an id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expand(Vec<String>);

impl Expand {
    /// Refuses what cannot be expanded, as Stripe does, and more than four levels.
    pub(crate) fn parse(object: &str, paths: Vec<String>) -> Result<Self, ApiError> {
        for path in &paths {
            let mut kind = object;
            for (depth, member) in path.split('.').enumerate() {
                let target = EXPANDABLE.iter().find(|(of, name, _)| *of == kind && *name == member);
                kind = match target {
                    Some((_, _, target)) if depth < 4 => target,
                    _ => {
                        return Err(ApiError::invalid(format!(
                            "This property cannot be expanded ({path})."
                        ))
                        .param("expand"));
                    }
                };
            }
        }
        Ok(Self(paths))
    }

    /// What is expanded within `member`, when it is expanded itself.
    fn within(&self, member: &str) -> Option<Self> {
        let mut asked = false;
        let mut inner = Vec::new();
        for path in &self.0 {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            if first == member {
                asked = true;
                if !rest.is_empty() {
                    inner.push(rest.to_owned());
                }
            }
        }
        asked.then_some(Self(inner))
    }
}

/// A payment intent as an id, or whole when it is expanded.
fn intent_reference(state: &State, id: &str, expand: &Expand) -> Value {
    match (expand.within("payment_intent"), state.payments.get(id)) {
        (Some(inner), Some(payment)) => payment_intent(state, payment, &inner),
        _ => json!(id),
    }
}

/// The charge of a payment as an id, or whole when `member` is expanded.
fn charge_reference(state: &State, intent: &str, member: &str, expand: &Expand) -> Value {
    let Some(payment) = state.payments.get(intent) else {
        return Value::Null;
    };
    match expand.within(member) {
        Some(inner) => charge(state, payment, &inner),
        None => json!(payment.charge_id),
    }
}

pub(crate) fn list(url: &str, data: &[Value], has_more: bool) -> Value {
    json!({"object": "list", "url": url, "has_more": has_more, "data": data})
}

pub(crate) fn event(state: &State, event: &Event) -> Value {
    let pending = state.deliveries.values().filter(|delivery| delivery.event == event.id).count();
    let mut rendered = json!({
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": event.created,
        "data": {"object": event.object},
        "livemode": false,
        "pending_webhooks": pending,
        "request": {"id": event.request, "idempotency_key": event.idempotency_key},
        "type": event.kind,
    });
    if let (Some(account), Some(members)) = (&event.owner, rendered.as_object_mut()) {
        members.insert("account".to_owned(), json!(account));
    }
    rendered
}
