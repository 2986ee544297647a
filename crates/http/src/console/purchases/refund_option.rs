//! What can be done about a purchase.

use tollgate_domain::{
    access::{GrantType, Purchase},
    money::Money,
};

use crate::locale::Texts;

/// What can be done about a purchase.
pub(super) enum RefundOption {
    /// This much can be refunded.
    Open(Money),
    /// This much is being refunded, but Stripe has not answered.
    Underway(Money),
    Refunded,
    Disputed,
    /// The bank gave the money, or what was left of it, back after a dispute.
    Lost,
    /// Nothing was paid.
    Complimentary,
}

impl RefundOption {
    pub(super) fn of(purchase: &Purchase) -> Self {
        let Some(payment) = &purchase.payment else { return Self::Complimentary };
        if purchase.grant_type == GrantType::Refunded {
            return Self::Refunded;
        }
        if purchase.suspended_at.is_some() {
            return Self::Disputed;
        }
        if purchase.left() == 0 {
            return Self::Lost;
        }
        let left = Money::new(purchase.left(), payment.paid.currency);
        if purchase.refund_reserved > 0 { Self::Underway(left) } else { Self::Open(left) }
    }

    /// Returns how much can be refunded.
    pub(super) fn amount(&self) -> Option<Money> {
        match self {
            Self::Open(amount) | Self::Underway(amount) => Some(*amount),
            Self::Refunded | Self::Disputed | Self::Lost | Self::Complimentary => None,
        }
    }

    pub(super) fn heading(&self, t: Texts) -> String {
        match self {
            Self::Open(amount) | Self::Underway(amount) => {
                t.with("console-purchases-refund-heading", "amount", t.money(amount))
            }
            Self::Refunded => t.get("console-purchases-refunded-heading"),
            Self::Disputed => t.get("console-purchases-disputed-heading"),
            Self::Lost => t.get("console-purchases-lost-heading"),
            Self::Complimentary => t.get("console-purchases-given-heading"),
        }
    }

    /// Returns what there is to say besides what a refund does.
    pub(super) fn effects(&self, t: Texts) -> Vec<String> {
        match self {
            Self::Open(_) => Vec::new(),
            Self::Underway(_) => vec![t.get("console-purchases-underway-text")],
            Self::Refunded => vec![t.get("console-purchases-refunded-text")],
            Self::Disputed => vec![t.get("console-purchases-disputed-text")],
            Self::Lost => vec![t.get("console-purchases-lost-text")],
            Self::Complimentary => vec![t.get("console-purchases-given-text")],
        }
    }
}
