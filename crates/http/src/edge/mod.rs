//! What every request passes: an id, the guard against other sites, the writing down of problems,
//! the headers that go with every answer, and one line in the log.

mod cors;
mod csrf;
mod headers;
mod label;
mod request_id;

use actix_web::{
    Error, HttpResponse, ResponseError,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType,
        header::{self, ContentType},
    },
    middleware::Next,
};

use tollgate_domain::installation::HostKind;

use self::cors::Caller;

use crate::{
    docs,
    extract::Host,
    problem::{Answer, Code, Problem},
    site,
    state::Http,
};

pub(crate) use headers::PolicyHeaders;
pub(crate) use request_id::{RequestId, RequestIds};

/// Which of the two faces of the installation an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// JSON.
    Api,
    /// Pages.
    Site,
}

impl Surface {
    pub(crate) fn of(path: &str) -> Self {
        let rest = path.strip_prefix("/v2");
        let api = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if api || path == "/healthz" || path == "/readyz" { Self::Api } else { Self::Site }
    }
}

/// The middleware around everything.
pub(crate) async fn edge(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(http) = req.app_data::<Http>().cloned() else {
        return Ok(req.into_response(HttpResponse::InternalServerError()));
    };
    let started = http.clock.now();
    let id = RequestId::begin(&http, &req);
    let (caller, admitted) = match Caller::of(&http, req.path(), req.headers()).await {
        Ok(caller) => {
            let admitted = admit(&http, &caller, &req);
            (caller, admitted)
        }
        Err(problem) => (Caller::default(), Err(problem)),
    };
    let response = match admitted {
        Ok(None) => next.call(req).await?,
        Ok(Some(answer)) => req.into_response(answer),
        Err(problem) => {
            let refusal = problem.error_response();
            req.into_response(refusal)
        }
    };
    let mut response = write_down(&http, response, &id);
    http.policy().apply(&mut response, &id);
    cors::apply(caller, &mut response);
    decline_upgrade(&mut response);
    log(&http, &response, &id, started);
    Ok(response)
}

/// Whether the request may go on to its handler, or is answered here.
fn admit(
    http: &Http,
    caller: &Caller,
    req: &ServiceRequest,
) -> Result<Option<HttpResponse>, Problem> {
    if let Some(answer) = cors::preflight(caller, req) {
        return Ok(Some(answer));
    }
    let elsewhere = Host::of(&http.installation, req.headers()).0 == HostKind::Foreign;
    // No page's address needs an escape, so that each page has one address.
    if Surface::of(req.path()) == Surface::Site
        && (elsewhere && !docs::is_here(req.path()) || req.uri().path().contains('%'))
    {
        return Err(Problem::new(Code::NotFound));
    }
    if !caller.is_frontend {
        csrf::check(&http.installation, req.method(), req.path(), req.headers())?;
    }
    Ok(None)
}

/// Writes the problem down that an answer stands for.
fn write_down(
    http: &Http,
    response: ServiceResponse<BoxBody>,
    id: &RequestId,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let told = response.response().extensions().get::<Problem>().cloned();
    let unwritten = (status.is_client_error() || status.is_server_error())
        && !response.headers().contains_key(header::CONTENT_TYPE);
    let Some(problem) = told.or_else(|| unwritten.then(|| Problem::of_status(status))) else {
        return response;
    };
    let face = Surface::of(response.request().path());
    let mut written = match face {
        Surface::Api => HttpResponse::build(problem.code().status())
            .content_type("application/problem+json")
            .body(problem.to_json(id.as_str())),
        Surface::Site => HttpResponse::build(problem.code().status())
            .content_type(ContentType::html())
            .body(site::problem_page(&problem, id.as_str())),
    };
    for (name, value) in response.headers() {
        written.headers_mut().append(name.clone(), value.clone());
    }
    headers::for_problem(&http.installation, &problem, face, written.headers_mut());
    response.into_response(written)
}

/// HTTP/1.1 is all that is spoken. The answer to a client that asks for another protocol would repeat its
/// `Connection: upgrade`, as if it were offered; a plain answer that ends the connection does not.
fn decline_upgrade(response: &mut ServiceResponse<BoxBody>) {
    if response.request().head().upgrade() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
}

/// One line a request: neither addresses' queries nor anything that a person sent.
fn log(
    http: &Http,
    response: &ServiceResponse<BoxBody>,
    id: &RequestId,
    started: tollgate_domain::Timestamp,
) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let request = response.request();
    tracing::info!(
        method = request.method().as_str(),
        route = label::label(request.path()),
        status = response.status().as_u16(),
        micros = http.clock.now().as_microsecond() - started.as_microsecond(),
        request = id.as_str(),
        "answered"
    );
}

/// What no route is for.
pub(crate) async fn nothing_here() -> Answer {
    Err(Problem::new(Code::NotFound))
}
