//! The host of a request, and guards for routes that only some hosts have.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::{Payload, RequestHead},
    guard::GuardContext,
    http::header,
};
use tollgate_domain::{
    installation::{HostKind, Installation},
    names::HandleName,
};

use super::header::only;
use crate::{
    links::ACCESS,
    problem::{Code, Problem},
    state::Http,
};

/// The host that the request names. It decides which page is shown and for which domain the cookie is set, but never
/// where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host(pub(crate) HostKind);

impl Host {
    pub(crate) fn of(installation: &Installation, head: &RequestHead) -> Self {
        Self(named_host(head).map_or(HostKind::Foreign, |host| meant(installation, host)))
    }

    /// Returns the handle, if the host is that of a handle.
    pub(crate) fn handle(&self) -> Option<&HandleName> {
        match &self.0 {
            HostKind::Handle(name) => Some(name),
            HostKind::Root | HostKind::App | HostKind::Foreign => None,
        }
    }

    /// Returns the origin of the pages for visitors on this host: that of its handle, or else that of the root host.
    pub(crate) fn origin(&self, installation: &Installation) -> String {
        self.handle().map_or_else(|| installation.origin(), |name| installation.handle_origin(name))
    }

    /// Returns the path where visitors go who did not say where.
    pub(crate) fn start(&self) -> &'static str {
        if self.0 == HostKind::Root { ACCESS } else { "/" }
    }
}

/// Returns the host that a request names: in its target, as requests to proxies do, or else in its one `Host` header.
/// Source: RFC 9112, section 3.2.2.
pub(crate) fn named_host(head: &RequestHead) -> Option<&str> {
    match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => only(head.headers(), header::HOST),
    }
}

/// Returns which host is meant, also if it is written in another way.
fn meant(installation: &Installation, host: &str) -> HostKind {
    match (installation.kind_of(host), plain(host, true)) {
        (HostKind::Foreign, Some(plain)) => installation.kind_of(&plain),
        (kind, _) => kind,
    }
}

/// Returns a host without the full stop at the end of its name and, if that is to go, without `www.`; `None` if it has
/// neither.
pub(crate) fn plain(host: &str, without_www: bool) -> Option<String> {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let bare = name.strip_suffix('.').unwrap_or(name);
    let bare = match bare.get(..4) {
        Some(start) if without_www && start.eq_ignore_ascii_case("www.") => bare.get(4..)?,
        _ => bare,
    };
    if bare == name {
        return None;
    }
    Some(match port {
        Some(port) => format!("{bare}:{port}"),
        None => bare.to_owned(),
    })
}

extractor!(Host, |req, _| req
    .app_data::<Http>()
    .map_or(Self(HostKind::Foreign), |http| Self::of(&http.installation, req.head())));

/// The handle of the host, for routes behind [`on_handle`].
#[derive(Debug)]
pub(crate) struct HandleHost(pub(crate) HandleName);

impl FromRequest for HandleHost {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let handle = req.app_data::<Http>().and_then(|http| {
            match Host::of(&http.installation, req.head()).0 {
                HostKind::Handle(name) => Some(Self(name)),
                HostKind::Root | HostKind::App | HostKind::Foreign => None,
            }
        });
        ready(handle.ok_or_else(|| Problem::new(Code::NotFound)))
    }
}

pub(crate) fn on_root(context: &GuardContext<'_>) -> bool {
    host(context) == HostKind::Root
}

pub(crate) fn on_app(context: &GuardContext<'_>) -> bool {
    host(context) == HostKind::App
}

pub(crate) fn on_handle(context: &GuardContext<'_>) -> bool {
    matches!(host(context), HostKind::Handle(_))
}

fn host(context: &GuardContext<'_>) -> HostKind {
    let head = context.head();
    context
        .app_data::<Http>()
        .map_or(HostKind::Foreign, |http| Host::of(&http.installation, head).0)
}
