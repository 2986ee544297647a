//! Pages of creators.

pub(crate) mod input;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    Timestamp,
    creators::{self, Page},
    names::HandleName,
    validation,
};

use crate::{
    dto::{AccessMode, MoneyBody, TextEnum, entity_tag, json, text_enum, versioned},
    extract::{HandlePath, IfMatch, JsonBody, ListBody, Own, PagePath, Paging, Query, merged},
    locale::Texts,
    markdown::{self, Part},
    openapi::{problem_responses, schemas},
    own_files::own_files_anywhere,
    problem::{Answer, FieldErrors, Problem, both},
};
use input::{NewPageBody, PageChangeBody};

text_enum! {
    /// Where a page is in its life: seen by its creator only, on offer, or open to its buyers only.
    #[schema(example = "PUBLISHED")]
    PageStatus = creators::PageStatus {
        Draft "DRAFT", Published "PUBLISHED", Archived "ARCHIVED"
    }
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
    access_mode: AccessMode,
    #[schema(required = true)]
    price: Option<MoneyBody>,
    status: PageStatus,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
    #[schema(value_type = schemas::Instant)]
    updated_at: Timestamp,
    /// Names this version of the page. It is also the `ETag`, in quotes; with it in `If-Match`, a change is
    /// refused if somebody changed the page in the meantime.
    #[schema(example = "1772357400000000")]
    version: String,
}

/// Which pages are wanted.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Query reads it")]
pub(crate) struct PagesQuery {
    /// Only those with this status.
    #[param(nullable = false, value_type = Option<PageStatus>, example = "PUBLISHED")]
    status: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PageSales)]
pub(crate) struct PageSalesBody {
    /// How many payments for it were made, also if they were refunded.
    #[schema(example = 12)]
    sold: i64,
    /// How often it was given away, also if that was revoked.
    #[schema(example = 1)]
    given: i64,
    /// What the platform keeps of a payment at the price that the page has now; null unless its access mode is `PAID`.
    #[schema(required = true)]
    platform_fee: Option<MoneyBody>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PreviewRequest)]
pub(crate) struct PreviewBody {
    /// At most 64 KiB, which is 65,536 bytes in UTF-8, so fewer characters if some are not ASCII.
    #[schema(example = "## January", format = "text", max_length = 65536)]
    markdown: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Preview)]
pub(crate) struct PreviewedBody {
    /// The HTML that pages show for the text.
    #[schema(example = "<h2>January</h2>\n")]
    html: String,
}

problem_responses! {
    CreateProblems: HandleNotFound SlugTaken QuotaExceeded;
    ListProblems: HandleNotFound;
    PageProblems: HandleNotFound PageNotFound;
    ChangeProblems: HandleNotFound PageNotFound VersionConflict;
}

/// Makes a page.
#[utoipa::path(post, path = "/v2/handles/{handle}/pages", tag = "pages", security(("creator" = [])),
    params(crate::openapi::HandleParams), request_body = NewPageBody,
    responses((status = 201, description = "The page", body = PageBody,
        headers(("ETag" = String))), CreateProblems))]
pub(crate) async fn create(own: Own<HandlePath>, body: JsonBody) -> Answer {
    let (new, errors) = body.draft_long::<NewPageBody>().await?.parts();
    let new = merged(errors, input::read(own.creator.id, new).await?)?;
    let handle = own.path.name()?;
    let page = own.http.use_cases.pages.create(&own.creator, &handle, new).await?;
    Ok(PageBody::answer(StatusCode::CREATED, &handle, page))
}

/// The pages of a handle, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/pages", tag = "pages", security(("creator" = [])),
    params(crate::openapi::HandleParams, PagesQuery, crate::openapi::ListQuery),
    responses((status = 200, description = "The pages", body = ListBody<PageBody>), ListProblems))]
pub(crate) async fn list(own: Own<HandlePath>, query: Query, paging: Paging) -> Answer {
    let ((status, part), handle) = (both(asked_status(&query), paging.read())?, own.path.name()?);
    let pages = &own.http.use_cases.pages;
    let pages = pages.list(&own.creator, &handle, status, &part).await?;
    Ok(json(StatusCode::OK, &ListBody::of(&paging, pages, |page| PageBody::of(&handle, page))))
}

fn asked_status(query: &Query) -> Result<Option<creators::PageStatus>, Problem> {
    let [status] = query.read(["status"])?;
    let status = status.as_deref().map(PageStatus::read).transpose();
    let status = status.map_err(|error| Problem::field("status", error))?;
    Ok(status.map(Into::into))
}

/// How often a page was sold and given away.
#[utoipa::path(get, path = "/v2/handles/{handle}/pages/{pageSlug}/sales", tag = "pages", operation_id = "sales",
    security(("creator" = [])), params(crate::openapi::PageParams),
    responses((status = 200, description = "How often", body = PageSalesBody), PageProblems))]
pub(crate) async fn sales(own: Own<PagePath>) -> Answer {
    let (handle, slug) = own.path.owned()?;
    let (_, page) = own.http.use_cases.pages.owned(&own.creator, &handle, &slug).await?;
    let counted = own.http.use_cases.reports.sales_of(&page).await?;
    // A page that is no longer paid for keeps its price.
    let price = page.price.filter(|_| page.mode == creators::AccessMode::Paid);
    let fee = price.map(|price| own.http.use_cases.checkouts.fee(price));
    let body = PageSalesBody {
        sold: counted.sold,
        given: counted.given,
        platform_fee: fee.map(MoneyBody::of),
    };
    Ok(json(StatusCode::OK, &body))
}

/// A page, whatever its status.
#[utoipa::path(get, path = "/v2/handles/{handle}/pages/{pageSlug}", tag = "pages", security(("creator" = [])),
    params(crate::openapi::PageParams),
    responses((status = 200, description = "The page", body = PageBody,
        headers(("ETag" = String))), PageProblems))]
pub(crate) async fn show(own: Own<PagePath>) -> Answer {
    let (handle, slug) = own.path.owned()?;
    let (_, page) = own.http.use_cases.pages.owned(&own.creator, &handle, &slug).await?;
    Ok(PageBody::answer(StatusCode::OK, &handle, page))
}

/// Changes a page.
///
/// Purchases are not touched, and what is not mentioned stays as it is.
#[utoipa::path(patch, path = "/v2/handles/{handle}/pages/{pageSlug}", tag = "pages", security(("creator" = [])),
    params(crate::openapi::PageParams, crate::openapi::VersionHeader), request_body = PageChangeBody,
    responses((status = 200, description = "The page as it is now", body = PageBody,
        headers(("ETag" = String))), ChangeProblems))]
pub(crate) async fn change(own: Own<PagePath>, version: IfMatch, body: JsonBody) -> Answer {
    let (change, errors) = body.draft_long::<PageChangeBody>().await?.parts();
    let change = merged(errors, input::read(own.creator.id, change).await?)?;
    let (handle, slug) = own.path.owned()?;
    let (pages, based_on) = (&own.http.use_cases.pages, version.based_on());
    let page = pages.change(&own.creator, &handle, &slug, change, based_on).await?;
    Ok(PageBody::answer(StatusCode::OK, &handle, page))
}

/// Deletes a page, or archives it if anybody has a stake in it.
///
/// It is archived if it was bought, given away, opened after signing in or has a group buy, or if somebody went to pay for it.
/// Then the answer has its `ETag`, and it is still shown to its creator and to those who have it.
#[utoipa::path(delete, path = "/v2/handles/{handle}/pages/{pageSlug}", tag = "pages", security(("creator" = [])),
    params(crate::openapi::PageParams, crate::openapi::VersionHeader),
    responses((status = 204, description = "The page is gone, or archived if there is an `ETag`"),
        ChangeProblems))]
pub(crate) async fn remove(own: Own<PagePath>, version: IfMatch) -> Answer {
    let (handle, slug) = own.path.owned()?;
    let pages = &own.http.use_cases.pages;
    let kept = pages.delete(&own.creator, &handle, &slug, version.based_on()).await?;
    let mut answer = HttpResponse::NoContent();
    if let Some(page) = kept {
        answer.insert_header((header::ETAG, entity_tag(&page.version())));
    }
    Ok(answer.finish())
}

/// Renders Markdown as pages show it.
#[utoipa::path(post, path = "/v2/handles/{handle}/preview", tag = "pages", security(("creator" = [])),
    params(crate::openapi::HandleParams), request_body = PreviewBody,
    responses((status = 200, description = "The HTML", body = PreviewedBody), ListProblems))]
pub(crate) async fn preview(own: Own<HandlePath>, body: JsonBody) -> Answer {
    let text = body.draft_long().await?.parse(|body: PreviewBody| {
        let text = validation::large_text(&body.markdown, Page::MAX_BODY);
        text.map_err(|error| FieldErrors::one("markdown", error))
    })?;
    let handle = own.http.use_cases.handles.owned(&own.creator, &own.path.name()?).await?;
    let creator = own.creator.id;
    input::check_size(creator, "markdown", &text).await?;
    let names = markdown::media_names_once(creator, &[&text]).await?;
    let own = own_files_anywhere(&own.http, &handle, &names).await?;
    let t = Texts::default();
    let html = markdown::render_once(creator, t, Part::Body, &text, &own).await?;
    Ok(json(StatusCode::OK, &PreviewedBody { html }))
}

impl PageBody {
    fn answer(status: StatusCode, handle: &HandleName, page: Page) -> HttpResponse {
        versioned(status, &page.version(), &Self::of(handle, page))
    }

    fn of(handle: &HandleName, page: Page) -> Self {
        let version = page.version().to_string();
        Self {
            id: page.id.to_string(),
            handle: handle.to_string(),
            slug: page.slug.to_string(),
            title: page.title,
            teaser: page.teaser,
            body: page.body,
            access_mode: page.mode.into(),
            price: page.price.map(MoneyBody::of),
            status: page.status.into(),
            created_at: page.created_at,
            updated_at: page.updated_at,
            version,
        }
    }
}
