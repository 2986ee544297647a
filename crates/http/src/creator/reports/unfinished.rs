//! Payments that were made and opened nothing.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    Timestamp, checkout,
    paging::{Cursor, Listing},
    reports::ports::UnfinishedPayment,
};

use super::sale_query;
use crate::{
    dto::{MoneyBody, json, text_enum},
    extract::{HandlePath, ListBody, Own, Paging, Query},
    openapi::{problem_responses, schemas},
    problem::{Answer, both},
};

text_enum! {
    /// Why a payment opened nothing: it is on its way, it failed, or it does not match its order.
    #[schema(example = "PENDING")]
    UnfinishedStatus = checkout::ReportedStatus {
        Pending "PENDING", Failed "FAILED", Quarantined "QUARANTINED"
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UnfinishedPayment)]
pub(crate) struct UnfinishedBody {
    #[schema(example = "chk_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    pub(super) checkout_id: String,
    /// Who was to get the access.
    #[schema(value_type = schemas::EmailAddress)]
    pub(super) email: String,
    #[schema(value_type = schemas::Slug)]
    pub(super) page_slug: String,
    #[schema(example = "A guide")]
    pub(super) title: String,
    /// What the order asks for.
    pub(super) amount: MoneyBody,
    pub(super) status: UnfinishedStatus,
    /// Since when it is like this; with `PENDING`, when the order was made.
    #[schema(value_type = schemas::Instant)]
    pub(super) since: Timestamp,
}

problem_responses! {
    UnfinishedProblems: HandleNotFound;
}

/// The newest payments that were made and opened nothing, newest first.
///
/// The list has at most 50 payments in all.
#[utoipa::path(get, path = "/v2/handles/{handle}/unfinished-payments", tag = "reports",
    security(("creator" = [])),
    params(crate::openapi::HandleParams, super::SalesQuery, crate::openapi::ListQuery),
    responses((status = 200, description = "The payments", body = ListBody<UnfinishedBody>),
        UnfinishedProblems))]
pub(crate) async fn unfinished_payments(
    own: Own<HandlePath>,
    query: Query,
    paging: Paging,
) -> Answer {
    let ((wanted, page), name) = (both(sale_query(&query), paging.read())?, own.path.name()?);
    let found = if let Some(wanted) = wanted {
        own.http.use_cases.reports.unfinished_payments(&own.creator, &name, wanted).await?
    } else {
        own.http.use_cases.handles.owned(&own.creator, &name).await?;
        Vec::new()
    };
    let none = Listing { items: Vec::new(), next: None };
    let payments = none.with(found, &page, cursor);
    Ok(json(StatusCode::OK, &ListBody::of(&paging, payments, UnfinishedBody::of)))
}

fn cursor(one: &UnfinishedPayment) -> Cursor {
    Cursor { at: one.payment.since, id: one.payment.checkout_id.to_string() }
}

impl UnfinishedBody {
    pub(super) fn of(one: UnfinishedPayment) -> Self {
        let UnfinishedPayment { payment, status, email, slug, title } = one;
        Self {
            checkout_id: payment.checkout_id.to_string(),
            email: email.as_str().to_owned(),
            page_slug: slug.to_string(),
            title,
            amount: MoneyBody::of(payment.amount),
            status: status.into(),
            since: payment.since,
        }
    }
}
