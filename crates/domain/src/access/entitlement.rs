//! The decision whether somebody may see a page now. It is made here and nowhere else.

use crate::{
    creators::{AccessMode, PageStatus},
    id::{CreatorId, HandleId, PageId},
};

use super::purchase::Holding;

/// What a decision needs to know of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageGate {
    /// The page.
    pub page_id: PageId,
    /// Its handle.
    pub handle_id: HandleId,
    /// Who owns the handle.
    pub creator_id: CreatorId,
    /// How the gate is set.
    pub mode: AccessMode,
    /// Where the page is in its life.
    pub status: PageStatus,
}

/// What a decision needs to know of who is asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewer<'a> {
    /// Whether there is a valid visitor session.
    pub signed_in: bool,
    /// The creator who is asking, if it is one.
    pub creator: Option<CreatorId>,
    /// The visitor's purchases of this page.
    pub holdings: &'a [Holding],
}

/// Why a page is open or closed. Source: founding document, "Access check".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Open to everyone.
    Public,
    /// Closed until the visitor signs in.
    VisitorAuthRequired,
    /// Open to this visitor.
    Entitled,
    /// Closed until the visitor buys it.
    PurchaseRequired,
}

impl Reason {
    /// As it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::VisitorAuthRequired => "visitor_auth_required",
            Self::Entitled => "entitled",
            Self::PurchaseRequired => "purchase_required",
        }
    }

    /// Whether it opens the page.
    pub fn has_access(self) -> bool {
        matches!(self, Self::Public | Self::Entitled)
    }
}

/// The rule that decides. Each gives one reason, or says that for the viewer there is no such page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A public page, asked for by its creator.
    CreatorsPublicPage,
    /// A page that is not public, asked for by its creator.
    CreatorsPage,
    /// Not published, and bought before.
    UnpublishedButBought,
    /// Not published.
    Unpublished,
    /// Public.
    PublicPage,
    /// Not public, and nobody is signed in.
    SignInFirst,
    /// Free for who is signed in.
    FreeWithLogin,
    /// Paid, and a purchase is active.
    Bought,
    /// Paid, and no purchase is active.
    NotBought,
}

impl Rule {
    /// Its name, which stays the same.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreatorsPublicPage => "creators_public_page",
            Self::CreatorsPage => "creators_page",
            Self::UnpublishedButBought => "unpublished_but_bought",
            Self::Unpublished => "unpublished",
            Self::PublicPage => "public_page",
            Self::SignInFirst => "sign_in_first",
            Self::FreeWithLogin => "free_with_login",
            Self::Bought => "bought",
            Self::NotBought => "not_bought",
        }
    }

    /// The rule in words, for the creator.
    pub fn text(self) -> &'static str {
        match self {
            Self::CreatorsPublicPage => "The page is PUBLIC: it is open to everyone.",
            Self::CreatorsPage => "A creator sees the creator's own pages.",
            Self::UnpublishedButBought => {
                "The page is not published, but it stays open to those whose purchase is active."
            }
            Self::Unpublished => {
                "The page is not published: it exists only for its creator and for those whose purchase is \
                 active, and this person has none."
            }
            Self::PublicPage => "The page is PUBLIC: it is open to everyone, signed in or not.",
            Self::SignInFirst => "The page is not PUBLIC, and nobody is signed in.",
            Self::FreeWithLogin => {
                "The page is FREE_WITH_LOGIN: it is open to everyone who is signed in."
            }
            Self::Bought => {
                "The page is PAID, and this person has a purchase of it that is not refunded, revoked or \
                 suspended."
            }
            Self::NotBought => {
                "The page is PAID, and this person has no purchase of it that is not refunded, revoked or \
                 suspended."
            }
        }
    }

    /// What it decides. `None` means that for the viewer there is no such page.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::CreatorsPublicPage | Self::PublicPage => Some(Reason::Public),
            Self::CreatorsPage
            | Self::UnpublishedButBought
            | Self::FreeWithLogin
            | Self::Bought => Some(Reason::Entitled),
            Self::Unpublished => None,
            Self::SignInFirst => Some(Reason::VisitorAuthRequired),
            Self::NotBought => Some(Reason::PurchaseRequired),
        }
    }
}

/// Decides. `None` means that for this viewer there is no such page.
pub fn decide(page: &PageGate, viewer: Viewer<'_>) -> Option<Reason> {
    rule(page, viewer).reason()
}

/// Finds the rule that decides.
///
/// Source: founding document, "Page access modes" and "Entitlement logic". A page that is not
/// published exists for its creator and for those whose purchase is active, and for nobody else.
pub fn rule(page: &PageGate, viewer: Viewer<'_>) -> Rule {
    let bought = viewer.signed_in && viewer.holdings.iter().any(Holding::is_active);
    if viewer.creator == Some(page.creator_id) {
        return match page.mode {
            AccessMode::Public => Rule::CreatorsPublicPage,
            AccessMode::FreeWithLogin | AccessMode::Paid => Rule::CreatorsPage,
        };
    }
    if page.status != PageStatus::Published {
        return if bought { Rule::UnpublishedButBought } else { Rule::Unpublished };
    }
    match page.mode {
        AccessMode::Public => Rule::PublicPage,
        _ if !viewer.signed_in => Rule::SignInFirst,
        AccessMode::FreeWithLogin => Rule::FreeWithLogin,
        AccessMode::Paid if bought => Rule::Bought,
        AccessMode::Paid => Rule::NotBought,
    }
}
