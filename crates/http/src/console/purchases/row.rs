//! A purchase as the list and the export show it.

use tollgate_domain::{
    access::{AccessStatus, GrantType},
    money::Money,
    reports::Sale,
};

use crate::{
    console::{page::When, people, who::AtHandle},
    locale::Texts,
};

/// A row of the list.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) email: String,
    /// The path of the screen about the person.
    pub(super) person: String,
    pub(super) title: String,
    pub(super) kind: String,
    /// What was paid; none for what was given away.
    pub(super) paid: Option<String>,
    /// What was given back of it, if anything.
    pub(super) returned: Option<String>,
    pub(super) status: Status,
    pub(super) at: When,
    /// The path of the refund, as long as there is something to give back.
    pub(super) refund: Option<String>,
    /// The path of the screen about the dispute, if there is or was one.
    pub(super) dispute: Option<String>,
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
        let status = sale.status();
        // A payment that ended without a refund was lost in a dispute, so there is nothing to give back.
        let is_lost = paid.is_some() && status == AccessStatus::Revoked;
        let is_refundable =
            paid.is_some() && purchase.grant_type != GrantType::Refunded && !is_lost;
        let step = |step: &str| at.path(&format!("/purchases/{}/{step}", purchase.id));
        Self {
            id: purchase.id.to_string(),
            email: sale.email.to_string(),
            person: people::person(at, &sale.email),
            title: sale.title.clone(),
            kind: kind(t, purchase.granted_as),
            paid: paid.map(|paid| t.money(paid)),
            returned,
            status: Status::of(t, status),
            at: When::exact(t, purchase.created_at),
            refund: is_refundable.then(|| step("refund")),
            dispute: sale.is_disputed.then(|| step("dispute")),
        }
    }
}
