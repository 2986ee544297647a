//! The page on which the recipient of a shop's mails stops them.

use actix_web::http::StatusCode;
use askama::Template;
use tollgate_domain::mail::Stop;

use super::{frame::Frame, page, visit::Visit};
use crate::{
    extract::Query,
    locale::Texts,
    problem::{Answer, Problem},
};

#[derive(Template)]
#[template(path = "site/no_mails.html")]
struct NoMailsPage {
    t: Texts,
    frame: Frame,
    heading: String,
    text: String,
    /// The token, if the button can be pressed.
    token: Option<String>,
}

/// Asks whether to stop the mails. Opening the link stops nothing, since mail scanners open it, too.
pub(super) async fn look(visit: Visit, query: Query) -> Answer {
    let Some((token, stop)) = wanted(&visit, &query).await? else { return invalid(&visit).await };
    if visit.http.use_cases.stop_mails.is_done(&stop).await? {
        return done(&visit).await;
    }
    let frame = visit.frame("/").await?;
    let heading = visit.t.get("no-mails-heading");
    let seller = frame.brand().to_owned();
    let text = visit.t.with2("no-mails-text", "seller", seller, "email", stop.email.masked());
    let shown = NoMailsPage { t: visit.t, frame, heading, text, token: Some(token) };
    page(StatusCode::OK, &shown)
}

/// Stops the mails. Mail programs ask for it, too, without a page or a cookie. Source: RFC 8058.
pub(super) async fn stop(visit: Visit, query: Query) -> Answer {
    let Some((_, stop)) = wanted(&visit, &query).await? else { return invalid(&visit).await };
    visit.http.use_cases.stop_mails.stop(&stop).await?;
    done(&visit).await
}

async fn done(visit: &Visit) -> Answer {
    let frame = visit.frame("/").await?;
    let (heading, seller) = (visit.t.get("no-mails-done"), frame.brand().to_owned());
    let text = visit.t.with("no-mails-done-text", "seller", seller);
    page(StatusCode::OK, &NoMailsPage { t: visit.t, frame, heading, text, token: None })
}

/// Returns the token and what it stops, if it is about the handle of this host.
async fn wanted(visit: &Visit, query: &Query) -> Result<Option<(String, Stop)>, Problem> {
    let [token] = query.read(["token"])?;
    // Mail programs and people add full stops, brackets and line ends to links.
    let is_outside = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_');
    let token = token.map(|token| token.trim_matches(is_outside).to_owned());
    let stop = token.and_then(|token| {
        let stop = visit.http.use_cases.stop_mails.preview(&token)?;
        Some((token, stop))
    });
    let Some(name) = visit.host.handle() else { return Ok(None) };
    let seller = visit.http.use_cases.gate.seller(name).await?;
    Ok(stop.filter(|(_, stop)| seller.is_some_and(|seller| seller.id == stop.handle)))
}

async fn invalid(visit: &Visit) -> Answer {
    let (heading, text) = (visit.t.get("link-invalid"), visit.t.get("no-mails-invalid"));
    let frame = visit.frame("/").await?;
    let shown = NoMailsPage { t: visit.t, frame, heading, text, token: None };
    page(StatusCode::NOT_FOUND, &shown)
}
