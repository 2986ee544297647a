//! A form that is sent after its session has ended: what was typed is kept on a screen, to be sent again.

use actix_web::{
    HttpResponse,
    body::{BodySize, MessageBody},
    dev::ServiceRequest,
    http::{Method, StatusCode, header},
};
use askama::Template;

use super::{
    page::{Screen, render, see_other},
    who::bare,
};
use crate::{
    extract::{ConsoleCreator, ConsoleRefusal, Form, UploadBody, essence},
    local_path::LocalPath,
    locale::Texts,
    problem::{Code, Problem},
};

/// More fields than any form of the console has. A form with more of them is not kept.
const MAX_FIELDS: usize = 64;
/// The largest text of a kept form, in bytes: a page with its teaser fits in it.
const MAX_TEXT: usize = 128 * 1024;
/// The largest answer, in bytes, since a client may take its time to read it.
const MAX_ANSWER: u64 = 192 * 1024;
/// The fields that nobody fills in: what screens send along of what they showed, and buttons.
const SHOWN: [&str; 25] = [
    "about", "account", "closes", "deleted", "do", "effect", "file", "from", "grant", "id",
    "intended", "key", "left", "mail", "purchase", "q", "replaces", "resend", "session", "status",
    "take", "theirs", "token", "username", "version",
];
/// Fields that somebody fills in on some screens, while others send them along: with the end of the path that these are sent to.
const FILLED_IN_AT: [(&str, &str); 4] = [
    ("email", "/people/grant"),
    ("email", "/allowlist"),
    ("page", "/people/grant"),
    ("to", "/people/move"),
];
/// The word for a form that is too long.
const LONG: &str = "long";

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

/// Why a form is not kept.
#[derive(Clone, Copy)]
enum Loss {
    /// There is nothing that anybody would miss, or what may be in no page.
    Nothing,
    TooLong,
    /// It did not arrive in time, or cannot be read.
    Unread,
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
///
/// While a body arrives, the time and the memory that it may take are those of all bodies. What follows waits for nobody.
pub(super) async fn answer(req: &mut ServiceRequest) -> Option<HttpResponse> {
    let encoding = Encoding::of(req).filter(|_| needs_session(req))?;
    // A form of another site is refused here, so that it is not offered to be sent again.
    let ConsoleRefusal::SignIn(next) = req.extract::<ConsoleCreator>().await.err()? else {
        return None;
    };
    let kept = match encoding {
        Encoding::Fields => Kept::of_fields(req.extract::<Form>().await.ok()?).await,
        Encoding::Parts => {
            let body = req.extract::<UploadBody>().await.ok()?;
            let kept = Kept::of_parts(&body).await;
            body.drain().await;
            kept
        }
    };
    let kept = kept.and_then(|kept| kept.checked(req.path()));
    let answer = kept.and_then(|kept| shown(req, encoding, kept));
    Some(answer.unwrap_or_else(|loss| see_other(&next.sign_in_without(loss.word()))))
}

/// Shows what is kept, unless that is too much.
fn shown(req: &ServiceRequest, encoding: Encoding, kept: Kept) -> Result<HttpResponse, Loss> {
    let path = req.uri().path_and_query().and_then(|path| LocalPath::parse(path.as_str()));
    let action = path.ok_or(Loss::Unread)?.as_str().to_owned();
    let screen = bare(req.request());
    let is_upload = encoding == Encoding::Parts;
    let kept = KeptScreen { t: screen.t, screen, action, is_upload, kept };
    let answer = render(StatusCode::UNAUTHORIZED, &kept).map_err(|_| Loss::Unread)?;
    match answer.body().size() {
        BodySize::Sized(bytes) if bytes <= MAX_ANSWER => Ok(answer),
        BodySize::Sized(_) | BodySize::None | BodySize::Stream => Err(Loss::TooLong),
    }
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
    async fn of_fields(form: Form) -> Result<Self, Loss> {
        let fields = form.read_list().await.map_err(|problem| Loss::of(&problem))?.into_pairs();
        Ok(Self { fields, had_files: false })
    }

    async fn of_parts(body: &UploadBody) -> Result<Self, Loss> {
        let read = body.texts(MAX_TEXT).await;
        let (fields, had_files) = read.map_err(|problem| Loss::of(&problem))?;
        Ok(Self { fields, had_files })
    }

    /// Checks that a form that was sent to this path can be shown again, and that something was typed or chosen in it.
    fn checked(self, path: &str) -> Result<Self, Loss> {
        let Self { fields, .. } = &self;
        let is_secret = fields.iter().any(|(name, _)| name.to_lowercase().contains("password"));
        let text: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        let is_empty = !fields
            .iter()
            .any(|(name, value)| is_filled_in(path, name) && !value.trim().is_empty());
        if is_empty || is_secret {
            return Err(Loss::Nothing);
        }
        if fields.len() <= MAX_FIELDS && text <= MAX_TEXT { Ok(self) } else { Err(Loss::TooLong) }
    }
}

impl Loss {
    fn of(problem: &Problem) -> Self {
        if problem.code() == Code::PayloadTooLarge { Self::TooLong } else { Self::Unread }
    }

    /// Returns the word for it in the address of the screen for signing in.
    fn word(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::TooLong => LONG,
            Self::Unread => "yes",
        }
    }
}

/// Returns whether somebody fills in this field of a form that is sent to this path.
fn is_filled_in(path: &str, name: &str) -> bool {
    let places = || FILLED_IN_AT.iter().filter(|(field, _)| *field == name);
    let is_here = places().next().is_none() || places().any(|(_, end)| path.ends_with(*end));
    is_here && !SHOWN.contains(&name)
}

/// Returns the text about a form that was lost, for the word in the address.
pub(super) fn told_of_loss(word: &str) -> &'static str {
    if word == LONG { "console-sign-in-lost-long" } else { "console-sign-in-lost" }
}
