//! The visitor or creator who sent a request.

use std::convert::Infallible;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header};
use futures_util::future::LocalBoxFuture;
use tollgate_domain::{
    access::ViewerClaim,
    creators::{Creator, FrontendOrigin},
    id::CreatorSessionId,
    token::TokenHash,
    visitor_auth::SignedInVisitor,
};

use super::{cookie::VisitorCookie, seen::recording};
use crate::{
    problem::{Code, Problem},
    state::Http,
};

/// A visitor with a valid session; without one the request is refused as `visitor_unauthorized`.
#[derive(Debug)]
pub(crate) struct SignedVisitor {
    pub(crate) who: SignedInVisitor,
    pub(crate) token: TokenHash,
    /// The creator's frontend that the request comes from; none on the installation's own hosts.
    pub(crate) frontend: Option<FrontendOrigin>,
}

/// A creator with a valid access token; without one the request is refused as `creator_unauthorized`.
#[derive(Debug)]
pub(crate) struct SignedCreator {
    pub(crate) creator: Creator,
    pub(crate) session: CreatorSessionId,
}

/// What a creator asks about something of theirs, which the path names.
#[derive(Debug)]
pub(crate) struct Own<P> {
    pub(crate) http: Http,
    pub(crate) creator: Creator,
    pub(crate) path: P,
}

/// A creator, if the request has a token. A token that is not valid is refused.
#[derive(Debug)]
pub(crate) struct OptionalCreator(pub(crate) Option<SignedCreator>);

/// What a visitor or creator shows at a gate. A creator's token that is not valid is refused.
#[derive(Debug)]
pub(crate) struct Viewer(pub(crate) ViewerClaim);

/// Returns the token of `Authorization: Bearer`; `None` without one, and an empty text if there are several.
fn bearer(req: &HttpRequest) -> Option<String> {
    let mut values = req.headers().get_all(header::AUTHORIZATION);
    let value = values.next()?;
    if values.next().is_some() {
        return Some(String::new());
    }
    let (scheme, token) = value.to_str().unwrap_or_default().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

async fn creator_of(http: &Http, token: &str) -> Result<SignedCreator, Problem> {
    let refused = || Problem::new(Code::CreatorUnauthorized);
    let (id, session) = http.access_tokens.verify(token).ok_or_else(refused)?;
    let creator = http.use_cases.accounts.authenticate(session).await?;
    let creator = creator.filter(|creator| creator.id == id).ok_or_else(refused)?;
    Ok(SignedCreator { creator, session })
}

impl FromRequest for SignedVisitor {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let claim = VisitorCookie::of(req.headers()).0;
        let frontend = req.extensions().get::<FrontendOrigin>().cloned();
        let http = Http::of(req);
        Box::pin(async move {
            let refused = || Problem::new(Code::VisitorUnauthorized);
            let token = claim.ok_or_else(refused)?;
            let who = http?.use_cases.sessions.authenticate(token).await?.ok_or_else(refused)?;
            Ok(Self { who, token, frontend })
        })
    }
}

impl FromRequest for SignedCreator {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (http, token) = (Http::of(req), bearer(req));
        Box::pin(async move {
            let token = token.ok_or_else(|| Problem::new(Code::CreatorUnauthorized))?;
            creator_of(&http?, &token).await
        })
    }
}

impl<P: FromRequest<Error = Infallible> + 'static> FromRequest for Own<P> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (http, path) = (Http::of(req), P::from_request(req, payload));
        let signed = SignedCreator::from_request(req, payload);
        Box::pin(async move {
            let SignedCreator { creator, .. } = signed.await?;
            let Ok(path) = path.await;
            Ok(Self { http: http?, creator, path })
        })
    }
}

impl FromRequest for OptionalCreator {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (http, token) = (Http::of(req), bearer(req));
        Box::pin(async move {
            let Some(token) = token else { return Ok(Self(None)) };
            Ok(Self(Some(creator_of(&http?, &token).await?)))
        })
    }
}

impl FromRequest for Viewer {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (session, recording) = (VisitorCookie::of(req.headers()).0, recording(req));
        let creator = OptionalCreator::from_request(req, payload);
        Box::pin(async move {
            let creator = creator.await?.0.map(|signed| signed.creator.id);
            Ok(Self(ViewerClaim { session, creator, recording }))
        })
    }
}
