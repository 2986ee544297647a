//! Members of Stripe's answers. One that is of another type than expected reads as if it were lacking, so that it does not hide
//! the rest of the answer.

use miniserde::json::{Number, Value};

/// Returns a member of an object.
pub(crate) fn member<'a>(object: &'a Value, key: &str) -> Option<&'a Value> {
    let Value::Object(members) = object else { return None };
    members.get(key)
}

/// Returns a member of an object that is a text.
pub(crate) fn text_of<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    member(object, key).and_then(text)
}

pub(crate) fn text(value: &Value) -> Option<&str> {
    let Value::String(text) = value else { return None };
    Some(text)
}

pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(Number::I64(number)) => Some(*number),
        Value::Number(Number::U64(number)) => i64::try_from(*number).ok(),
        _ => None,
    }
}

pub(crate) fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true))
}
