//! Signing up.

use actix_web::web::ServiceConfig;
use askama::Template;
use tollgate_domain::{
    creators::{Password, display_name},
    email::Email,
};

use super::{
    form::{FormState, Labels},
    page::{Notice, Screen, render, see_other, see_other_with},
    sign_in::{Entering, enter},
    who::Visit,
};
use crate::{extract::Form, locale::Texts, problem::Answer, routes::form};

const FIELDS: Labels = &[
    ("name", "console-field-own-name"),
    ("email", "console-field-email"),
    ("password", "console-field-password"),
];

#[derive(Template)]
#[template(path = "console/sign_up.html")]
struct SignUpScreen {
    t: Texts,
    screen: Screen,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(form("/sign-up", show, sign_up));
}

async fn show(visit: Visit) -> Answer {
    if visit.creator.is_some() {
        return Ok(see_other("/"));
    }
    let form = FormState::new(visit.screen.t, FIELDS);
    shown(visit.screen.with(form))
}

fn shown(screen: Screen) -> Answer {
    render(screen.status(), &SignUpScreen { t: screen.t, screen })
}

/// Creates the account and signs in.
async fn sign_up((http, asking, visit, before): Entering, form: Form) -> Answer {
    let t = visit.screen.t;
    let mut form = FormState::of(t, FIELDS, form.read_open().await?);
    let Some((email, password)) = checked(&mut form) else {
        return shown(visit.screen.with(form));
    };
    // A form that was only sent twice has created the account already.
    if visit.creator.is_some_and(|creator| creator.email == email) {
        return Ok(see_other("/"));
    }
    let result = http
        .use_cases
        .accounts
        .register(email, &password, form.some("name"), asking.caller())
        .await;
    match result {
        Ok(signed_in) => {
            let notice = Notice::about("console-notice-welcome", signed_in.creator.email.shown());
            enter(&http, before, &signed_in, see_other_with("/new-handle", notice)).await
        }
        Err(error) => shown(visit.screen.with(form.refused(error)?)),
    }
}

/// Returns the address and the password, or adds what is wrong with the form.
fn checked(form: &mut FormState) -> Option<(Email, Password)> {
    let email = form.check_email("email");
    let password = form.check("password", Password::new(form.get("password").to_owned()));
    if let (Some(email), Some(password)) = (&email, &password) {
        let _ = form.check("password", password.check_for(email));
    }
    let _ = form.check("name", display_name(form.get("name")));
    email.zip(password).filter(|_| !form.has_errors())
}
