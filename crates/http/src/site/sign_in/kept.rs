//! Browsers that keep no cookies: the form for signing in says so to their visitors, and remembers where they were going.

use actix_web::http::header;

use super::super::visit::Visit;
use crate::{links::SIGN_IN, query::with_query};

/// Is in the query of the form with what the browser was given.
pub(super) const COOKIES: &str = "cookies";
/// Is in the query of the form, and of the page that takes the code, with the path that signing in leads to.
pub(super) const RETURN_TO: &str = "returnTo";

/// A cookie that a browser was given a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// That of asking for a mail, without which no code can be typed.
    Asked,
    /// The session.
    Session,
}

impl Given {
    pub(super) fn of(word: &str) -> Option<Self> {
        [Self::Asked, Self::Session].into_iter().find(|given| given.word() == word)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Asked => "1",
            Self::Session => "session",
        }
    }

    /// Returns the address of the form that says that the browser has not kept the cookie. Signing in there leads to a path of this
    /// host, if it is not empty.
    pub(super) fn looked_for(self, place: &str) -> String {
        with_query(SIGN_IN, &[(COOKIES, self.word()), (RETURN_TO, place)])
    }

    /// Returns what to say to a visitor whose browser has not sent the cookie.
    pub(super) fn lost(self, visit: &Visit) -> String {
        let origin = visit.host.origin(&visit.http.installation);
        let host = origin.split_once("://").map_or(&*origin, |(_, host)| host);
        let text = match self {
            Self::Asked => "sign-in-no-cookies",
            Self::Session => "sign-in-no-session",
        };
        visit.t.with(text, "host", host)
    }
}

/// Returns the path of this host that a form was sent from, which its browser names also to where the answer leads.
pub(super) fn page_of_form(visit: &Visit) -> Option<&str> {
    let page = visit.req.headers().get(header::REFERER)?.to_str().ok()?;
    visit.own_path(page)
}
