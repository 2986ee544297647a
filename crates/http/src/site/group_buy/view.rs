//! The words and figures on the page of a group buy.

use askama::Template;
use tollgate_domain::{
    Timestamp,
    group_buys::{GroupBuy, GroupBuyStatus},
    money::Money,
    names::Slug,
};

use super::{
    Mistake,
    looked::Looked,
    steps::steps,
    way::{Way, no_dearer_page},
};
use crate::{
    links::group_buy_path,
    locale::{Sentence, Texts, TimeLeft},
    site::{
        frame::{Card, Frame},
        sign_in::EmailForm,
        visit::Visit,
    },
};

#[derive(Template)]
#[template(path = "site/group_buy.html")]
pub(super) struct GroupBuyPage<'a> {
    t: Texts,
    frame: Frame,
    title: &'a str,
    slug: &'a Slug,
    description: &'a str,
    page_slug: &'a Slug,
    page_title: &'a str,
    /// Whether the page is named and linked: the visitor finds it.
    names_page: bool,
    price: String,
    /// What the page costs by itself.
    regular: Option<String>,
    joined: String,
    /// What is left: to the target, of the places, of the time.
    facts: Vec<Sentence>,
    /// The part of the target that is reached, for the progress bar.
    progress: i64,
    target: i64,
    state: String,
    until: Option<Until>,
    /// What became of the visitor's last payment for the page.
    earlier: Vec<Sentence>,
    /// Where what the visitor had is since a change of address.
    moved: Option<Sentence>,
    heading: String,
    /// What the page costs by itself, if that is the better offer before this one is activated.
    better: Option<String>,
    /// Whether a visitor who can do nothing here is sent to the page.
    leads_to_page: bool,
    way: Way,
    error: Option<String>,
    steps: Vec<String>,
}

impl GroupBuyPage<'_> {
    /// Says once what has just happened.
    pub(super) fn telling(self, notice: Option<String>) -> Self {
        Self { frame: self.frame.telling(notice), ..self }
    }

    /// Returns whether the visitor can go on to pay.
    pub(super) fn leads_to_payment(&self, looked: &Looked) -> bool {
        self.way.leads_to_payment(looked.details.status)
    }

    /// Returns the form for signing in, if that is the next step.
    pub(super) fn form(&mut self) -> Option<&mut EmailForm> {
        self.way.form()
    }

    /// Returns whether a form of the page says what is wrong with it.
    fn is_refused(&self) -> bool {
        self.error.is_some() || self.way.is_refused()
    }
}

/// The end of the current state.
struct Until {
    text: String,
    datetime: String,
    day: String,
}

impl Looked {
    pub(super) fn page(&self, visit: &Visit, mistake: Option<Mistake>) -> GroupBuyPage<'_> {
        let t = visit.t;
        let view = &self.details.view;
        let group_buy = &view.group_buy;
        // The price of a draft is for its creator alone.
        let is_shown = |regular: &Money| self.is_public() && group_buy.is_cheaper_than(*regular);
        let regular = view.page.regular_price().filter(is_shown);
        let (way, better) = (Way::of(t, self, mistake.as_ref()), self.better(t));
        GroupBuyPage {
            t,
            frame: self.frame(visit),
            title: &group_buy.title,
            slug: &group_buy.slug,
            description: &group_buy.description,
            page_slug: &view.page.slug,
            page_title: &view.page.title,
            names_page: self.is_public() || self.can_read,
            price: t.money(group_buy.price),
            regular: regular.map(|regular| t.with("group-regular", "price", t.money(regular))),
            joined: progress_line(t, group_buy),
            facts: self.facts(t, visit.http.clock.now()),
            progress: group_buy.current_quantity.min(group_buy.target_quantity),
            target: group_buy.target_quantity,
            state: self.state(t),
            until: self.until(t),
            earlier: way.earlier(t, self),
            moved: way.moved(self),
            heading: way.heading(t, self),
            // Nobody is sent there twice, nor to buy what cannot be bought.
            leads_to_page: better.is_none()
                && self.is_public()
                && (self.is_on_sale || !self.is_paid()),
            better,
            // Without the form there is nothing that the visitor could mend.
            error: mistake
                .filter(|_| way.takes_quantity())
                .map(|mistake| t.count(mistake.error, self.most())),
            way,
            steps: steps(t, self),
        }
    }

    fn frame(&self, visit: &Visit) -> Frame {
        let view = &self.details.view;
        let path = group_buy_path(&view.group_buy.slug);
        let card = Card {
            address: format!("{}{path}", visit.http.installation.handle_origin(&view.handle.name)),
            title: view.group_buy.title.clone(),
            description: visit.t.with2(
                "group-description",
                "price",
                visit.t.money(view.group_buy.price),
                "seller",
                &view.handle.title,
            ),
        };
        Frame::new(&visit.http, path)
            .of(&view.handle)
            .seen_by(self.visitor.as_ref())
            .with_picture_of(&visit.http, &view.handle)
            .listed(card)
    }

    fn state(&self, t: Texts) -> String {
        let details = &self.details;
        t.get(match details.status {
            _ if !self.is_paid() => "group-not-paid",
            GroupBuyStatus::Open | GroupBuyStatus::TargetReached if !self.is_on_sale => {
                // Joining costs nothing, so people can join although the page is not on sale.
                if details.can_join { "group-open-off-sale" } else { "group-off-sale" }
            }
            GroupBuyStatus::Open => "group-open",
            GroupBuyStatus::TargetReached if details.can_join || details.is_past_deadline => {
                "group-reached"
            }
            GroupBuyStatus::TargetReached => "group-reached-full",
            GroupBuyStatus::Active if !self.is_on_sale => "group-active-off-sale",
            GroupBuyStatus::Active => "group-active",
            GroupBuyStatus::Expired if details.view.group_buy.activated_at.is_some() => {
                "group-offer-ended"
            }
            GroupBuyStatus::Expired => "group-expired",
            GroupBuyStatus::Cancelled => "group-cancelled",
        })
    }

    /// Returns that the page costs no more by itself, to who is about to join or has joined.
    fn better(&self, t: Texts) -> Option<String> {
        let may_buy = self.is_paid() && self.is_on_sale && !self.needs_no_payment();
        if !self.details.status.is_pending() || !may_buy {
            return None;
        }
        let price = no_dearer_page(&self.details)?;
        Some(t.with("group-page-costs-no-more", "price", t.money(price)))
    }

    fn facts(&self, t: Texts, now: Timestamp) -> Vec<Sentence> {
        let group_buy = &self.details.view.group_buy;
        let mut facts = Vec::new();
        if !self.is_paid() {
            return facts;
        }
        if self.details.status == GroupBuyStatus::Open {
            let left = group_buy.target_quantity.saturating_sub(group_buy.current_quantity);
            facts.push(t.count("group-left", left).into());
        }
        if self.details.status.is_pending()
            && let Some(most) = group_buy.max_quantity
        {
            let room = most.saturating_sub(group_buy.current_quantity);
            facts.push(t.count_with("group-room", room, "most", t.number(most)).into());
        }
        // The day is named here unless a sentence names it.
        let has_day = self.until(t).is_some();
        facts.extend(self.end().map(|end| {
            let left = time_left(t, now, end);
            if has_day {
                Sentence::from(left)
            } else {
                Sentence::around(format!("{left} ("), end, t.day_and_time(end), ")")
            }
        }));
        facts
    }

    /// Returns when the current state ends by itself.
    fn end(&self) -> Option<Timestamp> {
        let group_buy = &self.details.view.group_buy;
        match self.details.status {
            _ if !self.is_paid() => None,
            GroupBuyStatus::Open => group_buy.deadline,
            GroupBuyStatus::TargetReached if !self.details.is_past_deadline => group_buy.deadline,
            GroupBuyStatus::Active => group_buy.offer_ends_at,
            _ => None,
        }
    }

    fn until(&self, t: Texts) -> Option<Until> {
        let end = self.end()?;
        let text = match self.details.status {
            GroupBuyStatus::Active if !self.is_on_sale => return None,
            GroupBuyStatus::Active => t.get("group-pay-until"),
            _ if !self.details.can_join => return None,
            _ => t.get("group-join-until"),
        };
        Some(Until { text, datetime: end.to_string(), day: t.day_and_time(end) })
    }
}

pub(super) fn progress_line(t: Texts, group_buy: &GroupBuy) -> String {
    let target = t.number(group_buy.target_quantity);
    t.with2("group-progress", "joined", t.number(group_buy.current_quantity), "target", target)
}

/// Returns how much time is left, rounded up.
pub(in crate::site) fn time_left(t: Texts, now: Timestamp, end: Timestamp) -> String {
    match TimeLeft::until(now, end) {
        TimeLeft::Days(days) => t.count("group-days", days),
        TimeLeft::Hours(hours) => t.count("group-hours", hours),
        TimeLeft::Minutes(minutes) => t.count("group-minutes", minutes),
    }
}
