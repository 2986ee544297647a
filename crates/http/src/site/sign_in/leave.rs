//! Signing out.

use actix_web::http::StatusCode;
use askama::Template;

use super::super::{cookies::ASKED, frame::Frame, go_to, page, visit::Visit};
use crate::{
    extract::{Form, PresentedSessions, Query, add_cookies, cleared_cookies},
    locale::Texts,
    problem::Answer,
};

#[derive(Template)]
#[template(path = "site/sign_out.html")]
struct SignOutPage {
    t: Texts,
    frame: Frame,
    email: String,
    return_to: String,
}

/// Asks whether to sign out.
pub(super) async fn show(visit: Visit, query: Query) -> Answer {
    let [return_to] = query.read(["returnTo"])?;
    let return_to = return_to.unwrap_or_default();
    let return_to = visit.local_path(&return_to).unwrap_or(visit.start()).to_owned();
    let frame = visit.frame(return_to.clone()).await?;
    let Some(email) = frame.visitor.clone() else { return Ok(go_to(&return_to)) };
    page(StatusCode::OK, &SignOutPage { t: visit.t, frame, email, return_to })
}

/// Ends the session.
pub(super) async fn sign_out(visit: Visit, form: Form) -> Answer {
    let presented = PresentedSessions::of(visit.req.headers());
    visit.http.use_cases.sessions.sign_out(&presented.0).await?;
    // Whatever else the request contains, the session is over.
    let fields = form.read().await.unwrap_or_default();
    let place = visit.local_path(fields.get("returnTo")).unwrap_or(visit.start());
    let mut response = go_to(place);
    let cleared = cleared_cookies(&visit.http.installation, &visit.host.0);
    add_cookies(response.headers_mut(), cleared);
    if ASKED.of(visit.req.headers()).is_some() {
        ASKED.clear(&visit.http.installation, &mut response);
    }
    Ok(response)
}
