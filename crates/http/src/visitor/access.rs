//! The visitor's access history.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    Timestamp,
    access::{self, AccessRecord},
};

use crate::{
    dto::{AccessStatus, MoneyBody, ResourceType, json, words},
    extract::{ListBody, Paging, SignedVisitor},
    openapi::{CommonRefusals, schemas},
    problem::Answer,
    state::Http,
};

words! {
    /// How somebody came by the access.
    #[schema(example = "PURCHASE")]
    AccessType = access::AccessType {
        Purchase "PURCHASE",
        GroupBuy "GROUP_BUY",
        Complimentary "COMPLIMENTARY",
        FreeLogin "FREE_LOGIN",
        Allowlist "ALLOWLIST",
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AccessRecord)]
pub(crate) struct AccessBody {
    resource_type: ResourceType,
    access_type: AccessType,
    status: AccessStatus,
    #[schema(value_type = schemas::HandleName)]
    handle: String,
    #[schema(value_type = schemas::Slug)]
    slug: String,
    #[schema(example = "A guide")]
    title: String,
    #[schema(value_type = schemas::Instant)]
    granted_at: Timestamp,
    #[schema(value_type = schemas::End)]
    ended_at: Option<Timestamp>,
    /// What was paid, if anything was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    amount: Option<MoneyBody>,
}

/// What the visitor was ever let into, newest first.
#[utoipa::path(get, path = "/v2/visitor/access", tag = "visitor", security(("visitor" = [])),
    params(crate::openapi::ListQuery),
    responses((status = 200, description = "Pages and files", body = ListBody<AccessBody>), CommonRefusals))]
pub(super) async fn access(http: Http, visitor: SignedVisitor, paging: Paging) -> Answer {
    let history = http.use_cases.gate.history(visitor.who.visitor.id, &paging.read()?).await?;
    Ok(json(StatusCode::OK, &ListBody::of(history, AccessBody::of)))
}

impl AccessBody {
    fn of(record: AccessRecord) -> Self {
        Self {
            resource_type: record.resource_type.into(),
            access_type: record.access_type.into(),
            status: record.status.into(),
            handle: record.handle.to_string(),
            slug: record.slug.to_string(),
            title: record.title,
            granted_at: record.granted_at,
            ended_at: record.ended_at,
            amount: record.amount.map(MoneyBody::of),
        }
    }
}
