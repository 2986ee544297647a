//! What a visitor was let into.

use jiff::Timestamp;

use super::{
    PageTerms, Reason, ResourceGate, ResourceType, Terms, Viewer, decide, purchase::GrantType,
};
use crate::{
    id::CreatorId,
    money::Money,
    names::{HandleName, Slug},
};

/// How the visitor got in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessType {
    /// Bought at the page's price.
    Purchase,
    /// Bought at a group price.
    GroupBuy,
    /// Given by the creator.
    Complimentary,
    /// Signed in on a page that is free with login.
    FreeLogin,
    /// Named on a file's list.
    Allowlist,
}

/// Whether it still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessStatus {
    /// It does.
    Active,
    /// The money was given back.
    Refunded,
    /// It was taken back.
    Revoked,
    /// A dispute is open.
    Suspended,
}

/// One row of a visitor's access history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRecord {
    /// Tells rows apart.
    pub id: String,
    /// What kind of thing it is.
    pub resource_type: ResourceType,
    /// How the visitor got in.
    pub access_type: AccessType,
    /// Whether it still holds.
    pub status: AccessStatus,
    /// The handle.
    pub handle: HandleName,
    /// The page's or file's slug.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// Since when.
    pub granted_at: Timestamp,
    /// Until when, if it ended.
    pub ended_at: Option<Timestamp>,
    /// What was paid, if anything was.
    pub amount: Option<Money>,
}

impl AccessType {
    /// The access type of a purchase that was granted in this way.
    pub fn of_grant(granted_as: GrantType) -> Self {
        match granted_as {
            GrantType::Purchase | GrantType::Refunded => Self::Purchase,
            GrantType::GroupBuy => Self::GroupBuy,
            GrantType::Complimentary => Self::Complimentary,
        }
    }
}

impl AccessStatus {
    /// The status of a place on a file's list.
    pub fn of_place(removed_at: Option<Timestamp>) -> Self {
        if removed_at.is_some() { Self::Revoked } else { Self::Active }
    }

    /// Returns the status of a visit to a page that was free with login: whether it would still let the
    /// visitor in, by the rule that decides about access.
    pub fn of_visit(creator_id: CreatorId, page: PageTerms) -> Self {
        let gate = ResourceGate { creator_id, terms: Terms::Page(page) };
        let viewer = Viewer { signed_in: true, ..Viewer::default() };
        if decide(&gate, viewer).is_some_and(Reason::has_access) {
            Self::Active
        } else {
            Self::Revoked
        }
    }

    /// The status of a purchase.
    pub fn of_holding(holding: super::Holding) -> Self {
        if holding.grant_type == GrantType::Refunded {
            Self::Refunded
        } else if holding.revoked {
            Self::Revoked
        } else if holding.suspended {
            Self::Suspended
        } else {
            Self::Active
        }
    }
}
