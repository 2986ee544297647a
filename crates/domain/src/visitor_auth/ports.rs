//! The ports through which signing in uses the store.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MagicLink, SignedInVisitor, Visitor, VisitorSession};
use crate::{
    creators::{FrontendOrigin, Handle},
    email::Email,
    id::{MagicLinkId, VisitorId, VisitorSessionId},
    language::Language,
    names::Slug,
    paging::{Listing, PageRequest},
    store_error::StoreError,
    token::TokenHash,
};

/// Names what visitors sign in for, besides pages.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Destinations: Send + Sync {
    /// Returns the title of a group buy; `None` if it does not exist for visitors.
    async fn group_buy(&self, handle: &Handle, slug: &Slug) -> Result<Option<String>, StoreError>;

    /// Returns the name of a file. MUST be `None` if not everybody may learn it: the mail goes to any address.
    async fn file(&self, handle: &Handle, slug: &Slug) -> Result<Option<String>, StoreError>;
}

/// Stores visitors, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Visitors: Send {
    /// Stores `candidate` unless its address is already known, and returns the visitor with that
    /// address. Parallel calls for one address MUST all return the same visitor.
    async fn ensure(&mut self, candidate: &Visitor) -> Result<Visitor, StoreError>;

    /// Stores those candidates whose address is not known, like [`ensure`](Self::ensure) but with a few statements, however many
    /// they are. Their addresses MUST differ, and have the same order in parallel calls, which else may wait for each other.
    async fn ensure_all(&mut self, candidates: &[Visitor]) -> Result<(), StoreError>;

    /// Locks the visitor. Until the unit ends, other units that lock the same visitor MUST wait, so that of what they
    /// decide from all payments of the visitor one comes after the other. What only refers to the visitor, such as a new
    /// session or order, SHOULD NOT wait, and neither should [`ensure`](Self::ensure).
    async fn lock(&mut self, id: VisitorId) -> Result<(), StoreError>;

    /// Returns the visitor with this id.
    async fn find(&mut self, id: VisitorId) -> Result<Option<Visitor>, StoreError>;
}

/// Stores magic links, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait MagicLinks: Send {
    /// Stores a link.
    async fn insert(&mut self, link: &MagicLink) -> Result<(), StoreError>;

    /// Returns the newest link of this address.
    async fn newest(&mut self, email: &Email) -> Result<Option<MagicLink>, StoreError>;

    /// Marks the link and all other unused links of its address `email` as used, if the link itself is
    /// unused and `now` is before its expiry. MUST be one conditional statement: of any number of
    /// parallel calls for links of one address, on any number of replicas, one returns `true`.
    async fn redeem(
        &mut self,
        id: MagicLinkId,
        email: &Email,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Records the nonce of the confirmation page on which a link was redeemed.
    async fn confirmed(&mut self, id: MagicLinkId, by: TokenHash) -> Result<(), StoreError>;

    /// Counts one evaluation of the link's code if fewer than `most` were counted. Returns `false` once
    /// the limit is reached. MUST be one conditional statement.
    async fn count_attempt(&mut self, id: MagicLinkId, most: u32) -> Result<bool, StoreError>;

    /// Deletes about `most` links that expired before `instant`, and returns whether some may be left.
    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError>;
}

/// Stores sessions of visitors, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait VisitorSessions: Send {
    /// Stores a session.
    async fn insert(&mut self, session: &VisitorSession) -> Result<(), StoreError>;

    /// Ends the sessions with these tokens, of which there may be thousands; with `frontend` only those that began there.
    /// Returns `false` if there is no such active session. MUST be one statement.
    async fn revoke_by_tokens(
        &mut self,
        tokens: &[TokenHash],
        frontend: Option<FrontendOrigin>,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Ends one session of this visitor; with `frontend` only one that began there. Returns `false` if the visitor has no
    /// such active session.
    async fn revoke(
        &mut self,
        visitor: VisitorId,
        frontend: Option<FrontendOrigin>,
        session: VisitorSessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Ends all sessions of this visitor but one.
    async fn revoke_others(
        &mut self,
        visitor: VisitorId,
        kept: VisitorSessionId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Deletes about `most` sessions that expired before `instant`, and as many that were revoked before it. Returns whether
    /// some may be left.
    async fn forget_ended(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError>;
}

/// Reads magic links and sessions, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait VisitorAuthReads: Send + Sync {
    /// Returns the link with this token, in any state.
    async fn magic_link(&self, token: TokenHash) -> Result<Option<MagicLink>, StoreError>;

    /// Returns the newest link of this address, in any state.
    async fn newest_link(&self, email: &Email) -> Result<Option<MagicLink>, StoreError>;

    /// Returns the newest link that the browser with this secret requested.
    async fn link_asked_by(&self, browser: TokenHash) -> Result<Option<MagicLink>, StoreError>;

    /// Returns the language that the owner of an address reads, if it is known.
    async fn language_of(&self, email: &Email) -> Result<Option<Language>, StoreError>;

    /// Returns the visitor and session of this token, if the session is not revoked and `now` is before
    /// its expiry. MUST be one statement and MUST NOT be answered from memory.
    async fn signed_in(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedInVisitor>, StoreError>;

    /// Returns the active sessions of a visitor, newest first; with `frontend` only those that began there. MUST NOT read
    /// more of them than the part has.
    async fn sessions_of(
        &self,
        visitor: VisitorId,
        frontend: Option<FrontendOrigin>,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Listing<VisitorSession>, StoreError>;
}
