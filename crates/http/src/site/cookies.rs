//! The small cookies of the pages. None of them lets anybody in.

use actix_web::{HttpResponse, cookie::time::Duration, http::header::HeaderMap};
use tollgate_domain::installation::Installation;

use crate::{
    extract::{only_cookie, plain_cookie},
    links::VERIFY,
};

/// A cookie of one host, which no script reads and which soon expires.
#[derive(Debug)]
pub(super) struct SmallCookie {
    name: &'static str,
    path: &'static str,
    seconds: i64,
}

/// The address that a mail was asked for with, for the page with the field for the code. It outlives the mail, so that
/// another one can be asked for without typing, and the sign-in, so that a page that still waits leads on.
pub(super) const ASKED: SmallCookie =
    SmallCookie { name: "_tollgate_asked", path: "/-/", seconds: 1_800 };

/// The nonce of the confirmation page.
pub(super) const NONCE: SmallCookie =
    SmallCookie { name: "_tollgate_nonce", path: VERIFY, seconds: 900 };

/// What the next page says once.
pub(super) const NOTICE: SmallCookie =
    SmallCookie { name: "_tollgate_notice", path: "/", seconds: 120 };

/// The same cookie about a payment of which nothing is known yet. It has to last until the provider answers again, within
/// reason.
pub(super) const LASTING_NOTICE: SmallCookie = SmallCookie { seconds: 1_800, ..NOTICE };

impl SmallCookie {
    /// Returns the value in a request, unless there are several.
    pub(super) fn of<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        only_cookie(headers, self.name)
    }

    pub(super) fn set(
        &self,
        installation: &Installation,
        response: &mut HttpResponse,
        value: String,
    ) {
        self.add(installation, response, value, self.seconds);
    }

    pub(super) fn clear(&self, installation: &Installation, response: &mut HttpResponse) {
        self.add(installation, response, String::new(), 0);
    }

    fn add(
        &self,
        installation: &Installation,
        response: &mut HttpResponse,
        value: String,
        seconds: i64,
    ) {
        let mut cookie = plain_cookie(installation, self.name, value);
        cookie.set_path(self.path);
        cookie.set_max_age(Duration::seconds(seconds));
        // Only a value that is not valid in a header cannot be added; these are letters, digits, dots, hyphens and underscores.
        if response.add_cookie(&cookie).is_err() {
            tracing::error!(name = self.name, "a cookie could not be set");
        }
    }
}
