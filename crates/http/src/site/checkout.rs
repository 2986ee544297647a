//! To the pay page and back.

use actix_web::HttpRequest;
use tollgate_domain::{
    checkout::{CheckoutError, ReturnUrls},
    creators::{HandleName, Slug},
    id::CheckoutId,
};

use super::go_to;
use crate::{
    extract::{Host, VisitorCookie},
    problem::{Answer, Code, Problem},
    state::Http,
};

fn names(host: &Host, req: &HttpRequest) -> Result<(HandleName, Slug), Problem> {
    let slug = req.match_info().get("name").and_then(|name| name.parse().ok());
    host.handle().cloned().zip(slug).ok_or_else(|| Problem::new(Code::PageNotFound))
}

/// Sends the visitor to the pay page.
pub(super) async fn pay(
    http: Http,
    req: HttpRequest,
    host: Host,
    session: VisitorCookie,
) -> Answer {
    let (handle, slug) = names(&host, &req)?;
    let page = format!("/{slug}");
    match http.checkouts.start(handle, slug, session.0, ReturnUrls::default()).await {
        Ok(started) => Ok(go_to(&started.url)),
        // The page itself tells best what is left to do: sign in, or read.
        Err(
            CheckoutError::Unauthorized
            | CheckoutError::AlreadyPurchased
            | CheckoutError::PageNotPaid,
        ) => Ok(go_to(&page)),
        Err(error) => Err(error.into()),
    }
}

/// Takes the visitor in who comes from the pay page.
pub(super) async fn come_back(http: Http, req: HttpRequest, host: Host) -> Answer {
    let (handle, slug) = names(&host, &req)?;
    let page = format!("/{slug}");
    let query = form_urlencoded::parse(req.query_string().as_bytes());
    let id = query
        .filter(|(name, _)| name == "checkout")
        .find_map(|(_, id)| id.parse::<CheckoutId>().ok());
    let Some(id) = id else { return Ok(go_to(&page)) };
    let on = match http.checkouts.come_back(id).await {
        Ok(back) if back.handle == handle && back.slug == slug => back.success_url,
        Ok(_) | Err(CheckoutError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    (http.on_mail)();
    Ok(go_to(on.as_deref().unwrap_or(&page)))
}
