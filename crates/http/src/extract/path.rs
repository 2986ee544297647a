//! Names in paths. They are read when the handler asks for them, so that who may not ask at all is
//! told so first; a name that cannot exist is one that does not.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use percent_encoding::percent_decode_str;
use tollgate_domain::{
    creators::{HandleName, Slug},
    email::{Email, EmailError},
};

use crate::problem::{Code, Problem};

/// `{handle}`.
#[derive(Debug)]
pub(crate) struct HandlePath(Option<HandleName>);

/// `{handle}` and `{pageSlug}`.
#[derive(Debug)]
pub(crate) struct PagePath {
    handle: Option<HandleName>,
    slug: Option<Slug>,
}

/// `{handle}` and `{groupBuySlug}`.
#[derive(Debug)]
pub(crate) struct GroupBuyPath {
    handle: Option<HandleName>,
    slug: Option<Slug>,
}

/// `{handle}` and `{fileSlug}`.
#[derive(Debug)]
pub(crate) struct FilePath {
    handle: Option<HandleName>,
    slug: Option<Slug>,
}

/// `{handle}`, `{fileSlug}` and `{email}`. An address may need escapes, and only it.
#[derive(Debug)]
pub(crate) struct PlacePath {
    file: FilePath,
    email: Result<Email, EmailError>,
}

/// Whether a path is written as it is meant: names need no escapes, so each has one address.
fn is_plain(req: &HttpRequest) -> bool {
    !req.uri().path().contains('%')
}

fn name<T: std::str::FromStr>(req: &HttpRequest, part: &str) -> Option<T> {
    req.match_info().get(part).filter(|_| is_plain(req)).and_then(|text| text.parse().ok())
}

impl HandlePath {
    pub(crate) fn name(self) -> Result<HandleName, Problem> {
        self.0.ok_or_else(|| Problem::new(Code::HandleNotFound))
    }
}

impl PagePath {
    /// For its creator, who is told which of the two is wrong.
    pub(crate) fn owned(self) -> Result<(HandleName, Slug), Problem> {
        let handle = self.handle.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
        Ok((handle, self.slug.ok_or_else(|| Problem::new(Code::PageNotFound))?))
    }

    /// For everyone else: there is such a page or there is not.
    pub(crate) fn public(self) -> Result<(HandleName, Slug), Problem> {
        self.handle.zip(self.slug).ok_or_else(|| Problem::new(Code::PageNotFound))
    }
}

impl GroupBuyPath {
    /// For its creator, who is told which of the two is wrong.
    pub(crate) fn owned(self) -> Result<(HandleName, Slug), Problem> {
        let handle = self.handle.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
        Ok((handle, self.slug.ok_or_else(|| Problem::new(Code::GroupBuyNotFound))?))
    }

    /// For everyone else: there is such a group buy or there is not.
    pub(crate) fn public(self) -> Result<(HandleName, Slug), Problem> {
        self.handle.zip(self.slug).ok_or_else(|| Problem::new(Code::GroupBuyNotFound))
    }
}

impl FilePath {
    /// For its creator, who is told which of the two is wrong.
    pub(crate) fn owned(self) -> Result<(HandleName, Slug), Problem> {
        let handle = self.handle.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
        Ok((handle, self.slug.ok_or_else(|| Problem::new(Code::FileNotFound))?))
    }

    /// For everyone else: there is such a file or there is not.
    pub(crate) fn public(self) -> Result<(HandleName, Slug), Problem> {
        self.handle.zip(self.slug).ok_or_else(|| Problem::new(Code::FileNotFound))
    }
}

impl PlacePath {
    pub(crate) fn read(self) -> Result<(HandleName, Slug, Email), Problem> {
        let (handle, slug) = self.file.owned()?;
        let email = self.email.map_err(|error| Problem::field("email", error.to_string()))?;
        Ok((handle, slug, email))
    }
}

/// The address in the last part of a path.
fn email(last: &str) -> Result<Email, EmailError> {
    let text = percent_decode_str(last).decode_utf8().map_err(|_| EmailError)?;
    // Nobody means the blanks around an address that stands in a path.
    if text.trim() == text { text.parse() } else { Err(EmailError) }
}

impl FromRequest for HandlePath {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(name(req, "handle"))))
    }
}

impl FromRequest for GroupBuyPath {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { handle: name(req, "handle"), slug: name(req, "groupBuySlug") }))
    }
}

impl FromRequest for PagePath {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { handle: name(req, "handle"), slug: name(req, "pageSlug") }))
    }
}

impl FromRequest for FilePath {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { handle: name(req, "handle"), slug: name(req, "fileSlug") }))
    }
}

impl FromRequest for PlacePath {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (before, last) = req.uri().path().rsplit_once('/').unwrap_or_default();
        let part = |name: &str| req.match_info().get(name).filter(|_| !before.contains('%'));
        let file = FilePath {
            handle: part("handle").and_then(|text| text.parse().ok()),
            slug: part("fileSlug").and_then(|text| text.parse().ok()),
        };
        ready(Ok(Self { file, email: email(last) }))
    }
}
