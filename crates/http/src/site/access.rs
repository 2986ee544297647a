//! "My access": the visitor's history.

use actix_web::http::StatusCode;
use askama::Template;
use tollgate_domain::{
    access::{AccessRecord, AccessStatus, AccessType, ResourceType},
    installation::Installation,
};

use super::{page, sign_in::SignInPage};
use crate::{
    extract::{Paging, VisitorCookie},
    links::file_path,
    problem::Answer,
    state::Http,
};

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage {
    email: String,
    rows: Vec<Row>,
    older: Option<String>,
}

struct Row {
    address: String,
    title: String,
    how: String,
    since: String,
    status: &'static str,
}

/// Shows the list, or the form to sign in.
pub(super) async fn show(http: Http, session: VisitorCookie, paging: Paging) -> Answer {
    let who = match session.0 {
        Some(token) => http.use_cases.sessions.authenticate(token).await?,
        None => None,
    };
    let Some(who) = who else {
        let heading = "My access";
        let explanation = Some("Sign in to see the pages that you have access to.");
        let form =
            SignInPage { heading, explanation, return_to: "/access", email: "", error: None };
        return page(StatusCode::OK, &form);
    };
    let history = http.use_cases.gate.history(who.visitor.id, &paging.read()?).await?;
    let older = history.next.map(|cursor| cursor.to_string());
    let rows =
        history.items.into_iter().map(|record| Row::of(&http.installation, record)).collect();
    page(StatusCode::OK, &AccessPage { email: who.visitor.email.to_string(), rows, older })
}

impl Row {
    fn of(installation: &Installation, record: AccessRecord) -> Self {
        let how = match record.access_type {
            AccessType::Purchase => "Bought",
            AccessType::GroupBuy => "Bought in a group",
            AccessType::Complimentary => "A gift",
            AccessType::FreeLogin => "Free",
            AccessType::Allowlist => "Invited",
        };
        let how = record.amount.map_or_else(|| how.to_owned(), |paid| format!("{how} for {paid}"));
        let path = match record.resource_type {
            ResourceType::Page => format!("/{}", record.slug),
            ResourceType::File => file_path(&record.handle, &record.slug),
        };
        Self {
            address: format!("{}{path}", installation.handle_origin(&record.handle)),
            title: record.title,
            how,
            since: record.granted_at.strftime("%Y-%m-%d").to_string(),
            status: match record.status {
                AccessStatus::Active => "Active",
                AccessStatus::Refunded => "Refunded",
                AccessStatus::Revoked => "Revoked",
                AccessStatus::Suspended => "Suspended while a payment is disputed",
            },
        }
    }
}
