//! The state of a group buy in words.

use tollgate_domain::{
    Timestamp,
    creators::{AccessMode, PageStatus},
    group_buys::{GroupBuy, GroupBuyStatus, OwnedGroupBuy},
};

use crate::locale::{Texts, TimeLeft};

pub(super) struct Status {
    pub(super) class: &'static str,
    pub(super) word: String,
}

/// How much of the target is reached: by interests at first, by payments after the activation.
pub(super) struct Progress {
    pub(super) value: i64,
    pub(super) target: i64,
    pub(super) text: String,
}

impl Status {
    pub(super) fn of(t: Texts, owned: &OwnedGroupBuy) -> Self {
        let was_active = owned.details.view.group_buy.is_committed();
        let (class, word) = match owned.details.status {
            GroupBuyStatus::Open => ("", "console-group-buys-status-open"),
            GroupBuyStatus::TargetReached => ("warn", "console-group-buys-status-reached"),
            GroupBuyStatus::Active => ("good", "console-group-buys-status-active"),
            GroupBuyStatus::Expired if was_active => ("", "console-group-buys-status-over"),
            GroupBuyStatus::Expired => ("bad", "console-group-buys-status-missed"),
            GroupBuyStatus::Cancelled => ("bad", "console-group-buys-status-cancelled"),
        };
        Self { class, word: t.get(word) }
    }
}

impl Progress {
    pub(super) fn of(t: Texts, owned: &OwnedGroupBuy) -> Self {
        let group_buy = &owned.details.view.group_buy;
        let target = group_buy.target_quantity;
        let (value, text) = if group_buy.is_committed() {
            (owned.paid.quantity, "console-group-buys-paid-of")
        } else {
            (group_buy.current_quantity, "console-group-buys-wanted-of")
        };
        let text = t.with2(text, "count", t.number(value), "target", t.number(target));
        Self { value: value.min(target), target, text }
    }
}

/// Returns when the current state ends by itself.
pub(super) fn end(owned: &OwnedGroupBuy) -> Option<Timestamp> {
    let group_buy = &owned.details.view.group_buy;
    match owned.details.status {
        GroupBuyStatus::Open | GroupBuyStatus::TargetReached => {
            group_buy.deadline.filter(|_| !owned.details.is_past_deadline)
        }
        GroupBuyStatus::Active => group_buy.offer_ends_at,
        GroupBuyStatus::Expired | GroupBuyStatus::Cancelled => None,
    }
}

/// Returns since when joining and buying have no longer been possible; `None` if one of them is.
pub(super) fn over_since(owned: &OwnedGroupBuy) -> Option<Timestamp> {
    let group_buy = &owned.details.view.group_buy;
    match owned.details.status {
        GroupBuyStatus::Open | GroupBuyStatus::TargetReached => {
            group_buy.deadline.filter(|_| owned.details.is_past_deadline)
        }
        GroupBuyStatus::Active => None,
        GroupBuyStatus::Expired => group_buy.end(),
        // What was called off does not change any more.
        GroupBuyStatus::Cancelled => Some(group_buy.updated_at),
    }
}

/// Returns how much time is left, rounded up.
pub(super) fn time_left(t: Texts, now: Timestamp, end: Timestamp) -> String {
    match TimeLeft::until(now, end) {
        TimeLeft::Days(days) => t.count("console-group-buys-days", days),
        TimeLeft::Hours(hours) => t.count("console-group-buys-hours", hours),
        TimeLeft::Minutes(minutes) => t.count("console-group-buys-minutes", minutes),
    }
}

pub(super) fn next(t: Texts, owned: &OwnedGroupBuy, can_charge: bool) -> String {
    let group_buy = &owned.details.view.group_buy;
    let missing = group_buy.target_quantity.saturating_sub(group_buy.current_quantity);
    let status = owned.details.status;
    if let Some(text) = obstacle(owned).filter(|_| !status.has_ended()) {
        return t.get(text);
    }
    if let Some(text) = needless(t, owned)
        && (status.is_pending() || status == GroupBuyStatus::Active && can_charge)
    {
        return text;
    }
    match status {
        GroupBuyStatus::Open => t.count("console-group-buys-next-open", missing),
        GroupBuyStatus::TargetReached if owned.details.is_past_deadline => {
            t.get("console-group-buys-next-late")
        }
        GroupBuyStatus::TargetReached if is_full(group_buy) => {
            t.get("console-group-buys-next-full")
        }
        GroupBuyStatus::TargetReached => t.get("console-group-buys-next-reached"),
        GroupBuyStatus::Active if !can_charge => t.get("console-group-buys-next-unpayable"),
        GroupBuyStatus::Active => t.get("console-group-buys-next-active"),
        GroupBuyStatus::Expired if group_buy.is_committed() => {
            t.get("console-group-buys-next-over")
        }
        // Those who joined can still leave; if nobody is in it, it is not known whether anybody got a mail.
        GroupBuyStatus::Expired => {
            t.count("console-group-buys-next-missed", group_buy.current_quantity)
        }
        GroupBuyStatus::Cancelled => {
            t.count("console-group-buys-next-cancelled", group_buy.current_quantity)
        }
    }
}

/// Returns the text for a page that costs no more than the group price, or that is sold in another currency before the
/// activation. A page's price may change once there is a group price.
fn needless(t: Texts, owned: &OwnedGroupBuy) -> Option<String> {
    let group_buy = &owned.details.view.group_buy;
    let regular = owned.details.view.page.regular_price();
    let regular = regular.filter(|regular| !group_buy.is_cheaper_than(*regular))?;
    let is_comparable = regular.currency == group_buy.price.currency;
    let id = match (group_buy.is_committed(), is_comparable) {
        (true, true) => "console-group-buys-next-needless-offer",
        (true, false) => return None,
        (false, false) => "console-group-buys-next-other-currency",
        (false, true) if group_buy.can_be_asked_beside(regular) => {
            "console-group-buys-next-needless"
        }
        (false, true) => "console-group-buys-next-dearer",
    };
    Some(t.with(id, "regular", t.money(regular)))
}

fn is_full(group_buy: &GroupBuy) -> bool {
    group_buy.max_quantity.is_some_and(|most| group_buy.current_quantity >= most)
}

/// Returns the text for a page that cannot be bought in a group buy, if it is one. An offer that has begun cannot be
/// called off.
pub(super) fn obstacle(owned: &OwnedGroupBuy) -> Option<&'static str> {
    let view = &owned.details.view;
    let is_published = view.page.status == PageStatus::Published;
    let is_paid = view.page.mode == AccessMode::Paid;
    match (is_published, is_paid, view.group_buy.is_committed()) {
        (true, true, _) => None,
        (false, _, false) => Some("console-group-buys-next-closed"),
        (false, _, true) => Some("console-group-buys-next-closed-offer"),
        (true, false, false) => Some("console-group-buys-next-unpaid"),
        (true, false, true) => Some("console-group-buys-next-unpaid-offer"),
    }
}
