//! Complimentary access.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{Timestamp, access::GrantOutcome, email::Email, id::PurchaseId};

use crate::{
    dto::{GrantType, TextEnum, json},
    extract::{JsonBody, Own, PagePath, plain_part},
    openapi::{problem_responses, schemas},
    problem::{Answer, Code, Problem, parsed},
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = GrantRequest)]
pub(crate) struct GrantBody {
    /// Who is given access; it need not be somebody who ever signed in.
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Grant)]
pub(crate) struct GrantedBody {
    #[schema(example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    id: String,
    #[schema(example = "vis_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    visitor_id: String,
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    /// Always `COMPLIMENTARY`.
    #[schema(example = "COMPLIMENTARY")]
    grant_type: &'static str,
    #[schema(value_type = schemas::Instant)]
    granted_at: Timestamp,
}

problem_responses! {
    GiveProblems: HandleNotFound PageNotFound EmailNotVerified RateLimited;
    RevokeProblems: HandleNotFound PageNotFound PurchaseNotFound;
}

/// Gives access away.
///
/// The person is mailed, within the limits of such mails. Giving a page to a person who has it as a gift changes nothing.
#[utoipa::path(post, path = "/v2/handles/{handle}/pages/{pageSlug}/grants", tag = "grants",
    params(crate::openapi::PageParams), security(("creator" = [])), request_body = GrantBody,
    responses((status = 201, description = "Access is given", body = GrantedBody),
        (status = 200, description = "The person had it already", body = GrantedBody), GiveProblems))]
pub(super) async fn give(own: Own<PagePath>, body: JsonBody) -> Answer {
    let body = body.draft().await?;
    let email = body.parse(|body: GrantBody| parsed::<Email>("email", &body.email))?;
    let (handle, slug) = own.path.owned()?;
    let given = own.http.use_cases.grants.give(&own.creator, &handle, &slug, email).await?;
    let status = if given.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(json(status, &GrantedBody::of(&given)))
}

/// Revokes complimentary access.
///
/// It ends at once. What the person bought stays until it is refunded.
#[utoipa::path(delete, path = "/v2/handles/{handle}/pages/{pageSlug}/grants/{id}", tag = "grants",
    params(crate::openapi::PageParams,
        ("id" = String, Path, description = "The grant", example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")),
    security(("creator" = [])),
    responses((status = 204, description = "The grant is revoked"), RevokeProblems))]
pub(super) async fn revoke(own: Own<PagePath>, req: HttpRequest) -> Answer {
    let (handle, slug) = own.path.owned()?;
    let Some(id) = plain_part::<PurchaseId>(&req, "id") else {
        own.http.use_cases.pages.owned(&own.creator, &handle, &slug).await?;
        return Err(Problem::new(Code::PurchaseNotFound));
    };
    own.http.use_cases.grants.revoke(&own.creator, &handle, &slug, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl GrantedBody {
    fn of(given: &GrantOutcome) -> Self {
        Self {
            id: given.grant.id.to_string(),
            visitor_id: given.visitor.id.to_string(),
            email: given.visitor.email.as_str().to_owned(),
            grant_type: GrantType::from(given.grant.granted_as).as_str(),
            granted_at: given.grant.created_at,
        }
    }
}
