//! The visitor's own sessions.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use tollgate_domain::{Timestamp, id::VisitorSessionId};

use crate::{
    dto::{json, session_body},
    extract::{ListBody, Paging, SignedVisitor, part},
    openapi::{CommonProblems, schemas},
    problem::Answer,
    state::Http,
};

session_body!(VisitorSession, "vse_01j9z3k5v7w8x9y0z1a2b3c4d5");

/// Where the visitor is signed in.
///
/// To a frontend of a creator, these are the sessions that began there.
#[utoipa::path(get, path = "/v2/visitor/sessions", tag = "visitor", security(("visitor" = [])),
    params(crate::openapi::ListQuery),
    responses((status = 200, description = "The sessions that are alive, newest first",
        body = ListBody<SessionBody>), CommonProblems))]
pub(super) async fn sessions(http: Http, visitor: SignedVisitor, paging: Paging) -> Answer {
    let frontend = visitor.frontend.as_ref();
    let listing = http.use_cases.sessions.list(&visitor.who, frontend, &paging.read()?).await?;
    let list = ListBody::of(&paging, listing, |session| SessionBody {
        id: session.id.to_string(),
        created_at: session.created_at,
        expires_at: session.expires_at,
        device: session.device.map(|device| device.to_string()),
        current: session.token == visitor.token,
    });
    Ok(json(StatusCode::OK, &list))
}

/// Signs the visitor out elsewhere.
///
/// Ending a session that is not there changes nothing.
#[utoipa::path(delete, path = "/v2/visitor/sessions/{id}", tag = "visitor", security(("visitor" = [])),
    params(("id" = String, Path, description = "The session", example = "vse_01j9z3k5v7w8x9y0z1a2b3c4d5")),
    responses((status = 204, description = "The session is over"), CommonProblems))]
pub(super) async fn end_session(http: Http, visitor: SignedVisitor, req: HttpRequest) -> Answer {
    if let Some(id) = part::<VisitorSessionId>(&req, "id") {
        http.use_cases.sessions.revoke(&visitor.who, visitor.frontend.as_ref(), id).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}
