//! A group buy as other pages of the shop list it.

use tollgate_domain::group_buys::GroupBuyDetails;

use super::view::progress_line;
use crate::locale::Texts;

/// A group buy as a list names it.
pub(crate) struct GroupBuyLink {
    pub(in crate::site) slug: String,
    pub(crate) title: String,
    /// The price and how many joined.
    pub(crate) terms: String,
}

impl GroupBuyLink {
    pub(in crate::site) fn of(t: Texts, details: GroupBuyDetails) -> Self {
        let group_buy = details.view.group_buy;
        let terms = format!("{} · {}", t.money(group_buy.price), progress_line(t, &group_buy));
        Self { slug: group_buy.slug.to_string(), title: group_buy.title, terms }
    }
}
