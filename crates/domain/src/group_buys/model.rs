//! What a group buy is, and what its state, its sum and the time make of it.

use jiff::Timestamp;

use crate::{
    creators::{AccessMode, Handle, Page, PageStatus},
    id::{GroupBuyId, HandleId, PageId},
    money::Money,
    names::Slug,
    text_enum::text_enum,
};

/// What was done to a group buy, as it is stored. What it is shown as is [`GroupBuyStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBuyState {
    /// Neither activated nor ended.
    Open,
    /// The creator has activated it.
    Active,
    /// The worker has seen it end.
    Expired,
    /// The creator has called it off.
    Cancelled,
}

text_enum!(
    GroupBuyState,
    "the states of a group buy",
    Open = "OPEN",
    Active = "ACTIVE",
    Expired = "EXPIRED",
    Cancelled = "CANCELLED"
);

/// Where a group buy stands at an instant: see [`GroupBuy::status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBuyStatus {
    /// Visitors say that they want it; the target is not reached.
    Open,
    /// The target is reached; the creator can activate it.
    TargetReached,
    /// Who was interested can buy at the group price.
    Active,
    /// It is over: the deadline passed below the target, or the offer ended.
    Expired,
    /// The creator has called it off.
    Cancelled,
}

impl GroupBuyStatus {
    /// Whether it can still become an offer.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Open | Self::TargetReached)
    }

    /// Whether it is over.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Expired | Self::Cancelled)
    }
}

/// A group buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupBuy {
    /// Its id.
    pub id: GroupBuyId,
    /// Whose it is.
    pub handle_id: HandleId,
    /// What is offered.
    pub page_id: PageId,
    /// Its name in addresses; no other group buy of the handle has it.
    pub slug: Slug,
    /// What people call it.
    pub title: String,
    /// What it is about, as plain text.
    pub description: String,
    /// What each visitor pays who buys; frozen at activation.
    pub price: Money,
    /// The sum from which on it can be activated; at least 1.
    pub target_quantity: i64,
    /// The sum that is never exceeded; at least the target.
    pub max_quantity: Option<i64>,
    /// From this instant on nobody joins, and below the target it is over.
    pub deadline: Option<Timestamp>,
    /// For how many days interested visitors can buy once it is activated; 1 to 30.
    pub offer_days: i64,
    /// What was done to it.
    pub state: GroupBuyState,
    /// The sum of the quantities of all its interests.
    pub current_quantity: i64,
    /// When it was activated.
    pub activated_at: Option<Timestamp>,
    /// From this instant on nobody can buy any more; set at activation.
    pub offer_ends_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its creator or the worker last changed it; joining and leaving do not count.
    pub updated_at: Timestamp,
}

/// Whether the sum of a group buy may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// It may.
    Free,
    /// It is too late for that.
    NotOpen,
    /// It would be more than the maximum.
    Full,
}

impl GroupBuy {
    /// Where it stands at `now`: a pure function of what is stored and of the time, so that nothing
    /// depends on whether a worker has come by.
    ///
    /// At or above the target it outlives its deadline: nobody can join any more, but the creator
    /// can activate it. Withdrawals that take it below the target then end it.
    pub fn status(&self, now: Timestamp) -> GroupBuyStatus {
        match self.state {
            GroupBuyState::Open if self.is_reached() => GroupBuyStatus::TargetReached,
            GroupBuyState::Open if self.is_past_deadline(now) => GroupBuyStatus::Expired,
            GroupBuyState::Open => GroupBuyStatus::Open,
            GroupBuyState::Active if self.offer_ends_at.is_some_and(|end| end <= now) => {
                GroupBuyStatus::Expired
            }
            GroupBuyState::Active => GroupBuyStatus::Active,
            GroupBuyState::Expired => GroupBuyStatus::Expired,
            GroupBuyState::Cancelled => GroupBuyStatus::Cancelled,
        }
    }

    /// Whether the target is reached.
    pub fn is_reached(&self) -> bool {
        self.current_quantity >= self.target_quantity
    }

    /// Whether the deadline has come.
    pub fn is_past_deadline(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// Whether the sum may move by `delta` at `now`. It grows before the deadline only and never
    /// above the maximum; it shrinks for as long as it can still become an offer.
    pub fn room_for(&self, delta: i64, now: Timestamp) -> Room {
        let grows = delta > 0;
        if !self.status(now).is_pending() || grows && self.is_past_deadline(now) {
            return Room::NotOpen;
        }
        let after = self.current_quantity.saturating_add(delta);
        let fits = self.max_quantity.is_none_or(|most| after <= most);
        if grows && !fits { Room::Full } else { Room::Free }
    }

    /// Returns the instant at which it ends by itself: the end of its offer, or its deadline before it is
    /// activated.
    pub fn end(&self) -> Option<Timestamp> {
        self.offer_ends_at.or(self.deadline)
    }

    /// Whether the interests are commitments: those that were there at activation are, and nothing
    /// has been added or taken away since.
    pub fn is_committed(&self) -> bool {
        self.activated_at.is_some()
    }

    /// Whether the worker has to end it at `now`.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state != GroupBuyState::Expired && self.status(now) == GroupBuyStatus::Expired
    }
}

/// The page of a group buy, as far as an offer needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedPage {
    /// See [`Page::id`].
    pub id: PageId,
    /// See [`Page::slug`].
    pub slug: Slug,
    /// See [`Page::title`].
    pub title: String,
    /// See [`Page::mode`].
    pub mode: AccessMode,
    /// See [`Page::price`].
    pub price: Option<Money>,
    /// See [`Page::status`].
    pub status: PageStatus,
}

impl From<&Page> for OfferedPage {
    fn from(page: &Page) -> Self {
        Self {
            id: page.id,
            slug: page.slug.clone(),
            title: page.title.clone(),
            mode: page.mode,
            price: page.price,
            status: page.status,
        }
    }
}

/// A group buy with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupBuyView {
    /// The handle.
    pub handle: Handle,
    /// The page as it is now.
    pub page: OfferedPage,
    /// The group buy.
    pub group_buy: GroupBuy,
}

/// A group buy as it is shown at an instant. It tells of sums, never of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupBuyDetails {
    /// What is shown.
    pub view: GroupBuyView,
    /// Where it stands.
    pub status: GroupBuyStatus,
    /// Whether visitors can join or raise their quantity.
    pub can_join: bool,
    /// Whether the deadline has come.
    pub is_past_deadline: bool,
}

impl GroupBuyView {
    /// As it is shown at `now`.
    pub fn at(self, now: Timestamp) -> GroupBuyDetails {
        let status = self.group_buy.status(now);
        let can_join = self.group_buy.room_for(1, now) == Room::Free;
        let is_past_deadline = self.group_buy.is_past_deadline(now);
        GroupBuyDetails { view: self, status, can_join, is_past_deadline }
    }
}
