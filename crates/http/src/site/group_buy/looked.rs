//! What the page of a group buy is made from.

use tollgate_domain::{
    checkout::EarlierPurchase,
    creators::AccessMode,
    group_buys::{GroupBuyDetails, Interest, Quantity},
    id::CheckoutId,
    visitor_auth::Visitor,
};

use crate::{links::return_path, locale::Sentence};

/// A group buy as one visitor finds it.
pub(super) struct Looked {
    pub(super) details: GroupBuyDetails,
    pub(super) visitor: Option<Visitor>,
    pub(super) interest: Option<Interest>,
    /// The quantity that was typed before signing in.
    pub(super) wanted: Option<Quantity>,
    /// Whether the seller can take payments.
    pub(super) is_on_sale: bool,
    /// Whether the visitor has the page already.
    pub(super) can_read: bool,
    /// What became of the visitor's last purchase of the page, if it is closed.
    pub(super) earlier: EarlierPurchase,
    /// What became of that, in sentences, or else where what the visitor had is since a change of address.
    pub(super) told: Vec<Sentence>,
    pub(super) moved: Option<Sentence>,
    /// The visitor's order for the page of which it is not known yet whether it was paid.
    pub(super) unconfirmed: Option<CheckoutId>,
}

impl Looked {
    /// Returns whether the page is published and costs something, without which the group buy leads nowhere.
    pub(super) fn is_paid(&self) -> bool {
        self.is_public() && self.details.view.page.mode == AccessMode::Paid
    }

    /// Returns whether the page is published. If it is not, only those who have joined find the group buy, and only to leave it.
    pub(super) fn is_public(&self) -> bool {
        self.details.view.is_public()
    }

    /// Returns whether the visitor has the page, or has paid for it and waits for what becomes of that.
    pub(super) fn needs_no_payment(&self) -> bool {
        self.can_read || self.has_to_wait()
    }

    /// Returns whether the visitor may have paid, so that nothing is to be paid until that is known.
    pub(super) fn has_to_wait(&self) -> bool {
        !self.earlier.may_pay() || self.unconfirmed.is_some()
    }

    /// Returns the address that looks up whether the visitor's payment has arrived, if one may be on its way. It leads on to
    /// the page, which who waits does not find while it is not published.
    pub(super) fn look(&self) -> Option<String> {
        let id = match &self.earlier {
            EarlierPurchase::Pending(_) if !self.is_public() => return None,
            EarlierPurchase::Pending(order) => order.id,
            _ => self.unconfirmed?,
        };
        Some(return_path(&self.details.view.page.slug, id))
    }

    /// Returns the most that the visitor can want: what is left, and what is the visitor's own already.
    pub(super) fn most(&self) -> i64 {
        let group_buy = &self.details.view.group_buy;
        let mine = self.interest.as_ref().map_or(0, |interest| interest.quantity.get());
        group_buy.max_quantity.map_or(Quantity::MAX, |most| {
            let left = most.saturating_sub(group_buy.current_quantity);
            left.saturating_add(mine).clamp(1, Quantity::MAX)
        })
    }

    /// Returns whether nobody can join although there is time and room left: the seller is suspended.
    pub(super) fn is_halted(&self) -> bool {
        let (details, group_buy) = (&self.details, &self.details.view.group_buy);
        let has_room = group_buy.max_quantity.is_none_or(|most| group_buy.current_quantity < most);
        details.status.is_pending() && !details.can_join && !details.is_past_deadline && has_room
    }
}
