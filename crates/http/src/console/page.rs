//! The frame around every screen: navigation, notices and redirects.

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    cookie::{Cookie, time::Duration},
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{self, ContentType, HeaderMap},
    },
};
use askama::Template;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tollgate_domain::{Timestamp, installation::Installation};

use super::form::FormState;
use crate::{
    extract::{only_cookie, plain_cookie},
    locale::{Texts, isolated},
    problem::{Answer, Code, Problem},
};

/// What the frame shows, and the form that the screen is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Screen {
    /// The texts in the creator's language.
    pub(crate) t: Texts,
    /// The account, if somebody is signed in.
    pub(crate) account: Option<AccountView>,
    /// The handle that the navigation leads through.
    pub(crate) handle: Option<HandleView>,
    /// The newest handles of the creator.
    pub(crate) handles: Vec<HandleView>,
    /// Whether the creator has older ones.
    pub(crate) has_more_handles: bool,
    /// The entry of the navigation that is open.
    pub(crate) nav: Option<Nav>,
    /// What has just been done.
    pub(crate) notice: Option<String>,
    /// Why what was just asked for was not done.
    pub(crate) refusal: Option<String>,
    /// The form with what was typed into it.
    pub(crate) form: FormState,
}

#[derive(Debug, Clone)]
pub(crate) struct AccountView {
    pub(crate) email: String,
    pub(crate) is_verified: bool,
}

/// A handle as the frame shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HandleView {
    pub(crate) name: String,
    pub(crate) title: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nav {
    Start,
    Pages,
    Revenue,
    Purchases,
    Files,
    GroupBuys,
    People,
    Mail,
    Settings,
}

#[derive(Debug)]
pub(crate) struct NavLink {
    pub(crate) address: String,
    pub(crate) label: String,
    pub(crate) is_current: bool,
}

/// An instant for people and for programs, for the macro `time`.
#[derive(Debug, Clone)]
pub(crate) struct When {
    pub(crate) iso: String,
    pub(crate) text: String,
}

/// A sentence that the next screen shows: the id of a text, and what it is about. An id with [`REFUSED`] says why something
/// was not done.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    id: String,
    what: Option<String>,
}

impl Nav {
    const ALL: [Self; 9] = [
        Self::Start,
        Self::Pages,
        Self::Revenue,
        Self::Purchases,
        Self::Files,
        Self::GroupBuys,
        Self::People,
        Self::Mail,
        Self::Settings,
    ];

    /// Returns what follows the handle in the path, and the id of the label.
    fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Start => ("", "console-nav-start"),
            Self::Pages => ("/pages", "console-nav-pages"),
            Self::Revenue => ("/revenue", "console-nav-revenue"),
            Self::Purchases => ("/purchases", "console-nav-purchases"),
            Self::Files => ("/files", "console-nav-files"),
            Self::GroupBuys => ("/group-buys", "console-nav-group-buys"),
            Self::People => ("/people", "console-nav-people"),
            Self::Mail => ("/mail", "console-nav-mail"),
            Self::Settings => ("/settings", "console-nav-settings"),
        }
    }

    /// Returns the entry whose path begins with this word after the handle.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|nav| nav.parts().0.strip_prefix('/') == Some(word))
    }

    pub(super) fn path(self, handle: &str) -> String {
        format!("/{handle}{}", self.parts().0)
    }

    pub(super) fn label(self, t: Texts) -> String {
        t.get(self.parts().1)
    }
}

impl Screen {
    /// Opens an entry of the navigation.
    pub(crate) fn on(mut self, nav: Nav) -> Self {
        self.nav = Some(nav);
        self
    }

    pub(crate) fn with(mut self, form: FormState) -> Self {
        self.form = form;
        self
    }

    /// Returns the status of the screen: 409 if its form is outdated, 429 if it was sent too often, 422 with errors, or else 200.
    pub(crate) fn status(&self) -> Status {
        let code = match (self.form.has_errors(), self.form.wait()) {
            _ if self.form.is_outdated() => StatusCode::CONFLICT,
            (true, Some(_)) => StatusCode::TOO_MANY_REQUESTS,
            (true, None) => StatusCode::UNPROCESSABLE_ENTITY,
            (false, _) => StatusCode::OK,
        };
        Status { code, retry_after: self.form.wait() }
    }

    /// Returns the status of a screen that may tell of a conflict.
    pub(crate) fn status_unless(&self, is_conflict: bool) -> Status {
        if is_conflict { StatusCode::CONFLICT.into() } else { self.status() }
    }

    /// Returns the account that is asked to prove its address. The screen of the revenue asks by itself.
    pub(crate) fn unproved(&self) -> Option<&AccountView> {
        let account = self.account.as_ref().filter(|account| !account.is_verified);
        account.filter(|_| self.nav != Some(Nav::Revenue))
    }

    /// Returns the links of the navigation; none without a handle.
    pub(crate) fn links(&self) -> Vec<NavLink> {
        let Some(handle) = &self.handle else { return Vec::new() };
        let link = |nav: Nav| NavLink {
            address: nav.path(&handle.name),
            label: nav.label(self.t),
            is_current: self.nav == Some(nav),
        };
        Nav::ALL.into_iter().map(link).collect()
    }
}

impl When {
    pub(crate) fn day(t: Texts, at: Timestamp) -> Self {
        Self { iso: at.to_string(), text: t.day(at) }
    }

    /// Shows the day and the time.
    pub(crate) fn exact(t: Texts, at: Timestamp) -> Self {
        Self { iso: at.to_string(), text: t.day_and_time(at) }
    }
}

/// The status of a screen, and after how many seconds to try again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    code: StatusCode,
    retry_after: Option<u64>,
}

impl From<StatusCode> for Status {
    fn from(code: StatusCode) -> Self {
        Self { code, retry_after: None }
    }
}

pub(crate) fn render(status: impl Into<Status>, template: &impl Template) -> Answer {
    let status = status.into();
    let text = template.render().map_err(|error| {
        tracing::error!(%error, "a screen could not be rendered");
        Problem::new(Code::InternalError)
    })?;
    let mut answer = HttpResponse::build(status.code);
    if let Some(seconds) = status.retry_after {
        answer.insert_header((header::RETRY_AFTER, seconds));
    }
    Ok(answer.content_type(ContentType::html()).body(text))
}

/// Redirects the browser to a screen after a form.
pub(crate) fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

/// Redirects the browser to a screen, which then shows the notice.
pub(crate) fn see_other_with(path: &str, notice: Notice) -> HttpResponse {
    let mut response = see_other(path);
    response.extensions_mut().insert(notice);
    response
}

/// How long a notice waits for its screen.
const NOTICE_SECONDS: i64 = 60;
/// The greatest length of what a notice is about, in characters.
const MAX_WHAT: usize = 400;

/// What the ids of notices have that say why something was not done.
const REFUSED: &str = "-notice-refused-";

/// The catalogues with texts of notices. Each of these texts is one line.
const NOTICES: [&str; 8] = [
    include_str!("../../locales/en/console.ftl"),
    include_str!("../../locales/en/console-files.ftl"),
    include_str!("../../locales/en/console-group-buys.ftl"),
    include_str!("../../locales/en/console-mail.ftl"),
    include_str!("../../locales/en/console-pages.ftl"),
    include_str!("../../locales/en/console-people.ftl"),
    include_str!("../../locales/en/console-purchases.ftl"),
    include_str!("../../locales/en/console-revenue.ftl"),
];

impl Notice {
    /// Creates a notice from the id of a text without arguments.
    pub(crate) fn new(id: &'static str) -> Self {
        Self { id: id.to_owned(), what: None }
    }

    /// Creates a notice from the id of a text with the argument `what`.
    pub(crate) fn about(id: &'static str, what: impl Into<String>) -> Self {
        let mut what: String = what.into();
        if let Some((cut, _)) = what.char_indices().nth(MAX_WHAT) {
            what.truncate(cut);
            what.push('…');
        }
        Self { id: id.to_owned(), what: Some(what) }
    }

    /// Returns the notice that a request carries.
    pub(crate) fn read(req: &HttpRequest, installation: &Installation) -> Option<Self> {
        Self::parse(only_cookie(req.headers(), name(installation))?)
    }

    /// Puts the text on a screen.
    pub(crate) fn shown_on(self, screen: &mut Screen) {
        let text = match self.what {
            Some(what) => screen.t.with(&self.id, "what", isolated(what)),
            None => screen.t.get(&self.id),
        };
        let place =
            if self.id.contains(REFUSED) { &mut screen.refusal } else { &mut screen.notice };
        *place = Some(text);
    }

    fn parse(value: &str) -> Option<Self> {
        let (id, what) = value.split_once('.').map_or((value, None), |(id, what)| (id, Some(what)));
        if needs_what(id)? != what.is_some() {
            return None;
        }
        let what = match what {
            Some(what) => Some(String::from_utf8(URL_SAFE_NO_PAD.decode(what).ok()?).ok()?),
            None => None,
        };
        Some(Self { id: id.to_owned(), what })
    }

    fn value(&self) -> String {
        match &self.what {
            Some(what) => format!("{}.{}", self.id, URL_SAFE_NO_PAD.encode(what)),
            None => self.id.clone(),
        }
    }

    /// Returns the cookie of an answer: the notice of a redirect, or the removal of one that was shown.
    pub(crate) fn cookie_after(
        installation: &Installation,
        response: &ServiceResponse<BoxBody>,
    ) -> Option<Cookie<'static>> {
        let mut cookie = plain_cookie(installation, name(installation), "");
        if let Some(notice) = response.response().extensions().get::<Self>() {
            cookie.set_value(notice.value());
            cookie.set_max_age(Duration::seconds(NOTICE_SECONDS));
            return Some(cookie);
        }
        let shown = !response.status().is_redirection()
            && carries_notice(installation, response.request().headers());
        cookie.set_max_age(Duration::ZERO);
        shown.then_some(cookie)
    }
}

/// Returns whether the text of this notice says what it is about; `None` if there is no such notice. Anybody may send a cookie.
fn needs_what(id: &str) -> Option<bool> {
    let is_id = id.starts_with("console-") && id.contains("notice-");
    let lines = NOTICES.iter().filter(|_| is_id).flat_map(|text| text.lines());
    let text = lines.filter_map(|line| line.split_once(" = ")).find(|(known, _)| *known == id);
    text.map(|(_, text)| text.contains("$what"))
}

fn name(installation: &Installation) -> &'static str {
    if installation.is_secure() { "__Host-tollgate_notice" } else { "tollgate_notice" }
}

fn carries_notice(installation: &Installation, headers: &HeaderMap) -> bool {
    only_cookie(headers, name(installation)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notice_survives_its_cookie() {
        let notice = Notice::about("console-notice-welcome", "Ädas „Laden“; x=y");
        let read = Notice::parse(&notice.value()).unwrap();
        assert_eq!((read.id, read.what), (notice.id, notice.what));
        assert!(
            Notice::parse(&Notice::new("console-notice-saved").value()).unwrap().what.is_none()
        );
    }

    #[test]
    fn cookie_that_names_no_text_of_the_console_is_ignored() {
        for value in [
            "",
            "gate-buy",
            "console-<b>",
            "console-x.*",
            "console-notice-welcome",
            "console-notice-welcome.*",
            "console-notice-saved.QQ",
        ] {
            assert!(Notice::parse(value).is_none(), "{value}");
        }
        // No catalogue has these, and tests look for what is quoted as a whole.
        for end in ["nope", "notice-nope", "sign-in"] {
            let value = format!("console-{end}");
            assert!(Notice::parse(&value).is_none(), "{value}");
        }
        assert!(Notice::parse("console-notice-welcome.QQ").is_some());
    }

    #[test]
    fn refusal_is_not_shown_like_what_was_done() {
        for (id, is_refusal) in [
            ("console-notice-saved", false),
            ("console-notice-refused-wait", true),
            ("console-group-buys-notice-refused-begun", true),
            ("console-purchases-notice-refused-limited", true),
            ("console-purchases-notice-refused-unproved", true),
            ("console-revenue-notice-refused-expired", true),
        ] {
            let mut screen = Screen::default();
            Notice::parse(id).unwrap().shown_on(&mut screen);
            let shown = (screen.notice.is_none(), screen.refusal.is_some());
            assert_eq!(shown, (is_refusal, is_refusal), "{id}");
        }
    }

    #[test]
    fn every_notice_is_known() {
        let lines = NOTICES.iter().flat_map(|text| text.lines());
        let ids = lines.filter_map(|line| line.split_once('=').map(|(id, _)| id.trim_end()));
        let notices: Vec<_> =
            ids.filter(|id| id.starts_with("console-") && id.contains("notice-")).collect();
        assert!(notices.len() > 30, "{notices:?}");
        for id in notices {
            assert!(needs_what(id).is_some(), "{id}");
        }
    }
}
