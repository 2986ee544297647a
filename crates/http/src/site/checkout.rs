//! The redirects to the pay page and back.

use actix_web::HttpRequest;
use tollgate_domain::{
    checkout::{CheckoutError, ReturnUrls},
    id::CheckoutId,
    names::Slug,
};

use super::go_to;
use crate::{
    extract::{HandleHost, VisitorCookie},
    problem::{Answer, Code, Problem},
    state::Http,
};

/// Answers on hosts that have no pages to buy.
pub(super) async fn nowhere() -> Answer {
    Err(Problem::new(Code::PageNotFound))
}

fn slug(req: &HttpRequest) -> Result<Slug, Problem> {
    let slug = req.match_info().get("name").and_then(|name| name.parse().ok());
    slug.ok_or_else(|| Problem::new(Code::PageNotFound))
}

/// Sends the visitor to the pay page.
pub(super) async fn pay(
    http: Http,
    req: HttpRequest,
    HandleHost(handle): HandleHost,
    session: VisitorCookie,
) -> Answer {
    let slug = slug(&req)?;
    let page = format!("/{slug}");
    match http.use_cases.checkouts.start(handle, slug, session.0, ReturnUrls::default()).await {
        Ok(started) => Ok(go_to(&started.url)),
        // The page shows what is left to do: sign in, or read.
        Err(
            CheckoutError::Unauthorized
            | CheckoutError::AlreadyPurchased
            | CheckoutError::PageNotPaid,
        ) => Ok(go_to(&page)),
        Err(error) => Err(error.into()),
    }
}

/// Receives the visitor who comes back from the pay page.
pub(super) async fn come_back(http: Http, req: HttpRequest, host: HandleHost) -> Answer {
    let slug = slug(&req)?;
    let page = format!("/{slug}");
    let query = form_urlencoded::parse(req.query_string().as_bytes());
    let id = query
        .filter(|(name, _)| name == "checkout")
        .find_map(|(_, id)| id.parse::<CheckoutId>().ok());
    let Some(id) = id else { return Ok(go_to(&page)) };
    let on = match http.use_cases.checkouts.come_back(id).await {
        Ok(back) if back.handle == host.0 && back.slug == slug => back.success_url,
        Ok(_) | Err(CheckoutError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(go_to(on.as_deref().unwrap_or(&page)))
}
