//! Group buys.

use jiff::Timestamp;

use super::{RANDOM, money, number, slug};
use crate::start_of_time;
use tollgate_domain::{
    creators::Page,
    group_buys::{GroupBuy, GroupBuyState, NewGroupBuy},
    id::GroupBuyId,
    money::Money,
    names::Slug,
};

/// An open group buy of the page for 900 minor units, with a target of 3 and neither maximum nor
/// deadline.
pub fn a_group_buy(page: &Page) -> GroupBuyBuilder {
    let currency = page.price.map_or_else(|| money(0, "usd").currency, |price| price.currency);
    GroupBuyBuilder(
        GroupBuy {
            id: GroupBuyId::new(start_of_time(), &*RANDOM),
            handle_id: page.handle_id,
            page_id: page.id,
            slug: slug(&format!("group-{}", number())),
            title: "Together".into(),
            description: "Cheaper for all of us.".into(),
            price: Money::new(900, currency),
            target_quantity: 3,
            max_quantity: None,
            deadline: None,
            offer_days: 7,
            state: GroupBuyState::Open,
            current_quantity: 0,
            activated_at: None,
            offer_ends_at: None,
            created_at: start_of_time(),
            updated_at: start_of_time(),
        },
        page.slug.clone(),
    )
}

/// See [`a_group_buy`].
#[derive(Debug, Clone)]
pub struct GroupBuyBuilder(GroupBuy, Slug);

impl GroupBuyBuilder {
    /// The finished thing.
    pub fn build(self) -> GroupBuy {
        self.0
    }

    /// Sets the name in URLs.
    pub fn slug(mut self, text: &str) -> Self {
        self.0.slug = slug(text);
        self
    }

    /// At this price, in the page's currency.
    pub fn price(mut self, amount: i64) -> Self {
        self.0.price.amount = amount;
        self
    }

    pub fn target(mut self, quantity: i64) -> Self {
        self.0.target_quantity = quantity;
        self
    }

    /// With this maximum.
    pub fn most(mut self, quantity: i64) -> Self {
        self.0.max_quantity = Some(quantity);
        self
    }

    pub fn deadline(mut self, instant: Timestamp) -> Self {
        self.0.deadline = Some(instant);
        self
    }

    pub fn sum(mut self, quantity: i64) -> Self {
        self.0.current_quantity = quantity;
        self
    }

    /// With an offer of so many days.
    pub fn days(mut self, days: i64) -> Self {
        self.0.offer_days = days;
        self
    }

    /// Made at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = GroupBuyId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.updated_at = instant;
        self
    }

    /// As a creator would ask for it.
    pub fn new_group_buy(self) -> NewGroupBuy {
        let Self(it, page_slug) = self;
        NewGroupBuy {
            slug: it.slug,
            title: it.title,
            description: it.description,
            page_slug,
            price: it.price,
            target_quantity: it.target_quantity,
            max_quantity: it.max_quantity,
            deadline: it.deadline,
            offer_days: Some(it.offer_days),
        }
    }
}
