//! The page on which the recipient of a shop's mails stops them, or takes that back.

use actix_web::http::StatusCode;
use askama::Template;
use tollgate_domain::mail::Stop;

use super::{frame::Frame, go_to, page, visit::Visit};
use crate::{
    extract::{Form, HandleHost, Query},
    links::stop_mails_path,
    locale::{Texts, isolated},
    problem::{Answer, Problem},
};

#[derive(Template)]
#[template(path = "site/no_mails.html")]
struct NoMailsPage {
    t: Texts,
    frame: Frame,
    heading: String,
    text: String,
    button: Option<Button>,
}

/// The button of the page.
struct Button {
    token: String,
    /// What it does; see [`press`].
    action: &'static str,
    label: String,
}

impl NoMailsPage {
    /// Returns whether the page asks whether to stop the mails.
    fn asks(&self) -> bool {
        self.button.as_ref().is_some_and(|button| button.action == STOP)
    }
}

/// The values of the buttons.
const STOP: &str = "stop";
const TAKE_BACK: &str = "take-back";
/// Is in the query of the page that says that the stop was taken back.
const TAKEN_BACK: &str = "taken-back";

/// Asks whether to stop the mails. Opening the link stops nothing, since mail scanners open it, too.
pub(super) async fn look(visit: Visit, host: HandleHost, query: Query) -> Answer {
    let Some((token, stop)) = wanted(&visit, &host, &query).await? else {
        return invalid(&visit).await;
    };
    if visit.http.use_cases.stop_mails.is_done(&stop).await? {
        return done(&visit, token).await;
    }
    let [is_taken_back] = query.read([TAKEN_BACK])?;
    if is_taken_back.is_some() {
        return told(&visit, "no-mails-taken-back", None).await;
    }
    let t = visit.t;
    let frame = visit.frame("/").await?;
    let heading = t.get("no-mails-heading");
    let (seller, email) = (isolated(frame.brand()), isolated(stop.email.masked()));
    let text = t.with2("no-mails-text", "seller", seller, "email", email);
    let button = Some(Button { token, action: STOP, label: t.get("no-mails-button") });
    page(StatusCode::OK, &NoMailsPage { t, frame, heading, text, button })
}

/// Stops the mails, or takes that back if its button was pressed, and leads to a page that can be reloaded. Mail programs
/// ask to stop them, too, without a page or a cookie, and in forms of any kind; they need not follow a redirect. Source:
/// RFC 8058.
pub(super) async fn press(visit: Visit, host: HandleHost, query: Query, form: Form) -> Answer {
    let Some((token, stop)) = wanted(&visit, &host, &query).await? else {
        return invalid(&visit).await;
    };
    let fields = form.read().await.unwrap_or_default();
    let stop_mails = &visit.http.use_cases.stop_mails;
    let here = stop_mails_path(&token);
    match fields.get("do") {
        TAKE_BACK => {
            stop_mails.take_back(&stop).await?;
            Ok(go_to(&format!("{here}&{TAKEN_BACK}=1")))
        }
        STOP => {
            stop_mails.stop(&stop).await?;
            Ok(go_to(&here))
        }
        _ => {
            stop_mails.stop(&stop).await?;
            done(&visit, token).await
        }
    }
}

async fn done(visit: &Visit, token: String) -> Answer {
    let label = visit.t.get("no-mails-take-back");
    told(visit, "no-mails-done-text", Some(Button { token, action: TAKE_BACK, label })).await
}

async fn told(visit: &Visit, text: &str, button: Option<Button>) -> Answer {
    let t = visit.t;
    let frame = visit.frame("/").await?;
    let (heading, seller) = (t.get("no-mails-done"), isolated(frame.brand()));
    let text = t.with(text, "seller", seller);
    page(StatusCode::OK, &NoMailsPage { t, frame, heading, text, button })
}

/// Returns the token and what it stops, if it is about the handle of this host.
async fn wanted(
    visit: &Visit,
    HandleHost(name): &HandleHost,
    query: &Query,
) -> Result<Option<(String, Stop)>, Problem> {
    let [token] = query.read(["token"])?;
    // Mail programs and people add full stops, brackets and line ends to links.
    let is_outside = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_');
    let token = token.map(|token| token.trim_matches(is_outside).to_owned());
    let stop = token.and_then(|token| {
        let stop = visit.http.use_cases.stop_mails.preview(&token)?;
        Some((token, stop))
    });
    let seller = visit.http.use_cases.gate.seller(name).await?;
    Ok(stop.filter(|(_, stop)| seller.is_some_and(|seller| seller.id == stop.handle)))
}

async fn invalid(visit: &Visit) -> Answer {
    let (heading, text) = (visit.t.get("link-invalid"), visit.t.get("no-mails-invalid"));
    let frame = visit.frame("/").await?;
    let shown = NoMailsPage { t: visit.t, frame, heading, text, button: None };
    page(StatusCode::NOT_FOUND, &shown)
}
