//! Group buys of creators.

use actix_web::{HttpRequest, http::StatusCode};
use serde::{Deserialize, Deserializer, Serialize};
use tollgate_domain::{
    Timestamp,
    creators::Slug,
    group_buys::{GroupBuyChange, InterestRecord, NewGroupBuy, OwnedGroupBuy},
    money::Money,
    validation::FieldErrors,
};

use super::{
    MoneyBody,
    idempotent::IdempotentRequest,
    json,
    offers::{OfferBody, OfferedPageBody},
    pages::price_or_null,
    visitor::EmptyBody,
};
use crate::{
    extract::{
        GroupBuyPath, HandlePath, JsonBody, ListBody, Object, Paging, SignedCreator, whole,
        whole_or_null,
    },
    openapi::{problem_responses, schemas},
    problem::{Answer, Problem},
    state::Http,
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewGroupBuy)]
pub(crate) struct NewGroupBuyBody {
    #[schema(value_type = schemas::Slug)]
    slug: String,
    #[schema(example = "Together", format = "line", min_length = 1, max_length = 200)]
    title: String,
    /// Plain text that everyone sees.
    #[schema(example = "Cheaper for all of us.", format = "text", max_length = 10000)]
    description: String,
    /// The paid page that is offered.
    #[schema(value_type = schemas::Slug)]
    page_slug: String,
    /// What each visitor pays who buys: in the page's currency, and not above its price.
    #[serde(deserialize_with = "price")]
    #[schema(value_type = schemas::Price)]
    price: MoneyBody,
    /// The sum of quantities from which on it can be activated.
    #[serde(deserialize_with = "whole")]
    #[schema(example = 100, minimum = 1, maximum = 1_000_000)]
    target_quantity: i64,
    /// A sum that is never exceeded; at least the target.
    #[serde(default, deserialize_with = "whole_or_null")]
    #[schema(example = 200, minimum = 1, maximum = 1_000_000)]
    max_quantity: Option<i64>,
    /// From this instant on nobody joins; in the future.
    #[schema(example = "2030-01-31T12:00:00Z", format = DateTime)]
    deadline: Option<String>,
    /// How long visitors can buy once it is activated; 7 when unset.
    #[serde(default, deserialize_with = "whole_or_null")]
    #[schema(example = 7, minimum = 1, maximum = 30)]
    offer_days: Option<i64>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = GroupBuyChange)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things to say")]
pub(crate) struct GroupBuyChangeBody {
    #[schema(example = "Together", format = "line", min_length = 1, max_length = 200)]
    title: Option<String>,
    #[schema(example = "Cheaper for all of us.", format = "text", max_length = 10000)]
    description: Option<String>,
    /// As long as it is not activated, like all that follows.
    #[serde(default, deserialize_with = "price_or_null")]
    #[schema(value_type = Option<schemas::Price>)]
    price: Option<MoneyBody>,
    #[serde(default, deserialize_with = "whole_or_null")]
    #[schema(example = 100, minimum = 1, maximum = 1_000_000)]
    target_quantity: Option<i64>,
    /// Null takes the maximum away; it cannot fall below what is wanted already.
    #[serde(default, deserialize_with = "whole_said")]
    #[schema(value_type = Option<i64>, example = 200, minimum = 1, maximum = 1_000_000)]
    max_quantity: Option<Option<i64>>,
    /// Null takes the deadline away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, example = "2030-01-31T12:00:00Z", format = DateTime)]
    deadline: Option<Option<String>>,
    #[serde(default, deserialize_with = "whole_or_null")]
    #[schema(example = 7, minimum = 1, maximum = 30)]
    offer_days: Option<i64>,
}

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
    #[schema(value_type = schemas::GroupBuyStatus)]
    status: &'static str,
    /// From this instant on nobody joins.
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    deadline: Option<Timestamp>,
    /// Once it is active: from this instant on nobody can buy at this price.
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    offer_ends_at: Option<Timestamp>,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    activated_at: Option<Timestamp>,
    /// What was paid through it and not taken back since.
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
    /// What they paid, less what was given back.
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
    /// Whether the visitor has paid through it; not if all of it was taken back.
    #[schema(example = false)]
    paid: bool,
}

problem_responses! {
    CreateRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleNotFound PageNotFound
        PageNotPaid SlugTaken PayloadTooLarge UnsupportedMediaType ValidationFailed;
    ListRefusals: CreatorUnauthorized HandleNotFound ValidationFailed;
    ShowRefusals: CreatorUnauthorized HandleNotFound GroupBuyNotFound;
    ChangeRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleNotFound GroupBuyNotFound
        GroupBuyNotOpen PayloadTooLarge UnsupportedMediaType ValidationFailed;
    ActivateRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleNotFound GroupBuyNotFound
        PageNotPaid GroupBuyNotOpen GroupBuyTargetNotReached IdempotencyConflict PayloadTooLarge
        UnsupportedMediaType ValidationFailed;
    CancelRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleNotFound GroupBuyNotFound
        GroupBuyNotOpen PayloadTooLarge UnsupportedMediaType ValidationFailed;
    InterestsRefusals: CreatorUnauthorized HandleNotFound GroupBuyNotFound ValidationFailed;
}

fn price<'de, D: Deserializer<'de>>(from: D) -> Result<MoneyBody, D::Error> {
    Object::deserialize(from).map(|Object(price)| price)
}

/// Tells a value that is null from one that is not mentioned.
#[expect(clippy::option_option, reason = "absent, null and a value are three things to say")]
fn said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// The same for a whole number.
#[expect(clippy::option_option, reason = "absent, null and a value are three things to say")]
fn whole_said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<i64>>, D::Error> {
    whole_or_null(from).map(Some)
}

/// Makes a group buy of a paid page.
#[utoipa::path(post, path = "/v2/handles/{handle}/group-buys", tag = "group-buys",
    security(("creator" = [])), params(crate::openapi::HandleParams), request_body = NewGroupBuyBody,
    responses((status = 201, description = "The group buy", body = GroupBuyBody), CreateRefusals))]
pub(super) async fn create(
    http: Http,
    creator: SignedCreator,
    path: HandlePath,
    body: JsonBody,
) -> Answer {
    let new: NewGroupBuyBody = body.read().await?;
    let handle = path.name()?;
    let made = http.group_buys.create(&creator.creator, &handle, new.parse()?).await?;
    Ok(json(StatusCode::CREATED, &GroupBuyBody::of(made)))
}

/// The group buys of a handle, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/group-buys", tag = "group-buys",
    security(("creator" = [])), params(crate::openapi::HandleParams, crate::openapi::ListQuery),
    responses((status = 200, description = "The group buys", body = ListBody<GroupBuyBody>), ListRefusals))]
pub(super) async fn list(
    http: Http,
    creator: SignedCreator,
    path: HandlePath,
    paging: Paging,
) -> Answer {
    let handle = path.name()?;
    let list = http.group_buys.list(&creator.creator, &handle, &paging.read()?).await?;
    Ok(json(StatusCode::OK, &ListBody::of(list, GroupBuyBody::of)))
}

/// A group buy with what was paid through it.
#[utoipa::path(get, path = "/v2/handles/{handle}/group-buys/{groupBuySlug}", tag = "group-buys",
    security(("creator" = [])), params(crate::openapi::GroupBuyParams),
    responses((status = 200, description = "The group buy", body = GroupBuyBody), ShowRefusals))]
pub(super) async fn show(http: Http, creator: SignedCreator, path: GroupBuyPath) -> Answer {
    let (handle, slug) = path.owned()?;
    let owned = http.group_buys.owned(&creator.creator, &handle, &slug).await?;
    Ok(json(StatusCode::OK, &GroupBuyBody::of(owned)))
}

/// Changes a group buy.
///
/// Texts can change until it has ended, everything else until it is activated. What is not mentioned
/// stays as it is.
#[utoipa::path(patch, path = "/v2/handles/{handle}/group-buys/{groupBuySlug}", tag = "group-buys",
    security(("creator" = [])), params(crate::openapi::GroupBuyParams),
    request_body = GroupBuyChangeBody,
    responses((status = 200, description = "The group buy as it is now", body = GroupBuyBody), ChangeRefusals))]
pub(super) async fn change(
    http: Http,
    creator: SignedCreator,
    path: GroupBuyPath,
    body: JsonBody,
) -> Answer {
    let change: GroupBuyChangeBody = body.read().await?;
    let (handle, slug) = path.owned()?;
    let change = change.parse()?;
    let changed = http.group_buys.change(&creator.creator, &handle, &slug, change).await?;
    Ok(json(StatusCode::OK, &GroupBuyBody::of(changed)))
}

/// Activates a group buy whose target is reached.
///
/// Freezes price and interests, and mails every interested visitor the way to pay.
#[utoipa::path(post, path = "/v2/handles/{handle}/group-buys/{groupBuySlug}/activate",
    tag = "group-buys", security(("creator" = [])),
    params(crate::openapi::GroupBuyParams, crate::openapi::IdempotencyHeader),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It is an offer now", body = GroupBuyBody), ActivateRefusals))]
pub(super) async fn activate(
    http: Http,
    req: HttpRequest,
    creator: SignedCreator,
    path: GroupBuyPath,
    body: JsonBody,
) -> Answer {
    let body = body.receive().await?;
    let creator = creator.creator;
    let once = IdempotentRequest::of(&req, format!("{} activate", creator.id), body.bytes())?;
    let work = async {
        let EmptyBody {} = body.parse_or_default()?;
        let (handle, slug) = path.owned()?;
        let active = http.group_buys.activate(&creator, &handle, &slug).await?;
        (http.on_mail)();
        Ok((StatusCode::OK, GroupBuyBody::of(active)))
    };
    once.answer(&http, Box::pin(work)).await
}

/// Calls a group buy off that is not activated, and tells who is interested.
#[utoipa::path(post, path = "/v2/handles/{handle}/group-buys/{groupBuySlug}/cancel",
    tag = "group-buys", security(("creator" = [])), params(crate::openapi::GroupBuyParams),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It is called off", body = GroupBuyBody), CancelRefusals))]
pub(super) async fn cancel(
    http: Http,
    creator: SignedCreator,
    path: GroupBuyPath,
    body: JsonBody,
) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let (handle, slug) = path.owned()?;
    let cancelled = http.group_buys.cancel(&creator.creator, &handle, &slug).await?;
    (http.on_mail)();
    Ok(json(StatusCode::OK, &GroupBuyBody::of(cancelled)))
}

/// Who is interested, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/group-buys/{groupBuySlug}/interests",
    tag = "group-buys", security(("creator" = [])),
    params(crate::openapi::GroupBuyParams, crate::openapi::ListQuery),
    responses((status = 200, description = "The interests", body = ListBody<InterestRow>), InterestsRefusals))]
pub(super) async fn interests(
    http: Http,
    creator: SignedCreator,
    path: GroupBuyPath,
    paging: Paging,
) -> Answer {
    let (handle, slug) = path.owned()?;
    let page = paging.read()?;
    let list = http.group_buys.interests(&creator.creator, &handle, &slug, &page).await?;
    Ok(json(StatusCode::OK, &ListBody::of(list, |record| InterestRow::of(&record))))
}

/// Reads an instant as RFC 3339 writes it.
fn instant(text: &str) -> Result<Timestamp, &'static str> {
    let plain = text.contains('T') && !text.contains('[');
    let parsed = plain.then(|| text.parse().ok()).flatten();
    parsed.ok_or("must be a time such as 2030-01-31T12:00:00Z")
}

impl NewGroupBuyBody {
    fn parse(self) -> Result<NewGroupBuy, Problem> {
        let mut errors = FieldErrors::new();
        let slug = errors.check("slug", self.slug.parse::<Slug>());
        let page_slug = errors.check("pageSlug", self.page_slug.parse::<Slug>());
        let price: Option<Money> = errors.check("price", self.price.read());
        let deadline = errors.check("deadline", self.deadline.as_deref().map(instant).transpose());
        let (Some(slug), Some(page_slug), Some(price), Some(deadline)) =
            (slug, page_slug, price, deadline)
        else {
            return Err(Problem::invalid(errors));
        };
        let Self { title, description, target_quantity, max_quantity, offer_days, .. } = self;
        Ok(NewGroupBuy {
            slug,
            title,
            description,
            page_slug,
            price,
            target_quantity,
            max_quantity,
            deadline,
            offer_days,
        })
    }
}

impl GroupBuyChangeBody {
    fn parse(self) -> Result<GroupBuyChange, Problem> {
        let mut errors = FieldErrors::new();
        let price = errors.check("price", self.price.as_ref().map(MoneyBody::read).transpose());
        let deadline =
            self.deadline.map(|deadline| deadline.as_deref().map(instant).transpose()).transpose();
        let deadline = errors.check("deadline", deadline);
        let (Some(price), Some(deadline)) = (price, deadline) else {
            return Err(Problem::invalid(errors));
        };
        let Self { title, description, target_quantity, max_quantity, offer_days, .. } = self;
        Ok(GroupBuyChange {
            title,
            description,
            price,
            target_quantity,
            max_quantity,
            deadline,
            offer_days,
        })
    }
}

impl GroupBuyBody {
    fn of(owned: OwnedGroupBuy) -> Self {
        let (group_buy, paid) = (&owned.details.view.group_buy, owned.paid);
        let (id, currency) = (group_buy.id.to_string(), group_buy.price.currency);
        let (created_at, activated_at) = (group_buy.created_at, group_buy.activated_at);
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
            offer_ends_at: offer.offer_ends_at,
            created_at,
            activated_at,
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
