//! Templates of Stripe's objects, with every member that its contract requires.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

macro_rules! template {
    ($name:ident, $file:literal) => {
        pub(super) static $name: LazyLock<Map<String, Value>> =
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

#[expect(clippy::expect_used, reason = "the templates are compiled in")]
fn parse(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).expect("a template is a JSON object")
}

/// Returns the template with the members of `known` added or replaced.
pub(super) fn fill(template: &Map<String, Value>, known: Value) -> Value {
    let mut object = template.clone();
    if let Value::Object(known) = known {
        object.extend(known);
    }
    Value::Object(object)
}

/// Builds a list object.
pub(crate) fn list(url: &str, data: &[Value], has_more: bool) -> Value {
    json!({"object": "list", "url": url, "has_more": has_more, "data": data})
}
