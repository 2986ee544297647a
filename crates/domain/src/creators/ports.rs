//! What creators, their handles and pages need from a store and from a password hasher.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Creator, CreatorSession, FrontendOrigin, Handle, HandleChange, Page, PageStatus};
use crate::{
    email::Email,
    id::{CreatorId, CreatorSessionId, HandleId, PageId},
    names::{HandleName, Slug},
    paging::{Listing, PageRequest},
    store_error::StoreError,
    token::TokenHash,
};

/// Creators, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Creators: Send {
    /// Stores a creator; `false`, and nothing is stored, if the address is taken.
    async fn insert(&mut self, creator: &Creator) -> Result<bool, StoreError>;

    /// Where mails to the owner of a handle go.
    async fn email_of_handle(&mut self, handle: HandleId) -> Result<Option<Email>, StoreError>;

    /// Replaces the password hash `from` by `to`; `false` if another one is stored. MUST be one
    /// conditional statement, and until the unit ends other units that replace it MUST wait: signing in
    /// with a password and changing it cannot miss each other.
    async fn replace_password_hash(
        &mut self,
        id: CreatorId,
        from: &str,
        to: &str,
    ) -> Result<bool, StoreError>;

    /// Changes how the creator wants to be called.
    async fn rename(&mut self, id: CreatorId, name: &str) -> Result<(), StoreError>;
}

/// Sessions of creators, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait CreatorSessions: Send {
    /// Stores a session.
    async fn insert(&mut self, session: &CreatorSession) -> Result<(), StoreError>;

    /// Replaces the refresh token of the living session that has `from` as its current one. MUST be
    /// one conditional statement: of two parallel calls one gets the session, the other `None`.
    async fn rotate(
        &mut self,
        from: TokenHash,
        to: TokenHash,
        now: Timestamp,
    ) -> Result<Option<CreatorSession>, StoreError>;

    /// Ends the session that ever had this refresh token before its current one: somebody has a copy.
    async fn revoke_reused(&mut self, token: TokenHash, now: Timestamp)
    -> Result<bool, StoreError>;

    /// Ends a session.
    async fn revoke(&mut self, id: CreatorSessionId, now: Timestamp) -> Result<(), StoreError>;

    /// Ends the session with this refresh token.
    async fn revoke_by_token(&mut self, token: TokenHash, now: Timestamp)
    -> Result<(), StoreError>;

    /// Forgets sessions that expired before `instant`, with the tokens that they had.
    async fn forget_expired(&mut self, instant: Timestamp) -> Result<(), StoreError>;

    /// Ends every session of a creator.
    async fn revoke_all_of(&mut self, creator: CreatorId, now: Timestamp)
    -> Result<(), StoreError>;
}

/// Handles, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait HandleRepository: Send {
    /// Stores a handle; `false`, and nothing is stored, if the name is taken.
    async fn insert(&mut self, handle: &Handle) -> Result<bool, StoreError>;

    /// Stores what `change` says and leaves the rest. Units that change one handle MUST wait for each
    /// other, so that its origins are always those of one change.
    async fn change(&mut self, id: HandleId, change: &HandleChange) -> Result<(), StoreError>;

    /// The handle with this id.
    async fn find(&mut self, id: HandleId) -> Result<Option<Handle>, StoreError>;
}

/// Pages, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait PageRepository: Send {
    /// Stores a page; `false`, and nothing is stored, if the handle has the slug already.
    async fn insert(&mut self, page: &Page) -> Result<bool, StoreError>;

    /// Stores the page's changed fields if it is still as it was at `unchanged_since`; `false` if
    /// somebody was faster. MUST be one conditional statement.
    async fn update(&mut self, page: &Page, unchanged_since: Timestamp)
    -> Result<bool, StoreError>;

    /// Deletes the page if nobody ever began to buy it, bought it or was let in, and no group buy is
    /// about it; `false` otherwise. MUST be one conditional statement.
    async fn delete_if_unused(&mut self, id: PageId) -> Result<bool, StoreError>;

    /// The page with this id.
    async fn find(&mut self, id: PageId) -> Result<Option<Page>, StoreError>;

    /// The page with this id. Until the unit ends, units that change the page MUST wait, so that an
    /// order at a price and an edit of that price cannot miss each other.
    async fn lock(&mut self, id: PageId) -> Result<Option<Page>, StoreError>;
}

/// Creators and what is theirs, read outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait CreatorReads: Send + Sync {
    /// The creator with this address.
    async fn creator_by_email(&self, email: &Email) -> Result<Option<Creator>, StoreError>;

    /// The creator with this id.
    async fn creator(&self, id: CreatorId) -> Result<Option<Creator>, StoreError>;

    /// The creator whose session this is, if it is not revoked and `now` is before its expiry.
    async fn creator_in_session(
        &self,
        session: CreatorSessionId,
        now: Timestamp,
    ) -> Result<Option<Creator>, StoreError>;

    /// The handle of this name.
    async fn handle(&self, name: &HandleName) -> Result<Option<Handle>, StoreError>;

    /// The origins that a handle's frontends may call from, in the order that the creator gave.
    async fn frontend_origins(&self, handle: HandleId) -> Result<Vec<FrontendOrigin>, StoreError>;

    /// Whether `origin` is registered for the handle of this name, or for any without one. MUST be one
    /// statement along an index, and MUST NOT be answered from memory.
    async fn is_frontend_origin(
        &self,
        origin: &FrontendOrigin,
        handle: Option<HandleName>,
    ) -> Result<bool, StoreError>;

    /// The handles of a creator, newest first.
    async fn handles_of(
        &self,
        creator: CreatorId,
        page: &PageRequest,
    ) -> Result<Listing<Handle>, StoreError>;

    /// A page of a handle, whatever its status.
    async fn page(&self, handle: HandleId, slug: &Slug) -> Result<Option<Page>, StoreError>;

    /// The pages of a handle, newest first; only those with `status` if one is given.
    async fn pages_of(
        &self,
        handle: HandleId,
        status: Option<PageStatus>,
        page: &PageRequest,
    ) -> Result<Listing<Page>, StoreError>;

    /// Whether anybody has an account; if not, the database is empty.
    async fn any_creator(&self) -> Result<bool, StoreError>;
}

/// Hashes passwords. Its mock is `testing::mocks::MockPasswords`.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// A hash with its own salt and parameters (PHC string). MUST NOT block the caller's thread, and
    /// MUST refuse when too much hashing is queued.
    async fn hash(&self, password: &super::Password) -> Result<String, PasswordsError>;

    /// Compares in constant time. With `None` for the hash it takes the same time and says
    /// [`PasswordCheck::Mismatch`], so that unknown accounts cannot be told by waiting.
    async fn verify<'a>(
        &self,
        password: &super::Password,
        hash: Option<&'a str>,
    ) -> Result<PasswordCheck, PasswordsError>;
}

/// What comparing a password with its hash gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordCheck {
    /// The password is right.
    Match,
    /// It is right, and the hash was made with weaker parameters than today's: hash it again.
    MatchNeedsRehash,
    /// It is wrong.
    Mismatch,
}

/// Why a password was not hashed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordsError {
    /// More hashing is queued than is good; try again soon.
    #[error("too many sign-ins at once")]
    Busy,
    /// The hasher failed.
    #[error("password hashing failed: {0}")]
    Failed(String),
}
