//! Group buys, and the status that follows from their stored state, their sum and the current time.

use jiff::Timestamp;

use crate::{
    clock::{DAY_SECONDS, plus_seconds},
    creators::{Handle, PageLabel, PageStatus},
    id::{GroupBuyId, HandleId, PageId},
    money::Money,
    names::Slug,
    text_enum::text_enum,
    version::Version,
};

/// The stored state of a group buy. The status that is shown to people is [`GroupBuyStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBuyState {
    /// The group buy has been neither activated nor ended.
    Open,
    /// The creator has activated the group buy.
    Active,
    /// The worker has marked the group buy as expired.
    Expired,
    /// The creator has cancelled the group buy.
    Cancelled,
}

text_enum!(
    GroupBuyState,
    Open = "OPEN",
    Active = "ACTIVE",
    Expired = "EXPIRED",
    Cancelled = "CANCELLED"
);

/// The status of a group buy at an instant; see [`GroupBuy::status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBuyStatus {
    /// Visitors can express interest; the target has not been reached.
    Open,
    /// The target has been reached and the creator can activate the group buy.
    TargetReached,
    /// Visitors who were interested at activation can buy at the group price.
    Active,
    /// The group buy has ended: its deadline passed below the target, or its offer ended.
    Expired,
    /// The creator has cancelled the group buy.
    Cancelled,
}

impl GroupBuyStatus {
    /// Returns whether the group buy can still be activated, now or after reaching its target.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Open | Self::TargetReached)
    }

    /// Returns whether the group buy has expired or was cancelled.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Expired | Self::Cancelled)
    }
}

/// An offer of a paid page at a group price, once enough visitors are interested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupBuy {
    /// The identifier of the group buy.
    pub id: GroupBuyId,
    /// The handle that the group buy belongs to.
    pub handle_id: HandleId,
    /// The page that is offered.
    pub page_id: PageId,
    /// The name of the group buy in URLs, unique within the handle.
    pub slug: Slug,
    /// The title shown to visitors.
    pub title: String,
    /// The description, as plain text.
    pub description: String,
    /// The price that each buyer pays. It is frozen at activation.
    pub price: Money,
    /// The sum of quantities at which the group buy can be activated; at least 1.
    pub target_quantity: i64,
    /// The largest allowed sum of quantities; at least the target. `None` means no maximum.
    pub max_quantity: Option<i64>,
    /// The instant from which visitors can no longer join. If the target has not been reached by then,
    /// the group buy ends.
    pub deadline: Option<Timestamp>,
    /// The number of days for which interested visitors can buy after activation; 1 to 30.
    pub offer_days: i64,
    /// The stored state.
    pub state: GroupBuyState,
    /// The sum of the quantities of all interests.
    pub current_quantity: i64,
    /// When the creator activated the group buy, if that has happened.
    pub activated_at: Option<Timestamp>,
    /// The instant from which visitors can no longer buy; set at activation.
    pub offer_ends_at: Option<Timestamp>,
    /// When the group buy was created.
    pub created_at: Timestamp,
    /// When the creator or the worker last changed the group buy. Joining and leaving do not count as
    /// changes.
    pub updated_at: Timestamp,
}

/// Whether the sum of a group buy may change by a given amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// The change is allowed.
    Free,
    /// The group buy no longer accepts such a change.
    NotOpen,
    /// The change would exceed the maximum.
    Full,
}

impl GroupBuy {
    /// Returns what identifies this version of what its creator can change.
    pub fn version(&self) -> Version {
        self.updated_at.into()
    }

    /// Returns the status at `now`. It depends only on the stored fields and on the time, not on whether
    /// a worker has run.
    ///
    /// A group buy that has reached its target does not end at its deadline: visitors can no longer
    /// join, but the creator can activate it. If withdrawals then take the sum below the target, it
    /// ends.
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

    /// Returns whether the sum has reached the target.
    pub fn is_reached(&self) -> bool {
        self.current_quantity >= self.target_quantity
    }

    /// Returns whether the deadline has been reached at `now`.
    pub fn is_past_deadline(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// Returns whether the sum may change by `delta` at `now`. It may increase only before the deadline
    /// and only up to the maximum. It may decrease while the group buy is pending.
    pub fn room_for(&self, delta: i64, now: Timestamp) -> Room {
        let grows = delta > 0;
        if !self.status(now).is_pending() || grows && self.is_past_deadline(now) {
            return Room::NotOpen;
        }
        let after = self.current_quantity.saturating_add(delta);
        let fits = self.max_quantity.is_none_or(|most| after <= most);
        if grows && !fits { Room::Full } else { Room::Free }
    }

    /// Returns the instant at which the group buy ends by itself: the end of its offer, or its deadline
    /// before it is activated.
    pub fn end(&self) -> Option<Timestamp> {
        self.offer_ends_at.or(self.deadline)
    }

    /// Returns when the offer would end if the group buy were activated at `now`.
    pub fn offer_end(&self, now: Timestamp) -> Timestamp {
        plus_seconds(now, self.offer_days.saturating_mul(DAY_SECONDS))
    }

    /// Returns whether the interests are commitments. Interests become commitments at activation and can
    /// no longer change after it.
    pub fn is_committed(&self) -> bool {
        self.activated_at.is_some()
    }

    /// Returns whether the worker has to end the group buy at `now`.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state != GroupBuyState::Expired && self.status(now) == GroupBuyStatus::Expired
    }
}

/// A group buy with its handle and page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupBuyView {
    /// The handle that the group buy belongs to.
    pub handle: Handle,
    /// The page as it is now.
    pub page: PageLabel,
    /// The stored group buy.
    pub group_buy: GroupBuy,
}

/// A group buy as it is shown at an instant. It contains sums only, and no data about individual
/// visitors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupBuyDetails {
    /// The group buy with its handle and page.
    pub view: GroupBuyView,
    /// The status at that instant.
    pub status: GroupBuyStatus,
    /// Whether visitors can join or raise their quantity.
    pub can_join: bool,
    /// Whether the deadline has been reached.
    pub is_past_deadline: bool,
}

impl GroupBuyDetails {
    /// Returns the same details of a group buy that takes nobody in, whatever room and time is left.
    pub(super) fn closed(self) -> Self {
        Self { can_join: false, ..self }
    }
}

impl GroupBuyView {
    /// Returns whether everybody may see the group buy: its page is published.
    pub fn is_public(&self) -> bool {
        self.page.status == PageStatus::Published
    }

    /// Returns the details to show at `now`.
    pub fn at(self, now: Timestamp) -> GroupBuyDetails {
        let status = self.group_buy.status(now);
        let can_join = self.group_buy.room_for(1, now) == Room::Free;
        let is_past_deadline = self.group_buy.is_past_deadline(now);
        GroupBuyDetails { view: self, status, can_join, is_past_deadline }
    }
}
