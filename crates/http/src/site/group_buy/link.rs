//! A group buy as other pages of the shop list it.

use tollgate_domain::group_buys::{GroupBuyDetails, GroupBuyStatus};

use super::view::progress_line;
use crate::locale::{Sentence, Texts};

/// A group buy as a list names it.
pub(crate) struct GroupBuyLink {
    pub(in crate::site) slug: String,
    pub(crate) title: String,
    /// The price, and how many joined or until when those who joined can buy.
    pub(crate) terms: Sentence,
}

impl GroupBuyLink {
    pub(in crate::site) fn of(t: Texts, details: GroupBuyDetails) -> Self {
        let has_begun = details.status == GroupBuyStatus::Active;
        let group_buy = details.view.group_buy;
        let price = t.money(group_buy.price);
        let terms = if let Some(end) = group_buy.offer_ends_at.filter(|_| has_begun) {
            t.dated("group-offer", end, t.day_and_time(end), &[("price", price)])
        } else {
            format!("{price} · {}", progress_line(t, &group_buy)).into()
        };
        Self { slug: group_buy.slug.to_string(), title: group_buy.title, terms }
    }
}
