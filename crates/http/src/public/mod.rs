//! Handlers for visitors and their frontends: pages, files and group buys.

mod checkout;
mod files;
mod group_buys;
mod pages;

use tollgate_domain::access::ViewerClaim;

use crate::{
    extract::{OptionalCreator, Seen, VisitorCookie},
    routes::routes,
};

pub(crate) use files::sent;
pub(crate) use group_buys::{GroupBuyStatus, OfferBody, OfferedPageBody};

routes! {
    "/v2/public/pages/{handle}/{pageSlug}/access-check" { post pages::access_check }
    "/v2/public/pages/{handle}/{pageSlug}" { get pages::page }
    "/v2/public/pages/{handle}/{pageSlug}/checkout" { post checkout::checkout }
    "/v2/public/files/{handle}/{fileSlug}" { get files::download }
    "/v2/public/files/{handle}/{fileSlug}/access-check" { post files::check }
    "/v2/public/group-buys/{handle}/{groupBuySlug}" { get group_buys::show }
    "/v2/public/group-buys/{handle}/{groupBuySlug}/interest" { post group_buys::express }
    "/v2/public/group-buys/{handle}/{groupBuySlug}/my-interest" {
        get group_buys::mine, delete group_buys::withdraw
    }
    "/v2/public/group-buys/{handle}/{groupBuySlug}/checkout" { post group_buys::checkout }
}

/// Returns the visitor or creator that the request claims to come from.
fn claim(session: VisitorCookie, creator: OptionalCreator, seen: Seen) -> ViewerClaim {
    let creator = creator.0.map(|signed| signed.creator.id);
    ViewerClaim { session: session.0, creator, recording: seen.0 }
}
