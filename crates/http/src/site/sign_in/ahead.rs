//! What lies behind a sign-in link, in the words of the page that confirms it.

use tollgate_domain::{
    access::{Reason, Recording, ViewerClaim},
    creators::AccessMode,
    installation::HostKind,
    links::Destination,
    names::{HandleName, Slug},
    visitor_auth::ReturnTo,
};

use super::super::visit::Visit;
use crate::{links::destination, locale::isolated};

/// What everyone is told.
const STRANGER: ViewerClaim =
    ViewerClaim { session: None, creator: None, recording: Recording::Never };

/// The texts that name what the visitor goes on to.
const GOES_ON: &str = "link-goes-on";
const IS_SEEN: &str = "link-goes-on-seen";
const MAY_PAY: &str = "link-goes-on-to-pay";

/// Returns what the visitor goes on to, and what follows from that: a payment, or that the seller sees the address. It says only
/// what the place itself says to everyone, since the person who opens the link has not signed in with it, and may be signed in as
/// another one.
pub(super) async fn ahead(visit: &Visit, place: &ReturnTo) -> Option<String> {
    let HostKind::Handle(handle) = place.host(&visit.http.installation) else { return None };
    let (title, sentence) = match destination(&place.path())? {
        Destination::Page(slug) => page(visit, handle, slug).await?,
        Destination::GroupBuy(slug) => {
            let details = visit.http.use_cases.offers.details(&handle, &slug).await.ok()?;
            (details.view.group_buy.title, GOES_ON)
        }
        Destination::File(slug) => file(visit, handle, slug).await?,
    };
    Some(visit.t.with(sentence, "title", isolated(title)))
}

async fn page(visit: &Visit, handle: HandleName, slug: Slug) -> Option<(String, &'static str)> {
    let use_cases = &visit.http.use_cases;
    let view = use_cases.gate.view(handle, slug, STRANGER).await.ok()?;
    let mode = view.page.mode;
    let is_closed = mode == AccessMode::Paid && !view.reason.has_access();
    let may_pay = is_closed && use_cases.connect.can_charge(&view.handle).await.ok()?;
    let sentence = match mode {
        AccessMode::FreeWithLogin => IS_SEEN,
        AccessMode::Paid if may_pay => MAY_PAY,
        AccessMode::Paid | AccessMode::Public => GOES_ON,
    };
    Some((view.page.title, sentence))
}

/// A file is not named if it is for invited people only.
async fn file(visit: &Visit, handle: HandleName, slug: Slug) -> Option<(String, &'static str)> {
    let use_cases = &visit.http.use_cases;
    let (file, reason) = use_cases.downloads.describe(handle.clone(), slug, STRANGER).await.ok()?;
    if !file.is_named_to(reason) {
        return None;
    }
    let sentence = match file.page {
        Some(page) if reason == Reason::VisitorAuthRequired => {
            let view = use_cases.gate.view(handle, page.slug, STRANGER).await.ok()?;
            if view.page.mode == AccessMode::FreeWithLogin { IS_SEEN } else { GOES_ON }
        }
        _ => GOES_ON,
    };
    Some((file.name, sentence))
}
