//! The allowlist of a file.

use actix_web::{HttpResponse, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    Timestamp,
    files::{AllowlistEntry, BulkOutcome},
};

use crate::{
    dto::{EmptyBody, json},
    extract::{FilePath, JsonBody, ListBody, Own, Paging, PlacePath},
    openapi::{problem_responses, schemas},
    problem::Answer,
};

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AllowlistEntry)]
pub(crate) struct EntryBody {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    #[schema(value_type = schemas::Instant)]
    added_at: Timestamp,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AllowlistAdditions)]
pub(crate) struct AdditionsBody {
    /// One address each; blank ones are skipped.
    #[schema(example = json!(["bob@example.com", "eve@example.com"]))]
    emails: Vec<String>,
    /// Whether only to tell what would become of them. Nothing is stored then.
    #[schema(example = false)]
    preview: Option<bool>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AllowlistOutcome)]
pub(crate) struct OutcomeBody {
    /// How many addresses were put on the list.
    #[schema(example = 12)]
    added: usize,
    /// How many were on it already.
    #[schema(example = 3)]
    known: usize,
    /// What is not an address, and was left out.
    invalid: Vec<InvalidLineBody>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InvalidLine)]
pub(crate) struct InvalidLineBody {
    /// The place in `emails`, from 1.
    #[schema(example = 7)]
    line: usize,
    #[schema(example = "not an address")]
    text: String,
}

problem_responses! {
    ListProblems: HandleNotFound FileNotFound;
    ChangeProblems: ValidationFailed HandleNotFound FileNotFound;
    AllowProblems: ValidationFailed HandleNotFound FileNotFound QuotaExceeded;
    AllowManyProblems: HandleNotFound FileNotFound QuotaExceeded;
}

/// Puts an address on the file's list.
///
/// It applies to everyone who signs in with the address, now or later.
#[utoipa::path(put, path = "/v2/handles/{handle}/files/{fileSlug}/allowlist/{email}", tag = "files",
    security(("creator" = [])), params(crate::openapi::FileParams, crate::openapi::EmailParam),
    request_body = Option<EmptyBody>,
    responses((status = 201, description = "The address is on the list now", body = EntryBody),
        (status = 200, description = "It was already", body = EntryBody), AllowProblems))]
pub(crate) async fn allow(own: Own<PlacePath>, body: JsonBody) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let (handle, slug, email) = own.path.read()?;
    let (entry, new) = own.http.use_cases.files.allow(&own.creator, &handle, &slug, email).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(json(status, &EntryBody::of(entry)))
}

/// Puts many addresses on the file's list.
///
/// What is not an address is left out and told. After an error, the same list can be sent again: what was added is known then.
#[utoipa::path(post, path = "/v2/handles/{handle}/files/{fileSlug}/allowlist", tag = "files",
    operation_id = "allow_many", security(("creator" = [])), params(crate::openapi::FileParams),
    request_body = AdditionsBody,
    responses((status = 200, description = "What became of them", body = OutcomeBody), AllowManyProblems))]
pub(crate) async fn allow_many(own: Own<FilePath>, body: JsonBody) -> Answer {
    let body: AdditionsBody = body.read().await?;
    let (handle, slug) = own.path.owned()?;
    let files = &own.http.use_cases.files;
    let is_preview = body.preview.unwrap_or_default();
    let outcome = files.allow_many(&own.creator, &handle, &slug, &body.emails, is_preview);
    let outcome = outcome.await?;
    Ok(json(StatusCode::OK, &OutcomeBody::of(outcome)))
}

/// Who is on the file's list, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/files/{fileSlug}/allowlist", tag = "files",
    security(("creator" = [])), params(crate::openapi::FileParams, crate::openapi::ListQuery),
    responses((status = 200, description = "The addresses", body = ListBody<EntryBody>), ListProblems))]
pub(crate) async fn allowed(own: Own<FilePath>, paging: Paging) -> Answer {
    let part = paging.read()?;
    let (handle, slug) = own.path.owned()?;
    let entries = own.http.use_cases.files.allowlist(&own.creator, &handle, &slug, &part).await?;
    Ok(json(StatusCode::OK, &ListBody::of(&paging, entries, EntryBody::of)))
}

/// Takes an address off the file's list. Its next request is refused.
#[utoipa::path(delete, path = "/v2/handles/{handle}/files/{fileSlug}/allowlist/{email}", tag = "files",
    security(("creator" = [])), params(crate::openapi::FileParams, crate::openapi::EmailParam),
    responses((status = 204, description = "The address is not on the list"), ChangeProblems))]
pub(crate) async fn disallow(own: Own<PlacePath>) -> Answer {
    let (handle, slug, email) = own.path.read()?;
    own.http.use_cases.files.disallow(&own.creator, &handle, &slug, &email).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl OutcomeBody {
    fn of(outcome: BulkOutcome) -> Self {
        let invalid = outcome.invalid.into_iter();
        Self {
            added: outcome.added,
            known: outcome.known,
            invalid: invalid.map(|it| InvalidLineBody { line: it.line, text: it.text }).collect(),
        }
    }
}

impl EntryBody {
    fn of(entry: AllowlistEntry) -> Self {
        let AllowlistEntry { email, added_at, .. } = entry;
        Self { email: email.to_string(), added_at }
    }
}
