//! Refunds by the creator.

use actix_web::{HttpRequest, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    checkout::RefundProgress,
    creators::{HandleName, Slug},
    id::{PurchaseId, VisitorId},
    refunds::{RefundReceipt, RefundWish},
};

use super::idempotent::IdempotentRequest;
use crate::{
    extract::{JsonBody, PagePath, SignedCreator},
    openapi::{problem_responses, schemas},
    problem::{Answer, Code, Problem},
    state::Http,
};

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
    #[schema(value_type = schemas::RefundStatus)]
    status: &'static str,
    /// Minor units that are given back.
    #[schema(example = 1200)]
    amount: i64,
    #[schema(value_type = schemas::CurrencyCode)]
    currency: &'static str,
}

problem_responses! {
    RefundRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleNotFound PageNotFound
        PurchaseNotFound AlreadyRefunded PurchaseDisputed IdempotencyConflict PayloadTooLarge
        UnsupportedMediaType ValidationFailed PaymentProviderError;
}

/// Gives the money back and ends the access that it bought.
///
/// Access ends when Stripe accepts the refund.
#[utoipa::path(post, path = "/v2/handles/{handle}/pages/{pageSlug}/refund", tag = "refunds",
    params(crate::openapi::PageParams, crate::openapi::IdempotencyHeader), security(("creator" = [])),
    request_body = RefundRequest,
    responses((status = 200, description = "Stripe has accepted the refund", body = RefundBody), RefundRefusals))]
pub(super) async fn refund(
    http: Http,
    req: HttpRequest,
    creator: SignedCreator,
    path: PagePath,
    body: JsonBody,
) -> Answer {
    let body = body.receive().await?;
    let scope = format!("{} refund", creator.creator.id);
    let once = IdempotentRequest::of(&req, scope, body.bytes())?;
    let key = once.key();
    let work = async {
        let wish: RefundRequest = body.parse()?;
        let (handle, slug) = path.owned()?;
        let mut wish = wish.parse(&http, &creator, &handle, &slug).await?;
        wish.idempotency_key = key;
        let receipt = http.refunds.refund(&creator.creator, &handle, &slug, wish).await?;
        (http.on_mail)();
        Ok((StatusCode::OK, RefundBody::of(&receipt)))
    };
    once.answer(&http, Box::pin(work)).await
}

impl RefundRequest {
    /// An id of the right kind that cannot exist is one that does not: no such purchase, once it is
    /// clear that the page is the creator's.
    async fn parse(
        self,
        http: &Http,
        signed: &SignedCreator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<RefundWish, Problem> {
        let purchase = self.purchase_id.as_deref();
        for (field, prefix, id) in [
            ("visitorId", VisitorId::PREFIX, Some(&*self.visitor_id)),
            ("purchaseId", PurchaseId::PREFIX, purchase),
        ] {
            if id.is_some_and(|id| !id.starts_with(prefix)) {
                return Err(Problem::field(field, format!("must start with {prefix}")));
            }
        }
        let visitor_id = self.visitor_id.parse::<VisitorId>();
        let purchase_id = purchase.map(str::parse::<PurchaseId>).transpose();
        let (Ok(visitor_id), Ok(purchase_id)) = (visitor_id, purchase_id) else {
            http.pages.owned(&signed.creator, handle, slug).await?;
            return Err(Problem::new(Code::PurchaseNotFound));
        };
        let reason = self.reason;
        Ok(RefundWish { visitor_id, purchase_id, reason, idempotency_key: None })
    }
}

impl RefundBody {
    fn of(receipt: &RefundReceipt) -> Self {
        Self {
            purchase_id: receipt.purchase_id.to_string(),
            refund_id: receipt.refund.to_string(),
            status: match receipt.progress {
                RefundProgress::Pending => "pending",
                RefundProgress::Succeeded => "succeeded",
                RefundProgress::Failed => "failed",
            },
            amount: receipt.amount.amount,
            currency: receipt.amount.currency.code(),
        }
    }
}
