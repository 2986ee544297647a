//! Signing in and out on pages: asking for a mail, entering its code, opening its link.

mod ahead;
mod ask;
mod asked;
mod code;
mod kept;
mod leave;
mod link;
mod welcome;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};
use askama::Template;
use tollgate_domain::creators::FrontendOrigin;

pub(super) use self::ask::{ask, ask_alone, show};
use super::frame::Frame;
use crate::{
    links::{CODE, VERIFY},
    locale::Texts,
    problem::{Code, Problem},
    routes::{form, screen},
    state::Http,
};

/// Adds the routes but that of [`ask()`], on every host of the installation.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(form(CODE, code::show, code::redeem))
        .service(screen("/-/code/state", code::state))
        .service(form(VERIFY, link::look, link::redeem))
        .service(form("/-/renew", link::back, link::renew))
        .service(form("/-/sign-out", leave::show, leave::sign_out));
}

/// The form that asks for an address.
#[derive(Debug, Clone, Default)]
pub(super) struct EmailForm {
    pub(super) return_to: String,
    pub(super) email: String,
    pub(super) error: Option<String>,
    /// Whether the form is a part of the page that the visitor returns to.
    pub(super) is_inline: bool,
    /// Whether the browser has asked for a mail to this address whose code is still good.
    pub(super) has_mail: bool,
}

impl EmailForm {
    /// Creates an empty form on a page of its own.
    pub(super) fn to(return_to: impl Into<String>) -> Self {
        Self { return_to: return_to.into(), ..Self::default() }
    }

    /// Creates an empty form that is a part of the page with this path. That page is shown again if the address is not
    /// taken.
    pub(super) fn on(path: impl Into<String>) -> Self {
        Self { is_inline: true, ..Self::to(path) }
    }
}

/// A form with what was typed, and why it was not taken.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) form: EmailForm,
}

impl Refused {
    /// Takes the place of the empty form of a page, and returns the status of the page. If it has no form any more, nothing is
    /// there to be shown again.
    pub(super) fn replace(self, empty: Option<&mut EmailForm>) -> Result<StatusCode, Problem> {
        let form = empty.ok_or_else(|| Problem::new(Code::NotFound))?;
        *form = self.form;
        Ok(self.status)
    }
}

/// A page with the form and nothing else.
#[derive(Template)]
#[template(path = "site/sign_in.html")]
pub(super) struct SignInPage {
    pub(super) t: Texts,
    pub(super) frame: Frame,
    pub(super) heading: String,
    pub(super) explanation: Option<String>,
    pub(super) form: EmailForm,
}

/// A page that says what happened and offers at most one button.
#[derive(Template)]
#[template(path = "site/told.html")]
struct ToldPage {
    t: Texts,
    frame: Frame,
    heading: String,
    text: String,
    error: Option<String>,
    way: Way,
}

/// The button of a [`ToldPage`].
enum Way {
    /// Mail a new link to the address of an old one; without a token, to the one that such a mail went to.
    Renew { token: String },
    /// Mail another link.
    Again { email: String, return_to: String },
}

/// Tells programs how long to wait.
pub(super) fn retry_after(mut response: HttpResponse, seconds: u64) -> HttpResponse {
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    response
}

/// Allows the form of a page to lead to a creator's own frontend.
fn leading_to(
    http: &Http,
    frontend: Option<&FrontendOrigin>,
    mut response: HttpResponse,
) -> HttpResponse {
    if let Some(frontend) = frontend {
        let policy = http.policy().leading_to(frontend);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Keeps a page with a token out of caches and search engines.
fn unlisted(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    let robots = header::HeaderName::from_static("x-robots-tag");
    headers.insert(robots, header::HeaderValue::from_static("noindex"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
