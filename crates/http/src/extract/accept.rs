//! What kind of answer a client wants.

use actix_web::http::header::{self, HeaderMap};

/// Returns whether the client names `text/html` among the types that it accepts, as browsers do when a person
/// opens an address.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    let mut types = values.flat_map(|value| value.split(','));
    types.any(|kind| {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("text/html")
    })
}
