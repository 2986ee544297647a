//! Signing in to the console, and out of it.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use askama::Template;
use tollgate_domain::{
    creators::{AccountError, CreatorSignedIn, Password},
    names::HandleName,
};

use super::{
    form::{FormState, Labels},
    kept,
    page::{Nav, Notice, Screen, render, see_other, see_other_with},
    who::Visit,
};
use crate::{
    extract::{Asking, ConsoleCookie, Form, Query, cleared_console_cookie, console_cookie},
    local_path::LocalPath,
    locale::Texts,
    problem::Answer,
    routes::{form, post},
    state::Http,
};

const FIELDS: Labels = &[("email", "console-field-email"), ("password", "console-field-password")];

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInScreen {
    t: Texts,
    screen: Screen,
    /// The screen to go on to.
    next: String,
    /// Whom signing in is for and what opens then, for a creator who wanted to open a screen.
    told: Option<String>,
    /// What became of a form that was sent without a session.
    of_form: Option<OfForm>,
}

/// What became of a form that was sent without a session, with the class of the notice.
struct OfForm {
    class: &'static str,
    text: String,
}

/// What a session is begun with, besides the form: who asks, and the session that the browser had before.
pub(super) type Entering = (Http, Asking, Visit, ConsoleCookie);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/sign-in", show, sign_in))
        .service(post(web::resource("/sign-out"), sign_out));
}

/// Shows the form, or leads on if the creator is signed in already.
async fn show(visit: Visit, query: Query) -> Answer {
    let [next, kept, lost] = query.read(["next", "kept", "lost"])?;
    let next = next.as_deref().and_then(LocalPath::parse).unwrap_or_else(LocalPath::start);
    if visit.creator.is_some() {
        return Ok(see_other(next.as_str()));
    }
    let t = visit.screen.t;
    let kept = kept.map(|_| OfForm { class: "notice", text: t.get("console-sign-in-kept") });
    let lost = lost.map(|word| OfForm { class: "warning", text: t.get(kept::told_of_loss(&word)) });
    shown(visit.screen.with(FormState::new(t, FIELDS)), &next, kept.or(lost))
}

fn shown(screen: Screen, next: &LocalPath, of_form: Option<OfForm>) -> Answer {
    let (t, told) = (screen.t, told(screen.t, next));
    let next = next.as_str().to_owned();
    render(screen.status(), &SignInScreen { t, screen, next, told, of_form })
}

fn told(t: Texts, next: &LocalPath) -> Option<String> {
    let path = next.as_str().split('?').next().unwrap_or_default();
    let mut parts = path.split('/').skip(1);
    let first = parts.next().filter(|first| !first.is_empty())?;
    let handle = first.parse::<HandleName>().ok();
    let nav = parts.next().map_or(Some(Nav::Start), Nav::of_word);
    let screen = handle.zip(nav).map(|(handle, nav)| {
        t.with2("console-sign-in-next-screen", "screen", nav.label(t), "handle", handle)
    });
    Some(screen.unwrap_or_else(|| t.get("console-sign-in-next")))
}

async fn sign_in((http, asking, visit, before): Entering, form: Form) -> Answer {
    let t = visit.screen.t;
    let mut form = FormState::of(t, FIELDS, form.read_open().await?);
    let next = LocalPath::parse(form.get("next")).unwrap_or_else(LocalPath::start);
    let email = form.check_email("email");
    if !form.needs("password") {
        return shown(visit.screen.with(form), &next, None);
    }
    // No account has a password of another length, so this one is wrong.
    let password = Password::tried(form.get("password").to_owned());
    let result = match (email, password) {
        (Some(email), Ok(password)) => {
            http.use_cases.accounts.login(&email, &password, asking.caller()).await
        }
        (Some(_), Err(_)) => Err(AccountError::Unauthorized),
        (None, _) => return shown(visit.screen.with(form), &next, None),
    };
    match result {
        Ok(signed_in) => enter(&http, before, &signed_in, see_other(next.as_str())).await,
        Err(error) => shown(visit.screen.with(form.refused(error)?), &next, None),
    }
}

/// Sets the cookie of a new session, in place of the one that the browser had before.
pub(super) async fn enter(
    http: &Http,
    before: ConsoleCookie,
    signed_in: &CreatorSignedIn,
    mut response: HttpResponse,
) -> Answer {
    if let Some(token) = before.0 {
        http.use_cases.accounts.logout_by_token(&token).await?;
    }
    let cookie = console_cookie(&http.installation, &signed_in.refresh_token);
    if response.add_cookie(&cookie).is_err() {
        tracing::error!("a session cookie could not be set");
    }
    Ok(response)
}

async fn sign_out(http: Http, visit: Visit, cookie: ConsoleCookie) -> Answer {
    if let Some(token) = cookie.0 {
        http.use_cases.accounts.logout_by_token(&token).await?;
    }
    // The screen is read so that a form of another host is refused.
    drop(visit);
    let mut response = see_other_with("/sign-in", Notice::new("console-notice-signed-out"));
    if response.add_cookie(&cleared_console_cookie(&http.installation)).is_err() {
        tracing::error!("a session cookie could not be cleared");
    }
    Ok(response)
}
