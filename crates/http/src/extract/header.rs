//! Headers that are believed only when they come once.

use actix_web::http::header::{AsHeaderName, HeaderMap};

/// Returns the text of a header; `None` if it is missing, comes several times or is not text.
pub(crate) fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    }
}
