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

/// Decides. `None` means that for this viewer there is no such page.
///
/// Source: founding document, "Page access modes" and "Entitlement logic". A page that is not
/// published exists for its creator and for those whose purchase is active, and for nobody else.
pub fn decide(page: &PageGate, viewer: Viewer<'_>) -> Option<Reason> {
    let bought = viewer.signed_in && viewer.holdings.iter().any(Holding::is_active);
    if viewer.creator == Some(page.creator_id) {
        return Some(match page.mode {
            AccessMode::Public => Reason::Public,
            AccessMode::FreeWithLogin | AccessMode::Paid => Reason::Entitled,
        });
    }
    if page.status != PageStatus::Published {
        return bought.then_some(Reason::Entitled);
    }
    Some(match page.mode {
        AccessMode::Public => Reason::Public,
        _ if !viewer.signed_in => Reason::VisitorAuthRequired,
        AccessMode::FreeWithLogin => Reason::Entitled,
        AccessMode::Paid if bought => Reason::Entitled,
        AccessMode::Paid => Reason::PurchaseRequired,
    })
}
