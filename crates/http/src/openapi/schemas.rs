//! Schemas of values that many bodies share and that are texts in Rust, with what the server accepts. A
//! field refers to one by `#[schema(value_type = schemas::Slug)]`, or `value_type = Option<schemas::Slug>`.
//! Enums derive their schemas: see [`text_enum`](crate::text_enum).
//!
//! Other texts give their kind as their format: `line` is one line, `text` may have several; neither
//! accepts control characters.

use std::{borrow::Cow, collections::BTreeMap};

use crate::json::JsonExt;
use serde_json::{Value, json};
use tollgate_domain::money::Currency;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Object, RefOr, Schema},
};

macro_rules! schemas {
    ($($(#[doc = $doc:literal])+ $name:ident = $schema:expr;)+) => {
        $(
            $(#[doc = $doc])+
            pub(crate) struct $name;

            impl PartialSchema for $name {
                /// Its place; the schema comes with [`schemas`].
                fn schema() -> RefOr<Schema> {
                    Schema::Object(Object::new()).into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($name))
                }
            }
        )+

        /// Returns all of them, by name.
        pub(super) fn schemas() -> Vec<(&'static str, Value)> {
            vec![$((stringify!($name), with_description($schema, &[$($doc),+]))),+]
        }
    };
}

schemas! {
    /// An e-mail address. It is trimmed and lower-cased; domains may be international.
    EmailAddress = json!({
        "type": "string", "format": "email", "maxLength": 254, "examples": ["buyer@example.com"]
    });
    /// A creator's namespace: the first label of its host. Some names are reserved.
    HandleName = json!({
        "type": "string", "minLength": 3, "maxLength": 32,
        "pattern": "^[a-z0-9](?:[a-z0-9-]{1,30}[a-z0-9])$", "examples": ["ada"]
    });
    /// The name of a page, a file or a group buy under its handle. Some names are reserved.
    Slug = json!({
        "type": "string", "minLength": 1, "maxLength": 64,
        "pattern": "^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$", "examples": ["guide"]
    });
    /// An instant in UTC (RFC 3339).
    Instant = json!({
        "type": "string", "format": "date-time", "pattern": "Z$", "examples": ["2026-03-01T09:30:00Z"]
    });
    /// The instant in UTC (RFC 3339) at which something ended, or null while it lasts.
    End = json!({
        "type": ["string", "null"], "format": "date-time", "pattern": "Z$", "examples": [null]
    });
    /// Where a browser goes on to: an absolute https address, or an http address of localhost, a name that ends in
    /// .localhost or a loopback address, without a user name.
    Address = json!({
        "type": "string", "format": "uri", "maxLength": 2000, "pattern": r"^https?://[A-Za-z0-9_\[-]",
        "examples": ["https://example.com/thanks"]
    });
    /// A path, or an address on a host of this installation or on an origin that a creator registered. A path is on the
    /// host that is asked if that is a handle's, and otherwise on the main host.
    Place = json!({
        "type": "string", "minLength": 1, "maxLength": 2000, "pattern": r"^(/([!-.0-\[\]-~][!-\[\]-~]*)?|https?://[!-\[\]-~]+)$",
        "examples": ["/guide"]
    });
    /// A lower-case ISO 4217 code that can be charged.
    CurrencyCode = json!({
        "type": "string", "enum": Currency::all().map(Currency::code).collect::<Vec<_>>(), "examples": ["usd"]
    });
    /// What something costs. The smallest amount and its steps depend on the currency.
    Price = price();
}

/// Returns what holds between the fields of a body: the body, a keyword, and its value.
pub(super) fn conditions() -> [(&'static str, &'static str, Value); 4] {
    let paid = json!({"properties": {"accessMode": {"const": "PAID"}}, "required": ["accessMode"]});
    let price = json!({"price": {"$ref": "#/components/schemas/Price"}});
    [
        ("NewPage", "if", paid.clone()),
        ("NewPage", "then", json!({"properties": price, "required": ["price"]})),
        ("PageChange", "if", paid),
        ("PageChange", "then", json!({"properties": price})),
    ]
}

fn with_description(mut schema: Value, lines: &[&str]) -> Value {
    let text: Vec<_> = lines.iter().map(|line| line.trim()).collect();
    schema.put("description", json!(text.join(" ")));
    schema
}

/// One line, or nothing, without control characters and marks that turn the direction of the text.
const LINE: &str =
    concat!("^[^", r"\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069", "]*$");
/// The same, and with a character that shows.
const FULL_LINE: &str = concat!(
    "^[^",
    r"\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069",
    "]*",
    "[^",
    r"\s\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f",
    r"\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8",
    "]",
    "[^",
    r"\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069",
    "]*$"
);
/// Lines, without other control characters and marks that have text written backwards.
const TEXT: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202d\u202e]*$";

/// Returns the pattern of a text of this kind.
pub(super) fn pattern(format: &str, may_be_empty: bool) -> Option<&'static str> {
    match (format, may_be_empty) {
        ("line", true) => Some(LINE),
        ("line", false) => Some(FULL_LINE),
        ("text", _) => Some(TEXT),
        _ => None,
    }
}

/// Currencies with the same rules share a condition.
fn price() -> Value {
    let least = Currency::all().map(Currency::minimum).min();
    let most = Currency::all().map(Currency::maximum).max();
    let mut alike: BTreeMap<(i64, i64, i64), Vec<&str>> = BTreeMap::new();
    for currency in Currency::all() {
        let rules = (currency.minimum(), currency.maximum(), currency.step());
        alike.entry(rules).or_default().push(currency.code());
    }
    let rules: Vec<_> = alike
        .into_iter()
        .map(|((minimum, maximum, step), codes)| {
            let mut amount = json!({"minimum": minimum, "maximum": maximum});
            if step > 1 {
                amount.put("multipleOf", json!(step));
            }
            json!({
                "if": {"properties": {"currency": {"enum": codes}}},
                "then": {"properties": {"amount": amount}},
            })
        })
        .collect();
    json!({
        "type": "object",
        "required": ["amount", "currency"],
        "additionalProperties": false,
        "properties": {
            "amount": {
                "type": "integer", "format": "int64", "minimum": least, "maximum": most,
                "description": "Whole minor units: cents for usd, yen for jpy.",
                "examples": [1200],
            },
            "currency": {"$ref": "#/components/schemas/CurrencyCode"},
        },
        "allOf": rules,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_domain::validation;

    use super::FULL_LINE;

    #[test]
    fn line_of_one_character_is_described_as_it_is_taken() {
        let shows = FULL_LINE.split("[^").nth(2).unwrap();
        let (mut excluded, mut first) = (Vec::new(), None);
        for code in shows.trim_end_matches(']').split("\\u").skip(1) {
            let number = u32::from_str_radix(code.trim_end_matches('-'), 16).unwrap();
            match first.take() {
                None if code.ends_with('-') => first = Some(number),
                before => excluded.push(before.unwrap_or(number)..=number),
            }
        }
        for letter in '\0'..='\u{ffff}' {
            let is_excluded = excluded.iter().any(|codes| codes.contains(&u32::from(letter)));
            let is_described = !is_excluded && !letter.is_whitespace();
            let taken = validation::line(&letter.to_string(), 1, 1);
            assert_eq!(is_described, taken.is_ok(), "{letter:?}: {taken:?}");
        }
    }
}
