//! What lies behind a sign-in link, in the words of the page that confirms it.

use tollgate_domain::{
    access::{Recording, ViewerClaim},
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

/// Returns what the visitor goes on to, and whether payment comes next. It says only what the place itself says to everyone,
/// since the person who opens the link has not signed in with it, and may be signed in as another one.
pub(super) async fn ahead(visit: &Visit, place: &ReturnTo) -> Option<String> {
    let HostKind::Handle(handle) = place.host(&visit.http.installation) else { return None };
    let (title, may_pay) = match destination(&place.path())? {
        Destination::Page(slug) => page(visit, handle, slug).await?,
        Destination::GroupBuy(slug) => {
            let details = visit.http.use_cases.offers.details(&handle, &slug).await.ok()?;
            (details.view.group_buy.title, false)
        }
        Destination::File(slug) => (file(visit, handle, slug).await?, false),
    };
    let text = if may_pay { "link-goes-on-to-pay" } else { "link-goes-on" };
    Some(visit.t.with(text, "title", isolated(title)))
}

/// Returns the title of a page, and whether it can be bought.
async fn page(visit: &Visit, handle: HandleName, slug: Slug) -> Option<(String, bool)> {
    let use_cases = &visit.http.use_cases;
    let view = use_cases.gate.view(handle, slug, STRANGER).await.ok()?;
    let is_closed = view.page.mode == AccessMode::Paid && !view.reason.has_access();
    let may_pay = is_closed && use_cases.connect.can_charge(&view.handle).await.ok()?;
    Some((view.page.title, may_pay))
}

/// Returns the name of a file, unless that is for invited people only.
async fn file(visit: &Visit, handle: HandleName, slug: Slug) -> Option<String> {
    let downloads = &visit.http.use_cases.downloads;
    let (file, reason) = downloads.describe(handle, slug, STRANGER).await.ok()?;
    file.is_named_to(reason).then_some(file.name)
}
