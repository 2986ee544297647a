//! What kind of answer a client wants.

use actix_web::{
    http::header::{self, HeaderMap, Quality, QualityItem, from_comma_delimited},
    mime::{self, Mime},
};

/// Returns whether the client names `text/html` among the types that it accepts, as browsers do when a person
/// opens an address, and does not like JSON better. What cannot be read is left out.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let types: Vec<QualityItem<Mime>> =
        from_comma_delimited(headers.get_all(header::ACCEPT)).unwrap_or_default();
    let most = |wanted: &Mime| {
        let named = types.iter().filter(|it| it.item.essence_str() == wanted.essence_str());
        named.map(|it| it.quality).max().unwrap_or(Quality::ZERO)
    };
    let html = most(&mime::TEXT_HTML);
    html > Quality::ZERO && html >= most(&mime::APPLICATION_JSON)
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
            ("no type, text/html;level=1;q=0.5, application/json;q=0.4", true),
            ("text/html;q=0.4, application/json; q=0.5; charset=utf-8", false),
        ] {
            let request = TestRequest::get().insert_header(("accept", accept)).to_http_request();
            assert_eq!(prefers_html(request.headers()), expected, "{accept}");
        }
    }
}
