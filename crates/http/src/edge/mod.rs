//! Handling of every request: an id, the guard against other sites, problem details, the headers of every
//! answer, and one line in the log.

mod canonical;
mod compress;
mod cors;
pub(crate) mod count;
mod csrf;
mod headers;
mod label;
mod origin;
mod shedding;
mod surface;

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType, Method, StatusCode,
        header::{self, ContentType, HeaderValue},
    },
    middleware::Next,
};

use tollgate_domain::installation::HostKind;
use tracing::{Instrument, Span, field};

use self::cors::Caller;

use crate::{
    extract::{self, Arrived, ForeignOrigin, Host, VisitorCookie},
    links::ACCESS,
    problem::{Answer, Aside, Code, Problem, Surroundings},
    state::{Http, RequestId},
};

#[cfg(feature = "fuzzing")]
pub(crate) use canonical::redirect as redirect_to_canonical;
pub(crate) use label::label;
pub(crate) use surface::Surface;

/// Does what surrounds the answer of every route.
pub(crate) async fn edge(
    req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(http) = req.app_data::<Http>().cloned() else {
        return Ok(req.into_response(HttpResponse::InternalServerError()));
    };
    let started = http.clock.now();
    req.extensions_mut().insert(Arrived(started));
    let slot = match shedding::admit(started) {
        None if !is_probe(req.path()) => shedding::wait(&*http.clock).await,
        slot => slot,
    };
    let id = RequestId::begin(http.request_ids(), &req);
    let span = span_of(&req, &id);
    let is_admitted = slot.is_some() || is_probe(req.path());
    let answered = answered(&http, req, next, is_admitted, &id).instrument(span.clone()).await?;
    let (caller, mut response) = answered;
    note_status(&span, response.status());
    headers::for_every_answer(&http, &mut response, &id);
    cors::apply(caller, &mut response);
    end_ambiguity(&http, &mut response);
    let mut response = compress::apply(response).await;
    // What surrounds the handler takes its time, too.
    drop(slot);
    decline_upgrade(&mut response);
    let took = http.clock.now().as_microsecond() - started.as_microsecond();
    let route = count::request(&response, took);
    log(&response, &route, &id, took);
    Ok(response)
}

/// Answers a request, and returns who asked, too. One that is not admitted is refused, without a question to the store.
async fn answered(
    http: &Http,
    req: ServiceRequest,
    next: Next<BoxBody>,
    is_admitted: bool,
    id: &RequestId,
) -> Result<(Caller, ServiceResponse<BoxBody>), Error> {
    let (caller, admitted) = if is_admitted {
        match Caller::of(http, &req).await {
            Ok(caller) => {
                let admitted = admit(http, &caller, &req);
                (caller, admitted)
            }
            Err(problem) => (Caller::default(), Err(problem)),
        }
    } else {
        count::refused_as_too_many();
        let refused = Problem::new(Code::Unavailable).again_in(1);
        (Caller::known(http, &req), Err(refused))
    };
    if let Some(frontend) = caller.frontend.clone().filter(|_| is_visitors(req.path())) {
        req.extensions_mut().insert(frontend);
    }
    if caller.is_foreign || is_asked_elsewhere(http, &req) {
        req.extensions_mut().insert(ForeignOrigin);
    }
    let response = match admitted {
        Ok(None) => next.call(req).await?,
        Ok(Some(answer)) => req.into_response(answer),
        Err(problem) => {
            let refusal = problem.error_response();
            req.into_response(refusal)
        }
    };
    Ok((caller, write_down(http, response, id).await))
}

/// Returns whether a request of a page or of a page's file names another origin than its own host. No frontend shows those, so
/// none has to be known.
fn is_asked_elsewhere(http: &Http, req: &ServiceRequest) -> bool {
    let mut origins = req.headers().get_all(header::ORIGIN).peekable();
    if origins.peek().is_none() || surface::is_shared(req.path()) {
        return false;
    }
    let host = Host::of(&http.installation, req.head()).0;
    let is_own = |origin: &HeaderValue| {
        let named = origin.to_str().ok().and_then(|text| http.installation.own_host_of(text));
        named.as_ref() == Some(&host)
    };
    !origins.all(is_own)
}

/// Returns whether a path tells an operator how the program is.
fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/metrics")
}

/// Returns whether a path is about the visitor and not about a handle.
fn is_visitors(path: &str) -> bool {
    path.starts_with("/v2/visitor/")
}

/// Returns `None` if the request may go on to its handler, or the answer to a preflight request or to an
/// address that is written in another way.
fn admit(
    http: &Http,
    caller: &Caller,
    req: &ServiceRequest,
) -> Result<Option<HttpResponse>, Problem> {
    if let Some(answer) = cors::preflight(caller, req) {
        return Ok(Some(answer));
    }
    if let Some(answer) = canonical::redirect(&http.installation, req) {
        return Ok(Some(answer));
    }
    if surface::is_disguised(req.path()) {
        return Err(Problem::new(Code::NotFound));
    }
    let elsewhere = || Host::of(&http.installation, req.head()).0 == HostKind::Foreign;
    // The address of a page never needs an escape, so that each page has one address.
    if Surface::of(req.path()) == Surface::Site
        && (req.uri().path().contains('%') || !surface::is_on_every_host(req.path()) && elsewhere())
    {
        return Err(Problem::new(Code::NotFound));
    }
    if caller.frontend.is_none() {
        csrf::check(caller.is_own, req.method(), req.path(), req.headers())?;
    }
    Ok(None)
}

/// Turns an answer with a problem into problem details or a page.
async fn write_down(
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
    let notice = response.response().extensions().get::<Aside>().map(|aside| aside.0.clone());
    let surface = Surface::of(response.request().path());
    let mut written = match surface {
        Surface::Api => HttpResponse::build(problem.code().status())
            .content_type("application/problem+json")
            .body(problem.to_json(id.as_str())),
        Surface::Site => {
            let around = surroundings(http, response.request(), &problem).await;
            let around = Surroundings { notice, ..around };
            HttpResponse::build(problem.code().status())
                .content_type(ContentType::html())
                .body(problem.to_html(response.request(), id.as_str(), &around))
        }
    };
    for (name, value) in response.headers() {
        written.headers_mut().append(name.clone(), value.clone());
    }
    headers::for_problem(&http.installation, &problem, surface, written.headers_mut());
    response.into_response(written)
}

/// Returns what surrounds a problem. The database is not asked when it may be the problem, or when there are too many
/// requests already.
async fn surroundings(http: &Http, req: &HttpRequest, problem: &Problem) -> Surroundings {
    let host = Host::of(&http.installation, req.head());
    if !matches!(host.0, HostKind::Root | HostKind::Handle(_)) {
        let is_console = matches!(host.0, HostKind::App);
        return Surroundings { is_console, ..Surroundings::default() };
    }
    let access = Some(format!("{}{ACCESS}", http.installation.origin()));
    let (code, status) = (problem.code(), problem.code().status());
    let is_provider = code == Code::PaymentProviderError;
    if status.is_server_error() && !is_provider || status == StatusCode::TOO_MANY_REQUESTS {
        return Surroundings::default();
    }
    let shop = match host.handle() {
        Some(name) => {
            let shop = http.use_cases.gate.seller(name).await.ok().flatten();
            if shop.is_none() {
                let root = Some(format!("{}/", http.installation.origin()));
                return Surroundings { access, root, ..Surroundings::default() };
            }
            shop
        }
        None => None,
    };
    let visitor = match VisitorCookie::of(req.headers()).0 {
        Some(token) => http.use_cases.sessions.authenticate(token).await.ok().flatten(),
        None => None,
    };
    let visitor = visitor.map(|who| who.visitor.email);
    Surroundings { shop, visitor, access, ..Surroundings::default() }
}

/// Removes the session cookies of a request that has two, except from an answer that caches share.
fn end_ambiguity(http: &Http, response: &mut ServiceResponse<BoxBody>) {
    let cache_control = response.headers().get(header::CACHE_CONTROL);
    if cache_control.is_none_or(|value| value.as_bytes().starts_with(b"public")) {
        return;
    }
    let request = response.request().clone();
    extract::end_ambiguity(&http.installation, request.head(), response.headers_mut());
}

/// Declines an upgrade, since only HTTP/1.1 is spoken. Without this the answer would repeat the client's
/// `Connection: upgrade`, as if the upgrade were offered; it closes the connection instead.
fn decline_upgrade(response: &mut ServiceResponse<BoxBody>) {
    if response.request().head().upgrade() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
}

/// Returns the span of a request in a trace, which has nothing that the log does not have. It costs next to nothing while
/// no traces are collected.
fn span_of(req: &ServiceRequest, id: &RequestId) -> Span {
    let span = tracing::trace_span!(
        target: "tollgate::trace",
        "request",
        otel.kind = "server",
        otel.name = field::Empty,
        otel.status_code = field::Empty,
        http.request.method = field::Empty,
        http.route = field::Empty,
        http.response.status_code = field::Empty,
        request = field::Empty,
    );
    if !span.is_disabled() {
        let (method, route) = (req.method().as_str(), label(req.path()));
        span.record("otel.name", format!("{method} {route}"));
        span.record("http.request.method", method);
        span.record("http.route", route);
        span.record("request", id.as_str());
    }
    span
}

fn note_status(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// Logs one line for the request, without its query or any text from a person.
fn log(response: &ServiceResponse<BoxBody>, route: &str, id: &RequestId, micros: i64) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let request = response.request();
    tracing::info!(
        method = request.method().as_str(),
        route,
        status = response.status().as_u16(),
        micros,
        request = id.as_str(),
        "answered"
    );
}

/// Answers requests that no route matches.
pub(crate) async fn nothing_here() -> Answer {
    Err(Problem::new(Code::NotFound))
}

/// The methods that any resource has.
const METHODS: HeaderValue =
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

/// Answers requests whose target is not a path, so that they do not pass the edge: `OPTIONS *` asks what the server can do.
/// Source: RFC 9110, section 9.3.7.
pub(crate) async fn no_path(req: HttpRequest) -> Answer {
    if *req.method() == Method::OPTIONS && req.uri().path() == "*" {
        return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, METHODS)).finish());
    }
    nothing_here().await
}
