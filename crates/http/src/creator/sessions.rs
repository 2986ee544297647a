//! The creator's own sessions.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use tollgate_domain::{Timestamp, creators::CreatorSession, id::CreatorSessionId};

use crate::{
    dto::{json, session_body},
    extract::{ListBody, Paging, SignedCreator, part},
    openapi::{CommonProblems, schemas},
    problem::Answer,
    state::Http,
};

session_body!(CreatorSession, "cse_01j9z3k5v7w8x9y0z1a2b3c4d5");

/// Where the creator is signed in, with access tokens or in the console.
#[utoipa::path(get, path = "/v2/creator/sessions", tag = "creator", operation_id = "creator_sessions",
    security(("creator" = [])), params(crate::openapi::ListQuery),
    responses((status = 200, description = "The sessions that are alive, newest first",
        body = ListBody<SessionBody>), CommonProblems))]
pub(super) async fn list(http: Http, signed: SignedCreator, paging: Paging) -> Answer {
    let listing = http.use_cases.accounts.sessions(&signed.creator, &paging.read()?).await?;
    let list = ListBody::of(
        &paging,
        listing,
        |CreatorSession { id, created_at, expires_at, device, .. }| SessionBody {
            id: id.to_string(),
            created_at,
            expires_at,
            device: device.map(|device| device.to_string()),
            current: id == signed.session,
        },
    );
    Ok(json(StatusCode::OK, &list))
}

/// Signs the creator out elsewhere.
///
/// Ending a session that is not there changes nothing.
#[utoipa::path(delete, path = "/v2/creator/sessions/{id}", tag = "creator", operation_id = "end_creator_session",
    security(("creator" = [])),
    params(("id" = String, Path, description = "The session", example = "cse_01j9z3k5v7w8x9y0z1a2b3c4d5")),
    responses((status = 204, description = "The session is over"), CommonProblems))]
pub(super) async fn end(http: Http, signed: SignedCreator, req: HttpRequest) -> Answer {
    if let Some(id) = part::<CreatorSessionId>(&req, "id") {
        http.use_cases.accounts.end_session(&signed.creator, id).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}
