//! The ports through which creators use the store and a password hasher.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    AccountToken, Creator, CreatorSession, FrontendOrigin, Handle, HandleChange, HandleSettings,
    Page, PageLabel, PageOverview, PageStatus, TokenPurpose,
};
use crate::{
    email::Email,
    id::{CreatorId, CreatorSessionId, HandleId, PageId},
    names::{HandleName, Slug},
    paging::{Listing, PageRequest},
    store_error::StoreError,
    token::TokenHash,
};

/// Stores creators, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Creators: Send {
    /// Stores a creator. Returns `false` and stores nothing if the address is taken.
    async fn insert(&mut self, creator: &Creator) -> Result<bool, StoreError>;

    /// Returns the address for mails to the owner of a handle.
    async fn email_of_handle(&mut self, handle: HandleId) -> Result<Option<Email>, StoreError>;

    /// Replaces the password hash `from` by `to`. Returns `false` if another hash is stored. MUST be one
    /// conditional statement, and until the unit ends other units that replace the hash MUST wait, so
    /// that signing in with a password and changing it cannot miss each other.
    async fn replace_password_hash(
        &mut self,
        id: CreatorId,
        from: &str,
        to: &str,
    ) -> Result<bool, StoreError>;

    /// Changes the creator's display name.
    async fn rename(&mut self, id: CreatorId, name: &str) -> Result<(), StoreError>;

    /// Replaces the password hash, whatever it was.
    async fn set_password_hash(&mut self, id: CreatorId, hash: &str) -> Result<(), StoreError>;

    /// Records since when the creator is suspended, or that they are not.
    async fn set_suspended(
        &mut self,
        id: CreatorId,
        since: Option<Timestamp>,
    ) -> Result<(), StoreError>;

    /// Locks the creator. Until the unit ends, other units that lock the same creator MUST wait, so that a
    /// quota that is checked in one unit holds when the unit is committed.
    async fn lock(&mut self, id: CreatorId) -> Result<(), StoreError>;

    /// Records that the creator's address is proved. Keeps the instant of an earlier proof.
    async fn verify_email(&mut self, id: CreatorId, now: Timestamp) -> Result<(), StoreError>;
}

/// Stores tokens that were mailed to creators, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AccountTokens: Send {
    /// Stores a token.
    async fn insert(&mut self, token: &AccountToken) -> Result<(), StoreError>;

    /// Marks the token and all other unused ones of its creator and purpose as used, if it is unused and
    /// `now` is before its expiry, and returns its creator. MUST be one conditional statement: of any
    /// number of parallel calls, one returns the creator.
    async fn redeem(
        &mut self,
        token: TokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<CreatorId>, StoreError>;

    /// Marks all unused tokens of a creator and a purpose as used.
    async fn void_all_of(
        &mut self,
        creator: CreatorId,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Deletes about `most` tokens that expired before `instant`, and returns whether some may be left.
    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError>;
}

/// Stores sessions of creators, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait CreatorSessions: Send {
    /// Stores a session.
    async fn insert(&mut self, session: &CreatorSession) -> Result<(), StoreError>;

    /// Replaces the refresh token of the active session whose current token is `from`. MUST be one
    /// conditional statement: of two parallel calls one returns the session and the other `None`.
    async fn rotate(
        &mut self,
        from: TokenHash,
        to: TokenHash,
        now: Timestamp,
    ) -> Result<Option<CreatorSession>, StoreError>;

    /// Returns the session in which this refresh token was replaced earlier and when that was, if the
    /// session is active at `now`. The session has its current token.
    async fn spent(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<(CreatorSession, Timestamp)>, StoreError>;

    /// Ends the session in which this refresh token was replaced earlier. Its reuse means that someone
    /// has a copy of it.
    async fn revoke_reused(&mut self, token: TokenHash, now: Timestamp)
    -> Result<bool, StoreError>;

    /// Ends a session.
    async fn revoke(&mut self, id: CreatorSessionId, now: Timestamp) -> Result<(), StoreError>;

    /// Ends one session of this creator. Returns `false` if the creator has no such active session.
    async fn revoke_of(
        &mut self,
        creator: CreatorId,
        session: CreatorSessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Ends the session that this refresh token belongs to, whether it is the current one or was replaced
    /// earlier. A call at the same time as [`CreatorSessions::rotate`] of the same token MUST end the session,
    /// whichever comes first.
    async fn revoke_by_token(&mut self, token: TokenHash, now: Timestamp)
    -> Result<(), StoreError>;

    /// Deletes about `most` sessions that expired before `instant`, with their refresh tokens, and returns whether some may
    /// be left.
    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError>;

    /// Ends all sessions of a creator.
    async fn revoke_all_of(&mut self, creator: CreatorId, now: Timestamp)
    -> Result<(), StoreError>;
}

/// Stores handles, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait HandleRepository: Send {
    /// Stores a handle. Returns `false` and stores nothing if the name is taken.
    async fn insert(&mut self, handle: &Handle) -> Result<bool, StoreError>;

    /// Stores the fields set in `change` and leaves the others unchanged. Units that change the same
    /// handle MUST wait for each other, so that its origins always come from a single change.
    async fn change(&mut self, id: HandleId, change: &HandleChange) -> Result<(), StoreError>;

    /// Returns the handle with this id.
    async fn find(&mut self, id: HandleId) -> Result<Option<Handle>, StoreError>;

    /// Returns the handle with this id and its settings, and locks it. Until the unit ends, other units that change or
    /// lock it MUST wait.
    async fn lock(&mut self, id: HandleId) -> Result<Option<HandleSettings>, StoreError>;

    /// Replaces the picture of the handle if it is the file `from`. MUST be one conditional statement.
    async fn replace_picture(
        &mut self,
        id: HandleId,
        from: &Slug,
        to: Option<Slug>,
    ) -> Result<(), StoreError>;

    /// Returns the number of a creator's handles.
    async fn count_of(&mut self, creator: CreatorId) -> Result<u64, StoreError>;
}

/// Stores pages, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait PageRepository: Send {
    /// Stores a page. Returns `false` and stores nothing if the handle already has the slug.
    async fn insert(&mut self, page: &Page) -> Result<bool, StoreError>;

    /// Returns the number of pages of a handle.
    async fn count_of(&mut self, handle: HandleId) -> Result<u64, StoreError>;

    /// Stores the page's changed fields if it is unchanged since `unchanged_since`. Returns `false` if
    /// it was changed in between. MUST be one conditional statement.
    async fn update(&mut self, page: &Page, unchanged_since: Timestamp)
    -> Result<bool, StoreError>;

    /// Deletes the page if it is unchanged since `unchanged_since`, has no orders, purchases or visits and no group
    /// buy is about it. Returns `false` otherwise. MUST be one conditional statement. May fail with [`StoreError::Conflict`] if
    /// something of that is stored at the same time.
    async fn delete_if_unused(
        &mut self,
        id: PageId,
        unchanged_since: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Returns the page with this id.
    async fn find(&mut self, id: PageId) -> Result<Option<Page>, StoreError>;

    /// Returns the page with this id and locks it. Until the unit ends, units that change the page MUST
    /// wait, so that an order at a price and an edit of that price cannot miss each other.
    async fn lock(&mut self, id: PageId) -> Result<Option<Page>, StoreError>;
}

/// Reads creators and their handles and pages, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait CreatorReads: Send + Sync {
    /// Returns the creator with this address.
    async fn creator_by_email(&self, email: &Email) -> Result<Option<Creator>, StoreError>;

    /// Returns a token that was mailed to a creator, in any state.
    async fn account_token(&self, token: TokenHash) -> Result<Option<AccountToken>, StoreError>;

    /// Returns the session with this current token and its creator, if it is not revoked, `now` is before
    /// its expiry, and the creator is not suspended.
    async fn creator_by_token(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<(Creator, CreatorSessionId)>, StoreError>;

    /// Returns when this refresh token was replaced by another one, if its session is not revoked and `now` is
    /// before its expiry.
    async fn refresh_token_spent_at(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Returns the active sessions of a creator, newest first. MUST NOT read more of them than the part has.
    async fn creator_sessions_of(
        &self,
        creator: CreatorId,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Listing<CreatorSession>, StoreError>;

    /// Returns the creator with this id.
    async fn creator(&self, id: CreatorId) -> Result<Option<Creator>, StoreError>;

    /// Returns the creator of this session, if it is not revoked, `now` is before its expiry, and the
    /// creator is not suspended.
    async fn creator_in_session(
        &self,
        session: CreatorSessionId,
        now: Timestamp,
    ) -> Result<Option<Creator>, StoreError>;

    /// Returns those of `names` that handles have.
    async fn taken_names(&self, names: &[HandleName]) -> Result<Vec<HandleName>, StoreError>;

    /// Returns the handle with this name.
    async fn handle(&self, name: &HandleName) -> Result<Option<Handle>, StoreError>;

    /// Returns the handle with this name, and whether its owner's address is proved. MUST be one statement.
    async fn handle_and_proof(
        &self,
        name: &HandleName,
    ) -> Result<Option<(Handle, bool)>, StoreError>;

    /// Returns the origins that the handle's frontends may call from, in the creator's order.
    async fn frontend_origins(&self, handle: HandleId) -> Result<Vec<FrontendOrigin>, StoreError>;

    /// Returns whether `origin` is registered for the handle with this name, or for any handle if no
    /// name is given. MUST be one statement along an index, and MUST NOT be answered from memory.
    async fn is_frontend_origin(
        &self,
        origin: &FrontendOrigin,
        handle: Option<HandleName>,
    ) -> Result<bool, StoreError>;

    /// Returns the handles that registered `origin`.
    async fn handles_of_origin(&self, origin: &FrontendOrigin)
    -> Result<Vec<HandleId>, StoreError>;

    /// Returns the name of the handle that registered `origin`, if it is only one.
    async fn only_handle_of_origin(
        &self,
        origin: &FrontendOrigin,
    ) -> Result<Option<HandleName>, StoreError>;

    /// Returns the handles of a creator, newest first.
    async fn handles_of(
        &self,
        creator: CreatorId,
        page: &PageRequest,
    ) -> Result<Listing<Handle>, StoreError>;

    /// Returns a page of a handle, in any status.
    async fn page(&self, handle: HandleId, slug: &Slug) -> Result<Option<Page>, StoreError>;

    /// Returns the pages of a handle, newest first; only those with `status` if one is given.
    async fn pages_of(
        &self,
        handle: HandleId,
        status: Option<PageStatus>,
        page: &PageRequest,
    ) -> Result<Listing<Page>, StoreError>;

    /// Returns what [`pages_of`](Self::pages_of) does, without the texts of the pages, which it MUST NOT read.
    async fn labels_of(
        &self,
        handle: HandleId,
        status: Option<PageStatus>,
        page: &PageRequest,
    ) -> Result<Listing<PageLabel>, StoreError>;

    /// Returns all pages of a handle without their texts, newest first. Their number is limited by a quota.
    async fn page_labels(&self, handle: HandleId) -> Result<Vec<PageLabel>, StoreError>;

    /// Returns how many pages a handle has, and which of them matters most for selling. MUST be one statement, which reads no
    /// other rows of pages than the ones that it returns.
    async fn page_overview(&self, handle: HandleId) -> Result<PageOverview, StoreError>;

    /// Returns all creators, newest first.
    async fn creators(&self, page: &PageRequest) -> Result<Listing<Creator>, StoreError>;

    /// Returns whether any creator account exists. If none does, the database is empty.
    async fn any_creator(&self) -> Result<bool, StoreError>;
}

/// Hashes passwords. Its mock is `mocks::MockPasswords`.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// Hashes a password with its own salt and parameters (PHC string). MUST NOT block the caller's
    /// thread, and MUST refuse when too much hashing is queued.
    async fn hash(&self, password: &super::Password) -> Result<String, PasswordsError>;

    /// Compares a password with a hash in constant time. With `None` for the hash it takes the same time
    /// and returns [`PasswordCheck::Mismatch`], so that response times do not reveal whether an account
    /// exists. A text that is not a hash is [`PasswordsError::Failed`].
    async fn verify<'a>(
        &self,
        password: &super::Password,
        hash: Option<&'a str>,
    ) -> Result<PasswordCheck, PasswordsError>;
}

/// The result of comparing a password with its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordCheck {
    /// The password is correct.
    Match,
    /// The password is correct, but the hash was made with weaker parameters than the current ones and
    /// has to be replaced.
    MatchNeedsRehash,
    /// The password is wrong.
    Mismatch,
}

/// The error of a failed password operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordsError {
    /// Too much hashing is queued; the caller may try again soon.
    #[error("too many sign-ins at once")]
    Busy,
    /// The hashing itself failed.
    #[error("password hashing failed: {0}")]
    Failed(String),
}
