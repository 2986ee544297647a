//! The redirects to the pay page and back.

use actix_web::HttpRequest;
use tollgate_domain::{
    access::AccessError,
    checkout::{CheckoutError, ReturnUrls},
    id::CheckoutId,
    installation::Installation,
    names::{HandleName, Slug},
};

use super::{
    earlier::earlier_purchase,
    go_to,
    notice::{Notice, own_order},
    visit::Visit,
};
use crate::{
    extract::{HandleHost, part},
    links::{cancelled_path, page_path},
    problem::{Answer, Code, Problem},
};

/// Answers on hosts that have no pages to buy.
pub(super) async fn nowhere() -> Answer {
    Err(Problem::new(Code::PageNotFound))
}

fn slug(req: &HttpRequest) -> Result<Slug, Problem> {
    part(req, "name").ok_or_else(|| Problem::new(Code::PageNotFound))
}

/// Returns where the pay page of a page leads back to. Turning back leads to the page, which then says so.
pub(super) fn return_urls(
    installation: &Installation,
    handle: &HandleName,
    slug: &Slug,
) -> ReturnUrls {
    let origin = installation.handle_origin(handle);
    ReturnUrls { success: None, cancel: Some(format!("{origin}{}", cancelled_path(slug))) }
}

pub(super) async fn pay(visit: Visit, HandleHost(handle): HandleHost) -> Answer {
    let (http, slug) = (&visit.http, slug(&visit.req)?);
    let page = page_path(&slug);
    let view = http.use_cases.gate.view(handle.clone(), slug.clone(), visit.claim()).await?;
    // An earlier payment may still open the page, or has arrived without opening it. The page says so.
    if !earlier_purchase(http, &view).await?.may_pay() {
        return Ok(go_to(&page));
    }
    let urls = return_urls(&http.installation, &handle, &slug);
    match http.use_cases.checkouts.start(handle, slug, visit.session.0, urls).await {
        Ok(started) => Ok(go_to(&started.url)),
        // From a page that was open before the session ended.
        Err(CheckoutError::Unauthorized) => Ok(Notice::SignedOut.leave(&visit, go_to(&page))),
        // The page shows what is left to do: read, or wait until it is on sale.
        Err(
            CheckoutError::AlreadyPurchased
            | CheckoutError::Disputed
            | CheckoutError::Quarantined
            | CheckoutError::ConnectNotConfigured(_)
            | CheckoutError::PageNotPaid,
        ) => Ok(go_to(&page)),
        Err(error) => Err(error.into()),
    }
}

/// Leads to the page from the address of its form, whose answer can be loaded again.
pub(super) async fn back(req: HttpRequest, _host: HandleHost) -> Answer {
    Ok(go_to(&page_path(slug(&req)?)))
}

/// Receives the visitor who comes back from the pay page.
pub(super) async fn complete_return(visit: Visit, HandleHost(handle): HandleHost) -> Answer {
    let slug = slug(&visit.req)?;
    let page = page_path(&slug);
    let (id, has_cancelled) = read_return(visit.req.query_string());
    let Some(id) = id else {
        return if has_cancelled {
            turned_back(&visit, handle, slug).await
        } else {
            Ok(go_to(&page))
        };
    };
    let found = match visit.http.use_cases.checkouts.complete_return(id, visit.session.0).await {
        Ok(back) => Some(back),
        Err(CheckoutError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let visitor = visit.visitor().await?;
    if own_order(&visit, visitor.as_ref(), id).await?.is_none() {
        return Ok(Notice::UnknownReturn.leave(&visit, go_to(&page)));
    }
    let Some(back) = found.filter(|back| back.handle == handle && back.slug == slug) else {
        return Ok(go_to(&page));
    };
    if let Some(frontend) = back.success_url {
        return Ok(go_to(&frontend));
    }
    let notice = if back.is_certain { Notice::Checkout(id) } else { Notice::Unconfirmed(id) };
    Ok(notice.leave(&visit, go_to(&page)))
}

/// Leads back to the page, which says that the visitor turned back, or that the pay page was closed. If the page was taken down
/// since, the problem says so.
async fn turned_back(visit: &Visit, handle: HandleName, slug: Slug) -> Answer {
    let gate = &visit.http.use_cases.gate;
    match gate.view(handle.clone(), slug.clone(), visit.claim()).await {
        Ok(view) => {
            let visitor = view.visitor.as_ref();
            let notice = Notice::of_turning_back(visit, visitor, view.page.id).await?;
            Ok(notice.leave(visit, go_to(&page_path(&slug))))
        }
        Err(AccessError::NotFound(_)) => {
            let visitor = visit.visitor().await?;
            let visitor = visitor.as_ref();
            let notice = Notice::of_turning_back_to_nothing(visit, visitor, handle, slug).await?;
            notice.beside(&Problem::new(Code::PageNotFound), visit, visitor).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns the order that a visitor comes back with, if there is one, and whether the visitor turned back.
fn read_return(query: &str) -> (Option<CheckoutId>, bool) {
    let (mut id, mut has_cancelled) = (None, false);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "checkout" => id = id.or_else(|| value.parse::<CheckoutId>().ok()),
            "cancelled" => has_cancelled = true,
            _ => {}
        }
    }
    (id, has_cancelled)
}
