//! Pages for visitors, and the check of their access.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    access::{self, PageView, ResourceType},
    creators,
};

use super::decided;
use crate::{
    dto::{AccessMode, EmptyBody, MoneyBody, json, text_enum},
    edge::count,
    extract::{JsonBody, PagePath, Viewer},
    locale::Texts,
    markdown::Part,
    openapi::{problem_responses, schemas},
    own_files::{own_files_anywhere, whole_address},
    problem::Answer,
    state::Http,
};

text_enum! {
    /// Why somebody may or may not see a page: open to everyone, sign in first, let in, buy it first.
    #[schema(example = "entitled")]
    Reason {
        Public "public",
        VisitorAuthRequired "visitor_auth_required",
        Entitled "entitled",
        PurchaseRequired "purchase_required",
    }
}

impl From<access::Reason> for Reason {
    fn from(reason: access::Reason) -> Self {
        match reason {
            access::Reason::Public => Self::Public,
            access::Reason::VisitorAuthRequired => Self::VisitorAuthRequired,
            access::Reason::Entitled => Self::Entitled,
            // Only files have allowlists; should a page ever get this reason, it is closed as well.
            access::Reason::PurchaseRequired | access::Reason::FileForbidden => {
                Self::PurchaseRequired
            }
        }
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicPage<'a> {
    #[schema(value_type = schemas::HandleName)]
    handle: &'a str,
    #[schema(value_type = schemas::Slug)]
    slug: &'a str,
    #[schema(example = "A guide")]
    title: &'a str,
    /// What everyone sees.
    #[schema(example = "<p>Forty pots, one railing.</p>")]
    teaser_html: &'a str,
    access_mode: AccessMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    price: Option<MoneyBody>,
    has_access: bool,
    reason: Reason,
    /// What is behind the gate; there only with access.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "<h3>January</h3><p>Wash the pots.</p>")]
    body_html: Option<&'a str>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Access)]
pub(crate) struct AccessDecision {
    has_access: bool,
    reason: Reason,
}

problem_responses! {
    PageProblems: CreatorUnauthorized PageNotFound;
}

/// A page, as far as the caller may see it.
///
/// The body is there only with access.
#[utoipa::path(get, path = "/v2/public/pages/{handle}/{pageSlug}", tag = "public",
    params(crate::openapi::PageParams), security((), ("visitor" = []), ("creator" = [])),
    responses((status = 200, description = "The page", body = PublicPage), PageProblems))]
pub(super) async fn page(http: Http, path: PagePath, Viewer(claim): Viewer) -> Answer {
    let (handle, slug) = path.public()?;
    let view = http.use_cases.gate.view(handle, slug, claim).await?;
    count::decision(ResourceType::Page, view.reason);
    http.store_first_view_of(claim.session).await;
    let (rendered, t) = (http.rendered(), Texts::default());
    let outline = rendered.outline(&view.page).await?;
    let own = own_files_anywhere(&http, &view.handle, &outline.media).await?;
    let (own, body) = if view.reason.has_access() {
        let body = rendered.html(t, &view.page, Part::Body, &own).await?;
        (own, Some(body))
    } else {
        (own.for_strangers(|file| whole_address(&http, &view.handle, file)), None)
    };
    let teaser = rendered.html(t, &view.page, Part::Teaser, &own).await?;
    Ok(json(StatusCode::OK, &PublicPage::of(&view, &teaser, body.as_deref())))
}

/// Whether the caller has access to the page, and the reason.
///
/// The answer is decided anew at every call: nothing is kept from one to the next.
#[utoipa::path(post, path = "/v2/public/pages/{handle}/{pageSlug}/access-check", tag = "public",
    params(crate::openapi::PageParams), security((), ("visitor" = []), ("creator" = [])),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "The decision", body = AccessDecision), PageProblems))]
pub(super) async fn access_check(
    http: Http,
    path: PagePath,
    Viewer(claim): Viewer,
    body: JsonBody,
) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let reason = decided(&http, ResourceType::Page, path.public()?, claim).await?;
    let decision = AccessDecision { has_access: reason.has_access(), reason: reason.into() };
    Ok(json(StatusCode::OK, &decision))
}

impl<'a> PublicPage<'a> {
    fn of(view: &'a PageView, teaser_html: &'a str, body_html: Option<&'a str>) -> Self {
        let price = view.page.price.filter(|_| view.page.mode == creators::AccessMode::Paid);
        Self {
            handle: view.handle.name.as_str(),
            slug: view.page.slug.as_str(),
            title: &view.page.title,
            teaser_html,
            access_mode: view.page.mode.into(),
            price: price.map(MoneyBody::of),
            has_access: view.reason.has_access(),
            reason: view.reason.into(),
            body_html,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dto::{FileReason, TextEnum};

    /// Both are made of the same reasons, of which only one cannot be that of a page.
    #[test]
    fn pages_and_files_name_their_reasons_alike() {
        let of_pages: Vec<_> = Reason::ALL.iter().map(|reason| json!(reason)).collect();
        let of_files = FileReason::ALL.iter().filter(|it| **it != FileReason::FileForbidden);
        assert_eq!(of_pages, of_files.map(|reason| json!(reason)).collect::<Vec<_>>());
        for of_file in FileReason::ALL {
            let of_page = Reason::from(access::Reason::from(*of_file));
            let expected = match of_file {
                FileReason::FileForbidden => json!(Reason::PurchaseRequired),
                shared => json!(shared),
            };
            assert_eq!(json!(of_page), expected);
        }
    }
}
