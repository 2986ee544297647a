//! Proving the address of an account with a mailed link.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, ServiceConfig},
};
use askama::Template;
use tollgate_domain::creators::{AccountError, Creator};

use super::{
    page::{Notice, Screen, render, see_other_with},
    who::{Signed, Visit},
};
use crate::{
    extract::{Asking, Form, Query},
    local_path::LocalPath,
    locale::Texts,
    problem::{Answer, Problem},
    routes::{form, post},
    state::Http,
};

#[derive(Template)]
#[template(path = "console/verify_email.html")]
struct VerifyScreen {
    t: Texts,
    screen: Screen,
    token: String,
}

/// Says why a link cannot be used, and where to get another one.
#[derive(Template)]
#[template(path = "console/broken_link.html")]
struct BrokenLinkScreen {
    t: Texts,
    screen: Screen,
    heading: &'static str,
    text: &'static str,
    button: &'static str,
    address: &'static str,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/verify-email", look, verify))
        .service(post(web::resource("/verify-email/resend"), resend));
}

/// Shows the button, unless the link has done its work or cannot be used. Opening it does not use it up.
async fn look(http: Http, visit: Visit, query: Query) -> Answer {
    let [token] = query.read(["token"])?;
    let token = token.unwrap_or_default();
    let checked = match token.parse() {
        Ok(token) => http.use_cases.accounts.check_verification(&token).await,
        Err(_) => Err(AccountError::InvalidToken),
    };
    match checked {
        Ok(Some(creator)) => Ok(proved(&visit, &creator)),
        Ok(None) => {
            let screen = VerifyScreen { t: visit.screen.t, screen: visit.screen, token };
            render(StatusCode::OK, &screen)
        }
        Err(error) => refused(visit.screen, error),
    }
}

/// Proves the address when the button is pressed, on whatever device the mail was opened.
async fn verify(http: Http, asking: Asking, visit: Visit, form: Form) -> Answer {
    let form = form.read().await?;
    let result = match form.get("token").parse() {
        Ok(token) => http.use_cases.accounts.verify_email(&token, asking.caller().language).await,
        Err(_) => Err(AccountError::InvalidToken),
    };
    match result {
        Ok(creator) => Ok(proved(&visit, &creator)),
        Err(error) => refused(visit.screen, error),
    }
}

fn proved(visit: &Visit, creator: &Creator) -> HttpResponse {
    let path = if visit.creator.is_some() { "/" } else { "/sign-in" };
    see_other_with(path, Notice::about("console-notice-verified", creator.email.shown()))
}

fn refused(screen: Screen, error: AccountError) -> Answer {
    broken(screen, error, "console-link-proof-again", "/account")
}

/// Mails another link and goes back to the screen that the button was on. The button above a screen opens a tab of its own,
/// so that what was typed stays in the one before.
async fn resend(
    http: Http,
    asking: Asking,
    signed: Signed,
    req: HttpRequest,
    query: Query,
) -> Answer {
    let [tab] = query.read(["tab"])?;
    let back = LocalPath::of_referer(&http.installation, &req).unwrap_or_else(LocalPath::start);
    let (path, sent) = match tab {
        Some(_) => ("/account", "console-notice-proof-sent-in-tab"),
        None => (back.as_str(), "console-notice-proof-sent"),
    };
    let result =
        http.use_cases.accounts.resend_verification(&signed.creator, asking.caller()).await;
    let notice = match result {
        Ok(()) => Notice::about(sent, signed.creator.email.shown()),
        Err(AccountError::Limited { .. }) => Notice::new("console-notice-refused-wait"),
        Err(error) => return Err(Problem::from(error)),
    };
    Ok(see_other_with(path, notice))
}

/// Explains why a link cannot be used, with a button that leads to where another one is asked for.
pub(super) fn broken(
    screen: Screen,
    error: AccountError,
    button: &'static str,
    address: &'static str,
) -> Answer {
    let (heading, text) = match error {
        AccountError::InvalidToken => ("console-link-invalid", "console-link-invalid-text"),
        AccountError::ExpiredToken => ("console-link-expired", "console-link-expired-text"),
        AccountError::UsedToken => ("console-link-used", "console-link-used-text"),
        error => return Err(error.into()),
    };
    let shown = BrokenLinkScreen { t: screen.t, screen, heading, text, button, address };
    render(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}
