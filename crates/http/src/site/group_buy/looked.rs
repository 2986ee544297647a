//! What the page of a group buy is made from.

use tollgate_domain::{
    checkout::EarlierPurchase,
    creators::AccessMode,
    group_buys::{GroupBuyDetails, Interest},
    visitor_auth::Visitor,
};

/// A group buy as one visitor finds it.
pub(super) struct Looked {
    pub(super) details: GroupBuyDetails,
    pub(super) visitor: Option<Visitor>,
    pub(super) interest: Option<Interest>,
    /// Whether the seller can take payments.
    pub(super) is_on_sale: bool,
    /// Whether the visitor has the page already.
    pub(super) can_read: bool,
    /// How the visitor stands with the page otherwise.
    pub(super) earlier: EarlierPurchase,
}

impl Looked {
    /// Returns whether the page costs something, without which the group buy leads nowhere.
    pub(super) fn is_paid(&self) -> bool {
        self.details.view.page.mode == AccessMode::Paid
    }
}
