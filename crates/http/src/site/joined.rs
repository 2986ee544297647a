//! The group buys that a visitor joined, as "My access" lists them.

use futures_util::{StreamExt, TryStreamExt, stream};
use tollgate_domain::{
    Timestamp,
    creators::AccessMode,
    group_buys::{GroupBuyDetails, GroupBuyStatus},
    id::VisitorId,
};

use super::{
    group_buy::{no_dearer_page, time_left},
    visit::Visit,
};
use crate::{links::group_buy_path, locale::Texts, problem::Problem};

/// How many rows are looked up at the same time.
pub(super) const AT_ONCE: usize = 8;

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

/// Returns the group buys that the visitor joined and that go on, without those of pages that the visitor has.
pub(super) async fn joined(visit: &Visit, visitor: VisitorId) -> Result<Vec<JoinedRow>, Problem> {
    let found = visit.http.use_cases.offers.joined(visitor).await?;
    let pages: Vec<_> = found.iter().map(|details| details.view.page.id).collect();
    let owned = visit.http.use_cases.gate.owned(visitor, &pages).await?;
    let closed = found.into_iter().filter(|details| !owned.contains(&details.view.page.id));
    let rows = stream::iter(closed).map(|details| row(visit, visitor, details));
    let rows: Vec<_> = rows.buffered(AT_ONCE).try_collect().await?;
    Ok(rows.into_iter().flatten().collect())
}

/// Returns the row of a group buy whose page is closed to the visitor; `None` while an earlier payment is to be settled, which
/// is listed by itself.
async fn row(
    visit: &Visit,
    visitor: VisitorId,
    details: GroupBuyDetails,
) -> Result<Option<JoinedRow>, Problem> {
    let (use_cases, page) = (&visit.http.use_cases, details.view.page.id);
    let earlier = use_cases.checkouts.earlier_purchase_of_hidden(visitor, page).await?;
    if !earlier.may_pay() {
        return Ok(None);
    }
    let is_on_sale = use_cases.connect.can_charge(&details.view.handle).await?;
    Ok(Some(JoinedRow::of(visit, details, is_on_sale)))
}

impl JoinedRow {
    fn of(visit: &Visit, details: GroupBuyDetails, is_on_sale: bool) -> Self {
        let (t, http) = (visit.t, &visit.http);
        let end = end(&details).map(|at| End {
            left: time_left(t, http.clock.now(), at),
            at: at.to_string(),
            day: t.day_and_time(at),
        });
        let state = state(t, &details, is_on_sale);
        let can_pay = is_on_sale && is_worth_paying(&details);
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

/// Returns whether the offer is activated and is below what the page costs by itself.
fn is_worth_paying(details: &GroupBuyDetails) -> bool {
    let has_begun = details.status == GroupBuyStatus::Active && is_for_sale(details);
    has_begun && no_dearer_page(details).is_none()
}

fn state(t: Texts, details: &GroupBuyDetails, is_on_sale: bool) -> String {
    if is_on_sale
        && details.status == GroupBuyStatus::Active
        && is_for_sale(details)
        && let Some(price) = no_dearer_page(details)
    {
        return t.with("access-joined-page", "price", t.money(price));
    }
    t.get(match details.status {
        _ if !is_for_sale(details) => "group-not-paid",
        GroupBuyStatus::Open => "access-joined-open",
        GroupBuyStatus::TargetReached => "group-reached",
        GroupBuyStatus::Active if !is_on_sale => "group-active-off-sale",
        GroupBuyStatus::Active => "access-joined-active",
        GroupBuyStatus::Expired | GroupBuyStatus::Cancelled => "group-is-over",
    })
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
