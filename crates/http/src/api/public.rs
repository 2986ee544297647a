//! Pages as visitors see them: look, check access, buy.

use actix_web::{HttpRequest, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    Timestamp,
    access::{PageView, Reason, ViewerClaim},
    checkout::{ReturnUrls, StartedCheckout},
    creators::AccessMode,
};

use super::{MoneyBody, idempotent::IdempotentRequest, json, visitor::EmptyBody};
use crate::{
    extract::{JsonBody, OptionalCreator, PagePath, SignedVisitor, VisitorCookie},
    markdown,
    openapi::{problem_responses, schemas},
    problem::Answer,
    state::Http,
};

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicPage {
    #[schema(value_type = schemas::HandleName)]
    handle: String,
    #[schema(value_type = schemas::Slug)]
    slug: String,
    #[schema(example = "A guide")]
    title: String,
    /// What everyone sees.
    #[schema(example = "<p>Forty pots, one railing.</p>")]
    teaser_html: String,
    #[schema(value_type = schemas::AccessMode)]
    access_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    price: Option<MoneyBody>,
    has_access: bool,
    #[schema(value_type = schemas::Reason)]
    reason: &'static str,
    /// What is behind the gate; there only with access.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "<h3>January</h3><p>Wash the pots.</p>")]
    body_html: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Access)]
pub(crate) struct AccessDecision {
    has_access: bool,
    #[schema(value_type = schemas::Reason)]
    reason: &'static str,
}

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
    /// Where the visitor pays.
    #[schema(example = "https://checkout.stripe.com/c/pay/cs_test_a1fzW", format = "uri")]
    checkout_url: String,
    #[schema(example = "chk_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    checkout_id: String,
    #[schema(value_type = schemas::Instant)]
    expires_at: Timestamp,
}

problem_responses! {
    PageRefusals: CreatorUnauthorized PageNotFound;
    CheckRefusals: BadRequest CreatorUnauthorized CrossSiteRequest PageNotFound PayloadTooLarge
        UnsupportedMediaType ValidationFailed;
    CheckoutRefusals: BadRequest VisitorUnauthorized CrossSiteRequest PageNotFound PageNotPaid
        ConnectNotConfigured AlreadyPurchased IdempotencyConflict PayloadTooLarge UnsupportedMediaType
        ValidationFailed PaymentProviderError;
}

fn claim(session: VisitorCookie, creator: OptionalCreator) -> ViewerClaim {
    ViewerClaim { session: session.0, creator: creator.0.map(|signed| signed.creator.id) }
}

/// A page, as far as whoever asks may see it.
///
/// The body is there only with access.
#[utoipa::path(get, path = "/v2/public/pages/{handle}/{pageSlug}", tag = "public",
    params(crate::openapi::PageParams), security((), ("visitor" = []), ("creator" = [])),
    responses((status = 200, description = "The page", body = PublicPage), PageRefusals))]
pub(super) async fn page(
    http: Http,
    path: PagePath,
    session: VisitorCookie,
    creator: OptionalCreator,
) -> Answer {
    let (handle, slug) = path.public()?;
    let view = http.gate.view(handle, slug, claim(session, creator)).await?;
    Ok(json(StatusCode::OK, &PublicPage::of(&view)))
}

/// Whether whoever asks may see a page now, and why.
///
/// The answer is decided anew at every call: nothing is kept from one to the next.
#[utoipa::path(post, path = "/v2/public/pages/{handle}/{pageSlug}/access-check", tag = "public",
    params(crate::openapi::PageParams), security((), ("visitor" = []), ("creator" = [])),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "The decision", body = AccessDecision), CheckRefusals))]
pub(super) async fn access_check(
    http: Http,
    path: PagePath,
    session: VisitorCookie,
    creator: OptionalCreator,
    body: JsonBody,
) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let (handle, slug) = path.public()?;
    let reason = http.gate.check(handle, slug, claim(session, creator)).await?;
    Ok(json(StatusCode::OK, &AccessDecision::of(reason)))
}

/// Starts to buy a page.
///
/// Gives the address of the pay page; asking again gives the same one while it is open.
#[utoipa::path(post, path = "/v2/public/pages/{handle}/{pageSlug}/checkout", tag = "public",
    params(crate::openapi::PageParams, crate::openapi::IdempotencyHeader), security(("visitor" = [])),
    request_body = Option<CheckoutRequest>,
    responses((status = 200, description = "Where to pay", body = StartedBody), CheckoutRefusals))]
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
        let wish: CheckoutRequest = body.parse_or_default()?;
        let (handle, slug) = path.public()?;
        let urls = wish.urls();
        let started = http.checkouts.start(handle, slug, Some(visitor.token), urls).await?;
        Ok((StatusCode::OK, StartedBody::of(started)))
    })
    .await
}

impl CheckoutRequest {
    pub(super) fn urls(self) -> ReturnUrls {
        ReturnUrls { success: self.success_url, cancel: self.cancel_url }
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

impl AccessDecision {
    fn of(reason: Reason) -> Self {
        Self { has_access: reason.has_access(), reason: reason.as_str() }
    }
}

impl PublicPage {
    fn of(view: &PageView) -> Self {
        let open = view.reason.has_access();
        let price = view.page.price.filter(|_| view.page.mode == AccessMode::Paid);
        Self {
            handle: view.handle.name.to_string(),
            slug: view.page.slug.to_string(),
            title: view.page.title.clone(),
            teaser_html: markdown::render(&view.page.teaser),
            access_mode: view.page.mode.as_str(),
            price: price.map(MoneyBody::of),
            has_access: open,
            reason: view.reason.as_str(),
            body_html: open.then(|| markdown::render(&view.page.body)),
        }
    }
}
