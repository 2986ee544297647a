//! The group buys that a visitor joined, as "My access" lists them.

use std::collections::BTreeSet;

use tollgate_domain::{
    Timestamp,
    creators::AccessMode,
    group_buys::{GroupBuyDetails, GroupBuyStatus},
    id::{PageId, VisitorId},
};

use super::{group_buy::time_left, visit::Visit};
use crate::{links::group_buy_path, locale::Texts, problem::Problem};

/// A group buy that goes on.
pub(super) struct JoinedRow {
    pub(super) address: String,
    pub(super) title: String,
    /// The name of the shop, and its address.
    pub(super) seller: String,
    pub(super) shop: String,
    /// The group price.
    pub(super) price: String,
    /// What it waits for.
    pub(super) state: String,
    pub(super) end: Option<End>,
    /// The words of the link to pay, if it can be paid.
    pub(super) pay: Option<String>,
}

/// When it ends by itself.
pub(super) struct End {
    pub(super) left: String,
    pub(super) at: String,
    pub(super) day: String,
}

/// Returns the group buys that the visitor joined and that go on, without those of pages that the visitor has. Payments
/// for the pages that are `settling` are listed by themselves.
pub(super) async fn joined(
    visit: &Visit,
    visitor: VisitorId,
    settling: &BTreeSet<PageId>,
) -> Result<Vec<JoinedRow>, Problem> {
    let found = visit.http.use_cases.offers.joined(visitor).await?;
    let pages: Vec<_> = found.iter().map(|details| details.view.page.id).collect();
    let owned = visit.http.use_cases.gate.owned(visitor, &pages).await?;
    let goes_on = |details: &GroupBuyDetails| {
        let page = &details.view.page.id;
        !owned.contains(page) && !settling.contains(page)
    };
    let rows = found.into_iter().filter(goes_on);
    Ok(rows.map(|details| JoinedRow::of(visit, details)).collect())
}

impl JoinedRow {
    fn of(visit: &Visit, details: GroupBuyDetails) -> Self {
        let (t, http) = (visit.t, &visit.http);
        let end = end(&details).map(|at| End {
            left: time_left(t, http.clock.now(), at),
            at: at.to_string(),
            day: t.day_and_time(at),
        });
        let (state, can_pay) = (t.get(state(&details)), can_pay(&details));
        let group_buy = details.view.group_buy;
        let price = t.money(group_buy.price);
        let shop = http.installation.handle_origin(&details.view.handle.name);
        Self {
            address: format!("{shop}{}", group_buy_path(&group_buy.slug)),
            title: group_buy.title,
            seller: details.view.handle.title,
            pay: can_pay.then(|| pay(t, &price)),
            shop,
            price,
            state,
            end,
        }
    }
}

fn pay(t: Texts, price: &str) -> String {
    t.with("gate-buy", "price", price)
}

/// Returns whether the group buy still leads to its page, which is published and costs something.
fn is_for_sale(details: &GroupBuyDetails) -> bool {
    details.view.is_public() && details.view.page.mode == AccessMode::Paid
}

fn can_pay(details: &GroupBuyDetails) -> bool {
    details.status == GroupBuyStatus::Active && is_for_sale(details)
}

fn state(details: &GroupBuyDetails) -> &'static str {
    match details.status {
        _ if !is_for_sale(details) => "group-not-paid",
        GroupBuyStatus::Open => "access-joined-open",
        GroupBuyStatus::TargetReached => "group-reached",
        GroupBuyStatus::Active => "access-joined-active",
        GroupBuyStatus::Expired | GroupBuyStatus::Cancelled => "group-is-over",
    }
}

fn end(details: &GroupBuyDetails) -> Option<Timestamp> {
    let group_buy = &details.view.group_buy;
    match details.status {
        _ if !is_for_sale(details) => None,
        GroupBuyStatus::Active => group_buy.offer_ends_at,
        _ if details.is_past_deadline => None,
        _ => group_buy.deadline,
    }
}
