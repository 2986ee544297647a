//! The page whose form for signing in was not taken: it is shown again with what was typed, so that nobody has to find the
//! way back.

use actix_web::{HttpResponse, http::StatusCode};
use tollgate_domain::{installation::HostKind, links::Destination};

use super::{access, files, group_buy, page, receipt, sign_in::Refused, visit::Visit};
use crate::{
    links::{destination, receipt_at},
    problem::{Answer, Problem},
};

/// Returns the page with the form; `None` if there is no such page, it has no form any more, or the visitor is signed in by
/// now and finds none on it.
pub(super) async fn shown(
    visit: &Visit,
    refused: Refused,
) -> Result<Option<HttpResponse>, Problem> {
    let place = refused.form.return_to.clone();
    let Some(path) = visit.local_path(&place) else { return Ok(None) };
    if visit.visitor().await?.is_some() {
        return Ok(None);
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    match at(visit, path, refused).await {
        Some(Err(problem)) if problem.code().status() == StatusCode::NOT_FOUND => Ok(None),
        answer => answer.transpose(),
    }
}

/// Shows the page at this path of the host.
async fn at(visit: &Visit, path: &str, refused: Refused) -> Option<Answer> {
    let handle = match &visit.host.0 {
        HostKind::Handle(handle) => handle.clone(),
        HostKind::Root => return at_root(visit, path, refused),
        HostKind::App | HostKind::Foreign => return None,
    };
    Some(match destination(path)? {
        Destination::Page(slug) => {
            page::shown(visit, handle, slug, visit.claim(), Some(refused)).await
        }
        Destination::File(slug) => {
            files::shown(visit, handle, slug, visit.claim(), Some(refused)).await
        }
        Destination::GroupBuy(slug) => group_buy::again(visit, handle, &slug, refused).await,
    })
}

fn at_root(visit: &Visit, path: &str, refused: Refused) -> Option<Answer> {
    if path == access::PATH {
        return Some(access::sign_in(visit, refused.status, refused.form));
    }
    receipt_at(path).map(|id| receipt::again(visit, id, refused))
}
