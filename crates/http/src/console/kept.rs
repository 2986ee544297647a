//! A form that is sent after its session has ended: what was typed is kept on a screen, to be sent again.

use actix_web::{
    HttpResponse, ResponseError,
    body::{BodySize, MessageBody},
    dev::ServiceRequest,
    http::{Method, StatusCode, header},
};
use askama::Template;
use async_lock::Semaphore;

use super::{
    page::{Screen, render},
    who::bare,
};
use crate::{
    extract::{ConsoleCookie, ConsoleCreator, ConsoleRefusal, Form, LocalPath, essence},
    locale::Texts,
};

/// The number of forms that are received for nobody at the same time.
const MAX_FORMS: usize = 2;
/// More fields than any form of the console has. A form with more of them is not kept.
const MAX_FIELDS: usize = 64;
/// The largest text of a kept form, in bytes: a page with its teaser fits in it.
const MAX_TEXT: usize = 128 * 1024;
/// The smallest text of a form that is kept although the browser has no session at all: less is soon typed again.
const MIN_TEXT: usize = 200;
/// The largest answer, in bytes, since a client may take its time to read it.
const MAX_ANSWER: u64 = 192 * 1024;
static PLACES: Semaphore = Semaphore::new(MAX_FORMS);

/// The screens whose forms need no session.
const OPEN: [&str; 5] = ["/sign-in", "/sign-up", "/sign-out", "/password-reset", "/verify-email"];

#[derive(Template)]
#[template(path = "console/kept.html")]
struct KeptScreen {
    t: Texts,
    screen: Screen,
    /// The path that the form was sent to, with its query.
    action: String,
    fields: Vec<(String, String)>,
}

/// Returns the answer to a form whose session has ended; `None` if the form takes its usual way.
pub(super) async fn answer(req: &mut ServiceRequest) -> Option<HttpResponse> {
    if !needs_session(req) {
        return None;
    }
    // Without a cookie there was no session, or it was ended in another tab.
    let has_cookie = req.extract::<ConsoleCookie>().await.ok()?.0.is_some();
    // A form of another site is refused here, so that it is not offered to be sent again.
    let refusal = req.extract::<ConsoleCreator>().await.err()?;
    if !matches!(refusal, ConsoleRefusal::SignIn(_)) {
        return None;
    }
    let _place = PLACES.try_acquire()?;
    let Ok(fields) = req.extract::<Form>().await.ok()?.read_list().await else {
        return Some(refusal.error_response());
    };
    let fields = fields.into_pairs();
    if !can_be_kept(&fields, if has_cookie { 0 } else { MIN_TEXT }) {
        return Some(refusal.error_response());
    }
    let screen = bare(req.request());
    let path = req.uri().path_and_query().and_then(|path| LocalPath::parse(path.as_str()));
    let Some(path) = path else { return Some(refusal.error_response()) };
    let action = path.as_str().to_owned();
    let kept = KeptScreen { t: screen.t, screen, action, fields };
    let answer = render(StatusCode::UNAUTHORIZED, &kept).ok();
    let answer = answer.filter(|answer| match answer.body().size() {
        BodySize::Sized(bytes) => bytes <= MAX_ANSWER,
        BodySize::None | BodySize::Stream => false,
    });
    Some(answer.unwrap_or_else(|| refusal.error_response()))
}

/// Returns whether the request sends a form of a screen that needs a session.
fn needs_session(req: &ServiceRequest) -> bool {
    let path = req.path();
    let is_open = OPEN.iter().any(|open| {
        path.strip_prefix(open).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    let is_form = req.method() == Method::POST
        && req.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
            essence(kind).eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
    is_form && !is_open
}

/// Returns whether a form can be shown again. It has at least this much text.
fn can_be_kept(fields: &[(String, String)], least: usize) -> bool {
    let is_secret = fields.iter().any(|(name, _)| name.to_lowercase().contains("password"));
    let text: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let fits = !fields.is_empty() && fields.len() <= MAX_FIELDS && text <= MAX_TEXT;
    fits && text >= least && !is_secret
}
