//! Pages of creators.

use actix_web::{HttpResponse, http::StatusCode};
use serde::{Deserialize, Deserializer, Serialize};
use tollgate_domain::{
    Timestamp,
    creators::{HandleName, NewPage, Page, PageChange, PageStatus, Slug},
    validation::FieldErrors,
};

use super::{MoneyBody, json};
use crate::{
    extract::{HandlePath, JsonBody, ListBody, Object, PagePath, Paging, SignedCreator},
    openapi::{problem_responses, schemas},
    problem::{Answer, Problem},
    state::Http,
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewPage)]
pub(crate) struct NewPageBody {
    #[schema(value_type = schemas::Slug)]
    slug: String,
    #[schema(example = "A guide", format = "line", min_length = 1, max_length = 200)]
    title: String,
    /// Markdown that everyone sees.
    #[schema(example = "Forty pots, one railing.", format = "text", max_length = 10000)]
    teaser: String,
    /// Markdown behind the gate.
    #[schema(example = "## January\n\nWash the pots.", format = "text", max_length = 60000)]
    body: String,
    #[schema(value_type = schemas::AccessMode)]
    access_mode: String,
    /// Required when `accessMode` is `PAID`.
    #[serde(default, deserialize_with = "price_or_null")]
    #[schema(value_type = Option<schemas::Price>)]
    price: Option<MoneyBody>,
    /// `DRAFT` when unset.
    #[schema(value_type = Option<schemas::PageStatus>)]
    status: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PageChange)]
#[expect(clippy::option_option, reason = "absent, null and a price are three things to say")]
pub(crate) struct PageChangeBody {
    #[schema(example = "A better guide", format = "line", min_length = 1, max_length = 200)]
    title: Option<String>,
    #[schema(example = "Forty pots, one railing.", format = "text", max_length = 10000)]
    teaser: Option<String>,
    #[schema(example = "## January\n\nWash the pots.", format = "text", max_length = 60000)]
    body: Option<String>,
    #[schema(value_type = Option<schemas::AccessMode>)]
    access_mode: Option<String>,
    /// Null takes the price away, which a page that is or becomes `PAID` does not allow.
    #[serde(default, deserialize_with = "price_said")]
    #[schema(value_type = Option<schemas::Price>)]
    price: Option<Option<MoneyBody>>,
    #[schema(value_type = Option<schemas::PageStatus>)]
    status: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Page)]
pub(crate) struct PageBody {
    #[schema(example = "pag_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    id: String,
    #[schema(value_type = schemas::HandleName)]
    handle: String,
    #[schema(value_type = schemas::Slug)]
    slug: String,
    #[schema(example = "A guide")]
    title: String,
    /// Markdown that everyone sees.
    #[schema(example = "Forty pots, one railing.")]
    teaser: String,
    /// Markdown behind the gate.
    #[schema(example = "## January\n\nWash the pots.")]
    body: String,
    #[schema(value_type = schemas::AccessMode)]
    access_mode: &'static str,
    #[schema(required = true)]
    price: Option<MoneyBody>,
    #[schema(value_type = schemas::PageStatus)]
    status: &'static str,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
    #[schema(value_type = schemas::Instant)]
    updated_at: Timestamp,
}

problem_responses! {
    CreateRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleNotFound SlugTaken
        PayloadTooLarge UnsupportedMediaType ValidationFailed;
    ListRefusals: CreatorUnauthorized HandleNotFound ValidationFailed;
    ShowRefusals: CreatorUnauthorized HandleNotFound PageNotFound;
    ChangeRefusals: BadRequest CreatorUnauthorized CrossSiteRequest HandleNotFound PageNotFound
        PayloadTooLarge UnsupportedMediaType ValidationFailed;
    RemoveRefusals: CreatorUnauthorized CrossSiteRequest HandleNotFound PageNotFound;
}

pub(super) fn price_or_null<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<MoneyBody>, D::Error> {
    Ok(Option::<Object<MoneyBody>>::deserialize(from)?.map(|Object(price)| price))
}

/// Tells a price that is null from one that is not mentioned.
#[expect(clippy::option_option, reason = "absent, null and a price are three things to say")]
fn price_said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<MoneyBody>>, D::Error> {
    price_or_null(from).map(Some)
}

/// Makes a page.
#[utoipa::path(post, path = "/v2/handles/{handle}/pages", tag = "pages", security(("creator" = [])),
    params(crate::openapi::HandleParams), request_body = NewPageBody,
    responses((status = 201, description = "The page", body = PageBody), CreateRefusals))]
pub(super) async fn create(
    http: Http,
    creator: SignedCreator,
    path: HandlePath,
    body: JsonBody,
) -> Answer {
    let new: NewPageBody = body.read().await?;
    let handle = path.name()?;
    let page = http.pages.create(&creator.creator, &handle, new.parse()?).await?;
    Ok(json(StatusCode::CREATED, &PageBody::of(&handle, page)))
}

/// The pages of a handle, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/pages", tag = "pages", security(("creator" = [])),
    params(crate::openapi::HandleParams, crate::openapi::ListQuery),
    responses((status = 200, description = "The pages", body = ListBody<PageBody>), ListRefusals))]
pub(super) async fn list(
    http: Http,
    creator: SignedCreator,
    path: HandlePath,
    paging: Paging,
) -> Answer {
    let handle = path.name()?;
    let pages = http.pages.list(&creator.creator, &handle, &paging.read()?).await?;
    Ok(json(StatusCode::OK, &ListBody::of(pages, |page| PageBody::of(&handle, page))))
}

/// A page, whatever its status.
#[utoipa::path(get, path = "/v2/handles/{handle}/pages/{pageSlug}", tag = "pages", security(("creator" = [])),
    params(crate::openapi::PageParams),
    responses((status = 200, description = "The page", body = PageBody), ShowRefusals))]
pub(super) async fn show(http: Http, creator: SignedCreator, path: PagePath) -> Answer {
    let (handle, slug) = path.owned()?;
    let (_, page) = http.pages.owned(&creator.creator, &handle, &slug).await?;
    Ok(json(StatusCode::OK, &PageBody::of(&handle, page)))
}

/// Changes a page.
///
/// What was bought stays bought; what is not mentioned stays as it is.
#[utoipa::path(patch, path = "/v2/handles/{handle}/pages/{pageSlug}", tag = "pages", security(("creator" = [])),
    params(crate::openapi::PageParams), request_body = PageChangeBody,
    responses((status = 200, description = "The page as it is now", body = PageBody), ChangeRefusals))]
pub(super) async fn change(
    http: Http,
    creator: SignedCreator,
    path: PagePath,
    body: JsonBody,
) -> Answer {
    let change: PageChangeBody = body.read().await?;
    let (handle, slug) = path.owned()?;
    let page = http.pages.change(&creator.creator, &handle, &slug, change.parse()?).await?;
    Ok(json(StatusCode::OK, &PageBody::of(&handle, page)))
}

/// Deletes a page, or archives it if anybody has a stake in it.
#[utoipa::path(delete, path = "/v2/handles/{handle}/pages/{pageSlug}", tag = "pages", security(("creator" = [])),
    params(crate::openapi::PageParams),
    responses((status = 204, description = "The page is gone or archived"), RemoveRefusals))]
pub(super) async fn remove(http: Http, creator: SignedCreator, path: PagePath) -> Answer {
    let (handle, slug) = path.owned()?;
    http.pages.delete(&creator.creator, &handle, &slug).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl NewPageBody {
    fn parse(self) -> Result<NewPage, Problem> {
        let mut errors = FieldErrors::new();
        let slug = errors.check("slug", self.slug.parse::<Slug>());
        let mode = errors.check("accessMode", self.access_mode.parse());
        let status = self.status.map_or(Ok(PageStatus::Draft), |text| text.parse());
        let status = errors.check("status", status);
        let price = errors.check("price", self.price.as_ref().map(MoneyBody::read).transpose());
        let (Some(slug), Some(mode), Some(status), Some(price)) = (slug, mode, status, price)
        else {
            return Err(Problem::invalid(errors));
        };
        let Self { title, teaser, body, .. } = self;
        Ok(NewPage { slug, title, teaser, body, mode, price, status })
    }
}

impl PageChangeBody {
    fn parse(self) -> Result<PageChange, Problem> {
        let mut errors = FieldErrors::new();
        let mode =
            errors.check("accessMode", self.access_mode.map(|text| text.parse()).transpose());
        let status = errors.check("status", self.status.map(|text| text.parse()).transpose());
        let price = self
            .price
            .as_ref()
            .map(|price| price.as_ref().map(MoneyBody::read).transpose())
            .transpose();
        let price = errors.check("price", price);
        let (Some(mode), Some(status), Some(price)) = (mode, status, price) else {
            return Err(Problem::invalid(errors));
        };
        Ok(PageChange {
            title: self.title,
            teaser: self.teaser,
            body: self.body,
            mode,
            price,
            status,
        })
    }
}

impl PageBody {
    fn of(handle: &HandleName, page: Page) -> Self {
        Self {
            id: page.id.to_string(),
            handle: handle.to_string(),
            slug: page.slug.to_string(),
            title: page.title,
            teaser: page.teaser,
            body: page.body,
            access_mode: page.mode.as_str(),
            price: page.price.map(MoneyBody::of),
            status: page.status.as_str(),
            created_at: page.created_at,
            updated_at: page.updated_at,
        }
    }
}
