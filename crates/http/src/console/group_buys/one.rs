//! A group buy: how far it is, who is interested, and what can be done.

use askama::Template;
use tollgate_domain::{
    group_buys::{GroupBuyStatus, InterestRecord, OwnedGroupBuy},
    money::Money,
};

use super::{
    path_of,
    sentences::{self, Progress, Status},
    steps::Obstacle,
};
use crate::{
    console::{
        named::On,
        page::{Nav, Screen, When, render},
        people,
        who::AtHandle,
    },
    extract::Paging,
    links::group_buy_address,
    locale::Texts,
    problem::Answer,
    state::Http,
};

#[derive(Template)]
#[template(path = "console/group_buy.html")]
struct GroupBuyScreen {
    t: Texts,
    screen: Screen,
    here: String,
    title: String,
    description: String,
    status: Status,
    progress: Progress,
    next: Next,
    facts: Facts,
    /// The class of the link to the activation while that is possible, now or later.
    activate: Option<&'static str>,
    is_committed: bool,
    can_edit: bool,
    rows: Vec<InterestRow>,
    older: Option<String>,
}

/// What the creator should know or do now.
struct Next {
    text: String,
    /// Where that is done.
    link: Option<(String, String)>,
    /// The class of the link to the activation.
    class: &'static str,
}

struct Facts {
    /// The path of the page's screen, and the title of the page.
    page: (String, String),
    price: String,
    regular: Option<String>,
    target: String,
    most: Option<String>,
    /// When the current state ends, in words and as a time.
    end: Option<(String, When)>,
    /// What has ended, and when.
    over: Option<(String, When)>,
    offer_days: String,
    /// What was paid, after the activation.
    paid: Option<String>,
    /// The address to give to people.
    address: String,
}

struct InterestRow {
    email: String,
    person: String,
    quantity: String,
    since: When,
    has_paid: bool,
}

pub(super) async fn show(http: Http, on: On<OwnedGroupBuy>, paging: Paging) -> Answer {
    let On { at, it: owned } = on;
    let (slug, page) = (&owned.details.view.group_buy.slug, paging.read()?);
    let group_buys = &http.use_cases.group_buys;
    let list = group_buys.interests(&at.creator, &at.handle.name, slug, &page).await?;
    let can_charge = http.use_cases.connect.can_charge(&at.handle).await?;
    let here = path_of(&at, slug, "");
    let facts = Facts::of(&http, &at, &owned);
    let next = Next::of(&at, &owned, can_charge);
    let rows = list.items.iter().map(|record| InterestRow::of(&at, record)).collect();
    let screen = at.screen.on(Nav::GroupBuys);
    let status = owned.details.status;
    let shown = GroupBuyScreen {
        t: screen.t,
        status: Status::of(screen.t, &owned),
        progress: Progress::of(screen.t, &owned),
        activate: status.is_pending().then_some(next.class),
        next,
        facts,
        is_committed: owned.details.view.group_buy.is_committed(),
        can_edit: !status.has_ended(),
        rows,
        older: list.next.map(|cursor| format!("{here}?cursor={cursor}")),
        here,
        title: owned.details.view.group_buy.title,
        description: owned.details.view.group_buy.description,
        screen,
    };
    render(shown.screen.status(), &shown)
}

impl Next {
    /// Returns the next step. If the target is reached, what stands in the way of the activation comes first. A page that
    /// cannot be bought has words that fit an offer that has begun, too.
    fn of(at: &AtHandle, owned: &OwnedGroupBuy, can_charge: bool) -> Self {
        let is_reached = owned.details.status == GroupBuyStatus::TargetReached;
        let is_for_sale = sentences::obstacle(owned).is_none();
        let obstacle = if is_reached { Obstacle::of(at, owned) } else { None };
        let class = if is_reached && obstacle.is_none() { "button" } else { "button second" };
        match obstacle.filter(|_| is_for_sale) {
            Some(Obstacle { text, link }) => Self { text, link, class },
            None => {
                Self { text: sentences::next(at.screen.t, owned, can_charge), link: None, class }
            }
        }
    }
}

impl Facts {
    fn of(http: &Http, at: &AtHandle, owned: &OwnedGroupBuy) -> Self {
        let (t, view) = (at.screen.t, &owned.details.view);
        let group_buy = &view.group_buy;
        let end = sentences::end(owned).map(|end| {
            let left = sentences::time_left(t, http.clock.now(), end);
            (left, When::exact(t, end))
        });
        let over = sentences::over_since(owned).map(|since| {
            let what = match owned.details.status {
                GroupBuyStatus::Cancelled => "console-group-buys-status-cancelled",
                _ if group_buy.is_committed() => "console-group-buys-status-over",
                _ => "console-group-buys-deadline",
            };
            (t.get(what), When::exact(t, since))
        });
        let regular =
            view.page.regular_price().filter(|regular| group_buy.is_cheaper_than(*regular));
        let amount = Money::new(owned.paid.amount, group_buy.price.currency);
        let paid = || {
            let visitors = owned.paid.visitors;
            t.count_with("console-group-buys-paid-by", visitors, "amount", t.money(amount))
        };
        Self {
            page: (at.editor(&view.page.slug), view.page.title.clone()),
            price: t.money(group_buy.price),
            regular: regular.map(|regular| t.money(regular)),
            target: t.number(group_buy.target_quantity),
            most: group_buy.max_quantity.map(|most| t.number(most)),
            end,
            over,
            offer_days: t.count("console-group-buys-offer-days", group_buy.offer_days),
            paid: group_buy.is_committed().then(paid),
            address: group_buy_address(&http.installation, &at.handle.name, &group_buy.slug),
        }
    }
}

impl InterestRow {
    fn of(at: &AtHandle, record: &InterestRecord) -> Self {
        let t = at.screen.t;
        Self {
            email: record.email.shown(),
            person: people::person(at, &record.email),
            quantity: t.number(record.quantity.get()),
            since: When::day(t, record.created_at),
            has_paid: record.paid,
        }
    }
}
