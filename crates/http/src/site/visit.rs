//! A request to a page: who asks, on which host, and in which language.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use tollgate_domain::{
    access::{Recording, ViewerClaim},
    token::Token,
    visitor_auth::{Browser, ReturnTo, SignedInVisitor, Visitor},
};

use super::frame::Frame;
use crate::{
    extract::{Client, Host, PresentedSessions, VisitorCookie, device, recording},
    locale::{Texts, named_language},
    problem::Problem,
    state::Http,
};

/// What most pages need of a request.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) http: Http,
    pub(super) t: Texts,
    pub(super) req: HttpRequest,
    pub(super) host: Host,
    pub(super) session: VisitorCookie,
}

impl Visit {
    /// Returns the visitor who is signed in, with the session.
    pub(super) async fn signed_in(&self) -> Result<Option<SignedInVisitor>, Problem> {
        let Some(token) = self.session.0 else { return Ok(None) };
        Ok(self.http.use_cases.sessions.authenticate(token).await?)
    }

    /// Returns the visitor who is signed in.
    pub(super) async fn visitor(&self) -> Result<Option<Visitor>, Problem> {
        Ok(self.signed_in().await?.map(|who| who.visitor))
    }

    /// Returns the surroundings of a page at this path: who sells on this host and who is signed in.
    pub(super) async fn frame(&self, here: impl Into<String>) -> Result<Frame, Problem> {
        let mut frame = Frame::new(&self.http, here);
        if let Some(name) = self.host.handle()
            && let Some(handle) = self.http.use_cases.gate.seller(name).await?
        {
            frame = frame.of(&handle);
        }
        Ok(frame.seen_by(self.visitor().await?.as_ref()))
    }

    /// Returns what the visitor shows at a gate, where this is not a view of what is behind it.
    pub(super) fn claim(&self) -> ViewerClaim {
        let session = self.session.0;
        ViewerClaim { session, creator: None, recording: Recording::Never }
    }

    /// Returns what the visitor shows who comes to look.
    pub(super) fn look(&self) -> ViewerClaim {
        ViewerClaim { recording: recording(&self.req), ..self.claim() }
    }

    /// Returns the client as limits count it.
    pub(super) fn client(&self) -> String {
        let Ok(client) = Client::extract(&self.req).into_inner();
        client.0
    }

    /// Returns what the browser presents to sign in, with a secret that it was given.
    pub(super) fn browser(&self, nonce: Option<Token>) -> Browser {
        let headers = self.req.headers();
        let PresentedSessions(sessions) = PresentedSessions::of(headers);
        let (language, device) = (named_language(&self.req), Some(device(headers)));
        let handle = self.host.handle().cloned();
        Browser { nonce, sessions, frontend: None, handle, language, device }
    }

    /// Returns the text if it is a path of this host that visitors may be sent to.
    pub(super) fn local_path<'a>(&self, text: &'a str) -> Option<&'a str> {
        let place = ReturnTo::parse(text, &self.http.installation, self.host.handle());
        (text.starts_with('/') && place.is_ok()).then_some(text)
    }

    /// Returns the path of a text that is a path or an address of this host that visitors may be sent to.
    pub(super) fn own_path<'a>(&self, text: &'a str) -> Option<&'a str> {
        let installation = &self.http.installation;
        let origin = self.host.origin(installation);
        self.local_path(text.strip_prefix(&*origin).unwrap_or(text))
    }

    /// Returns where visitors go who did not say where.
    pub(super) fn start(&self) -> &'static str {
        self.host.start()
    }
}

impl FromRequest for Visit {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Http::of(req).map(|http| Self {
            t: Texts::of(req),
            host: Host::of(&http.installation, req.head()),
            session: VisitorCookie::of(req.headers()),
            req: req.clone(),
            http,
        }))
    }
}
