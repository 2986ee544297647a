//! Names in paths. They are parsed when the handler asks for them, so that a caller without permission is
//! refused first. A name that is not well formed is treated as one that does not exist.

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;
use tollgate_domain::{
    email::{Email, EmailError},
    names::{HandleName, Slug},
};

use crate::problem::{Code, Problem};

/// `{handle}`.
#[derive(Debug)]
pub(crate) struct HandlePath(Option<HandleName>);

macro_rules! slug_paths {
    ($($(#[doc = $doc:literal])+ $name:ident $part:literal $missing:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub(crate) struct $name {
            handle: Option<HandleName>,
            slug: Option<Slug>,
        }

        impl $name {
            /// Returns the names for the creator, who learns which of the two does not exist.
            pub(crate) fn owned(self) -> Result<(HandleName, Slug), Problem> {
                let handle = self.handle.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
                Ok((handle, self.slug.ok_or_else(|| Problem::new(Code::$missing))?))
            }

            /// Returns the names for other callers, who learn only that one of the two does not exist.
            pub(crate) fn public(self) -> Result<(HandleName, Slug), Problem> {
                self.handle.zip(self.slug).ok_or_else(|| Problem::new(Code::$missing))
            }
        }

        extractor!($name, |req, _| Self { handle: plain_part(req, "handle"), slug: plain_part(req, $part) });
    )+};
}

slug_paths! {
    /// `{handle}` and `{pageSlug}`.
    PagePath "pageSlug" PageNotFound;
    /// `{handle}` and `{groupBuySlug}`.
    GroupBuyPath "groupBuySlug" GroupBuyNotFound;
    /// `{handle}` and `{fileSlug}`.
    FilePath "fileSlug" FileNotFound;
}

/// `{handle}`, `{fileSlug}` and `{email}`. Only the address may contain escapes.
#[derive(Debug)]
pub(crate) struct PlacePath {
    file: FilePath,
    email: Result<Email, EmailError>,
}

/// `{handle}` and `{email}`. Only the address may contain escapes.
#[derive(Debug)]
pub(crate) struct PersonPath {
    handle: Option<HandleName>,
    email: Result<Email, EmailError>,
}

/// Returns a part of the path as it was sent; `None` if it has escapes: names need none, so that each has one address.
fn sent<'a>(req: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let pattern = req.match_pattern()?;
    let parts = pattern.split('/').zip(req.uri().path().split('/'));
    let is_it =
        |like: &str| like.strip_prefix('{').and_then(|it| it.strip_suffix('}')) == Some(name);
    let mut found = parts.filter(|(like, _)| is_it(like)).map(|(_, sent)| sent);
    found.next().filter(|sent| !sent.contains('%'))
}

/// Returns a part of the path; `None` if it is not well formed and so names nothing.
pub(crate) fn part<T: std::str::FromStr>(req: &HttpRequest, name: &str) -> Option<T> {
    req.match_info().get(name).and_then(|text| text.parse().ok())
}

/// Returns a part of the path like [`part`], but `None` also if it has escapes.
pub(crate) fn plain_part<T: std::str::FromStr>(req: &HttpRequest, name: &str) -> Option<T> {
    sent(req, name).and_then(|text| text.parse().ok())
}

impl HandlePath {
    pub(crate) fn name(self) -> Result<HandleName, Problem> {
        self.0.ok_or_else(|| Problem::new(Code::HandleNotFound))
    }
}

impl PlacePath {
    pub(crate) fn read(self) -> Result<(HandleName, Slug, Email), Problem> {
        let email = self.email.map_err(|error| Problem::field("email", error))?;
        let (handle, slug) = self.file.owned()?;
        Ok((handle, slug, email))
    }
}

impl PersonPath {
    pub(crate) fn read(self) -> Result<(HandleName, Email), Problem> {
        let email = self.email.map_err(|error| Problem::field("email", error))?;
        let handle = self.handle.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
        Ok((handle, email))
    }
}

/// Reads the address in the last part of a path.
fn email(req: &HttpRequest) -> Result<Email, EmailError> {
    let (_, last) = req.uri().path().rsplit_once('/').unwrap_or_default();
    percent_decode_str(last).decode_utf8().map_err(|_| EmailError)?.parse()
}

extractor!(HandlePath, |req, _| Self(plain_part(req, "handle")));

extractor!(PlacePath, |req, _| {
    let (handle, slug) = (plain_part(req, "handle"), plain_part(req, "fileSlug"));
    Self { file: FilePath { handle, slug }, email: email(req) }
});

extractor!(PersonPath, |req, _| Self { handle: plain_part(req, "handle"), email: email(req) });
