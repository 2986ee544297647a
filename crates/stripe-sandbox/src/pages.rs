//! The pay page and the onboarding page: plain HTML without scripts, with one form each.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::html::{Next, NoticePage, follow, form_value, html, no_such_page, unknown_choice};
use crate::model::{Session, State};
use crate::shared::Shared;
use crate::state::PayOutcome;
use crate::status::SessionStatus;
use crate::texts::{ENGLISH, Texts};
use crate::trouble::Trouble;

#[derive(Template)]
#[template(path = "pay.html")]
struct PayPage {
    texts: &'static Texts,
    items: Vec<PayItem>,
    total: String,
    email: Option<String>,
    description: Option<String>,
    cancel_url: Option<String>,
    message: Option<&'static str>,
    trouble: Trouble,
}

struct PayItem {
    name: String,
    description: Option<String>,
    quantity: i64,
    amount: String,
}

#[derive(Template)]
#[template(path = "connect.html")]
struct ConnectPage {
    texts: &'static Texts,
    account: String,
    email: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct PayQuery {
    declined: Option<String>,
    /// Whether something was set that goes wrong.
    set: Option<String>,
}

pub(crate) async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("Cache-Control", "public, max-age=3600"))
        .body(include_str!("../templates/sandbox.css"))
}

pub(crate) async fn show_pay(
    req: HttpRequest,
    id: Path<String>,
    query: Query<PayQuery>,
    shared: Data<Shared>,
) -> HttpResponse {
    let browser = Texts::of(&req);
    let page = shared.with(|state| match state.sessions.get(id.as_str()) {
        Some(session) if session.status == SessionStatus::Open => {
            let texts = Texts::on(session, browser);
            let message = query.declined.is_some().then_some(texts.declined);
            let trouble = Trouble::of(state, session, query.set.is_some());
            Ok(pay_page(texts, session, message, trouble))
        }
        session => Err(closed(browser, session)),
    });
    match page {
        Ok(page) => html(StatusCode::OK, &page),
        Err(next) => follow(Ok(next)),
    }
}

pub(crate) async fn pay(
    req: HttpRequest,
    id: Path<String>,
    body: Bytes,
    shared: Data<Shared>,
) -> HttpResponse {
    let browser = Texts::of(&req);
    let outcome = form_value(&body, "outcome");
    let email = form_value(&body, "email").filter(|email| email.contains('@'));
    let submit = |state: &mut State| submit_payment(state, browser, &id, outcome.as_deref(), email);
    let next = shared.change(submit).await;
    follow(next)
}

fn submit_payment(
    state: &mut State,
    browser: &'static Texts,
    id: &str,
    outcome: Option<&str>,
    email: Option<String>,
) -> Next {
    let declined = format!("/pay/{id}?declined=yes");
    let outcome = match outcome {
        Some("succeed") => PayOutcome::Succeed,
        Some("later") => PayOutcome::Later,
        Some("dispute") => PayOutcome::Dispute,
        Some("inquiry") => PayOutcome::Inquiry,
        Some("refund_fails") => PayOutcome::RefundFails,
        Some("decline") => return Next::Redirect(declined),
        _ => return Next::Show(StatusCode::BAD_REQUEST, unknown_choice(browser)),
    };
    // The second of two clicks fails here, and is then redirected like the first.
    if let Err(error) = state.buy(id, outcome, email) {
        tracing::debug!(status = error.status, "a payment changed nothing");
    }
    match state.sessions.get(id) {
        Some(session) if session.status == SessionStatus::Complete => {
            Next::Redirect(session.success_address())
        }
        // The account was restricted in the meantime.
        Some(session) if session.status == SessionStatus::Open => Next::Redirect(declined),
        session => closed(browser, session),
    }
}

pub(crate) async fn show_connect(token: Path<String>, shared: Data<Shared>) -> HttpResponse {
    let page = shared.with(|state| match open_link(state, &token) {
        Err(next) => Err(next),
        Ok(account) => Ok(ConnectPage {
            texts: &ENGLISH,
            email: state.accounts.get(&account).and_then(|it| it.email.clone()),
            account,
        }),
    });
    match page {
        Ok(page) => html(StatusCode::OK, &page),
        Err(next) => follow(Ok(next)),
    }
}

pub(crate) async fn connect(
    token: Path<String>,
    body: Bytes,
    shared: Data<Shared>,
) -> HttpResponse {
    let outcome = form_value(&body, "outcome");
    let next = shared.change(|state| submit_onboarding(state, &token, outcome.as_deref())).await;
    follow(next)
}

fn submit_onboarding(state: &mut State, token: &str, outcome: Option<&str>) -> Next {
    let account = match open_link(state, token) {
        Ok(account) => account,
        Err(next) => return next,
    };
    match outcome {
        Some("connect") => state.enable_account(&account),
        Some("leave") => {}
        _ => return Next::Show(StatusCode::BAD_REQUEST, unknown_choice(&ENGLISH)),
    }
    match state.links.get_mut(token) {
        Some(link) => {
            link.used = true;
            Next::Redirect(link.return_url.clone())
        }
        None => Next::Show(StatusCode::NOT_FOUND, no_such_page(&ENGLISH)),
    }
}

/// Returns the account of a valid link, or the answer for an invalid one. A link is used up by the
/// form and not by opening the page, because mail scanners and previews open pages too.
fn open_link(state: &State, token: &str) -> Result<String, Next> {
    match state.links.get(token) {
        None => Err(Next::Show(StatusCode::NOT_FOUND, no_such_page(&ENGLISH))),
        Some(link) if link.used || link.expires_at <= state.now() => {
            Err(Next::Redirect(link.refresh_url.clone()))
        }
        Some(link) => Ok(link.account.clone()),
    }
}

fn pay_page(
    texts: &'static Texts,
    session: &Session,
    message: Option<&'static str>,
    trouble: Trouble,
) -> PayPage {
    let currency = &session.currency;
    PayPage {
        texts,
        items: session
            .items
            .iter()
            .map(|item| PayItem {
                name: item.name.clone(),
                description: item.description.clone(),
                quantity: item.quantity,
                amount: texts.money(item.total(), currency),
            })
            .collect(),
        total: texts.money(session.total(), currency),
        email: session.customer_email.clone(),
        description: session.intent.description.clone(),
        cancel_url: session.cancel_url.clone(),
        message,
        trouble,
    }
}

/// Returns the page of a session that cannot be paid.
fn closed(browser: &'static Texts, session: Option<&Session>) -> Next {
    let Some(session) = session else {
        return Next::Show(StatusCode::NOT_FOUND, no_such_page(browser));
    };
    let texts = Texts::on(session, browser);
    let notice = if session.status == SessionStatus::Expired {
        NoticePage {
            texts,
            title: texts.expired,
            text: texts.expired_text,
            link: session.cancel_url.clone().map(|url| (url, texts.back)),
        }
    } else {
        NoticePage {
            texts,
            title: texts.complete,
            text: texts.complete_text,
            link: Some((session.success_address(), texts.on)),
        }
    };
    Next::Show(StatusCode::OK, notice)
}
