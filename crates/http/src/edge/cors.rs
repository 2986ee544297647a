//! Cross-origin calls: the installation's own hosts may call the visitor's part of the interface with
//! their cookies. Nobody else may read anything.

use actix_web::{
    HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
};

use crate::state::Http;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static("content-type, idempotency-key");
const READABLE: HeaderValue = HeaderValue::from_static("retry-after, x-request-id");
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Whether frontends of other hosts call this part.
pub(super) fn is_shared(path: &str) -> bool {
    path.starts_with("/v2/visitor/") || path.starts_with("/v2/public/")
}

fn own_origin<'a>(http: &Http, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
    let mut origins = headers.get_all(header::ORIGIN);
    let (Some(origin), None) = (origins.next(), origins.next()) else { return None };
    let text = origin.to_str().ok()?;
    http.installation.owns_origin(text).then_some(origin)
}

/// The answer to a browser that asks beforehand.
pub(super) fn preflight(http: &Http, req: &ServiceRequest) -> Option<HttpResponse> {
    let asks = req.method() == Method::OPTIONS
        && is_shared(req.path())
        && req.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asks {
        return None;
    }
    own_origin(http, req.headers())?;
    let mut answer = HttpResponse::NoContent().finish();
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    Some(answer)
}

/// Lets an own origin read the answer.
pub(super) fn apply(http: &Http, response: &mut ServiceResponse<BoxBody>) {
    if !is_shared(response.request().path()) {
        return;
    }
    let origin = own_origin(http, response.request().headers()).cloned();
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, READABLE);
    }
}
