//! Whether a request is somebody's look at a page.

use actix_web::{
    HttpMessage, HttpRequest,
    http::{Method, header::HeaderName},
};
use tollgate_domain::access::Recording;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");
/// What browsers say that they fetch for a person: a page or download that was opened, and what a script reads.
const DESTINATIONS_OF_PEOPLE: [&[u8]; 2] = [b"document", b"empty"];
/// The headers in which browsers say that they fetch a page in advance.
const PURPOSES: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

/// Marks a request that names another origin, whose pages may not read the answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ForeignOrigin;

/// Returns whether a view is recorded. It is not if the visitor may not have wanted it: a request for headers alone, a page
/// that is fetched in advance, and what another site's page embeds or its script reads. A page that is opened from another
/// site, such as the pay page, is a view of what was paid for, but not a first view: the maker of the link may want to learn
/// who follows it. What a page embeds, such as a picture, is not a first view either: the visitor did not ask for
/// another one.
pub(crate) fn recording(req: &HttpRequest) -> Recording {
    let says = |name: &HeaderName, word: &str| {
        let values = req.headers().get_all(name).filter_map(|value| value.to_str().ok());
        values.into_iter().any(|value| value.to_ascii_lowercase().contains(word))
    };
    let in_advance = PURPOSES.iter().any(|name| says(name, "prefetch") || says(name, "preview"));
    // Not every browser names its site, but each names the origin of a script that is to read the answer.
    let is_from_elsewhere =
        says(&SITE, "cross-site") || req.extensions().contains::<ForeignOrigin>();
    let is_opened = says(&MODE, "navigate") && says(&DESTINATION, "document");
    let is_of_others = is_from_elsewhere && !is_opened;
    let mut destinations = req.headers().get_all(DESTINATION);
    let is_embedded = destinations.any(|it| !DESTINATIONS_OF_PEOPLE.contains(&it.as_bytes()));
    if req.method() == Method::HEAD || in_advance || is_of_others {
        Recording::Never
    } else if is_embedded || is_from_elsewhere {
        Recording::PaidOnly
    } else {
        Recording::Later
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_what_a_person_asked_for_is_recorded() {
        let of = |name: &'static str, value: &'static str| {
            recording(&TestRequest::get().insert_header((name, value)).to_http_request())
        };
        for (name, value, expected) in [
            ("accept", "text/html", Recording::Later),
            ("sec-fetch-site", "none", Recording::Later),
            ("sec-fetch-site", "same-origin", Recording::Later),
            ("sec-fetch-site", "same-site", Recording::Later),
            ("sec-fetch-site", "cross-site", Recording::Never),
            ("sec-fetch-dest", "document", Recording::Later),
            ("sec-fetch-dest", "empty", Recording::Later),
            ("sec-fetch-dest", "image", Recording::PaidOnly),
            ("sec-fetch-dest", "iframe", Recording::PaidOnly),
            ("sec-purpose", "prefetch;prerender", Recording::Never),
            ("purpose", "prefetch", Recording::Never),
            ("x-moz", "prefetch", Recording::Never),
            ("x-purpose", "preview", Recording::Never),
        ] {
            assert_eq!(of(name, value), expected, "{name}: {value}");
        }
        let head = TestRequest::default().method(Method::HEAD).to_http_request();
        assert_eq!(recording(&head), Recording::Never);
    }

    #[test]
    fn what_another_origin_asks_for_is_not_recorded() {
        for (mode, destination, expected) in [
            ("cors", "empty", Recording::Never),
            ("", "", Recording::Never),
            ("navigate", "document", Recording::PaidOnly),
        ] {
            let asked = TestRequest::get().insert_header(("sec-fetch-mode", mode));
            let asked = asked.insert_header(("sec-fetch-dest", destination)).to_http_request();
            asked.extensions_mut().insert(ForeignOrigin);
            assert_eq!(recording(&asked), expected, "{mode} {destination}");
        }
    }

    #[test]
    fn page_opened_from_another_site_is_a_view_of_what_was_paid_for() {
        for (mode, destination, purpose, expected) in [
            ("navigate", "document", "", Recording::PaidOnly),
            ("navigate", "document", "prefetch", Recording::Never),
            ("navigate", "iframe", "", Recording::Never),
            ("no-cors", "image", "", Recording::Never),
            ("cors", "empty", "", Recording::Never),
        ] {
            let asked = |method: Method| {
                let asked = TestRequest::default().method(method);
                let asked = asked.insert_header(("sec-fetch-site", "cross-site"));
                let asked = asked.insert_header(("sec-fetch-mode", mode));
                let asked = asked.insert_header(("sec-fetch-dest", destination));
                recording(&asked.insert_header(("sec-purpose", purpose)).to_http_request())
            };
            assert_eq!(asked(Method::GET), expected, "{mode} {destination} {purpose}");
            assert_eq!(asked(Method::HEAD), Recording::Never, "{mode} {destination} {purpose}");
        }
    }
}
