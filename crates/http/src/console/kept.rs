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
    extract::{ConsoleCreator, ConsoleRefusal, Form, UploadBody, essence},
    local_path::LocalPath,
    locale::Texts,
};

/// The number of forms that are received for nobody at the same time.
const MAX_FORMS: usize = 2;
/// More fields than any form of the console has. A form with more of them is not kept.
const MAX_FIELDS: usize = 64;
/// The largest text of a kept form, in bytes: a page with its teaser fits in it.
const MAX_TEXT: usize = 128 * 1024;
/// The largest answer, in bytes, since a client may take its time to read it.
const MAX_ANSWER: u64 = 192 * 1024;
static PLACES: Semaphore = Semaphore::new(MAX_FORMS);

/// The screens whose forms need no session.
const OPEN: [&str; 5] = ["/sign-in", "/sign-up", "/sign-out", "/password-reset", "/verify-email"];

/// How a form is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// As one text.
    Fields,
    /// In parts, of which some may be files.
    Parts,
}

/// What is kept of a form.
struct Kept {
    fields: Vec<(String, String)>,
    /// Whether files were sent, too, which are not kept.
    had_files: bool,
}

#[derive(Template)]
#[template(path = "console/kept.html")]
struct KeptScreen {
    t: Texts,
    screen: Screen,
    /// The path that the form was sent to, with its query.
    action: String,
    /// Whether the form is sent in parts.
    is_upload: bool,
    kept: Kept,
}

/// Returns the answer to a form whose session has ended; `None` if the form takes its usual way.
pub(super) async fn answer(req: &mut ServiceRequest) -> Option<HttpResponse> {
    let encoding = Encoding::of(req).filter(|_| needs_session(req))?;
    // A form of another site is refused here, so that it is not offered to be sent again.
    let refusal = req.extract::<ConsoleCreator>().await.err()?;
    if !matches!(refusal, ConsoleRefusal::SignIn(_)) {
        return None;
    }
    let place = PLACES.try_acquire()?;
    let kept = match encoding {
        Encoding::Fields => Kept::of_fields(req.extract::<Form>().await.ok()?).await,
        Encoding::Parts => {
            let body = req.extract::<UploadBody>().await.ok()?;
            let kept = Kept::of_parts(&body).await;
            drop(place);
            body.drain().await;
            kept
        }
    };
    let answer = kept.and_then(|kept| shown(req, encoding, kept));
    Some(answer.unwrap_or_else(|| refusal.error_response()))
}

/// Shows what is kept, unless that is too much.
fn shown(req: &ServiceRequest, encoding: Encoding, kept: Kept) -> Option<HttpResponse> {
    let path = LocalPath::parse(req.uri().path_and_query()?.as_str())?;
    let screen = bare(req.request());
    let action = path.as_str().to_owned();
    let is_upload = encoding == Encoding::Parts;
    let kept = KeptScreen { t: screen.t, screen, action, is_upload, kept };
    let answer = render(StatusCode::UNAUTHORIZED, &kept).ok();
    answer.filter(|answer| match answer.body().size() {
        BodySize::Sized(bytes) => bytes <= MAX_ANSWER,
        BodySize::None | BodySize::Stream => false,
    })
}

/// Returns whether the request is about a screen that needs a session.
fn needs_session(req: &ServiceRequest) -> bool {
    let path = req.path();
    let is_open = OPEN.iter().any(|open| {
        path.strip_prefix(open).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    !is_open
}

impl Encoding {
    /// Returns how the form of a request is sent; `None` if it sends none.
    fn of(req: &ServiceRequest) -> Option<Self> {
        if req.method() != Method::POST {
            return None;
        }
        let kind = essence(req.headers().get(header::CONTENT_TYPE)?);
        if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Some(Self::Fields);
        }
        kind.eq_ignore_ascii_case("multipart/form-data").then_some(Self::Parts)
    }
}

impl Kept {
    async fn of_fields(form: Form) -> Option<Self> {
        let fields = form.read_list().await.ok()?.into_pairs();
        can_be_kept(&fields).then_some(Self { fields, had_files: false })
    }

    async fn of_parts(body: &UploadBody) -> Option<Self> {
        let (fields, had_files) = body.texts(MAX_TEXT).await.ok()?;
        can_be_kept(&fields).then_some(Self { fields, had_files })
    }
}

/// Returns whether a form can be shown again, and something was typed or chosen in it.
fn can_be_kept(fields: &[(String, String)]) -> bool {
    let is_secret = fields.iter().any(|(name, _)| name.to_lowercase().contains("password"));
    let text: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let is_empty = fields.iter().all(|(_, value)| value.trim().is_empty());
    !is_empty && fields.len() <= MAX_FIELDS && text <= MAX_TEXT && !is_secret
}
