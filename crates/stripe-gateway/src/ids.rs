//! Ids of Stripe's objects.

use crate::failure::CallError;

/// The longest id of Stripe's, in bytes. Source: <https://docs.stripe.com/upgrades>, "object IDs".
pub(crate) const MAX_ID_BYTES: usize = 255;

/// Returns whether a text has only the characters of Stripe's ids.
pub(crate) fn is_stripe_id(text: &str) -> bool {
    (1..=MAX_ID_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Checks that an id has only the characters of Stripe's ids. It becomes part of a path, and may
/// come from outside.
pub(crate) fn plain(id: &str) -> Result<&str, CallError> {
    if is_stripe_id(id) { Ok(id) } else { Err(CallError::no_such_id()) }
}

/// Checks the id that an answer gives its object, before anything is stored under it.
pub(crate) fn given(id: String) -> Result<String, CallError> {
    if is_stripe_id(&id) {
        Ok(id)
    } else {
        Err(CallError::bad_answer("the id of an object is not one of Stripe's"))
    }
}
