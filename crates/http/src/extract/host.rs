//! Which part of the installation a request is for.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
};
use tollgate_domain::{
    creators::HandleName,
    installation::{HostKind, Installation},
};

use crate::state::Http;

/// The host that the request names. Nothing but the one `Host` header counts; it decides which page
/// is shown and where the cookie is for, never where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host(pub(crate) HostKind);

impl Host {
    pub(crate) fn of(installation: &Installation, headers: &HeaderMap) -> Self {
        let mut hosts = headers.get_all(header::HOST);
        let kind = match (hosts.next(), hosts.next()) {
            (Some(host), None) => {
                host.to_str().map_or(HostKind::Foreign, |host| installation.kind_of(host))
            }
            _ => HostKind::Foreign,
        };
        Self(kind)
    }

    /// The handle whose host it is.
    pub(crate) fn handle(&self) -> Option<&HandleName> {
        match &self.0 {
            HostKind::Handle(name) => Some(name),
            HostKind::Root | HostKind::App | HostKind::Foreign => None,
        }
    }
}

impl FromRequest for Host {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let host = req
            .app_data::<Http>()
            .map_or(Self(HostKind::Foreign), |http| Self::of(&http.installation, req.headers()));
        ready(Ok(host))
    }
}
