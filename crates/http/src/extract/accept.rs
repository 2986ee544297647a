//! What kind of answer a client wants.

use actix_web::http::header::{self, HeaderMap};

/// Returns whether the client names `text/html` among the types that it accepts, as browsers do when a person
/// opens an address, and does not like JSON better.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    let types: Vec<_> = values.flat_map(|value| value.split(',')).map(liked).collect();
    let most = |wanted: &str| {
        let named = types.iter().filter(|(kind, _)| kind.eq_ignore_ascii_case(wanted));
        named.map(|(_, quality)| *quality).fold(0.0, f32::max)
    };
    let html = most("text/html");
    html > 0.0 && html >= most("application/json")
}

/// Returns a type, and how much it is liked. Source: RFC 9110, section 12.4.2.
fn liked(kind: &str) -> (&str, f32) {
    let mut parts = kind.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let quality =
        parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (essence, quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::prefers_html;

    #[test]
    fn html_is_preferred_where_it_is_named_and_liked() {
        for (accept, expected) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("TEXT/HTML; charset=utf-8", true),
            ("text/html;q=0.5, application/json;q=0.4", true),
            ("text/html;q=0, application/json", false),
            ("application/json, text/html;q=0.5", false),
            ("application/json", false),
            ("*/*", false),
            ("text/html;q=x", false),
        ] {
            let request = TestRequest::get().insert_header(("accept", accept)).to_http_request();
            assert_eq!(prefers_html(request.headers()), expected, "{accept}");
        }
    }
}
