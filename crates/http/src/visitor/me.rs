//! The visitor who is signed in.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{Timestamp, visitor_auth::Visitor};

use crate::{
    dto::json,
    extract::SignedVisitor,
    openapi::{CommonProblems, schemas},
    problem::{Answer, Code, Problem},
    state::Http,
};

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Visitor)]
pub(crate) struct VisitorBody {
    #[schema(example = "vis_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    id: String,
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
}

/// Who is signed in.
///
/// To a frontend of a creator, only visitors who have to do with it are signed in.
#[utoipa::path(get, path = "/v2/visitor/me", tag = "visitor", security(("visitor" = [])),
    responses((status = 200, description = "The visitor", body = VisitorBody), CommonProblems))]
pub(super) async fn me(http: Http, visitor: SignedVisitor) -> Answer {
    // A frontend does not learn of visitors who have nothing to do with it.
    if let Some(origin) = &visitor.frontend
        && !http.use_cases.frontends.knows(origin, &visitor.who).await?
    {
        return Err(Problem::new(Code::VisitorUnauthorized));
    }
    Ok(json(StatusCode::OK, &VisitorBody::of(&visitor.who.visitor)))
}

impl VisitorBody {
    pub(super) fn of(visitor: &Visitor) -> Self {
        Self {
            id: visitor.id.to_string(),
            email: visitor.email.as_str().to_owned(),
            created_at: visitor.created_at,
        }
    }
}
