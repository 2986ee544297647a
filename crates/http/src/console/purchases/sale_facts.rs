//! The purchase that a screen is about.

use tollgate_domain::{access::ports::SoldPurchase, money::Money};

use crate::console::{page::When, people, who::AtHandle};

pub(super) struct SaleFacts {
    pub(super) email: String,
    pub(super) person: String,
    pub(super) title: String,
    pub(super) at: When,
    pub(super) paid: Option<String>,
    pub(super) returned: Option<String>,
}

impl SaleFacts {
    pub(super) fn of(at: &AtHandle, sold: SoldPurchase) -> Self {
        let (t, purchase) = (at.screen.t, sold.purchase);
        let paid = purchase.payment.as_ref().map(|payment| payment.paid);
        let returned = paid.filter(|_| purchase.refunded > 0);
        Self {
            person: people::person(at, &sold.email),
            email: sold.email.shown(),
            title: sold.title,
            at: When::exact(t, purchase.created_at),
            paid: paid.map(|paid| t.money(paid)),
            returned: returned.map(|paid| t.money(Money::new(purchase.refunded, paid.currency))),
        }
    }
}
