use actix_web::test::TestRequest;
use tollgate_domain::{
    installation::{HostKind, Installation},
    names::HandleName,
};

use super::*;
use crate::edge::origin::NamedOrigin;

const COOKIE: (&str, &str) = ("cookie", "_10x_visitor=x");
const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const OWN: (&str, &str) = ("origin", "http://ada.tollgate.localhost:8080");
const EVIL: (&str, &str) = ("origin", "https://evil.example");
const BEARER: (&str, &str) = ("authorization", "Bearer x");

/// Whether a request to the host of `ada` passes, if no other handle exists.
fn passes(path: &str, headers: &[(&'static str, &'static str)]) -> bool {
    let mut request = TestRequest::default();
    for header in headers {
        request = request.append_header(*header);
    }
    let request = request.to_http_request();
    let Ok(installation) = Installation::new("tollgate.localhost:8080") else { return false };
    let Ok(ada) = "ada".parse::<HandleName>() else { return false };
    let named = NamedOrigin::of(&installation, &HostKind::Handle(ada), request.headers());
    check(named == NamedOrigin::Own, &Method::POST, path, request.headers()).is_ok()
}

fn site(value: &'static str) -> (&'static str, &'static str) {
    ("sec-fetch-site", value)
}

#[test]
fn own_pages_pass() {
    for headers in [
        &[COOKIE, FORM, OWN][..],
        &[COOKIE, FORM, site("same-origin")],
        &[COOKIE, FORM, site("none")],
        &[COOKIE, FORM, OWN, site("same-site")],
        &[COOKIE, FORM, ("origin", "null"), site("same-origin")],
    ] {
        assert!(passes("/guide/checkout", headers), "{headers:?}");
    }
}

#[test]
fn other_sites_are_refused() {
    for headers in [
        &[COOKIE, JSON, EVIL][..],
        &[JSON, EVIL],
        &[COOKIE, JSON, EVIL, site("same-origin")],
        &[COOKIE, JSON, OWN, EVIL],
        &[COOKIE, JSON, ("origin", "null")],
        &[COOKIE, JSON, ("origin", "null"), site("cross-site")],
        &[COOKIE, JSON, site("cross-site")],
        &[COOKIE, JSON, site("same-site")],
        &[site("cross-site")],
        &[COOKIE, JSON, site("same-origin"), site("cross-site")],
        &[COOKIE, JSON, ("origin", "http://tollgate.localhost:8080.evil.example")],
        &[COOKIE, JSON, ("origin", "http://nope.tollgate.localhost:8080"), site("same-site")],
        &[COOKIE, BEARER, JSON, EVIL],
    ] {
        assert!(!passes("/v2/visitor/auth/logout", headers), "{headers:?}");
    }
}

#[test]
fn cookie_without_an_origin_needs_json_and_no_browser() {
    assert!(passes("/v2/visitor/auth/logout", &[COOKIE, JSON]));
    assert!(
        passes("/v2/visitor/auth/logout", &[COOKIE, JSON, ("sec-fetch-mode", "cors")]),
        "fetch on a server"
    );
    assert!(passes("/v2/visitor/auth/logout", &[COOKIE]));
    assert!(passes("/v2/visitor/auth/logout", &[COOKIE, ("content-length", "0")]));
    for headers in [
        &[COOKIE, FORM][..],
        &[COOKIE, ("content-type", "text/plain")],
        &[COOKIE, ("content-length", "2")],
        &[COOKIE, ("transfer-encoding", "chunked")],
        &[COOKIE, JSON, ("referer", "https://evil.example/")],
        &[COOKIE, JSON, ("sec-fetch-mode", "navigate")],
        &[COOKIE, JSON, ("sec-fetch-mode", "no-cors")],
        &[COOKIE, JSON, ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
        &[COOKIE, FORM, ("sec-fetch-mode", "cors")],
        &[COOKIE, JSON, ("sec-ch-ua", "\"Chromium\";v=\"140\"")],
        &[COOKIE, ("upgrade-insecure-requests", "1")],
    ] {
        assert!(!passes("/v2/visitor/auth/logout", headers), "{headers:?}");
    }
    assert!(!passes("/-/sign-out", &[COOKIE]));
}

#[test]
fn every_cookie_counts() {
    for name in ["_tollgate_asked=x", "_tollgate_nonce=x", "theme=dark", ""] {
        let cookie = ("cookie", name);
        assert!(!passes("/-/verify", &[cookie, FORM]), "{name}");
        assert!(!passes("/v2/visitor/auth/verify", &[cookie, FORM]), "{name}");
        assert!(passes("/-/verify", &[cookie, FORM, site("same-origin")]), "{name}");
        assert!(passes("/v2/visitor/auth/verify", &[cookie, JSON]), "{name}");
        // What a proxy in front has set says nothing about a client with a token.
        assert!(passes("/v2/handles/ada/files", &[cookie, BEARER, FORM]), "{name}");
    }
}

#[test]
fn nothing_is_asked_of_who_has_no_cookie() {
    assert!(passes("/-/no-mails", &[FORM]), "a mail service that stops mails");
    assert!(passes("/v2/visitor/auth/magic-link", &[JSON]));
    assert!(passes("/-/sign-in", &[FORM]));
    assert!(passes("/v2/handles", &[BEARER, JSON, EVIL]));
}

#[test]
fn mail_service_stops_mails_from_anywhere_without_a_cookie() {
    for origin in [("origin", "null"), ("origin", "https://mail.example"), site("cross-site")] {
        assert!(passes("/-/no-mails", &[FORM, origin]), "{origin:?}");
        assert!(!passes("/-/no-mails", &[FORM, origin, COOKIE]), "{origin:?}");
        assert!(!passes("/-/no-mails", &[FORM, origin, ("cookie", "")]), "{origin:?}");
        for other in ["/-/no-mails/", "/-/no-mail%73", "/-/sign-in", "/ada/-/no-mails"] {
            assert!(!passes(other, &[FORM, origin]), "{other} {origin:?}");
        }
    }
}

#[test]
fn webhook_is_exempt() {
    assert!(passes("/v2/webhooks/stripe", &[EVIL, site("cross-site")]));
    assert!(passes("/v2/webhooks/mail", &[EVIL, site("cross-site")]));
    assert!(!passes("/v2/webhooks/stripe/", &[EVIL]));
}
