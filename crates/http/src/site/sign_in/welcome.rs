//! What follows a sign-in: the cookie, and the way to where the visitor was going.

use actix_web::HttpResponse;
use tollgate_domain::{
    access::{Reason, Recording, ViewerClaim},
    checkout::EarlierPurchase,
    installation::HostKind,
    links::Destination,
    visitor_auth::{ReturnTo, SignedIn},
};

use super::{
    super::{checkout::return_urls, earlier::earlier_purchase, go_to, visit::Visit},
    kept::Given,
};
use crate::{extract::session_cookie, links::destination, state::Http};

/// Sets the cookie and redirects the visitor.
pub(super) async fn welcome(visit: &Visit, signed_in: &SignedIn) -> HttpResponse {
    let place = match &signed_in.return_to {
        Some(place) => {
            let pay_page = pay_page(&visit.http, place, signed_in).await;
            pay_page.unwrap_or_else(|| place.as_str().to_owned())
        }
        None => visit.start().to_owned(),
    };
    led_to(visit, signed_in, &place)
}

/// Does the same in a browser that may keep no cookies. On the way to a page of this host, the form for signing in finds out whether it
/// has kept this one. Until then the visitor is not led to pay for what could not be opened.
pub(super) async fn welcome_in_doubt(visit: &Visit, signed_in: &SignedIn) -> HttpResponse {
    let wanted = signed_in.return_to.as_ref();
    let place = wanted.map_or(Some(visit.start()), |place| visit.own_path(place.as_str()));
    if let Some(place) = place {
        led_to(visit, signed_in, &Given::Session.looked_for(place))
    } else {
        welcome(visit, signed_in).await
    }
}

fn led_to(visit: &Visit, signed_in: &SignedIn, place: &str) -> HttpResponse {
    let mut response = go_to(place);
    let cookie = session_cookie(&visit.http.installation, &visit.host.0, &signed_in.token);
    // Only a cookie that is not valid in a header cannot be added, and this one always is valid.
    if response.add_cookie(&cookie).is_err() {
        tracing::error!("a session cookie could not be set");
    }
    response
}

/// Returns the pay page if the visitor came for a page that has to be bought, and nothing happened with it before that the
/// page would tell, such as joining a group buy that is on offer now. On an error there is none, and the page itself shows what is wrong.
async fn pay_page(http: &Http, place: &ReturnTo, signed_in: &SignedIn) -> Option<String> {
    let HostKind::Handle(handle) = place.host(&http.installation) else { return None };
    let Some(Destination::Page(slug)) = destination(&place.path()) else { return None };
    let session = Some(signed_in.token.hash());
    let claim = ViewerClaim { session, creator: None, recording: Recording::Never };
    let view = http.use_cases.gate.view(handle.clone(), slug.clone(), claim).await.ok()?;
    if view.reason != Reason::PurchaseRequired
        || earlier_purchase(http, &view).await.ok()? != EarlierPurchase::None
    {
        return None;
    }
    // What was bought may be under another address, which the page tells before it is bought again.
    let moves = &http.use_cases.moves;
    if moves.moved_away(view.handle.id, &signed_in.visitor.email).await.ok()?.is_some() {
        return None;
    }
    let offers = &http.use_cases.offers;
    if offers.payable(view.page.id, signed_in.visitor.id).await.ok()?.is_some() {
        return None;
    }
    let urls = return_urls(&http.installation, &handle, &slug);
    let started = http.use_cases.checkouts.start(handle, slug, session, urls).await;
    started.ok().map(|started| started.url)
}
