//! Headers that answers have in common. Source: quality bar, "Defaults".

use actix_web::{
    body::BoxBody,
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use tollgate_domain::installation::Installation;

use super::surface::{Surface, is_shared};
use crate::{
    problem::{Code, Problem},
    state::{API_POLICY, Http, RequestId},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const SAME_SITE: HeaderValue = HeaderValue::from_static("same-site");
const NO_FEATURES: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
     magnetometer=(), microphone=(), payment=(), usb=()",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");
const TWO_YEARS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Adds the headers of every answer that its handler has not set.
pub(super) fn for_every_answer(
    http: &Http,
    response: &mut ServiceResponse<BoxBody>,
    id: &RequestId,
) {
    let surface = Surface::of(response.request().path());
    let shared = is_shared(response.request().path());
    let headers = response.headers_mut();
    let mut add = |name: HeaderName, value: HeaderValue| {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    };
    let (policy, referrer) = match surface {
        Surface::Api => (API_POLICY, HeaderValue::from_static("no-referrer")),
        Surface::Site => (http.policy().page(), SAME_ORIGIN),
    };
    add(header::CONTENT_SECURITY_POLICY, policy);
    add(header::REFERRER_POLICY, referrer);
    add(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    add(header::CACHE_CONTROL, NO_STORE);
    add(OPENER, SAME_ORIGIN);
    add(RESOURCE, if shared { SAME_SITE } else { SAME_ORIGIN });
    add(PERMISSIONS, NO_FEATURES);
    if http.installation.is_secure() {
        add(header::STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        add(REQUEST_ID, id);
    }
}

pub(super) fn for_problem(
    installation: &Installation,
    problem: &Problem,
    surface: Surface,
    headers: &mut HeaderMap,
) {
    if let Some(seconds) = problem.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let challenge = match (problem.code(), surface) {
        (Code::CreatorUnauthorized, _) => HeaderValue::from_static("Bearer"),
        // Amazon sends a password only after it was asked for one.
        (Code::MailServiceUnauthorized, _) => {
            HeaderValue::from_static("Basic realm=\"mail reports\"")
        }
        // RFC 9110 §15.5.2 requires a challenge with every 401.
        (code, Surface::Api) if code.status() == StatusCode::UNAUTHORIZED => {
            let challenge =
                format!("Cookie realm=\"{}\", cookie-name=\"_10x_visitor\"", installation.host());
            HeaderValue::from_str(&challenge).unwrap_or(HeaderValue::from_static("Cookie"))
        }
        _ => return,
    };
    headers.insert(header::WWW_AUTHENTICATE, challenge);
}

/// Says that the answer depends on a header of the request. All are named on one line, since some caches read
/// only the first.
pub(super) fn vary(headers: &mut HeaderMap, name: &'static str) {
    if !headers.contains_key(header::VARY) {
        headers.insert(header::VARY, HeaderValue::from_static(name));
        return;
    }
    let known = headers.get_all(header::VARY).filter_map(|value| value.to_str().ok());
    let all = known.chain([name]).collect::<Vec<_>>().join(", ");
    if let Ok(value) = HeaderValue::from_str(&all) {
        headers.insert(header::VARY, value);
    }
}
