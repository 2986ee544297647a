//! Group buys of creators.

pub(crate) mod input;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use serde::Serialize;
use tollgate_domain::{
    Timestamp,
    group_buys::{GroupBuyChange, InterestRecord, OwnedGroupBuy},
    money::Money,
};

use crate::{
    dto::{EmptyBody, MoneyBody, json, versioned},
    extract::{GroupBuyPath, HandlePath, IfMatch, JsonBody, ListBody, Own, Paging},
    idempotent::IdempotentRequest,
    openapi::{problem_responses, schemas},
    problem::Answer,
    public::{GroupBuyStatus, OfferBody, OfferedPageBody},
};
use input::{GroupBuyChangeBody, NewGroupBuyBody};

/// A group buy as its creator sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GroupBuy)]
pub(crate) struct GroupBuyBody {
    #[schema(example = "gb_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    id: String,
    #[schema(value_type = schemas::HandleName)]
    handle: String,
    #[schema(value_type = schemas::Slug)]
    slug: String,
    #[schema(example = "Together")]
    title: String,
    #[schema(example = "Cheaper for all of us.")]
    description: String,
    /// What is offered.
    page: OfferedPageBody,
    /// What each visitor pays who buys, once and for one access, whatever the visitor's quantity.
    price: MoneyBody,
    /// What the page costs by itself now.
    #[schema(required = true)]
    regular_price: Option<MoneyBody>,
    /// The sum of quantities from which on it can be activated.
    #[schema(example = 100)]
    target_quantity: i64,
    /// The sum that is never exceeded.
    #[schema(example = 200, required = true)]
    max_quantity: Option<i64>,
    /// The sum of all quantities now.
    #[schema(example = 42)]
    current_quantity: i64,
    status: GroupBuyStatus,
    /// From this instant on nobody joins.
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    deadline: Option<Timestamp>,
    /// How many days the offer is valid once it is activated.
    #[schema(example = 7)]
    offer_days: i64,
    /// Once it is active: from this instant on nobody can buy at this price.
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    offer_ends_at: Option<Timestamp>,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    activated_at: Option<Timestamp>,
    /// Names this version of the group buy. It is also the `ETag`, in quotes; with it in `If-Match`, a change is
    /// refused if somebody changed the group buy in the meantime.
    #[schema(example = "1772357400000000")]
    version: String,
    /// What was paid through it and neither refunded nor lost in a dispute since.
    paid: PaidBody,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = GroupBuyPaid)]
pub(crate) struct PaidBody {
    /// How many visitors paid.
    #[schema(example = 12)]
    visitors: i64,
    /// What their quantities add up to; to be held against `targetQuantity`.
    #[schema(example = 15)]
    quantity: i64,
    /// What they paid, less what was refunded or lost in disputes.
    amount: MoneyBody,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InterestRecord)]
pub(crate) struct InterestRow {
    #[schema(example = "vis_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    visitor_id: String,
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    #[schema(example = 1)]
    quantity: i64,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
    /// Whether it was there when the group buy was activated.
    #[schema(example = true)]
    committed: bool,
    /// Whether the visitor has paid through it; not if all of it was refunded or lost in a dispute.
    #[schema(example = false)]
    paid: bool,
}

problem_responses! {
    CreateProblems: HandleNotFound PageNotFound PageNotPaid SlugTaken QuotaExceeded;
    ListProblems: HandleNotFound;
    GroupBuyProblems: HandleNotFound GroupBuyNotFound;
    ChangeProblems: HandleNotFound GroupBuyNotFound GroupBuyNotOpen VersionConflict;
    ActivateProblems: HandleNotFound GroupBuyNotFound PageNotFound EmailNotVerified PageNotPaid
        GroupBuyNotOpen GroupBuyTargetNotReached VersionConflict;
    CancelProblems: HandleNotFound GroupBuyNotFound EmailNotVerified GroupBuyNotOpen VersionConflict;
}

/// Makes a group buy of a paid page.
#[utoipa::path(post, path = "/v2/handles/{handle}/group-buys", tag = "group-buys",
    security(("creator" = [])), params(crate::openapi::HandleParams), request_body = NewGroupBuyBody,
    responses((status = 201, description = "The group buy", body = GroupBuyBody,
        headers(("ETag" = String))), CreateProblems))]
pub(crate) async fn create(own: Own<HandlePath>, body: JsonBody) -> Answer {
    let now = own.http.clock.now();
    let new = body.draft().await?.parse(|new: NewGroupBuyBody| new.read_at(now))?;
    let handle = own.path.name()?;
    let made = own.http.use_cases.group_buys.create(&own.creator, &handle, new).await?;
    Ok(GroupBuyBody::answer(StatusCode::CREATED, made))
}

/// The group buys of a handle, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/group-buys", tag = "group-buys",
    security(("creator" = [])), params(crate::openapi::HandleParams, crate::openapi::ListQuery),
    responses((status = 200, description = "The group buys", body = ListBody<GroupBuyBody>), ListProblems))]
pub(crate) async fn list(own: Own<HandlePath>, paging: Paging) -> Answer {
    let (part, handle) = (paging.read()?, own.path.name()?);
    let list = own.http.use_cases.group_buys.list(&own.creator, &handle, &part).await?;
    Ok(json(StatusCode::OK, &ListBody::of(&paging, list, GroupBuyBody::of)))
}

/// A group buy with what was paid through it.
#[utoipa::path(get, path = "/v2/handles/{handle}/group-buys/{groupBuySlug}", tag = "group-buys",
    security(("creator" = [])), params(crate::openapi::GroupBuyParams),
    responses((status = 200, description = "The group buy", body = GroupBuyBody,
        headers(("ETag" = String))), GroupBuyProblems))]
pub(crate) async fn show(own: Own<GroupBuyPath>) -> Answer {
    let (handle, slug) = own.path.owned()?;
    let owned = own.http.use_cases.group_buys.owned(&own.creator, &handle, &slug).await?;
    Ok(GroupBuyBody::answer(StatusCode::OK, owned))
}

/// Changes a group buy.
///
/// Texts can change until it has ended, everything else until it is activated. What is not mentioned
/// stays as it is.
#[utoipa::path(patch, path = "/v2/handles/{handle}/group-buys/{groupBuySlug}", tag = "group-buys",
    security(("creator" = [])), params(crate::openapi::GroupBuyParams, crate::openapi::VersionHeader),
    request_body = GroupBuyChangeBody,
    responses((status = 200, description = "The group buy as it is now", body = GroupBuyBody,
        headers(("ETag" = String))), ChangeProblems))]
pub(crate) async fn change(own: Own<GroupBuyPath>, version: IfMatch, body: JsonBody) -> Answer {
    let change = body.draft::<GroupBuyChangeBody>().await?.parse(GroupBuyChange::try_from)?;
    let (handle, slug) = own.path.owned()?;
    let based_on = version.based_on();
    let group_buys = &own.http.use_cases.group_buys;
    let changed = group_buys.change(&own.creator, &handle, &slug, change, based_on).await?;
    Ok(GroupBuyBody::answer(StatusCode::OK, changed))
}

/// Activates a group buy whose target is reached.
///
/// Freezes price and interests, and mails every interested visitor the way to pay.
#[utoipa::path(post, path = "/v2/handles/{handle}/group-buys/{groupBuySlug}/activate",
    tag = "group-buys", security(("creator" = [])),
    params(
        crate::openapi::GroupBuyParams, crate::openapi::VersionHeader, crate::openapi::IdempotencyHeader
    ),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It is an offer now", body = GroupBuyBody,
        headers(("ETag" = String))), ActivateProblems))]
pub(crate) async fn activate(
    own: Own<GroupBuyPath>,
    req: HttpRequest,
    version: IfMatch,
    body: JsonBody,
) -> Answer {
    let Own { http, creator, path } = own;
    let body = body.receive().await?;
    let once = IdempotentRequest::of(&req, format!("{} activate", creator.id), body.bytes())?;
    let work = async {
        let EmptyBody {} = body.parse_or_default()?;
        let (handle, slug) = path.owned()?;
        let (group_buys, based_on) = (&http.use_cases.group_buys, version.based_on());
        let active = group_buys.activate(&creator, &handle, &slug, based_on).await?;
        Ok((StatusCode::OK, GroupBuyBody::of(active)))
    };
    once.answer(&http, work).await
}

/// Calls a group buy off that is not activated, and tells who is interested.
#[utoipa::path(post, path = "/v2/handles/{handle}/group-buys/{groupBuySlug}/cancel",
    tag = "group-buys", security(("creator" = [])), params(crate::openapi::GroupBuyParams, crate::openapi::VersionHeader),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It is called off", body = GroupBuyBody,
        headers(("ETag" = String))), CancelProblems))]
pub(crate) async fn cancel(own: Own<GroupBuyPath>, version: IfMatch, body: JsonBody) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let (handle, slug) = own.path.owned()?;
    let (group_buys, based_on) = (&own.http.use_cases.group_buys, version.based_on());
    let cancelled = group_buys.cancel(&own.creator, &handle, &slug, based_on).await?;
    Ok(GroupBuyBody::answer(StatusCode::OK, cancelled))
}

/// Who is interested, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/group-buys/{groupBuySlug}/interests",
    tag = "group-buys", security(("creator" = [])),
    params(crate::openapi::GroupBuyParams, crate::openapi::ListQuery),
    responses((status = 200, description = "The interests", body = ListBody<InterestRow>), GroupBuyProblems))]
pub(crate) async fn interests(own: Own<GroupBuyPath>, paging: Paging) -> Answer {
    let page = paging.read()?;
    let (handle, slug) = own.path.owned()?;
    let list = own.http.use_cases.group_buys.interests(&own.creator, &handle, &slug, &page).await?;
    Ok(json(StatusCode::OK, &ListBody::of(&paging, list, |record| InterestRow::of(&record))))
}

impl GroupBuyBody {
    fn answer(status: StatusCode, owned: OwnedGroupBuy) -> HttpResponse {
        versioned(status, &owned.details.view.group_buy.version(), &Self::of(owned))
    }

    fn of(owned: OwnedGroupBuy) -> Self {
        let (group_buy, paid) = (&owned.details.view.group_buy, owned.paid);
        let (id, currency) = (group_buy.id.to_string(), group_buy.price.currency);
        let (created_at, activated_at) = (group_buy.created_at, group_buy.activated_at);
        let (offer_days, version) = (group_buy.offer_days, group_buy.version().to_string());
        let offer = OfferBody::of(owned.details);
        Self {
            id,
            handle: offer.handle,
            slug: offer.slug,
            title: offer.title,
            description: offer.description,
            page: offer.page,
            price: offer.price,
            regular_price: offer.regular_price,
            target_quantity: offer.target_quantity,
            max_quantity: offer.max_quantity,
            current_quantity: offer.current_quantity,
            status: offer.status,
            deadline: offer.deadline,
            offer_days,
            offer_ends_at: offer.offer_ends_at,
            created_at,
            activated_at,
            version,
            paid: PaidBody {
                visitors: paid.visitors,
                quantity: paid.quantity,
                amount: MoneyBody::of(Money::new(paid.amount, currency)),
            },
        }
    }
}

impl InterestRow {
    fn of(record: &InterestRecord) -> Self {
        Self {
            visitor_id: record.visitor_id.to_string(),
            email: record.email.to_string(),
            quantity: record.quantity.get(),
            created_at: record.created_at,
            committed: record.committed,
            paid: record.paid,
        }
    }
}
