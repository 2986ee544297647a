//! Making and changing a group buy.

use actix_web::HttpResponse;
use askama::Template;
use tollgate_domain::{
    group_buys::{
        DEFAULT_OFFER_DAYS, GroupBuyError, GroupBuyState, GroupBuyView, NewGroupBuy, OwnedGroupBuy,
    },
    names::Slug,
};

use super::{path_of, terms};
use crate::{
    console::{
        choice::{self, PageChoice},
        conflict::Conflict,
        form::FormState,
        named::{Named, On},
        page::{Nav, Notice, Screen, render, see_other, see_other_with},
        slugs,
        who::AtHandle,
    },
    extract::Form,
    locale::{Texts, isolated},
    problem::{Answer, Problem},
    state::Http,
};

/// For how long the same form counts as sent twice, in seconds.
const REPEATED_SECONDS: i64 = 600;
/// How many numbers are tried at the end of a slug that was made from the title.
const MAX_NUMBER: u32 = 20;

#[derive(Template)]
#[template(path = "console/group_buy_edit.html")]
struct EditScreen {
    t: Texts,
    screen: Screen,
    heading: String,
    /// The path that the form goes to, and the one to go back to.
    action: String,
    back: String,
    /// The pages that can be offered; nothing for a group buy that is there.
    pages: Option<Vec<Offered>>,
    /// Whether there is no page that could be offered.
    lacks_pages: bool,
    /// Whether the terms can change.
    has_terms: bool,
    /// The currency of the price, if it is known already.
    currency: Option<String>,
    write: String,
    conflict: Option<Conflict>,
}

struct Offered {
    slug: String,
    label: String,
}

pub(super) async fn new(http: Http, at: AtHandle) -> Answer {
    let pages = paid_pages(&http, &at).await?;
    let form = terms::empty(at.screen.t);
    shown_new(at, form, &pages)
}

async fn paid_pages(http: &Http, at: &AtHandle) -> Result<Vec<PageChoice>, Problem> {
    let pages = choice::pages(http, at).await?;
    Ok(pages.into_iter().filter(|page| page.price.is_some()).collect())
}

fn shown_new(at: AtHandle, form: FormState, pages: &[PageChoice]) -> Answer {
    let (action, back) = (at.path("/new-group-buy"), at.path("/group-buys"));
    let write = at.path("/pages");
    let screen = at.screen.on(Nav::GroupBuys).with(form);
    let shown = EditScreen {
        t: screen.t,
        heading: screen.t.get("console-group-buys-new"),
        action,
        back,
        lacks_pages: pages.is_empty(),
        pages: Some(pages.iter().filter_map(|page| Offered::of(screen.t, page)).collect()),
        has_terms: true,
        currency: None,
        write,
        conflict: None,
        screen,
    };
    render(shown.screen.status(), &shown)
}

pub(super) async fn create(http: Http, at: AtHandle, form: Form) -> Answer {
    let mut form = FormState::of(at.screen.t, terms::FIELDS, form.read_long().await?);
    let pages = paid_pages(&http, &at).await?;
    let Some(new) = terms::new(at.screen.t, &mut form, &pages, http.clock.now()) else {
        slugs::refuse_taken::<OwnedGroupBuy>(&http, &at, &mut form).await?;
        return shown_new(at, form, &pages);
    };
    match created(&http, &at, new, form.some("slug").is_some()).await {
        Ok(made) => {
            let group_buy = made.details.view.group_buy;
            let notice = Notice::about("console-group-buys-notice-made", group_buy.title);
            Ok(see_other_with(&path_of(&at, &group_buy.slug, ""), notice))
        }
        Err(error) => {
            let form = refused(at.screen.t, form, error)?;
            shown_new(at, form, &pages)
        }
    }
}

/// Creates the group buy. A slug that was made from the title gets a number if it is taken, unless the same form was
/// sent twice.
async fn created(
    http: &Http,
    at: &AtHandle,
    new: NewGroupBuy,
    is_typed: bool,
) -> Result<OwnedGroupBuy, GroupBuyError> {
    let most = if is_typed { 1 } else { MAX_NUMBER };
    for number in 1..=most {
        let slug = new.slug.numbered(number);
        let numbered = NewGroupBuy { slug: slug.clone(), ..new.clone() };
        let group_buys = &http.use_cases.group_buys;
        match group_buys.create(&at.creator, &at.handle.name, numbered).await {
            Err(GroupBuyError::SlugTaken) if !is_typed => {
                let there = group_buys.owned(&at.creator, &at.handle.name, &slug).await?;
                let now = http.clock.now().as_second();
                if is_repeated(&there.details.view, &new, now) {
                    return Ok(there);
                }
            }
            result => return result,
        }
    }
    Err(GroupBuyError::SlugTaken)
}

/// Returns whether a group buy was made from the same form within the last minutes.
fn is_repeated(view: &GroupBuyView, new: &NewGroupBuy, now: i64) -> bool {
    let there = &view.group_buy;
    there.state == GroupBuyState::Open
        && now - there.created_at.as_second() < REPEATED_SECONDS
        && view.page.slug == new.page_slug
        && new.offer_days.unwrap_or(DEFAULT_OFFER_DAYS) == there.offer_days
        && there.title == new.title
        && there.description == new.description
        && there.price == new.price
        && there.target_quantity == new.target_quantity
        && there.max_quantity == new.max_quantity
        && there.deadline == new.deadline
}

pub(super) async fn show(on: On<OwnedGroupBuy>) -> Answer {
    let (at, owned) = (&on.at, &on.it);
    let group_buy = &owned.details.view.group_buy;
    if owned.details.status.has_ended() {
        return Ok(see_other(&path_of(at, &group_buy.slug, "")));
    }
    let form = terms::filled(at.screen.t, group_buy);
    shown(on, form, None)
}

fn shown(on: On<OwnedGroupBuy>, form: FormState, conflict: Option<Conflict>) -> Answer {
    let On { at, it: owned } = on;
    let group_buy = &owned.details.view.group_buy;
    let here = path_of(&at, &group_buy.slug, "");
    let write = at.path("/pages");
    let screen = at.screen.on(Nav::GroupBuys).with(form);
    let title = isolated(&group_buy.title);
    let shown = EditScreen {
        t: screen.t,
        heading: screen.t.with("console-group-buys-edit-heading", "title", title),
        action: format!("{here}/edit"),
        back: here,
        pages: None,
        lacks_pages: false,
        has_terms: !group_buy.is_committed(),
        currency: Some(group_buy.price.currency.code().to_ascii_uppercase()),
        write,
        conflict,
        screen,
    };
    render(shown.screen.status_unless(shown.conflict.is_some()), &shown)
}

pub(super) async fn change(http: Http, on: On<OwnedGroupBuy>, form: Form) -> Answer {
    let (at, view) = (&on.at, &on.it.details.view);
    let (name, slug) = (&at.handle.name, &view.group_buy.slug);
    let mut form = FormState::of(at.screen.t, terms::FIELDS, form.read_long().await?);
    let Some(change) = terms::change(at.screen.t, &mut form, view, http.clock.now()) else {
        return shown(on, form, None);
    };
    let group_buys = &http.use_cases.group_buys;
    match group_buys.change(&at.creator, name, slug, change, &form.based_on()).await {
        Ok(_) => Ok(saved(at, slug)),
        Err(GroupBuyError::VersionConflict) => conflicted(&http, on, form).await,
        Err(error) => {
            let form = refused(at.screen.t, form, error)?;
            shown(on, form, None)
        }
    }
}

fn saved(at: &AtHandle, slug: &Slug) -> HttpResponse {
    see_other_with(&path_of(at, slug, ""), Notice::new("console-notice-saved"))
}

/// Shows what somebody else stored beside what was typed. Terms that were typed count no more once they are frozen. A form that
/// was only sent twice is saved already.
async fn conflicted(http: &Http, on: On<OwnedGroupBuy>, mut form: FormState) -> Answer {
    let t = on.at.screen.t;
    let it = OwnedGroupBuy::owned(http, &on.at, &on.it.details.view.group_buy.slug).await?;
    let on = On { it, ..on };
    let (at, owned) = (&on.at, &on.it);
    if owned.details.status.has_ended() {
        let form = refused(t, form, GroupBuyError::NotOpen)?;
        return shown(on, form, None);
    }
    let group_buy = &owned.details.view.group_buy;
    let stored = terms::filled(t, group_buy);
    let has_terms = form.is_sent("price");
    let told = |form: &FormState, field: &str| {
        // Days that were left out stay as they are.
        let is_left = field == "offerDays" && form.some(field).is_none();
        let form = if is_left { &stored } else { form };
        terms::told(t, form, field, has_terms, group_buy.price.currency)
    };
    let is_term = |field: &str| !matches!(field, "title" | "description");
    let differs = |field: &str| told(&form, field) != told(&stored, field);
    let mut fields = terms::FIELDS.iter().map(|(field, _)| *field);
    if group_buy.is_committed() && fields.any(|field| is_term(field) && differs(field)) {
        form.refuse("", t.get("console-group-buys-frozen"));
    }
    let Some(conflict) = Conflict::between(t, terms::FIELDS, &mut form, &stored, told) else {
        return Ok(saved(at, &group_buy.slug));
    };
    let conflict = conflict.back_to(path_of(at, &group_buy.slug, "/edit"));
    shown(on, form, Some(conflict))
}

fn refused(t: Texts, form: FormState, error: GroupBuyError) -> Result<FormState, Problem> {
    Ok(match error {
        GroupBuyError::PageNotFound | GroupBuyError::PageNotPaid => {
            form.with_error("pageSlug", t.get("console-error-page-unpriced"))
        }
        GroupBuyError::NotOpen => form.with_error("", t.get("console-group-buys-error-not-open")),
        error => form.refused(error)?,
    })
}

impl Offered {
    fn of(t: Texts, page: &PageChoice) -> Option<Self> {
        let label = format!("{} – {}", page.label, t.money(page.price?));
        Some(Self { slug: page.slug.to_string(), label })
    }
}
