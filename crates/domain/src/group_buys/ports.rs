//! What group buys need from a store.
//!
//! The sum of a group buy is kept on its row. Every method that moves it MUST hold that row first, so
//! that sum and interests are in step at any number of parallel calls on any number of replicas.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Expressed, GroupBuy, GroupBuyView, Interest, InterestRecord, Paid, Quantity, Withdrawal,
};
use crate::{
    email::Email,
    id::{GroupBuyId, HandleId, VisitorId},
    names::{HandleName, Slug},
    paging::{Listing, PageRequest},
    store_error::StoreError,
};

/// Group buys, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait GroupBuyRepository: Send {
    /// Stores a group buy; `false`, and nothing is stored, if the handle has the slug already.
    async fn insert(&mut self, group_buy: &GroupBuy) -> Result<bool, StoreError>;

    /// The group buy with this id; nothing is locked.
    async fn find(&mut self, id: GroupBuyId) -> Result<Option<GroupBuy>, StoreError>;

    /// Stores what its creator can change (texts, price, quantities, deadline, days) if it is still
    /// as it was at `unchanged_since`, has not ended at `now`, and its sum fits below the new
    /// maximum; `false` otherwise. Sum and state stay as they are. MUST be one conditional statement.
    async fn update(
        &mut self,
        group_buy: &GroupBuy,
        unchanged_since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Activates it if it is open and its sum is at least its target; its offer ends after its own
    /// number of days. MUST be one conditional statement: of any number of parallel calls one gets
    /// the group buy, the others `None`.
    async fn activate(
        &mut self,
        id: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError>;

    /// Calls it off if it is pending at `now`. MUST be one conditional statement.
    async fn cancel(
        &mut self,
        id: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError>;

    /// Ends it if it is overdue at `now`: [`GroupBuy::is_overdue`]. MUST be one conditional statement.
    async fn expire(
        &mut self,
        id: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError>;
}

/// Interests, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Interests: Send {
    /// Stores the visitor's interest, or replaces its quantity, and moves the sum by the difference
    /// if [`GroupBuy::room_for`] allows it. MUST guard the sum in the statement that moves it.
    /// `None` if there is no such group buy.
    async fn express(
        &mut self,
        id: GroupBuyId,
        visitor: VisitorId,
        quantity: Quantity,
        now: Timestamp,
    ) -> Result<Option<Expressed>, StoreError>;

    /// Takes the visitor's interest and its part of the sum away, if there is one and
    /// [`GroupBuy::room_for`] allows it.
    async fn withdraw(
        &mut self,
        id: GroupBuyId,
        visitor: VisitorId,
        now: Timestamp,
    ) -> Result<Withdrawal, StoreError>;

    /// At most `limit` interested visitors with their addresses, by id, from the one after `after`.
    async fn recipients(
        &mut self,
        id: GroupBuyId,
        after: Option<VisitorId>,
        limit: u32,
    ) -> Result<Vec<(VisitorId, Email)>, StoreError>;
}

/// Group buys, read outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait GroupBuyReads: Send + Sync {
    /// A group buy of a handle, whatever its state and its page's.
    async fn group_buy(
        &self,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<Option<GroupBuyView>, StoreError>;

    /// The group buys of a handle, newest first.
    async fn group_buys_of(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<GroupBuyView>, StoreError>;

    /// A visitor's interest.
    async fn interest(
        &self,
        id: GroupBuyId,
        visitor: VisitorId,
    ) -> Result<Option<Interest>, StoreError>;

    /// The interests in a group buy, newest first.
    async fn interests_in(
        &self,
        id: GroupBuyId,
        page: &PageRequest,
    ) -> Result<Listing<InterestRecord>, StoreError>;

    /// What was paid through each of these offers; one through which nothing was paid may be missing.
    async fn paid(&self, ids: &[GroupBuyId]) -> Result<Vec<(GroupBuyId, Paid)>, StoreError>;
}
