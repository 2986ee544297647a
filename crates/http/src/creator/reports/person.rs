//! What is known about a person.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{Timestamp, email::Email, moves::AddressMove, names::Slug};

use super::{Relation, explain::MoveBody};
use crate::{
    dto::json,
    extract::{Own, PersonPath},
    openapi::{problem_responses, schemas},
    person::KnownPerson,
    problem::Answer,
};

/// The greatest number of pages, and of files, that are named.
const MAX_NAMED: u32 = 20;

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KnownPerson)]
pub(crate) struct KnownPersonBody {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    /// The visitor with this address; null if nothing relates the address to this handle.
    #[schema(required = true, example = "vis_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    visitor_id: Option<String>,
    /// What the person has to do with this handle.
    #[schema(example = json!(["PURCHASE"]))]
    relations: Vec<Relation>,
    /// The newest pages about which something is known, such as a payment that failed; at most 20.
    #[schema(value_type = Vec<schemas::Slug>, example = json!(["guide"]))]
    page_slugs: Vec<String>,
    /// The newest files on whose lists the address is or was; at most 20.
    #[schema(value_type = Vec<schemas::Slug>, example = json!(["workbook"]))]
    file_slugs: Vec<String>,
    /// Whether the person asked for no more mails that the creator causes.
    #[schema(example = false)]
    mails_stopped: bool,
    /// Whether a mail to the address came back, or its owner called one unwanted, after one about this handle
    /// was sent there.
    #[schema(example = false)]
    mails_returned: bool,
    /// Whether its owner called one unwanted. Otherwise those that came back could not be delivered.
    #[schema(example = false)]
    mails_unwanted: bool,
    /// The confirmed changes of this address at the handle, newest first.
    moves: Vec<MoveBody>,
    /// The changes of this address at the handle that wait for their confirmation, newest first.
    waiting_moves: Vec<WaitingMoveBody>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WaitingMove)]
pub(crate) struct WaitingMoveBody {
    #[schema(value_type = schemas::EmailAddress)]
    from: String,
    #[schema(value_type = schemas::EmailAddress)]
    to: String,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
    /// From this instant on it cannot be confirmed.
    #[schema(value_type = schemas::Instant)]
    expires_at: Timestamp,
}

problem_responses! {
    PersonProblems: ValidationFailed HandleNotFound;
}

/// What is known about a person at a handle.
///
/// Somebody who has nothing to do with the handle is told like an unknown address.
#[utoipa::path(get, path = "/v2/handles/{handle}/people/{email}", tag = "reports", operation_id = "person",
    security(("creator" = [])), params(crate::openapi::HandleParams, crate::openapi::EmailParam),
    responses((status = 200, description = "The person", body = KnownPersonBody), PersonProblems))]
pub(crate) async fn person(own: Own<PersonPath>) -> Answer {
    let Own { http, creator, path } = own;
    let (name, email) = path.read()?;
    let handle = http.use_cases.handles.owned(&creator, &name).await?;
    let known = KnownPerson::read(&http, &creator, &handle, &email).await?;
    let reports = &http.use_cases.reports;
    let pages = reports.pages_about(&creator, &name, &email, MAX_NAMED).await?;
    let files = reports.files_about(&creator, &name, &email, MAX_NAMED).await?;
    Ok(json(StatusCode::OK, &KnownPersonBody::of(&email, known, &pages, &files)))
}

impl KnownPersonBody {
    fn of(email: &Email, known: KnownPerson, pages: &[Slug], files: &[Slug]) -> Self {
        let KnownPerson { person, returned, has_stopped, moves, waiting } = known;
        let (visitor_id, relations) =
            person.map(|person| (person.id.to_string(), person.relations)).unzip();
        let relations = relations.into_iter().flatten().map(Relation::from);
        Self {
            email: email.as_str().to_owned(),
            visitor_id,
            relations: relations.collect(),
            page_slugs: pages.iter().map(ToString::to_string).collect(),
            file_slugs: files.iter().map(ToString::to_string).collect(),
            mails_stopped: has_stopped,
            mails_returned: !returned.takes_mails(),
            mails_unwanted: returned.complained_at.is_some(),
            moves: moves.iter().filter_map(MoveBody::of).collect(),
            waiting_moves: waiting.iter().map(WaitingMoveBody::of).collect(),
        }
    }
}

impl WaitingMoveBody {
    fn of(asked: &AddressMove) -> Self {
        Self {
            from: asked.from.to_string(),
            to: asked.to.to_string(),
            created_at: asked.created_at,
            expires_at: asked.expires_at,
        }
    }
}
