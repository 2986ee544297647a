//! The visitor's session cookie. Source: quality bar, "Defaults".

use std::{borrow::Cow, collections::HashSet};

use actix_web::{
    cookie::{Cookie, SameSite, time::Duration},
    dev::RequestHead,
    http::header::{self, HeaderMap, HeaderValue},
};
use tollgate_domain::{
    installation::{HostKind, Installation},
    token::{Token, TokenHash},
};

use super::host::Host;

/// The name of the cookie. Source: `docs/api.md`, "Sign a visitor in".
const NAME: &str = "_10x_visitor";
const DAYS: i64 = 30;

/// The session that a request claims to have. A request with two cookies of this name has no session, so that
/// their order does not matter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VisitorCookie(pub(crate) Option<TokenHash>);

impl VisitorCookie {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let token = only_cookie(headers, NAME).and_then(|text| Token::exact(text).ok());
        Self(token.map(|token| token.hash()))
    }
}

/// The different sessions of all cookies of a request, so that signing in or out ends each of them. A browser keeps a cookie
/// for each scope, of which the session's has two; some more are left from other paths or domains. There are no more than
/// the headers have room for, which is about two thousand, and one statement ends them all.
#[derive(Debug, Clone)]
pub(crate) struct PresentedSessions(pub(crate) Vec<TokenHash>);

impl PresentedSessions {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let tokens = values(headers, NAME).filter_map(|value| Token::exact(value?).ok());
        let mut seen = HashSet::new();
        Self(tokens.map(|token| token.hash()).filter(|hash| seen.insert(*hash)).collect())
    }
}

/// Returns whether the request has a session cookie, well-formed or not.
pub(crate) fn carries_session(headers: &HeaderMap) -> bool {
    values(headers, NAME).next().is_some()
}

/// Removes both cookies of a request that has two, of different scopes, since the request has no session until one
/// is gone. A session that the answer opens replaces them.
pub(crate) fn end_ambiguity(
    installation: &Installation,
    request: &RequestHead,
    response: &mut HeaderMap,
) {
    if values(request.headers(), NAME).nth(1).is_none() {
        return;
    }
    let others: Vec<_> = response.remove(header::SET_COOKIE).collect();
    let is_session = |value: &HeaderValue| {
        value.as_bytes().strip_prefix(NAME.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
    };
    // Signing out removes all scopes by itself.
    let is_removal = |value: &HeaderValue| value.as_bytes().ends_with(b"; Max-Age=0");
    if !others.iter().any(|value| is_session(value) && is_removal(value)) {
        let host = Host::of(installation, request).0;
        add_cookies(response, cleared_cookies(installation, &host));
    }
    // After the removal, in case that a browser takes the two scopes for one.
    for value in others {
        response.append(header::SET_COOKIE, value);
    }
}

pub(crate) fn add_cookies<'a>(
    response: &mut HeaderMap,
    cookies: impl IntoIterator<Item = Cookie<'a>>,
) {
    for cookie in cookies {
        // Only a cookie that is not valid in a header cannot be added, and these always are.
        if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
            response.append(header::SET_COOKIE, value);
        }
    }
}

/// Returns the values of all cookies of a name; `None` for one that is not text.
pub(super) fn values<'a>(
    headers: &'a HeaderMap,
    name: &'a str,
) -> impl Iterator<Item = Option<&'a str>> {
    headers
        .get_all(header::COOKIE)
        .flat_map(|value| value.as_bytes().split(|b| *b == b';'))
        .filter_map(move |pair| {
            let pair = pair.trim_ascii();
            let value = pair.strip_prefix(name.as_bytes())?.trim_ascii_start();
            let value = value.strip_prefix(b"=")?.trim_ascii();
            Some(std::str::from_utf8(value).ok())
        })
}

/// Returns the value of the cookie of a name, unless there are several of it.
pub(crate) fn only_cookie<'a>(headers: &'a HeaderMap, name: &'a str) -> Option<&'a str> {
    let mut values = values(headers, name);
    let first = values.next()?;
    first.filter(|_| values.next().is_none())
}

/// Returns a cookie of the whole host, which no script reads, and which is sent over https only where there is https.
pub(crate) fn plain_cookie(
    installation: &Installation,
    name: &'static str,
    value: impl Into<Cow<'static, str>>,
) -> Cookie<'static> {
    let mut cookie = Cookie::new(name, value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(installation.is_secure());
    cookie
}

pub(crate) fn session_cookie<'a>(
    installation: &'a Installation,
    host: &HostKind,
    token: &Token,
) -> Cookie<'a> {
    let mut cookie = bare(installation, host);
    cookie.set_value(token.reveal());
    cookie.set_max_age(Duration::days(DAYS));
    cookie
}

/// Returns the cookies that remove the session cookie in each scope that it can have on a host, with and
/// without a domain: the same attributes, no value, no lifetime.
pub(crate) fn cleared_cookies<'a>(
    installation: &'a Installation,
    host: &HostKind,
) -> Vec<Cookie<'a>> {
    let mut scopes = vec![bare(installation, host)];
    if *host != HostKind::Foreign {
        scopes.push(bare(installation, &HostKind::Foreign));
    }
    for cookie in &mut scopes {
        cookie.set_max_age(Duration::ZERO);
    }
    scopes
}

fn bare<'a>(installation: &'a Installation, host: &HostKind) -> Cookie<'a> {
    let mut cookie = plain_cookie(installation, NAME, "");
    // The handles' hosts share the cookie; browsers refuse a domain that the host is not part of.
    if *host != HostKind::Foreign {
        cookie.set_domain(installation.host());
    }
    cookie
}

extractor!(PresentedSessions, |req, _| Self::of(req.headers()));

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn claimed(cookies: &[&str]) -> bool {
        let mut request = TestRequest::default();
        for cookie in cookies {
            request = request.append_header((header::COOKIE, *cookie));
        }
        VisitorCookie::of(request.to_http_request().headers()).0.is_some()
    }

    fn cleared(installation: &Installation, host: &HostKind) -> Vec<String> {
        cleared_cookies(installation, host).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn one_well_formed_cookie_is_taken() {
        assert!(claimed(&[&format!("_10x_visitor={TOKEN}")]));
        assert!(claimed(&[&format!("theme=dark; _10x_visitor={TOKEN}; x_10x_visitor={TOKEN}")]));
    }

    #[test]
    fn two_cookies_of_the_name_are_nobodys() {
        assert!(!claimed(&[&format!("_10x_visitor={TOKEN}; _10x_visitor={TOKEN}")]));
        assert!(!claimed(&[&format!("_10x_visitor={TOKEN}; _10x_visitor=x")]));
        assert!(!claimed(&[&format!("_10x_visitor={TOKEN}"), "_10x_visitor=x"]));
    }

    #[test]
    fn all_different_sessions_are_presented() {
        let token = |number: usize| format!("{number:0>42}A").parse::<Token>().unwrap();
        let presented = |numbers: &mut dyn Iterator<Item = usize>| {
            let cookies: Vec<_> =
                numbers.map(|number| format!("_10x_visitor={}", token(number).reveal())).collect();
            let request =
                TestRequest::default().append_header((header::COOKIE, cookies.join("; ")));
            PresentedSessions::of(request.to_http_request().headers()).0
        };
        let hashes = |numbers: &mut dyn Iterator<Item = usize>| -> Vec<_> {
            numbers.map(|number| token(number).hash()).collect()
        };
        // The same ones need not be neighbours.
        assert_eq!(presented(&mut [1, 2, 1, 2, 3].into_iter()), hashes(&mut (1..4)));
        assert_eq!(presented(&mut (0..2_000)), hashes(&mut (0..2_000)));
    }

    #[test]
    fn garbage_is_nobodys() {
        for value in
            ["", "x", "\"", "AAAA=", &"A".repeat(44), &"A".repeat(8_192), &format!("{TOKEN}=")]
        {
            assert!(!claimed(&[&format!("_10x_visitor={value}")]), "{value}");
        }
        assert!(!claimed(&["_10x_visitor"]));
        assert!(!claimed(&[]));
    }

    #[test]
    fn cookie_has_the_attributes_of_the_contract() {
        let installation = Installation::new("example.com").unwrap();
        let token: Token = TOKEN.parse().unwrap();
        let on_handle = HostKind::Handle("ada".parse().unwrap());
        assert_eq!(
            session_cookie(&installation, &on_handle, &token).to_string(),
            format!(
                "_10x_visitor={TOKEN}; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=2592000"
            )
        );
        let local = Installation::new("tollgate.localhost:8080").unwrap();
        assert_eq!(
            cleared(&local, &HostKind::Foreign),
            ["_10x_visitor=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"]
        );
        assert_eq!(
            cleared(&local, &HostKind::Root),
            [
                "_10x_visitor=; HttpOnly; SameSite=Lax; Path=/; Domain=tollgate.localhost; Max-Age=0",
                "_10x_visitor=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0",
            ]
        );
    }
}
