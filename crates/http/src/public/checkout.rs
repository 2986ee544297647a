//! The checkout of a page.

use actix_web::{HttpRequest, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    Timestamp,
    checkout::{ReturnUrls, StartedCheckout},
};

use crate::{
    extract::{JsonBody, PagePath, SignedVisitor},
    idempotent::IdempotentRequest,
    openapi::{problem_responses, schemas},
    problem::{Answer, FieldErrors},
    state::Http,
};

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CheckoutRequest {
    /// Where to go after paying; the page itself when unset.
    #[schema(value_type = Option<schemas::Address>)]
    success_url: Option<String>,
    /// Where to go after turning back; the page itself when unset.
    #[schema(value_type = Option<schemas::Address>)]
    cancel_url: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Checkout)]
pub(crate) struct StartedBody {
    /// Where the visitor pays. While the visitor's payment is being processed, such as a bank debit, it is the page itself,
    /// which says so: there is nothing left to pay.
    #[schema(example = "https://checkout.stripe.com/c/pay/cs_test_a1fzW", format = "uri")]
    checkout_url: String,
    #[schema(example = "chk_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    checkout_id: String,
    #[schema(value_type = schemas::Instant)]
    expires_at: Timestamp,
}

problem_responses! {
        CheckoutProblems: PageNotFound PageNotPaid ConnectNotConfigured AlreadyPurchased
        PurchaseDisputed PaymentProviderError;
}

/// Starts to buy a page.
///
/// Gives the address of the pay page; asking again gives the same one while it is open. While a payment is being
/// processed, it gives the address of the page, which says so.
#[utoipa::path(post, path = "/v2/public/pages/{handle}/{pageSlug}/checkout", tag = "public",
    params(crate::openapi::PageParams, crate::openapi::IdempotencyHeader), security(("visitor" = [])),
    request_body = Option<CheckoutRequest>,
    responses((status = 200, description = "Where to pay", body = StartedBody), CheckoutProblems))]
pub(super) async fn checkout(
    http: Http,
    req: HttpRequest,
    path: PagePath,
    visitor: SignedVisitor,
    body: JsonBody,
) -> Answer {
    let body = body.receive().await?;
    let scope = format!("{} checkout", visitor.who.visitor.id);
    let once = IdempotentRequest::of(&req, scope, body.bytes())?;
    once.answer(&http, async {
        let urls = body.draft_or_default()?.parse(CheckoutRequest::urls)?;
        let (handle, slug) = path.public()?;
        let started =
            http.use_cases.checkouts.start(handle, slug, Some(visitor.token), urls).await?;
        Ok((StatusCode::OK, StartedBody::of(started)))
    })
    .await
}

impl CheckoutRequest {
    pub(super) fn urls(self) -> Result<ReturnUrls, FieldErrors> {
        let urls = ReturnUrls { success: self.success_url, cancel: self.cancel_url };
        urls.check()?;
        Ok(urls)
    }
}

impl StartedBody {
    pub(super) fn of(started: StartedCheckout) -> Self {
        Self {
            checkout_url: started.url,
            checkout_id: started.id.to_string(),
            expires_at: started.expires_at,
        }
    }
}
