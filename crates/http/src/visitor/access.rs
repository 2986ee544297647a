//! The visitor's access history.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    Timestamp,
    access::{self, AccessRecord},
    checkout::CheckoutOrder,
    names::{HandleName, Slug},
    paging::Cursor,
};

use crate::{
    dto::{MoneyBody, ResourceType, json, text_enum},
    extract::{ListBody, Paging, SignedVisitor},
    openapi::{CommonProblems, schemas},
    problem::Answer,
    state::Http,
};

text_enum! {
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

text_enum! {
    /// What the access is worth now. It is `PENDING` while a payment that was made has not arrived.
    #[schema(example = "ACTIVE")]
    HistoryStatus {
        Active "ACTIVE",
        Refunded "REFUNDED",
        Revoked "REVOKED",
        Suspended "SUSPENDED",
        Pending "PENDING",
    }
}

impl From<access::AccessStatus> for HistoryStatus {
    fn from(status: access::AccessStatus) -> Self {
        match status {
            access::AccessStatus::Active => Self::Active,
            access::AccessStatus::Refunded => Self::Refunded,
            access::AccessStatus::Revoked => Self::Revoked,
            access::AccessStatus::Suspended => Self::Suspended,
        }
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AccessRecord)]
pub(crate) struct AccessBody {
    resource_type: ResourceType,
    access_type: AccessType,
    status: HistoryStatus,
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
    /// The purchase, if something was paid, so that there is a receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    purchase_id: Option<String>,
}

/// What the visitor was ever let into, and payments that have not arrived, newest first.
///
/// To a frontend of a creator, only what is about the handles that registered it.
#[utoipa::path(get, path = "/v2/visitor/access", tag = "visitor", security(("visitor" = [])),
    params(crate::openapi::ListQuery),
    responses((status = 200, description = "Pages and files", body = ListBody<AccessBody>), CommonProblems))]
pub(super) async fn access(http: Http, visitor: SignedVisitor, paging: Paging) -> Answer {
    let (who, part) = (visitor.who.visitor.id, paging.read()?);
    let (gate, checkouts) = (&http.use_cases.gate, &http.use_cases.checkouts);
    // Read before the history, so that a payment that arrives in between is in one of them at least.
    let mut pending = checkouts.pending_of(who).await?;
    let history = match visitor.frontend {
        Some(origin) => {
            let handles = http.use_cases.frontends.handles(&origin).await?;
            pending.retain(|(order, ..)| handles.contains(&order.handle_id));
            gate.history_at(who, handles, &part).await?
        }
        None => gate.history(who, &part).await?,
    };
    let pending = pending.into_iter().map(AccessBody::pending).collect();
    let all = history.map(AccessBody::of).with(pending, &part, |(at, _)| at.clone());
    Ok(json(StatusCode::OK, &ListBody::of(&paging, all, |(_, body)| body)))
}

impl AccessBody {
    /// Returns a row about a payment that has not arrived, and its place in the list.
    fn pending((order, handle, slug): (CheckoutOrder, HandleName, Slug)) -> (Cursor, Self) {
        let at = Cursor { at: order.created_at, id: order.id.to_string() };
        let body = Self {
            resource_type: access::ResourceType::Page.into(),
            access_type: if order.group_buy_id.is_some() {
                AccessType::GroupBuy
            } else {
                AccessType::Purchase
            },
            status: HistoryStatus::Pending,
            handle: handle.to_string(),
            slug: slug.to_string(),
            title: order.title,
            granted_at: order.created_at,
            ended_at: None,
            amount: Some(MoneyBody::of(order.price)),
            purchase_id: None,
        };
        (at, body)
    }

    /// Returns a row of the history, and its place in the list.
    fn of(record: AccessRecord) -> (Cursor, Self) {
        let purchase_id = record.amount.map(|_| record.id.clone());
        let at = Cursor { at: record.granted_at, id: record.id };
        let body = Self {
            resource_type: record.resource_type.into(),
            access_type: record.access_type.into(),
            status: record.status.into(),
            handle: record.handle.to_string(),
            slug: record.slug.to_string(),
            title: record.title,
            granted_at: record.granted_at,
            ended_at: record.ended_at,
            amount: record.amount.map(MoneyBody::of),
            purchase_id,
        };
        (at, body)
    }
}
