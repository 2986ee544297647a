//! Group buys for visitors: showing, joining, leaving and buying.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    Timestamp,
    group_buys::{self, GroupBuyDetails, Interest, Quantity},
};

use super::checkout::{CheckoutRequest, StartedBody};
use crate::{
    dto::{MoneyBody, Whole, json, text_enum},
    extract::{GroupBuyPath, JsonBody, SignedVisitor},
    idempotent::IdempotentRequest,
    openapi::{problem_responses, schemas},
    problem::{Answer, FieldErrors},
    state::Http,
};

text_enum! {
    /// Where a group buy stands: wanted, wanted enough, on offer to those who joined, over, or called off.
    #[schema(example = "ACTIVE")]
    GroupBuyStatus = group_buys::GroupBuyStatus {
        Open "OPEN",
        TargetReached "TARGET_REACHED",
        Active "ACTIVE",
        Expired "EXPIRED",
        Cancelled "CANCELLED",
    }
}

/// A group buy as everybody sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GroupBuyOffer)]
pub(crate) struct OfferBody {
    #[schema(value_type = schemas::HandleName)]
    pub(crate) handle: String,
    #[schema(value_type = schemas::Slug)]
    pub(crate) slug: String,
    #[schema(example = "Together")]
    pub(crate) title: String,
    #[schema(example = "Cheaper for all of us.")]
    pub(crate) description: String,
    /// What is offered.
    pub(crate) page: OfferedPageBody,
    /// What each visitor pays who buys, once and for one access, whatever the visitor's quantity.
    pub(crate) price: MoneyBody,
    /// What the page costs by itself now.
    #[schema(required = true)]
    pub(crate) regular_price: Option<MoneyBody>,
    /// The sum of quantities from which on it can be activated.
    #[schema(example = 100)]
    pub(crate) target_quantity: i64,
    /// The sum that is never exceeded.
    #[schema(example = 200, required = true)]
    pub(crate) max_quantity: Option<i64>,
    /// The sum of all quantities now.
    #[schema(example = 42)]
    pub(crate) current_quantity: i64,
    pub(crate) status: GroupBuyStatus,
    /// From this instant on nobody joins.
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    pub(crate) deadline: Option<Timestamp>,
    /// Once it is active: from this instant on nobody can buy at this price.
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    pub(crate) offer_ends_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OfferedPage)]
pub(crate) struct OfferedPageBody {
    #[schema(value_type = schemas::Slug)]
    slug: String,
    #[schema(example = "The balcony guide")]
    title: String,
}

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InterestRequest {
    /// How much the visitor wants it; 1 when unset. It counts towards the target, no more.
    #[schema(value_type = Option<i64>, example = 1, minimum = 1, maximum = 100)]
    quantity: Option<Whole>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Interest)]
pub(crate) struct InterestBody {
    /// Whether the visitor is interested; the other members are there only then.
    #[schema(example = true)]
    interested: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1, nullable = false)]
    quantity: Option<i64>,
    /// When the visitor joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Instant>, nullable = false)]
    created_at: Option<Timestamp>,
}

problem_responses! {
    OfferProblems: GroupBuyNotFound;
    InterestProblems: GroupBuyNotFound PageNotPaid ConnectNotConfigured AlreadyPurchased GroupBuyNotOpen
        GroupBuyFull;
    WithdrawProblems: GroupBuyNotFound GroupBuyNotOpen;
        CheckoutProblems: GroupBuyNotFound PageNotPaid GroupBuyNotActive InterestRequired
        ConnectNotConfigured AlreadyPurchased PurchaseDisputed PaymentProviderError;
}

/// A group buy: what is offered, and how far it has come.
#[utoipa::path(get, path = "/v2/public/group-buys/{handle}/{groupBuySlug}", tag = "offers",
    params(crate::openapi::GroupBuyParams), security(()),
    responses((status = 200, description = "The group buy", body = OfferBody), OfferProblems))]
pub(super) async fn show(http: Http, path: GroupBuyPath) -> Answer {
    let (handle, slug) = path.public()?;
    let details = http.use_cases.offers.details(&handle, &slug).await?;
    Ok(json(StatusCode::OK, &OfferBody::of(details)))
}

/// Joins a group buy, or replaces how much the visitor wants it.
#[utoipa::path(post, path = "/v2/public/group-buys/{handle}/{groupBuySlug}/interest", tag = "offers",
    params(crate::openapi::GroupBuyParams), security(("visitor" = [])),
    request_body = Option<InterestRequest>,
    responses((status = 201, description = "The visitor has joined", body = InterestBody),
        (status = 200, description = "The quantity is replaced", body = InterestBody), InterestProblems))]
pub(super) async fn express(
    http: Http,
    path: GroupBuyPath,
    visitor: SignedVisitor,
    body: JsonBody,
) -> Answer {
    let quantity = body.receive().await?.draft_or_default()?.parse(InterestRequest::read)?;
    let (handle, slug) = path.public()?;
    let visitor = visitor.who.visitor.id;
    let (interest, is_new) =
        http.use_cases.offers.express(&handle, &slug, visitor, quantity).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(json(status, &InterestBody::of(Some(&interest))))
}

/// Whether the visitor is interested, and how much.
#[utoipa::path(get, path = "/v2/public/group-buys/{handle}/{groupBuySlug}/my-interest", tag = "offers",
    params(crate::openapi::GroupBuyParams), security(("visitor" = [])),
    responses((status = 200, description = "The visitor's interest", body = InterestBody), OfferProblems))]
pub(super) async fn mine(http: Http, path: GroupBuyPath, visitor: SignedVisitor) -> Answer {
    let (handle, slug) = path.public()?;
    let interest = http.use_cases.offers.interest(&handle, &slug, visitor.who.visitor.id).await?;
    Ok(json(StatusCode::OK, &InterestBody::of(interest.as_ref())))
}

/// Leaves a group buy.
///
/// Nothing happens if the visitor is not interested. Once it is activated, interests stay.
#[utoipa::path(delete, path = "/v2/public/group-buys/{handle}/{groupBuySlug}/my-interest", tag = "offers",
    params(crate::openapi::GroupBuyParams), security(("visitor" = [])),
    responses((status = 204, description = "The visitor is not interested"), WithdrawProblems))]
pub(super) async fn withdraw(http: Http, path: GroupBuyPath, visitor: SignedVisitor) -> Answer {
    let (handle, slug) = path.public()?;
    http.use_cases.offers.withdraw(&handle, &slug, visitor.who.visitor.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Starts to buy at the group price.
///
/// For visitors who were interested when the group buy was activated, until its offer ends. One
/// payment of the group price gives one access, whatever the quantity. Asking again gives the same
/// pay page while it is open; a pay page at the page's own price is closed.
#[utoipa::path(post, path = "/v2/public/group-buys/{handle}/{groupBuySlug}/checkout", tag = "offers",
    params(crate::openapi::GroupBuyParams, crate::openapi::IdempotencyHeader),
    security(("visitor" = [])), request_body = Option<CheckoutRequest>,
    responses((status = 200, description = "Where to pay", body = StartedBody), CheckoutProblems))]
pub(super) async fn checkout(
    http: Http,
    req: HttpRequest,
    path: GroupBuyPath,
    visitor: SignedVisitor,
    body: JsonBody,
) -> Answer {
    let body = body.receive().await?;
    let who = visitor.who.visitor.id;
    let once = IdempotentRequest::of(&req, format!("{who} checkout"), body.bytes())?;
    let work = async {
        let urls = body.draft_or_default()?.parse(CheckoutRequest::urls)?;
        let (handle, slug) = path.public()?;
        let started =
            http.use_cases.offers.checkout(handle, &slug, who, visitor.token, urls).await?;
        Ok((StatusCode::OK, StartedBody::of(started)))
    };
    once.answer(&http, work).await
}

impl OfferBody {
    pub(crate) fn of(details: GroupBuyDetails) -> Self {
        let (view, status) = (details.view, details.status);
        let (page, group_buy) = (view.page, view.group_buy);
        Self {
            handle: view.handle.name.to_string(),
            slug: group_buy.slug.to_string(),
            title: group_buy.title,
            description: group_buy.description,
            regular_price: page.regular_price().map(MoneyBody::of),
            page: OfferedPageBody { slug: page.slug.to_string(), title: page.title },
            price: MoneyBody::of(group_buy.price),
            target_quantity: group_buy.target_quantity,
            max_quantity: group_buy.max_quantity,
            current_quantity: group_buy.current_quantity,
            status: status.into(),
            deadline: group_buy.deadline,
            offer_ends_at: group_buy.offer_ends_at,
        }
    }
}

impl InterestRequest {
    fn read(self) -> Result<Quantity, FieldErrors> {
        let Some(Whole(quantity)) = self.quantity else { return Ok(Quantity::default()) };
        Quantity::new(quantity).map_err(|error| FieldErrors::one("quantity", error.to_string()))
    }
}

impl InterestBody {
    fn of(interest: Option<&Interest>) -> Self {
        Self {
            interested: interest.is_some(),
            quantity: interest.map(|interest| interest.quantity.get()),
            created_at: interest.map(|interest| interest.created_at),
        }
    }
}
