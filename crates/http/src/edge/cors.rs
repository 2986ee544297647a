//! Cross-origin calls: the installation's own hosts, which are the root, the console and those of the handles that exist,
//! and the origins that creators registered, may call the visitor's part of the interface with cookies. Other origins may
//! not read any answer.

use actix_web::{
    HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderValue},
    },
};

use tollgate_domain::{creators::FrontendOrigin, names::HandleName};

use super::{csrf::must_prove_itself, headers::vary, origin::NamedOrigin, surface::is_shared};
use crate::{extract::Host, problem::Problem, state::Http};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "accept-language, content-type, idempotency-key, if-match, if-none-match, if-range, range",
);
const READABLE: HeaderValue = HeaderValue::from_static(
    "accept-ranges, content-disposition, content-length, content-range, etag, location, retry-after, \
     x-request-id",
);
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Who asks, as far as the request's origin tells.
#[derive(Debug, Default)]
pub(super) struct Caller {
    /// The origin, if it may read the answer.
    origin: Option<HeaderValue>,
    /// The same, if a creator registered it.
    pub(super) frontend: Option<FrontendOrigin>,
    /// Whether the request names an origin that may not read the answer.
    pub(super) is_foreign: bool,
    /// Whether the request names an origin of the installation itself.
    pub(super) is_own: bool,
}

impl Caller {
    /// Finds the caller of a request. An origin that is not own by its name is looked up in the store each time, so
    /// that an edit takes effect at once on every replica. The usual ones, none and the host of the request itself, are not.
    pub(super) async fn of(http: &Http, req: &ServiceRequest) -> Result<Self, Problem> {
        let (path, headers) = (req.path(), req.headers());
        let is_own = match named(http, req) {
            NamedOrigin::Own => true,
            NamedOrigin::Handle(name) => {
                let matters = is_shared(path) || must_prove_itself(req.method(), path, headers);
                matters && http.use_cases.handles.is_taken(&name).await?
            }
            NamedOrigin::Other => false,
        };
        if is_own {
            return Ok(Self::own(req));
        }
        if !headers.contains_key(header::ORIGIN) || !is_shared(path) {
            return Ok(Self::default());
        }
        let mut origins = headers.get_all(header::ORIGIN);
        let (Some(origin), None) = (origins.next(), origins.next()) else {
            return Ok(Self::foreign());
        };
        let Ok(text) = origin.to_str() else { return Ok(Self::foreign()) };
        // Browsers write each origin in one way only.
        let foreign = text.parse::<FrontendOrigin>().ok().filter(|parsed| parsed.as_str() == text);
        let (Some(foreign), Some(about)) = (foreign, About::of(path)) else {
            return Ok(Self::foreign());
        };
        if http.use_cases.handles.is_frontend(&foreign, about.handle.as_ref()).await? {
            let (origin, frontend) = (Some(origin.clone()), Some(foreign));
            return Ok(Self { origin, frontend, ..Self::default() });
        }
        Ok(Self::foreign())
    }

    /// Finds the caller of a request without asking the store: only those hosts of the installation are known that are own
    /// by their names.
    pub(super) fn known(http: &Http, req: &ServiceRequest) -> Self {
        if named(http, req) == NamedOrigin::Own { Self::own(req) } else { Self::default() }
    }

    fn own(req: &ServiceRequest) -> Self {
        let origin = req.headers().get(header::ORIGIN).filter(|_| is_shared(req.path()));
        Self { origin: origin.cloned(), is_own: true, ..Self::default() }
    }

    fn foreign() -> Self {
        Self { is_foreign: true, ..Self::default() }
    }
}

fn named(http: &Http, req: &ServiceRequest) -> NamedOrigin {
    let host = Host::of(&http.installation, req.head());
    NamedOrigin::of(&http.installation, &host.0, req.headers())
}

/// The owner of what a shared path is about.
struct About {
    /// The handle; none for what belongs to the visitor.
    handle: Option<HandleName>,
}

impl About {
    /// Returns the owner; `None` if the path lacks a handle that it must have.
    fn of(path: &str) -> Option<Self> {
        let Some(public) = path.strip_prefix("/v2/public/") else {
            return Some(Self { handle: None });
        };
        let (_, rest) = public.split_once('/')?;
        let handle = rest.split('/').next()?.parse().ok()?;
        Some(Self { handle: Some(handle) })
    }
}

pub(super) fn preflight(caller: &Caller, req: &ServiceRequest) -> Option<HttpResponse> {
    let asks = req.method() == Method::OPTIONS
        && req.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || caller.origin.is_none() {
        return None;
    }
    let mut answer = HttpResponse::NoContent().finish();
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    Some(answer)
}

/// Lets the caller read the answer.
pub(super) fn apply(caller: Caller, response: &mut ServiceResponse<BoxBody>) {
    if !is_shared(response.request().path()) {
        return;
    }
    let headers = response.headers_mut();
    vary(headers, "Origin");
    if let Some(origin) = caller.origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, READABLE);
    }
}
