//! A purchase as the list and the export show it.

use tollgate_domain::{
    access::{AccessStatus, GrantType},
    money::Money,
    reports::Sale,
};

use super::refund_option::RefundOption;
use crate::{
    console::{page::When, people, who::AtHandle},
    locale::Texts,
};

pub(super) struct Row {
    pub(super) id: String,
    pub(super) email: String,
    /// The path of the screen about the person.
    pub(super) person: String,
    pub(super) title: String,
    pub(super) kind: String,
    /// The amount paid; `None` for complimentary access.
    pub(super) paid: Option<String>,
    /// The amount refunded, if any.
    pub(super) returned: Option<String>,
    pub(super) status: Status,
    pub(super) at: When,
    /// Whether the last refund failed, so that the money is still to be refunded.
    pub(super) has_failed: bool,
    /// The path of the refund, as long as there is something to refund.
    pub(super) refund: Option<String>,
    /// The path and the words of a link to the dispute, if there is or was one.
    pub(super) dispute: Option<(String, String)>,
}

/// What became of a purchase, with the class of its badge.
pub(super) struct Status {
    pub(super) class: &'static str,
    pub(super) word: String,
}

/// Returns how a purchase came to be, in words.
pub(super) fn kind(t: Texts, granted_as: GrantType) -> String {
    t.get(match granted_as {
        GrantType::Purchase | GrantType::Refunded => "console-purchases-bought",
        GrantType::GroupBuy => "console-purchases-group-buy",
        GrantType::Complimentary => "console-purchases-given",
    })
}

impl Status {
    pub(super) fn of(t: Texts, status: AccessStatus) -> Self {
        let (class, id) = match status {
            AccessStatus::Active => ("good", "console-purchases-active"),
            AccessStatus::Refunded => ("", "console-purchases-refunded"),
            AccessStatus::Revoked => ("bad", "console-purchases-revoked"),
            AccessStatus::Suspended => ("warn", "console-purchases-suspended"),
        };
        Self { class, word: t.get(id) }
    }
}

impl Row {
    pub(super) fn of(at: &AtHandle, sale: &Sale) -> Self {
        let (t, purchase) = (at.screen.t, &sale.purchase);
        let paid = purchase.payment.as_ref().map(|payment| payment.paid);
        let returned = paid.filter(|_| purchase.refunded > 0);
        let returned = returned.map(|paid| t.money(Money::new(purchase.refunded, paid.currency)));
        let option = RefundOption::of(purchase);
        // The refund's page says why a disputed payment cannot be refunded now.
        let leads_to_refund = match option {
            RefundOption::Open(_) | RefundOption::Underway(_) | RefundOption::Disputed => true,
            RefundOption::Refunded | RefundOption::Lost | RefundOption::Complimentary => false,
        };
        Self {
            id: purchase.id.to_string(),
            email: sale.email.shown(),
            person: people::person(at, &sale.email),
            title: sale.title.clone(),
            kind: kind(t, purchase.granted_as),
            paid: paid.map(|paid| t.money(paid)),
            returned,
            status: Status::of(t, sale.status()),
            at: When::exact(t, purchase.created_at),
            has_failed: sale.has_failed_refund(),
            refund: leads_to_refund.then(|| at.refund(purchase.id)),
            dispute: sale
                .is_disputed
                .then(|| (at.dispute(purchase.id), t.get(people::dispute_link(sale.status())))),
        }
    }
}
