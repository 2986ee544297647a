//! The access history of visitors.

use jiff::Timestamp;

use super::{
    PageTerms, Reason, ResourceGate, ResourceType, Terms, Viewer, decide, purchase::GrantType,
};
use crate::{
    id::CreatorId,
    money::Money,
    names::{HandleName, Slug},
};

/// How the visitor got access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessType {
    /// The visitor bought the page at its own price.
    Purchase,
    /// The visitor bought the page at a group price.
    GroupBuy,
    /// The creator granted complimentary access.
    Complimentary,
    /// The visitor signed in on a page that is free with login.
    FreeLogin,
    /// The visitor is or was on a file's allowlist.
    Allowlist,
}

/// Whether the access is still valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessStatus {
    /// The access is valid.
    Active,
    /// The payment was refunded.
    Refunded,
    /// The access was revoked.
    Revoked,
    /// The access is suspended by an open dispute.
    Suspended,
}

/// One row of a visitor's access history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRecord {
    /// A text that identifies the row. Of what was bought or given, it is the id of the purchase.
    pub id: String,
    /// Whether the row is about a page or a file.
    pub resource_type: ResourceType,
    /// How the visitor got access.
    pub access_type: AccessType,
    /// Whether the access is still valid.
    pub status: AccessStatus,
    /// The name of the handle.
    pub handle: HandleName,
    /// The name of the shop, which is the handle's title.
    pub seller: String,
    /// The slug of the page or file.
    pub slug: Slug,
    /// The title of the page or file.
    pub title: String,
    /// When access was granted.
    pub granted_at: Timestamp,
    /// When access ended, if it has ended.
    pub ended_at: Option<Timestamp>,
    /// The amount that was paid, if any.
    pub amount: Option<Money>,
}

impl AccessType {
    /// Returns the access type of a purchase with this grant type.
    pub fn of_grant(granted_as: GrantType) -> Self {
        match granted_as {
            GrantType::Purchase | GrantType::Refunded => Self::Purchase,
            GrantType::GroupBuy => Self::GroupBuy,
            GrantType::Complimentary => Self::Complimentary,
        }
    }
}

impl AccessStatus {
    /// Returns the status of an entry on a file's allowlist.
    pub fn of_place(ended_at: Option<Timestamp>) -> Self {
        if ended_at.is_some() { Self::Revoked } else { Self::Active }
    }

    /// Returns the status of a visit to a page that was free with login. It is active if the access rule
    /// would still let the visitor in.
    pub fn of_visit(creator_id: CreatorId, page: PageTerms) -> Self {
        let gate = ResourceGate { creator_id, terms: Terms::Page(page) };
        let viewer = Viewer { signed_in: true, ..Viewer::default() };
        if decide(&gate, viewer).is_some_and(Reason::has_access) {
            Self::Active
        } else {
            Self::Revoked
        }
    }

    /// Returns the status of a purchase.
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
