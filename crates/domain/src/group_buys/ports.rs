//! The ports through which group buys use the store.
//!
//! The sum of a group buy is stored in its row. Every method that changes the sum MUST lock that row
//! first, so that the sum and the interests stay consistent with any number of parallel calls on any
//! number of replicas.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Expressed, GroupBuy, GroupBuyView, Interest, InterestRecord, Paid, Quantity, Withdrawal,
};
use crate::{
    email::Email,
    id::{GroupBuyId, HandleId, PageId, VisitorId},
    names::{HandleName, Slug},
    paging::{Listing, PageRequest},
    store_error::StoreError,
};

/// Stores group buys, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait GroupBuyRepository: Send {
    /// Stores a group buy. Returns `false` and stores nothing if the handle already has the slug.
    async fn insert(&mut self, group_buy: &GroupBuy) -> Result<bool, StoreError>;

    /// Returns the number of group buys of a handle.
    async fn count_of(&mut self, handle: HandleId) -> Result<u64, StoreError>;

    /// Returns the group buy with this id. Locks nothing.
    async fn find(&mut self, id: GroupBuyId) -> Result<Option<GroupBuy>, StoreError>;

    /// Stores what the creator can change (texts, price, quantities, deadline, days) if the group buy is
    /// unchanged since `unchanged_since`, has not ended at `now`, and its sum is within the new maximum.
    /// Returns `false` otherwise. The sum and the state stay as they are. MUST be one conditional
    /// statement.
    async fn update(
        &mut self,
        group_buy: &GroupBuy,
        unchanged_since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Activates the group buy if it is open and its sum is at least its target. Its offer ends after
    /// its own number of days. MUST be one conditional statement: of any number of parallel calls,
    /// exactly one returns the group buy and the others return `None`. With `unchanged_since`, only if it was last
    /// changed at that instant. Each step MUST note `now` as the instant of the last change, or the first one after the change
    /// before if that is not earlier: the instant identifies the version.
    async fn activate(
        &mut self,
        id: GroupBuyId,
        unchanged_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError>;

    /// Cancels the group buy if it is pending at `now`. MUST be one conditional statement. With `unchanged_since`, only
    /// if it was last changed at that instant.
    async fn cancel(
        &mut self,
        id: GroupBuyId,
        unchanged_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError>;

    /// Ends the group buy if it is overdue at `now`; see [`GroupBuy::is_overdue`]. MUST be one
    /// conditional statement.
    async fn expire(
        &mut self,
        id: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError>;
}

/// Stores interests, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Interests: Send {
    /// Stores the visitor's interest, or replaces its quantity, and changes the sum by the difference if
    /// [`GroupBuy::room_for`] allows it. MUST check the sum in the statement that changes it. Returns
    /// `None` if the group buy does not exist.
    async fn express(
        &mut self,
        id: GroupBuyId,
        visitor: VisitorId,
        quantity: Quantity,
        now: Timestamp,
    ) -> Result<Option<Expressed>, StoreError>;

    /// Deletes the visitor's interest and subtracts its quantity from the sum, if the interest exists
    /// and the group buy was never activated; see [`GroupBuy::is_committed`]. MUST check that in the statement that
    /// changes the sum.
    async fn withdraw(
        &mut self,
        id: GroupBuyId,
        visitor: VisitorId,
    ) -> Result<Withdrawal, StoreError>;

    /// Returns at most `limit` interested visitors with their addresses, ordered by id, starting after
    /// `after`.
    async fn recipients(
        &mut self,
        id: GroupBuyId,
        after: Option<VisitorId>,
        limit: u32,
    ) -> Result<Vec<(VisitorId, Email)>, StoreError>;
}

/// Reads group buys, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait GroupBuyReads: Send + Sync {
    /// Returns a group buy of a handle, in any state and with a page in any status.
    async fn group_buy(
        &self,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<Option<GroupBuyView>, StoreError>;

    /// Returns the group buys of a handle, newest first.
    async fn group_buys_of(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<GroupBuyView>, StoreError>;

    /// Returns the newest group buys of a handle that are stored as open or active, newest first, at most `most`.
    async fn unended_group_buys_of(
        &self,
        handle: HandleId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError>;

    /// Returns the newest group buys of a page that are stored as open or active, newest first, at most `most`.
    async fn unended_group_buys(
        &self,
        page: PageId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError>;

    /// Returns the group buys of a page that are stored as active and that the visitor has an interest in, newest first, at most
    /// `most`. MUST be one statement.
    async fn joined_offers(
        &self,
        page: PageId,
        visitor: VisitorId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError>;

    /// Returns the group buys of all handles that are stored as open or active and that the visitor has an interest in, newest
    /// first, at most `most`. MUST be one statement.
    async fn joined_group_buys_of(
        &self,
        visitor: VisitorId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError>;

    /// Returns a visitor's interest in a group buy. Returns `None` also if the purchase through it has moved to another visitor by a change
    /// of address.
    async fn interest(
        &self,
        id: GroupBuyId,
        visitor: VisitorId,
    ) -> Result<Option<Interest>, StoreError>;

    /// Returns the interests in a group buy, newest first.
    async fn interests_in(
        &self,
        id: GroupBuyId,
        page: &PageRequest,
    ) -> Result<Listing<InterestRecord>, StoreError>;

    /// Returns how many visitors are interested in a group buy.
    async fn count_interested(&self, id: GroupBuyId) -> Result<u64, StoreError>;

    /// Returns what was paid through each of these offers. Offers without payments may be missing.
    async fn paid(&self, ids: &[GroupBuyId]) -> Result<Vec<(GroupBuyId, Paid)>, StoreError>;
}
