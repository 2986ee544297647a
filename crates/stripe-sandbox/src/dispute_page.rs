//! The page of a dispute, on which the shop and the bank take their steps. Each button is a control call.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use askama::Template;
use serde_json::json;

use crate::control;
use crate::html::{Next, follow, form_value, html, no_such_page, unknown_choice};
use crate::model::State;
use crate::shared::Shared;
use crate::texts::{ENGLISH, Texts};
use crate::trouble::{called, next_steps};

#[derive(Template)]
#[template(path = "dispute.html")]
struct DisputePage {
    texts: &'static Texts,
    /// What it is, and the amount.
    called: String,
    /// The names of the next statuses, and the words of the buttons.
    steps: Vec<(&'static str, &'static str)>,
}

impl DisputePage {
    fn of(state: &State, id: &str) -> Option<Self> {
        let dispute = state.disputes.get(id)?;
        let steps = next_steps(dispute).collect();
        Some(Self { texts: &ENGLISH, called: called(state, dispute)?, steps })
    }
}

pub(crate) async fn show(id: Path<String>, shared: Data<Shared>) -> HttpResponse {
    let Some(page) = shared.with(|state| DisputePage::of(state, id.as_str())) else {
        return html(StatusCode::NOT_FOUND, &no_such_page(&ENGLISH));
    };
    html(StatusCode::OK, &page)
}

/// Takes the step that a button says, and leads back to the page.
pub(crate) async fn submit(id: Path<String>, form: Bytes, shared: Data<Shared>) -> HttpResponse {
    let next = shared.change(|state| step(state, &id, &form)).await;
    follow(next)
}

fn step(state: &mut State, id: &str, form: &[u8]) -> Next {
    if state.disputes.get(id).is_none() {
        return Next::Show(StatusCode::NOT_FOUND, no_such_page(&ENGLISH));
    }
    let Some(status) = form_value(form, "status") else {
        return Next::Show(StatusCode::BAD_REQUEST, unknown_choice(&ENGLISH));
    };
    let body = json!({"status": status}).to_string();
    // The second of two clicks fails here, and is then redirected like the first.
    if let Err(error) = control::change(state, &["disputes", id], body.as_bytes()) {
        tracing::debug!(id, status = error.status, "a step changed nothing");
    }
    Next::Redirect(format!("/disputes/{id}"))
}
