//! Signing in without a password: magic links, their codes, and the sessions they open.
//! Source: founding document, "How visitor auth works".

pub mod error;
pub mod ports;
mod return_to;
mod sessions;
mod sign_in;

use jiff::Timestamp;

pub use error::{RedeemLinkError, RequestLinkError};
pub use return_to::{ReturnTo, ReturnToError};
pub use sessions::Sessions;
pub use sign_in::{LinkPreview, LinkRequest, SignIn, SignInConfig, SignInPorts, SignedIn};

use crate::{
    email::Email,
    id::{MagicLinkId, VisitorId, VisitorSessionId},
    token::TokenHash,
};

/// A person known by a verified e-mail address, global to the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The visitor's id.
    pub id: VisitorId,
    /// The verified address.
    pub email: Email,
    /// When the visitor first signed in, or was first given something.
    pub created_at: Timestamp,
}

/// A single-use way in that was mailed to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MagicLink {
    /// Its id.
    pub id: MagicLinkId,
    /// Hash of the token in the mail.
    pub token: TokenHash,
    /// Keyed fingerprint of the six digits in the mail.
    pub code_fingerprint: [u8; 32],
    /// Where it was mailed to.
    pub email: Email,
    /// Where the visitor wants to be afterwards.
    pub return_to: Option<ReturnTo>,
    /// How often its code was evaluated.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// From this instant on it is too late.
    pub expires_at: Timestamp,
    /// When it was redeemed or spent.
    pub used_at: Option<Timestamp>,
}

/// A session that a cookie stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorSession {
    /// Its id; not a secret.
    pub id: VisitorSessionId,
    /// Hash of the cookie's value.
    pub token: TokenHash,
    /// Whose it is.
    pub visitor_id: VisitorId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// From this instant on it is no longer valid.
    pub expires_at: Timestamp,
}

/// A visitor who holds a valid session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInVisitor {
    /// The session.
    pub session_id: VisitorSessionId,
    /// The visitor.
    pub visitor: Visitor,
}
