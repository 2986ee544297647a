//! Activating a group buy, and calling it off.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use tollgate_domain::{
    creators::PageStatus,
    group_buys::{GroupBuyError, GroupBuyStatus, OwnedGroupBuy},
    version::BasedOn,
};

use super::path_of;
use crate::{
    console::{
        confirm::{Confirmation, confirm, of_version},
        form::FormState,
        named::{Named, On, slug_of},
        page::{Nav, Notice, Screen, When, render, see_other, see_other_with},
        who::AtHandle,
    },
    extract::Form,
    locale::{Texts, isolated},
    problem::{Answer, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "console/group_buy_activate.html")]
struct ActivateScreen {
    t: Texts,
    screen: Screen,
    here: String,
    heading: String,
    mails: String,
    price: String,
    /// How long the offer lasts, and when it would end.
    days: String,
    ends: When,
    button: String,
    /// Why it cannot be activated now.
    obstacle: Option<Obstacle>,
    /// Whether people could not pay, since Stripe is not ready.
    needs_stripe: bool,
    revenue: String,
    /// The version that the screen shows, with the terms that are frozen.
    version: String,
}

/// Why a group buy cannot be activated, with a link to where that changes.
pub(super) struct Obstacle {
    pub(super) text: String,
    pub(super) link: Option<(String, String)>,
}

pub(super) async fn ask_to_activate(http: Http, on: On<OwnedGroupBuy>) -> Answer {
    let form = FormState::new(on.at.screen.t, &[]);
    shown(&http, on, form).await
}

async fn shown(http: &Http, on: On<OwnedGroupBuy>, form: FormState) -> Answer {
    let On { at, it: owned } = on;
    let group_buy = &owned.details.view.group_buy;
    let here = path_of(&at, &group_buy.slug, "");
    if !owned.details.status.is_pending() {
        return Ok(see_other(&here));
    }
    let t = at.screen.t;
    let people = people(http, &at, &owned).await?;
    let needs_stripe = !http.use_cases.connect.can_charge(&at.handle).await?;
    let (obstacle, revenue) = (Obstacle::of(&at, &owned), at.path("/revenue"));
    let screen = at.screen.on(Nav::GroupBuys).with(form);
    let title = isolated(&group_buy.title);
    let shown = ActivateScreen {
        t,
        screen,
        here,
        heading: t.with("console-group-buys-activate-heading", "title", title),
        mails: t.count("console-group-buys-activate-mails", people),
        price: t.money(group_buy.price),
        days: t.count("console-group-buys-offer-days", group_buy.offer_days),
        ends: When::day(t, group_buy.offer_end(http.clock.now())),
        button: t.count("console-group-buys-activate-button", people),
        obstacle,
        needs_stripe,
        revenue,
        version: group_buy.version().to_string(),
    };
    render(shown.screen.status(), &shown)
}

/// Returns how many people would get a mail.
async fn people(http: &Http, at: &AtHandle, owned: &OwnedGroupBuy) -> Result<u64, Problem> {
    let (group_buys, slug) = (&http.use_cases.group_buys, &owned.details.view.group_buy.slug);
    let name = &at.handle.name;
    Ok(group_buys.count_interested(&at.creator, name, slug).await?)
}

/// Activates what the screen showed, since the terms are frozen and mailed.
pub(super) async fn activate(http: Http, at: AtHandle, req: HttpRequest, form: Form) -> Answer {
    let (slug, based_on) = (slug_of::<OwnedGroupBuy>(&req)?, based_on(&at, form).await?);
    let path = path_of(&at, &slug, "");
    let (group_buys, name) = (&http.use_cases.group_buys, &at.handle.name);
    match group_buys.activate(&at.creator, name, &slug, &based_on).await {
        Ok(_) => {
            let notice = Notice::new("console-group-buys-notice-activated");
            Ok(see_other_with(&path, notice))
        }
        // The screen shows the state that it has now.
        Err(GroupBuyError::NotOpen) => Ok(see_other(&path)),
        Err(error) => {
            let it = OwnedGroupBuy::owned(&http, &at, &slug).await?;
            let form = if is_obstructed(&error) && Obstacle::of(&at, &it).is_some() {
                obstructed(at.screen.t)
            } else {
                refused(at.screen.t, error)?
            };
            shown(&http, On { at, it }, form).await
        }
    }
}

/// Returns the version that the screen of a form showed.
async fn based_on(at: &AtHandle, form: Form) -> Result<BasedOn, Problem> {
    Ok(FormState::read(at.screen.t, &[], form).await?.based_on())
}

fn refused(t: Texts, error: GroupBuyError) -> Result<FormState, Problem> {
    let form = FormState::new(t, &[]);
    match error {
        GroupBuyError::VersionConflict => Ok(form.outdated()),
        error => form.refused(error),
    }
}

/// Returns whether an error is about what an [`Obstacle`] is about. The price is all that can be invalid.
fn is_obstructed(error: &GroupBuyError) -> bool {
    matches!(
        error,
        GroupBuyError::TargetNotReached
            | GroupBuyError::PageNotFound
            | GroupBuyError::PageNotPaid
            | GroupBuyError::EmailNotVerified(_)
            | GroupBuyError::Invalid(_)
    )
}

/// Returns the form of a screen that says itself what is in the way.
fn obstructed(t: Texts) -> FormState {
    let told = t.get("console-group-buys-activate-obstructed");
    FormState::new(t, &[]).with_error("", told).headed("console-not-done").more_at("why")
}

pub(super) async fn ask_to_cancel(http: Http, on: On<OwnedGroupBuy>) -> Answer {
    let form = FormState::new(on.at.screen.t, &[]);
    shown_cancel(&http, on, form).await
}

async fn shown_cancel(http: &Http, on: On<OwnedGroupBuy>, form: FormState) -> Answer {
    let On { at, it: owned } = on;
    let group_buy = &owned.details.view.group_buy;
    let back = path_of(&at, &group_buy.slug, "");
    if !owned.details.status.is_pending() {
        return Ok(not_cancellable(&back, &owned));
    }
    let t = at.screen.t;
    let (people, title) = (people(http, &at, &owned).await?, isolated(&group_buy.title));
    let asked = Confirmation {
        heading: t.with("console-group-buys-cancel-heading", "title", title),
        effects: vec![
            t.count("console-group-buys-cancel-mails", people),
            t.get("console-group-buys-cancel-effect"),
        ],
        action: format!("{back}/cancel"),
        button: t.get("console-group-buys-cancel-button"),
        back,
        hidden: vec![of_version(&group_buy.version())],
    };
    confirm(at.screen.on(Nav::GroupBuys).with(form), asked)
}

/// Calls off what the screen showed.
pub(super) async fn cancel(http: Http, at: AtHandle, req: HttpRequest, form: Form) -> Answer {
    let (slug, based_on) = (slug_of::<OwnedGroupBuy>(&req)?, based_on(&at, form).await?);
    let path = path_of(&at, &slug, "");
    let (group_buys, name) = (&http.use_cases.group_buys, &at.handle.name);
    match group_buys.cancel(&at.creator, name, &slug, &based_on).await {
        Ok(_) => {
            let notice = Notice::new("console-group-buys-notice-cancelled");
            Ok(see_other_with(&path, notice))
        }
        Err(GroupBuyError::NotOpen) => {
            let owned = OwnedGroupBuy::owned(&http, &at, &slug).await?;
            Ok(not_cancellable(&path, &owned))
        }
        Err(error) => {
            let it = OwnedGroupBuy::owned(&http, &at, &slug).await?;
            let form = refused(at.screen.t, error)?;
            shown_cancel(&http, On { at, it }, form).await
        }
    }
}

/// Leads to the group buy, which cannot be called off. Whether it has ended is seen there.
fn not_cancellable(path: &str, owned: &OwnedGroupBuy) -> HttpResponse {
    if owned.details.status == GroupBuyStatus::Active {
        see_other_with(path, Notice::new("console-group-buys-notice-refused-begun"))
    } else {
        see_other(path)
    }
}

impl Obstacle {
    /// Returns the first reason why the group buy cannot be activated.
    pub(super) fn of(at: &AtHandle, owned: &OwnedGroupBuy) -> Option<Self> {
        let (t, view) = (at.screen.t, &owned.details.view);
        let group_buy = &view.group_buy;
        if at.creator.email_verified_at.is_none() {
            let text = t.get("console-error-email-not-verified");
            return Some(Self { text, link: None });
        }
        let regular = view.page.regular_price();
        if regular.is_some_and(|regular| !group_buy.can_be_asked_beside(regular)) {
            let editor = path_of(at, &group_buy.slug, "/edit");
            let link = Some((editor, group_buy.title.clone()));
            return Some(Self { text: t.get("console-group-buys-obstacle-dearer"), link });
        }
        if owned.details.status != GroupBuyStatus::TargetReached {
            let missing = group_buy.target_quantity.saturating_sub(group_buy.current_quantity);
            let text = t.count("console-group-buys-obstacle-target", missing);
            return Some(Self { text, link: None });
        }
        let address = at.editor(&view.page.slug);
        let link = Some((address, view.page.title.clone()));
        if view.page.status != PageStatus::Published {
            return Some(Self { text: t.get("console-group-buys-obstacle-unpublished"), link });
        }
        let unpriced = || Self { text: t.get("console-group-buys-obstacle-unpriced"), link };
        regular.is_none().then(unpriced)
    }
}
