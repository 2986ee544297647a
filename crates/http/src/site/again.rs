//! Asking for a mail with a form that is a part of a page. If the form is not taken, that page is shown again with what was typed,
//! so that nobody has to find the way back.

use actix_web::{HttpResponse, http::StatusCode};
use tollgate_domain::{links::Destination, names::HandleName};

use super::{
    access, files, group_buy, page, receipt,
    sign_in::{Refused, ask},
    visit::Visit,
};
use crate::{
    extract::{Form, HandleHost},
    links::{ACCESS, destination, receipt_at},
    problem::{Answer, Problem},
};

/// Mails a link that is asked for on the host of a handle.
pub(super) async fn ask_on_handle(
    visit: Visit,
    HandleHost(handle): HandleHost,
    form: Form,
) -> Answer {
    ask(&visit, form, async |refused| of_handle(&visit, &handle, refused).await).await
}

/// Mails a link that is asked for on the root host.
pub(super) async fn ask_on_root(visit: Visit, form: Form) -> Answer {
    ask(&visit, form, async |refused| of_root(&visit, refused).await).await
}

/// Shows the page of the handle with the form; `None` if there is no such page, it has no form any more, or the visitor is
/// signed in by now and finds none on it.
async fn of_handle(
    visit: &Visit,
    handle: &HandleName,
    refused: Refused,
) -> Result<Option<HttpResponse>, Problem> {
    let Some(there) = place(visit, &refused).await?.and_then(destination) else { return Ok(None) };
    let (handle, claim) = (handle.clone(), visit.claim());
    found(match there {
        Destination::Page(slug) => page::shown(visit, handle, slug, claim, Some(refused)).await,
        Destination::File(slug) => files::shown(visit, handle, slug, claim, Some(refused)).await,
        Destination::GroupBuy(slug) => group_buy::again(visit, handle, &slug, refused).await,
    })
}

/// The same for a page of the root host.
async fn of_root(visit: &Visit, refused: Refused) -> Result<Option<HttpResponse>, Problem> {
    let Some(path) = place(visit, &refused).await? else { return Ok(None) };
    if path == ACCESS {
        return found(access::sign_in(visit, refused.status, refused.form, None));
    }
    let Some(id) = receipt_at(path) else { return Ok(None) };
    found(receipt::again(visit, id, refused))
}

/// Returns the path of the page that the form is a part of, unless the visitor is signed in by now.
async fn place<'a>(visit: &Visit, refused: &'a Refused) -> Result<Option<&'a str>, Problem> {
    let Some(path) = visit.local_path(&refused.form.return_to) else { return Ok(None) };
    let is_signed_in = visit.visitor().await?.is_some();
    Ok(path.split(['?', '#']).next().filter(|_| !is_signed_in))
}

/// Returns the page that was shown; `None` if there is none, or it has no form any more.
fn found(answer: Answer) -> Result<Option<HttpResponse>, Problem> {
    match answer {
        Err(problem) if problem.code().status() == StatusCode::NOT_FOUND => Ok(None),
        answer => answer.map(Some),
    }
}
