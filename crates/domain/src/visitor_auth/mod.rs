//! Signing in without a password, with magic links and their codes, and the resulting sessions.
//! Source: `docs/api.md`, "Sign a visitor in".

pub mod error;
pub mod ports;
mod return_to;
mod sessions;
mod sign_in;

use jiff::Timestamp;

pub use error::{RedeemLinkError, RequestLinkError};
pub use return_to::{ReturnTo, ReturnToError};
pub use sessions::Sessions;
pub use sign_in::{
    Browser, LinkCode, LinkPreview, LinkRequest, LinkState, OpenedAgain, SignIn, SignInConfig,
    SignInPorts, SignedIn,
};

use crate::{
    clock::DAY_SECONDS,
    creators::FrontendOrigin,
    device::Device,
    email::Email,
    id::{MagicLinkId, VisitorId, VisitorSessionId},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    token::TokenHash,
};

/// A person known by a verified e-mail address, global to the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The identifier of the visitor.
    pub id: VisitorId,
    /// The verified address.
    pub email: Email,
    /// When the visitor first signed in, or was first granted access.
    pub created_at: Timestamp,
}

/// Returns the visitor with this address, who is stored if there was none.
pub(crate) async fn ensure_visitor(
    runtime: &Runtime,
    unit: &mut dyn UnitOfWork,
    email: &Email,
) -> Result<Visitor, StoreError> {
    unit.visitors().ensure(&candidate(runtime, email)).await
}

/// Stores a visitor for each of these addresses that has none. They differ, and are in order.
pub(crate) async fn ensure_visitors(
    runtime: &Runtime,
    unit: &mut dyn UnitOfWork,
    emails: &[Email],
) -> Result<(), StoreError> {
    let candidates: Vec<_> = emails.iter().map(|email| candidate(runtime, email)).collect();
    unit.visitors().ensure_all(&candidates).await
}

fn candidate(runtime: &Runtime, email: &Email) -> Visitor {
    let id = VisitorId::new(&*runtime.random);
    Visitor { id, email: email.clone(), created_at: runtime.now() }
}

/// A single-use sign-in link that was mailed to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MagicLink {
    /// The identifier of the link.
    pub id: MagicLinkId,
    /// The hash of the token in the mail.
    pub token: TokenHash,
    /// The keyed fingerprint of the six-digit code in the mail.
    pub code_fingerprint: [u8; 32],
    /// The address that the link was mailed to.
    pub email: Email,
    /// Where the visitor wants to go after signing in.
    pub return_to: Option<ReturnTo>,
    /// The number of times that the code was evaluated.
    pub attempts: u32,
    /// When the link was requested.
    pub created_at: Timestamp,
    /// The instant from which the link is no longer valid.
    pub expires_at: Timestamp,
    /// When the link was redeemed, or became used by the redemption of another one.
    pub used_at: Option<Timestamp>,
    /// The hash of the secret of the browser that requested the link, if it has one.
    pub asked_by: Option<TokenHash>,
    /// The hash of the nonce of the confirmation page on which the link was redeemed.
    pub confirmed_by: Option<TokenHash>,
}

impl MagicLink {
    /// How long a link is kept after it expired, in seconds, so that the error can still say so.
    pub const KEPT_SECONDS: i64 = DAY_SECONDS;
}

/// A session of a visitor, identified by a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorSession {
    /// The identifier of the session, which is not secret.
    pub id: VisitorSessionId,
    /// The hash of the cookie's value.
    pub token: TokenHash,
    /// The visitor who signed in.
    pub visitor_id: VisitorId,
    /// When the session was opened.
    pub created_at: Timestamp,
    /// The instant from which the session is no longer valid.
    pub expires_at: Timestamp,
    /// The creator's frontend on which the visitor signed in, if it was one.
    pub frontend: Option<FrontendOrigin>,
    /// The kind of device that the visitor signed in on; `None` for sessions from before it was stored.
    pub device: Option<Device>,
}

impl VisitorSession {
    /// How long a session is kept after it ended, in seconds.
    pub const KEPT_SECONDS: i64 = 30 * DAY_SECONDS;
}

/// A visitor with a valid session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInVisitor {
    /// The identifier of the session.
    pub session_id: VisitorSessionId,
    /// The visitor of the session.
    pub visitor: Visitor,
    /// See [`VisitorSession::frontend`].
    pub frontend: Option<FrontendOrigin>,
}
