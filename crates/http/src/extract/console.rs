//! The session of the creators' console: its cookie, and the creator whom it belongs to.

use std::fmt;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError,
    cookie::{Cookie, time::Duration},
    dev::Payload,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName},
    },
};
use futures_util::future::LocalBoxFuture;
use tollgate_domain::{
    creators::Creator, id::CreatorSessionId, installation::Installation, token::Token,
};

use super::cookie::{only_cookie, plain_cookie, values};
use crate::{
    local_path::LocalPath,
    problem::{Code, Problem},
    state::Http,
};

/// The name on https: browsers set a cookie of such a name only for one host, and only over https.
const SECURE_NAME: &str = "__Host-tollgate_console";
/// The name on http.
const LOCAL_NAME: &str = "tollgate_console";
const DAYS: i64 = 30;
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The session that a request to the console claims to have. A request with two cookies of the name has none,
/// so that their order does not matter.
#[derive(Debug, Clone)]
pub(crate) struct ConsoleCookie(pub(crate) Option<Token>);

/// A creator who is signed in to the console; without a session the browser is sent to sign in.
#[derive(Debug, Clone)]
pub(crate) struct ConsoleCreator {
    pub(crate) creator: Creator,
    pub(crate) session: CreatorSessionId,
}

#[derive(Debug, Clone)]
pub(crate) struct OptionalConsoleCreator(pub(crate) Option<ConsoleCreator>);

/// The reason why a request to the console goes no further.
#[derive(Debug)]
pub(crate) enum ConsoleRefusal {
    /// The creator has to sign in and then comes back here.
    SignIn(LocalPath),
    /// Anything else.
    Problem(Problem),
}

fn name(installation: &Installation) -> &'static str {
    if installation.is_secure() { SECURE_NAME } else { LOCAL_NAME }
}

/// Returns whether the request has a session cookie of the console, well-formed or not.
pub(crate) fn carries_console_session(headers: &HeaderMap) -> bool {
    [SECURE_NAME, LOCAL_NAME].into_iter().any(|name| values(headers, name).next().is_some())
}

pub(crate) fn console_cookie(installation: &Installation, token: &Token) -> Cookie<'static> {
    let mut cookie = plain_cookie(installation, name(installation), token.reveal());
    cookie.set_max_age(Duration::days(DAYS));
    cookie
}

pub(crate) fn cleared_console_cookie(installation: &Installation) -> Cookie<'static> {
    let mut cookie = plain_cookie(installation, name(installation), "");
    cookie.set_max_age(Duration::ZERO);
    cookie
}

impl ConsoleCookie {
    fn of(installation: &Installation, headers: &HeaderMap) -> Self {
        let value = only_cookie(headers, name(installation));
        Self(value.and_then(|text| Token::exact(text).ok()))
    }
}

/// Returns the screen that a request without a session comes back to. A form cannot be sent again, so it is the screen that
/// the form is on.
fn way_back(http: &Http, req: &HttpRequest) -> LocalPath {
    let path = if is_read(req.method()) {
        req.uri().path_and_query().and_then(|path| LocalPath::parse(path.as_str()))
    } else {
        LocalPath::of_referer(&http.installation, req)
    };
    path.unwrap_or_else(LocalPath::start)
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Returns whether a form comes from the console itself. The pages of handles are on the same site and would
/// have the cookie sent, so the guard of all hosts is not enough here.
fn comes_from_console(installation: &Installation, headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(SITE) {
        return site == "same-origin" || site == "none";
    }
    let origin = headers.get(header::ORIGIN);
    origin.is_none_or(|origin| origin.as_bytes() == installation.app_origin().as_bytes())
}

async fn creator_of(http: &Http, cookie: ConsoleCookie) -> Result<Option<ConsoleCreator>, Problem> {
    let Some(token) = cookie.0 else { return Ok(None) };
    let found = http.use_cases.accounts.authenticate_token(token.hash()).await?;
    Ok(found.map(|(creator, session)| ConsoleCreator { creator, session }))
}

fn state(req: &HttpRequest) -> Result<Http, Problem> {
    let http = Http::of(req)?;
    if is_read(req.method()) || comes_from_console(&http.installation, req.headers()) {
        Ok(http)
    } else {
        Err(Problem::new(Code::CrossSiteRequest))
    }
}

impl FromRequest for OptionalConsoleCreator {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found =
            state(req).map(|http| (ConsoleCookie::of(&http.installation, req.headers()), http));
        Box::pin(async move {
            let (cookie, http) = found?;
            Ok(Self(creator_of(&http, cookie).await?))
        })
    }
}

impl FromRequest for ConsoleCreator {
    type Error = ConsoleRefusal;
    type Future = LocalBoxFuture<'static, Result<Self, ConsoleRefusal>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let next = req.app_data::<Http>().map(|http| way_back(http, req));
        let next = next.unwrap_or_else(LocalPath::start);
        let found = OptionalConsoleCreator::from_request(req, payload);
        Box::pin(async move { found.await?.0.ok_or(ConsoleRefusal::SignIn(next)) })
    }
}

impl From<Problem> for ConsoleRefusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl fmt::Display for ConsoleRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn(_) => f.write_str("the creator has to sign in"),
            Self::Problem(problem) => problem.fmt(f),
        }
    }
}

impl ResponseError for ConsoleRefusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignIn(_) => StatusCode::SEE_OTHER,
            Self::Problem(problem) => problem.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::SignIn(next) => {
                HttpResponse::SeeOther().insert_header((header::LOCATION, next.sign_in())).finish()
            }
            Self::Problem(problem) => problem.error_response(),
        }
    }
}

extractor!(ConsoleCookie, |req, _| req
    .app_data::<Http>()
    .map_or(Self(None), |http| Self::of(&http.installation, req.headers())));

#[cfg(test)]
#[path = "../tests/console_cookie.rs"]
mod tests;
