//! What a refund does to the access to the page.

use tollgate_domain::{access::ports::SoldPurchase, reports::Sale};

use crate::locale::{Texts, isolated};

/// What a refund does to the access to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccessEffect {
    /// Another purchase or a gift keeps the page open.
    Stays,
    Ends,
    /// Nothing: the purchase opens the page no longer, such as after a dispute that took back a part.
    Ended,
}

impl AccessEffect {
    /// Returns the effect, given the purchases of the page by the same buyer.
    pub(super) fn of(sold: &SoldPurchase, sales: &[Sale]) -> Self {
        let mut others = sales.iter().filter(|sale| sale.purchase.id != sold.purchase.id);
        if others.any(|sale| sale.purchase.holding().is_active()) {
            Self::Stays
        } else if sold.purchase.holding().is_active() {
            Self::Ends
        } else {
            Self::Ended
        }
    }

    /// Returns its name in a form.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Stays => "stays",
            Self::Ends => "ends",
            Self::Ended => "ended",
        }
    }

    /// Returns the effect in words.
    pub(super) fn text(self, t: Texts, title: &str) -> String {
        let id = match self {
            Self::Stays => "console-purchases-effect-kept",
            Self::Ends => "console-purchases-effect-access",
            Self::Ended => "console-purchases-effect-ended",
        };
        t.with(id, "title", isolated(title))
    }
}
