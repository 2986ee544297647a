//! The guard against requests that another site makes a visitor's browser send.
//! Source: quality bar, "Defaults".

use actix_web::http::{
    Method,
    header::{self, HeaderMap, HeaderName},
};

use super::surface::Surface;
use crate::{
    extract::{carries_console_session, carries_session, essence},
    links::{STOP_MAILS, STRIPE_WEBHOOK},
    problem::{Code, Problem},
};

/// The paths of webhooks. Their senders authenticate by other means than a cookie.
const WEBHOOKS: [&str; 2] = [STRIPE_WEBHOOK, "/v2/webhooks/mail"];

/// Headers that browsers send and that a page cannot remove. A client that sends one of them must prove
/// where the request comes from.
const BROWSER_MARKS: [HeaderName; 6] = [
    HeaderName::from_static("sec-fetch-dest"),
    HeaderName::from_static("sec-fetch-user"),
    HeaderName::from_static("sec-ch-ua"),
    header::REFERER,
    header::ORIGIN,
    header::UPGRADE_INSECURE_REQUESTS,
];

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Refuses an unsafe request that does not come from the installation's own pages, or from a
/// client that no other site can make send its cookie. Requests from frontends that creators registered are
/// not checked here but in `cors`, which finds out whether an origin `is_own`, too.
pub(super) fn check(
    is_own: bool,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<(), Problem> {
    if !must_prove_itself(method, path, headers) || comes_from_us(is_own, path, headers) {
        Ok(())
    } else {
        Err(Problem::new(Code::CrossSiteRequest))
    }
}

/// Returns whether it matters where a request comes from.
pub(super) fn must_prove_itself(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    // Mail services stop mails for a recipient at this path, with the token in its address as the proof. Some send an origin of
    // their own, or `null`. Source: RFC 8058, section 3.2.
    let stops_mails = path == STOP_MAILS && !headers.contains_key(header::COOKIE);
    let is_exempt = is_safe(method) || WEBHOOKS.contains(&path) || stops_mails;
    !is_exempt && !has_token_alone(headers)
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// Returns whether a request has a creator's token and no session. Only a script that has the token sends it, never the
/// browser on its own.
fn has_token_alone(headers: &HeaderMap) -> bool {
    let session = carries_session(headers) || carries_console_session(headers);
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer
        .and_then(|text| text.get(..7))
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    bearer && !session
}

fn comes_from_us(is_own: bool, path: &str, headers: &HeaderMap) -> bool {
    let (origin, origin_repeated) = one(headers, &header::ORIGIN);
    let (site, site_repeated) = one(headers, &SITE);
    if origin_repeated || site_repeated {
        return false;
    }
    match (origin, site) {
        // Browsers send `null` in place of an origin that they withhold.
        (Some("null"), Some("same-origin")) => true,
        (Some(_), _) => is_own,
        (None, Some(site)) => site == "same-origin" || site == "none",
        // Every cookie counts: those of the pages say which mail was asked for, and which page was confirmed.
        (None, None) if !headers.contains_key(header::COOKIE) => true,
        (None, None) => has_no_browser_marks(headers) && is_api_call(path, headers),
    }
}

/// Returns the first value of a header, and whether there are more. A value that is not text is returned as
/// `?`, which matches nothing.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> (Option<&'a str>, bool) {
    let mut values = headers.get_all(name);
    let value = values.next().map(|value| value.to_str().unwrap_or("?"));
    (value, values.next().is_some())
}

fn has_no_browser_marks(headers: &HeaderMap) -> bool {
    // `fetch` on a server sends `cors`, too. A browser that sends the mode sends the site as well.
    let mode = headers.get(MODE).is_none_or(|mode| mode == "cors");
    mode && !BROWSER_MARKS.iter().any(|mark| headers.contains_key(mark))
}

/// Returns whether a request has a JSON body, or no body under `/v2`. A form cannot send either without the
/// headers that mark a browser.
fn is_api_call(path: &str, headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return Surface::of(path) == Surface::Api && !has_body(headers);
    };
    essence(content_type).eq_ignore_ascii_case("application/json")
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0")
}

#[cfg(test)]
#[path = "../tests/csrf.rs"]
mod tests;
