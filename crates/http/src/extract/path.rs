//! Names in paths. They are read when the handler asks for them, so that who may not ask at all is
//! told so first; a name that cannot exist is one that does not.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use tollgate_domain::creators::{HandleName, Slug};

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
