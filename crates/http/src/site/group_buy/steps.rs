//! What happens next in a group buy.

use tollgate_domain::group_buys::GroupBuyStatus;

use super::looked::Looked;
use crate::locale::{Texts, isolated};

/// Returns what happens next, in order. Nothing more happens to those who have the page or have paid for it, or who are signed
/// in and have not joined an offer that is activated, once the page is not for sale, and while the offer cannot be paid or nobody
/// can join.
pub(super) fn steps(t: Texts, looked: &Looked) -> Vec<String> {
    let has_not_joined = looked.visitor.is_some() && looked.interest.is_none();
    let has_begun = looked.details.status == GroupBuyStatus::Active;
    let cannot_pay = has_begun && (!looked.is_on_sale || has_not_joined);
    if looked.needs_no_payment() || !looked.is_paid() || looked.is_halted() || cannot_pay {
        return Vec::new();
    }
    let details = &looked.details;
    let (group_buy, seller) = (&details.view.group_buy, isolated(&details.view.handle.title));
    let price = t.money(group_buy.price);
    let pay = || t.count_with("group-step-pay", group_buy.offer_days, "price", &price);
    match details.status {
        GroupBuyStatus::Open => {
            let ends = if group_buy.deadline.is_some() {
                t.get("group-step-deadline")
            } else {
                t.get("group-step-no-deadline")
            };
            vec![
                t.count("group-step-join", group_buy.target_quantity),
                t.with("group-step-start", "seller", seller),
                pay(),
                ends,
            ]
        }
        GroupBuyStatus::TargetReached => {
            vec![t.with("group-step-start", "seller", seller), pay()]
        }
        GroupBuyStatus::Active => vec![t.get("group-step-active"), t.get("group-step-lapse")],
        GroupBuyStatus::Expired | GroupBuyStatus::Cancelled => Vec::new(),
    }
}
