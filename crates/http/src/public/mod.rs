//! Handlers for visitors and their frontends: pages, files and group buys.

mod checkout;
mod files;
mod group_buys;
mod pages;

use tollgate_domain::{
    access::{Reason, ResourceType, ViewerClaim},
    names::{HandleName, Slug},
};

use crate::{edge::count, problem::Problem, routes::routes, state::Http};

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

/// Decides whether somebody may see a page or download a file, for an answer that is the decision alone.
async fn decided(
    http: &Http,
    resource: ResourceType,
    (handle, slug): (HandleName, Slug),
    claim: ViewerClaim,
) -> Result<Reason, Problem> {
    let reason = http.use_cases.gate.check(resource, handle, slug, claim).await?;
    count::decision(resource, reason);
    http.store_first_view_of(claim.session).await;
    Ok(reason)
}
