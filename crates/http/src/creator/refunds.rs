//! Refunds by the creator.

use actix_web::{HttpRequest, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    Timestamp,
    creators::Creator,
    id::{PurchaseId, VisitorId},
    names::{HandleName, Slug},
    payments::RefundProgress,
    refunds::{RefundReceipt, RefundWish},
};

use crate::{
    dto::text_enum,
    extract::{Arrived, JsonBody, Own, PagePath},
    idempotent::IdempotentRequest,
    openapi::{problem_responses, schemas},
    problem::{Answer, Code, FieldErrors, Problem},
    state::Http,
};

text_enum! {
    /// How far a refund has come.
    #[schema(example = "succeeded")]
    RefundStatus = RefundProgress { Succeeded "succeeded", Pending "pending", Failed "failed" }
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RefundRequest {
    /// Whose purchase it is.
    #[schema(example = "vis_01j9z3k5v7w8x9y0z1a2b3c4d5", pattern = "^vis_")]
    visitor_id: String,
    /// Which purchase; the newest that can be refunded when unset.
    #[schema(example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5", pattern = "^pur_")]
    purchase_id: Option<String>,
    /// A note for the creator's own books.
    #[schema(example = "Bought twice", format = "text", max_length = 500)]
    reason: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Refund)]
pub(crate) struct RefundBody {
    #[schema(example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    purchase_id: String,
    /// Stripe's id of the refund.
    #[schema(example = "re_3TGvfXJd4Xq2Yk0b1kq2")]
    refund_id: String,
    status: RefundStatus,
    /// Minor units that are refunded.
    #[schema(example = 1200)]
    amount: i64,
    #[schema(value_type = schemas::CurrencyCode)]
    currency: &'static str,
}

problem_responses! {
        RefundProblems: HandleNotFound PageNotFound PurchaseNotFound AlreadyRefunded NotRefundable
        PurchaseDisputed RefundRefused PaymentProviderError;
}

/// Refunds a purchase and ends the access that it gave.
///
/// Access ends when Stripe accepts the refund.
#[utoipa::path(post, path = "/v2/handles/{handle}/pages/{pageSlug}/refund", tag = "refunds",
    params(crate::openapi::PageParams, crate::openapi::IdempotencyHeader), security(("creator" = [])),
    request_body = RefundRequest,
    responses((status = 200, description = "Stripe has accepted the refund", body = RefundBody), RefundProblems))]
pub(super) async fn refund(
    Arrived(arrived_at): Arrived,
    own: Own<PagePath>,
    req: HttpRequest,
    body: JsonBody,
) -> Answer {
    let Own { http, creator, path } = own;
    let body = body.receive().await?;
    let scope = format!("{} refund", creator.id);
    let once = IdempotentRequest::of(&req, scope, body.bytes())?;
    let key = once.key();
    let work = async {
        let wish = body.draft()?.parse(RefundRequest::checked)?;
        let (handle, slug) = path.owned()?;
        let mut wish = wish.parse(&http, &creator, &handle, &slug, arrived_at).await?;
        wish.idempotency_key = key;
        let receipt = http.use_cases.refunds.refund(&creator, &handle, &slug, wish).await?;
        Ok((StatusCode::OK, RefundBody::of(&receipt)))
    };
    once.answer(&http, work).await
}

impl RefundRequest {
    /// Checks what does not depend on what is stored, and names all that is wrong.
    fn checked(self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        for (field, prefix, id) in [
            ("visitorId", VisitorId::PREFIX, Some(&*self.visitor_id)),
            ("purchaseId", PurchaseId::PREFIX, self.purchase_id.as_deref()),
        ] {
            if id.is_some_and(|id| !id.starts_with(prefix)) {
                errors.add(field, format!("must start with {prefix}"));
            }
        }
        if let Some(reason) = &self.reason {
            errors.check("reason", RefundWish::check_reason(reason));
        }
        errors.finish()?;
        Ok(self)
    }

    /// Parses the request. An id with the right prefix that is not well formed is treated as one that does not
    /// exist, once the page is known to be the creator's.
    async fn parse(
        self,
        http: &Http,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        arrived_at: Timestamp,
    ) -> Result<RefundWish, Problem> {
        let purchase = self.purchase_id.as_deref();
        let visitor_id = self.visitor_id.parse::<VisitorId>();
        let purchase_id = purchase.map(str::parse::<PurchaseId>).transpose();
        let (Ok(visitor_id), Ok(purchase_id)) = (visitor_id, purchase_id) else {
            http.use_cases.pages.owned(creator, handle, slug).await?;
            return Err(Problem::new(Code::PurchaseNotFound));
        };
        Ok(RefundWish {
            visitor_id,
            purchase_id,
            reason: self.reason,
            idempotency_key: None,
            at_most: None,
            arrived_at,
        })
    }
}

impl RefundBody {
    fn of(receipt: &RefundReceipt) -> Self {
        Self {
            purchase_id: receipt.purchase_id.to_string(),
            refund_id: receipt.refund.to_string(),
            status: receipt.progress.into(),
            amount: receipt.amount.amount,
            currency: receipt.amount.currency.code(),
        }
    }
}
