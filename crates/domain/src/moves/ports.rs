//! The ports through which changes of address use the store.

#![cfg_attr(
    feature = "testing",
    expect(
        clippy::ref_option_ref,
        reason = "how mockall hands an optional reference to an expectation"
    )
)]

use async_trait::async_trait;
use jiff::Timestamp;

use super::AddressMove;
use crate::{
    creators::Handle,
    email::Email,
    id::{HandleId, VisitorId},
    store_error::StoreError,
    token::TokenHash,
};

/// Stores changes of address, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AddressMoves: Send {
    /// Stores a change of address that was asked for.
    async fn insert(&mut self, asked: &AddressMove) -> Result<(), StoreError>;

    /// Returns whether the same change was asked for after `since` and can still be confirmed `now`: from the same address to
    /// the same one, at the same handle.
    async fn was_asked_after(
        &mut self,
        asked: &AddressMove,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Marks it as confirmed and ends all other open ones from its old address at its handle, if it is open itself: it is
    /// not confirmed, and `now` is before its expiry. MUST be one conditional statement: of any number of parallel calls
    /// for changes from one address at a handle, one returns `true`.
    async fn redeem(&mut self, asked: &AddressMove, now: Timestamp) -> Result<bool, StoreError>;

    /// Ends the open ones from the same old address at the same handle to other addresses. An ended one expires at the
    /// instant at which it was asked for. MUST be one conditional statement.
    async fn end_others(&mut self, asked: &AddressMove, now: Timestamp) -> Result<(), StoreError>;

    /// Ends all open ones from this address at the handle, only those to `to` if that is given, and returns whether there were
    /// any. MUST be one conditional statement.
    async fn call_off<'a>(
        &mut self,
        handle: HandleId,
        from: &Email,
        to: Option<&'a Email>,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Deletes about `most` of those that expired before `instant` and were not confirmed, and returns whether some may be
    /// left. The confirmed ones tell where purchases came from.
    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError>;
}

/// Reads changes of address, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait MoveReads: Send + Sync {
    /// Returns the change of address with this token, in any state, and its handle.
    async fn address_move(
        &self,
        token: TokenHash,
    ) -> Result<Option<(AddressMove, Handle)>, StoreError>;

    /// Returns whether something at the handle is under this address: a purchase, a gift, a payment that is being
    /// processed or does not match its order, or a place on a list. MUST be one statement.
    async fn has_anything(&self, handle: HandleId, email: &Email) -> Result<bool, StoreError>;

    /// Returns the confirmed changes of address at the handle from or to `email`, newest first, at most `limit`.
    async fn confirmed_moves(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<AddressMove>, StoreError>;

    /// Returns the newest confirmed change of address at the handle from this address.
    async fn last_move_from(
        &self,
        handle: HandleId,
        from: &Email,
    ) -> Result<Option<AddressMove>, StoreError>;

    /// Returns the changes of address at the handle from or to `email` that were not confirmed and can be `now`, newest
    /// first, at most `limit`.
    async fn waiting_moves(
        &self,
        handle: HandleId,
        email: &Email,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<AddressMove>, StoreError>;

    /// Returns the confirmed changes of address from `email` at the handles where `visitor` has ordered something, with the
    /// handle, newest first, at most `limit`. MUST read no handles besides these.
    async fn moves_of_buyer(
        &self,
        visitor: VisitorId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<(AddressMove, Handle)>, StoreError>;
}
