//! The allowlist of a file.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use tollgate_domain::{Timestamp, files::AllowlistEntry};

use crate::{
    dto::json,
    extract::{FilePath, ListBody, Paging, PlacePath, SignedCreator},
    openapi::{problem_responses, schemas},
    problem::Answer,
    state::Http,
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

problem_responses! {
    ListRefusals: HandleNotFound FileNotFound;
    ChangeRefusals: ValidationFailed HandleNotFound FileNotFound;
}

/// Puts an address on the file's list.
///
/// It is for whoever signs in with the address, now or later.
#[utoipa::path(put, path = "/v2/handles/{handle}/files/{fileSlug}/allowlist/{email}", tag = "files",
    security(("creator" = [])), params(crate::openapi::FileParams, crate::openapi::EmailParam),
    responses((status = 201, description = "The address is on the list now", body = EntryBody),
        (status = 200, description = "It was already", body = EntryBody), ChangeRefusals))]
pub(crate) async fn allow(http: Http, creator: SignedCreator, path: PlacePath) -> Answer {
    let (handle, slug, email) = path.read()?;
    let (entry, new) = http.use_cases.files.allow(&creator.creator, &handle, &slug, email).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(json(status, &EntryBody::of(entry)))
}

/// Who is on the file's list, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/files/{fileSlug}/allowlist", tag = "files",
    security(("creator" = [])), params(crate::openapi::FileParams, crate::openapi::ListQuery),
    responses((status = 200, description = "The addresses", body = ListBody<EntryBody>), ListRefusals))]
pub(crate) async fn allowed(
    http: Http,
    creator: SignedCreator,
    path: FilePath,
    paging: Paging,
) -> Answer {
    let (handle, slug) = path.owned()?;
    let entries =
        http.use_cases.files.allowlist(&creator.creator, &handle, &slug, &paging.read()?).await?;
    Ok(json(StatusCode::OK, &ListBody::of(entries, EntryBody::of)))
}

/// Takes an address off the file's list. Its next request is refused.
#[utoipa::path(delete, path = "/v2/handles/{handle}/files/{fileSlug}/allowlist/{email}", tag = "files",
    security(("creator" = [])), params(crate::openapi::FileParams, crate::openapi::EmailParam),
    responses((status = 204, description = "The address is not on the list"), ChangeRefusals))]
pub(crate) async fn disallow(http: Http, creator: SignedCreator, path: PlacePath) -> Answer {
    let (handle, slug, email) = path.read()?;
    http.use_cases.files.disallow(&creator.creator, &handle, &slug, &email).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl EntryBody {
    fn of(entry: AllowlistEntry) -> Self {
        let AllowlistEntry { email, added_at, .. } = entry;
        Self { email: email.to_string(), added_at }
    }
}
