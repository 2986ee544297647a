//! Headers that answers have in common.

use actix_web::http::{
    StatusCode,
    header::{self, HeaderMap, HeaderValue},
};
use tollgate_domain::installation::Installation;

use super::surface::Surface;
use crate::problem::{Code, Problem};

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
