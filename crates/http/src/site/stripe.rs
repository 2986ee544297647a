//! The page to which Stripe sends a creator back after onboarding.

use actix_web::{HttpRequest, http::StatusCode};
use askama::Template;
use tollgate_domain::{checkout::ConnectStatus, names::HandleName};

use super::page;
use crate::{
    locale::Texts,
    problem::{Answer, Code, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "site/stripe.html")]
struct StripePage {
    t: Texts,
    heading: String,
    text: String,
}

/// Shows the state of the connection.
pub(super) async fn come_back(http: Http, t: Texts, req: HttpRequest) -> Answer {
    let (mut handle, mut again) = (None, false);
    for (name, value) in form_urlencoded::parse(req.query_string().as_bytes()) {
        match &*name {
            "handle" => handle = value.parse::<HandleName>().ok(),
            "again" => again = true,
            _ => {}
        }
    }
    let handle = handle.ok_or_else(|| Problem::new(Code::NotFound))?;
    let status = http.use_cases.connect.refresh(&handle).await?;
    page(StatusCode::OK, &StripePage::of(t, &handle, status, again))
}

impl StripePage {
    fn of(t: Texts, handle: &HandleName, status: ConnectStatus, again: bool) -> Self {
        let call = format!("POST /v2/handles/{handle}/stripe/connect");
        let (heading, text) = match status {
            ConnectStatus::Active => {
                (t.get("stripe-active"), t.with("stripe-active-text", "handle", handle))
            }
            ConnectStatus::Restricted => {
                (t.get("stripe-checking"), t.with("stripe-checking-text", "handle", handle))
            }
            ConnectStatus::NotConnected | ConnectStatus::Onboarding if again => {
                (t.get("stripe-expired"), t.with("stripe-expired-text", "call", call))
            }
            ConnectStatus::NotConnected | ConnectStatus::Onboarding => {
                (t.get("stripe-more"), t.with("stripe-more-text", "call", call))
            }
        };
        Self { t, heading, text }
    }
}
