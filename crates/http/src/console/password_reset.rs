//! A new password by mail, for a creator who has forgotten the old one.

use actix_web::web::ServiceConfig;
use askama::Template;
use tollgate_domain::creators::{AccountError, Password};

use super::{
    form::{FormState, Labels},
    page::{Notice, Screen, render, see_other_with},
    sign_in::enter,
    verify_email::broken,
    who::Visit,
};
use crate::{
    extract::{Asking, Client, ConsoleCookie, Form, Query},
    locale::Texts,
    problem::Answer,
    routes::{form, screen},
    state::Http,
};

const ASK: Labels = &[("email", "console-field-email")];
const CONFIRM: Labels = &[("password", "console-field-new-password")];

#[derive(Template)]
#[template(path = "console/password_reset.html")]
struct AskScreen {
    t: Texts,
    screen: Screen,
}

#[derive(Template)]
#[template(path = "console/password_reset_sent.html")]
struct SentScreen {
    t: Texts,
    screen: Screen,
}

#[derive(Template)]
#[template(path = "console/password_reset_confirm.html")]
struct ConfirmScreen {
    t: Texts,
    screen: Screen,
    token: String,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/password-reset", show, ask))
        .service(screen("/password-reset/sent", sent))
        .service(form("/password-reset/confirm", look, confirm));
}

async fn show(visit: Visit) -> Answer {
    let form = FormState::new(visit.screen.t, ASK);
    shown(visit.screen.with(form))
}

fn shown(screen: Screen) -> Answer {
    render(screen.status(), &AskScreen { t: screen.t, screen })
}

/// Mails a link, if there is an account with the address. The answer does not say whether there is one.
async fn ask(http: Http, client: Client, visit: Visit, form: Form) -> Answer {
    let mut form = FormState::of(visit.screen.t, ASK, form.read_open().await?);
    let Some(email) = form.check_email("email") else {
        return shown(visit.screen.with(form));
    };
    let notice = Notice::about("console-notice-reset-sent", email.shown());
    match http.use_cases.accounts.request_password_reset(email, &client.0).await {
        Ok(()) => Ok(see_other_with("/password-reset/sent", notice)),
        Err(error) => shown(visit.screen.with(form.refused(error)?)),
    }
}

async fn sent(visit: Visit) -> Answer {
    render(visit.screen.status(), &SentScreen { t: visit.screen.t, screen: visit.screen })
}

/// Shows the form for the new password. Opening the link does not use it up.
async fn look(http: Http, visit: Visit, query: Query) -> Answer {
    let [token] = query.read(["token"])?;
    let text = token.unwrap_or_default();
    let checked = match text.parse() {
        Ok(token) => http.use_cases.accounts.check_password_reset(&token).await,
        Err(_) => Err(AccountError::InvalidToken),
    };
    match checked {
        Ok(()) => {
            let form = FormState::new(visit.screen.t, CONFIRM).with("token", text);
            asked(visit.screen.with(form))
        }
        Err(error) => refused(visit.screen, error),
    }
}

fn refused(screen: Screen, error: AccountError) -> Answer {
    broken(screen, error, "console-link-reset-again", "/password-reset")
}

fn asked(screen: Screen) -> Answer {
    let token = screen.form.get("token").to_owned();
    render(screen.status(), &ConfirmScreen { t: screen.t, screen, token })
}

/// Sets the password, and signs in. All sessions from before end.
async fn confirm(
    http: Http,
    asking: Asking,
    visit: Visit,
    before: ConsoleCookie,
    form: Form,
) -> Answer {
    let mut form = FormState::of(visit.screen.t, CONFIRM, form.read_open().await?);
    let Ok(token) = form.get("token").parse() else {
        return refused(visit.screen, AccountError::InvalidToken);
    };
    let password = form.check("password", Password::new(form.get("password").to_owned()));
    let Some(password) = password else { return asked(visit.screen.with(form)) };
    match http.use_cases.accounts.confirm_password_reset(&token, &password, asking.caller()).await {
        Ok(signed_in) => {
            let notice = Notice::new("console-notice-password-changed");
            enter(&http, before, &signed_in, see_other_with("/", notice)).await
        }
        Err(
            error @ (AccountError::InvalidToken
            | AccountError::ExpiredToken
            | AccountError::UsedToken),
        ) => refused(visit.screen, error),
        Err(error) => asked(visit.screen.with(form.refused(error)?)),
    }
}
