//! The visitor's next step in a group buy.

use tollgate_domain::{
    group_buys::{GroupBuyDetails, GroupBuyStatus, Quantity},
    money::Money,
};

use super::{Mistake, looked::Looked, path_with};
use crate::{
    locale::{Sentence, Texts},
    site::{earlier::invitation, sign_in::EmailForm},
};

/// The next step that the visitor can take.
pub(super) enum Way {
    /// Sign in and return to this page.
    SignIn { form: EmailForm, purpose: String },
    /// Join, or change the quantity, or leave.
    Join { quantity: String, most: i64, hint: String, has_joined: bool, told: Option<String> },
    /// Leave. Joining and changing are no longer possible.
    Leave { told: String },
    /// Pay the group price.
    Pay { button: String },
    /// Buy at the page, which costs no more by itself.
    Page { told: String },
    /// Read the page, which is open to the visitor.
    Read,
    /// Wait until it is known what becomes of the payment. It may have arrived, which this address looks up.
    Wait { look: Option<String> },
    /// The offer is closed to the visitor, for this reason.
    Closed { why: String },
}

impl Way {
    pub(super) fn of(t: Texts, looked: &Looked, mistake: Option<&Mistake>) -> Self {
        let details = &looked.details;
        if looked.can_read {
            return Self::Read;
        }
        if !looked.is_paid() {
            let mine = looked.interest.as_ref().filter(|_| details.status.is_pending());
            return match mine.map(|interest| interest.quantity.get()) {
                Some(quantity) => Self::Leave { told: t.count("group-joined", quantity) },
                None if looked.has_to_wait() => Self::Wait { look: looked.look() },
                None => Self::Closed { why: t.get("group-is-over") },
            };
        }
        let is_signed_in = looked.visitor.is_some();
        match details.status {
            GroupBuyStatus::Expired | GroupBuyStatus::Cancelled => {
                Self::Closed { why: t.get("group-is-over") }
            }
            // Visitors who have joined sign in to change that.
            GroupBuyStatus::Open | GroupBuyStatus::TargetReached if !is_signed_in => {
                let purpose = match (details.can_join, details.is_past_deadline) {
                    (true, _) => "group-sign-in",
                    (false, true) => "group-sign-in-too-late",
                    (false, false) if looked.is_halted() => "group-sign-in-halted",
                    (false, false) => "group-sign-in-full",
                };
                Self::sign_in(looked, t.get(purpose))
            }
            GroupBuyStatus::Open | GroupBuyStatus::TargetReached => {
                Self::pending(t, looked, mistake)
            }
            GroupBuyStatus::Active if looked.has_to_wait() => Self::Wait { look: looked.look() },
            GroupBuyStatus::Active if !looked.is_on_sale => {
                Self::Closed { why: t.get("gate-off-sale") }
            }
            GroupBuyStatus::Active if !is_signed_in => {
                Self::sign_in(looked, t.get("group-sign-in-to-pay"))
            }
            GroupBuyStatus::Active if looked.interest.is_none() => {
                Self::Closed { why: t.get("group-only-joined") }
            }
            GroupBuyStatus::Active => {
                let Some(price) = no_dearer_page(details) else {
                    let price = t.money(details.view.group_buy.price);
                    return Self::Pay { button: t.with("gate-buy", "price", price) };
                };
                Self::Page { told: t.with("group-page-costs-no-more", "price", t.money(price)) }
            }
        }
    }

    pub(super) fn heading(&self, t: Texts, looked: &Looked) -> String {
        let status = looked.details.status;
        t.get(match self {
            Self::SignIn { .. } if status == GroupBuyStatus::Active => "group-heading-pay",
            Self::SignIn { .. } if !looked.details.can_join => "group-heading-closed",
            Self::SignIn { .. } | Self::Join { has_joined: false, .. } => "group-heading-join",
            Self::Join { .. } | Self::Leave { .. } => "group-heading-joined",
            Self::Pay { .. } => "group-heading-pay",
            Self::Read | Self::Wait { .. } => "gate-heading-settling",
            Self::Closed { .. } if status == GroupBuyStatus::Cancelled => "group-heading-cancelled",
            Self::Closed { .. } if status.has_ended() || !looked.is_paid() => "group-heading-over",
            Self::Closed { .. } if status.is_pending() => "group-heading-closed",
            Self::Page { .. } | Self::Closed { .. } => "group-heading-active",
        })
    }

    /// Returns what became of the visitor's last payment, if the visitor can pay again or has to wait. Visitors who have to
    /// wait are told also where there is nothing to pay: joining leads to a payment.
    pub(super) fn earlier(&self, t: Texts, looked: &Looked) -> Vec<Sentence> {
        match self {
            // The notice says that nothing is known of the last one.
            Self::Wait { .. } if looked.earlier.may_pay() => Vec::new(),
            Self::Wait { .. } => looked.told.clone(),
            Self::Pay { .. } | Self::Page { .. } => {
                looked.told.clone().into_iter().chain(invitation(t, &looked.earlier)).collect()
            }
            Self::Join { .. } | Self::Leave { .. } | Self::Closed { .. }
                if !looked.earlier.may_pay() =>
            {
                looked.told.clone()
            }
            _ => Vec::new(),
        }
    }

    /// Returns where what the visitor had is since a change of address, unless it is known to be here.
    pub(super) fn moved(&self, looked: &Looked) -> Option<Sentence> {
        let is_known = matches!(self, Self::Read | Self::Wait { .. });
        looked.moved.clone().filter(|_| !is_known && looked.is_paid())
    }

    /// Returns whether the visitor can go on to pay in a group buy with this status.
    pub(super) fn leads_to_payment(&self, status: GroupBuyStatus) -> bool {
        match self {
            Self::Pay { .. } | Self::Page { .. } => true,
            Self::SignIn { .. } => status == GroupBuyStatus::Active,
            _ => false,
        }
    }

    /// Returns the form for signing in, if that is the next step.
    pub(super) fn form(&mut self) -> Option<&mut EmailForm> {
        match self {
            Self::SignIn { form, .. } => Some(form),
            _ => None,
        }
    }

    /// Returns whether it is the form that takes a quantity.
    pub(super) fn takes_quantity(&self) -> bool {
        matches!(self, Self::Join { .. })
    }

    /// Returns whether the form for signing in says what is wrong with it.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Self::SignIn { form, .. } if form.error.is_some())
    }

    fn sign_in(looked: &Looked, purpose: String) -> Self {
        let form = EmailForm::on(path_with(&looked.details.view.group_buy.slug, looked.wanted));
        Self::SignIn { form, purpose }
    }

    /// Returns the step before activation of a visitor who is signed in.
    fn pending(t: Texts, looked: &Looked, mistake: Option<&Mistake>) -> Self {
        let details = &looked.details;
        let mine = looked.interest.as_ref().map(|interest| interest.quantity.get());
        let told = mine.map(|quantity| t.count("group-joined", quantity));
        match (told, details.can_join, details.is_past_deadline) {
            (Some(told), _, true) => Self::Leave { told },
            (Some(told), _, false) if looked.is_halted() => Self::Leave { told },
            (told @ Some(_), _, false) | (told @ None, true, _) => {
                let wanted = looked.wanted.map(Quantity::get).or(mine);
                let quantity = mistake.map_or_else(
                    || wanted.unwrap_or(1).to_string(),
                    |mistake| mistake.quantity.clone(),
                );
                let most = looked.most();
                let hint = t.count("group-quantity-hint", most);
                Self::Join { quantity, most, hint, has_joined: mine.is_some(), told }
            }
            (None, false, true) => Self::Closed { why: t.get("group-too-late") },
            (None, false, false) if looked.is_halted() => {
                Self::Closed { why: t.get("group-halted") }
            }
            (None, false, false) => Self::Closed { why: t.get("group-no-room") },
        }
    }
}

/// Returns what the page costs by itself if that is no more than the group price: it was made cheaper after the group buy began.
pub(in crate::site) fn no_dearer_page(details: &GroupBuyDetails) -> Option<Money> {
    let group_buy = &details.view.group_buy;
    let regular = details.view.page.regular_price()?;
    let is_comparable = regular.currency == group_buy.price.currency;
    (is_comparable && !group_buy.is_cheaper_than(regular)).then_some(regular)
}
