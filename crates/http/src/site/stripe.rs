//! The page to which Stripe sends a creator back after onboarding.

use actix_web::{HttpRequest, http::StatusCode};
use askama::Template;
use tollgate_domain::{checkout::ConnectStatus, names::HandleName};

use super::page;
use crate::{
    problem::{Answer, Code, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "stripe.html")]
struct StripePage {
    heading: &'static str,
    text: String,
}

/// Shows the state of the connection.
pub(super) async fn come_back(http: Http, req: HttpRequest) -> Answer {
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
    page(StatusCode::OK, &StripePage::of(&handle, status, again))
}

impl StripePage {
    fn of(handle: &HandleName, status: ConnectStatus, again: bool) -> Self {
        let call = format!("POST /v2/handles/{handle}/stripe/connect");
        match status {
            ConnectStatus::Active => Self {
                heading: "Stripe is connected",
                text: format!("{handle} can take payments now. You can close this page."),
            },
            ConnectStatus::Restricted => Self {
                heading: "Stripe is checking",
                text: format!(
                    "Stripe has what it asked for and is checking it; {handle} can take payments after that."
                ),
            },
            ConnectStatus::NotConnected | ConnectStatus::Onboarding if again => Self {
                heading: "This link has expired",
                text: format!(
                    "Links to Stripe are good once and for a few minutes. Get a new one with {call}."
                ),
            },
            ConnectStatus::NotConnected | ConnectStatus::Onboarding => Self {
                heading: "Stripe needs more",
                text: format!("Stripe has not been told everything yet. Go on with {call}."),
            },
        }
    }
}
