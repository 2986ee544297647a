//! Writing a page.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use tollgate_domain::{
    creators::{self, NewPage, Page, PageChange, PageError, PageStatus},
    names::Slug,
};

use super::{
    super::{
        conflict::Conflict,
        form::FormState,
        named::{On, slug_of},
        page::{Nav, Notice, Screen, When, render, see_other_with},
        price::{self, Currencies},
        slugs,
        who::AtHandle,
    },
    Badge,
    conflict::{self, Over},
    input::{self, FIELDS, Pressed},
    offers::{self, regular_price},
    preview::Preview,
};
use crate::{
    dto::{AccessMode, TextEnum},
    extract::Form,
    links::page_address,
    locale::Texts,
    problem::{Answer, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "console/page_editor.html")]
struct EditorScreen {
    t: Texts,
    screen: Screen,
    /// The path that the form is sent to.
    action: String,
    /// The storefront's address with a slash.
    origin: String,
    /// The paths of this handle that scripts use, and where Stripe is connected.
    paths: Paths,
    stored: Option<Stored>,
    /// The words of the link to Revenue, as long as buyers cannot pay.
    stripe_link: Option<String>,
    price_hint: String,
    currencies: Currencies,
    teaser: Length,
    body: Length,
    preview: Preview,
    conflict: Option<Conflict>,
    over: Option<Over>,
}

struct Paths {
    preview: String,
    pictures: String,
    revenue: String,
}

struct Stored {
    title: String,
    /// The page's address for visitors, if it is published.
    public: Option<String>,
    status: Badge,
    saved: When,
    stranger: String,
    buyer: String,
    /// The path of the form that archives the page; `None` if it is archived.
    archive: Option<String>,
    delete: String,
    is_published: bool,
}

/// The greatest length of a text, in words, and what the script shows in its place: `pattern`, with the length for `#`.
struct Length {
    limit: String,
    pattern: String,
    most: usize,
    /// What is counted: characters, or KiB.
    unit: &'static str,
}

/// What the screen is to show besides the form.
#[derive(Clone, Copy)]
struct Showing {
    pressed: Pressed,
    preview: bool,
}

/// How many numbers more than there are pages are tried at the end of a slug, since others may take some in the meantime.
const MORE_NUMBERS: u32 = 5;

const QUIET: Showing = Showing { pressed: Pressed::Save, preview: false };

pub(super) async fn new(http: Http, at: AtHandle) -> Answer {
    let t = at.screen.t;
    let overview = http.use_cases.pages.overview(&at.creator, &at.handle.name).await?;
    let usual = price::usual_currency(t);
    let currency = overview.priced.map_or(usual, |page| page.price.currency.code());
    // What is behind the gate must not be open to everybody only because no mode was chosen.
    let form = FormState::new(t, FIELDS)
        .with("accessMode", AccessMode::Paid.as_str())
        .with("currency", currency);
    shown(&http, at, None, form, QUIET).await
}

pub(super) async fn create(http: Http, at: AtHandle, form: Form) -> Answer {
    let t = at.screen.t;
    let form = FormState::of(t, FIELDS, form.read_long().await?);
    let pressed = Pressed::of(&form);
    if pressed == Pressed::Preview {
        return shown(&http, at, None, form, Showing { pressed, preview: true }).await;
    }
    let publish = pressed == Pressed::Publish;
    let (mut form, new) = input::new_page(t, &at.creator, form, publish).await?;
    let Some(new) = new else {
        slugs::refuse_taken::<Page>(&http, &at, &mut form).await?;
        return shown(&http, at, None, form, QUIET).await;
    };
    let slug = new.slug.clone();
    let made = if input::is_named(&form) {
        created(&http, &at, new).await
    } else {
        numbered(&http, &at, new).await
    };
    match made {
        Ok(page) => Ok(saved(&http, &at, &page, publish)),
        Err(error) => not_created(&http, at, form.refused(error)?, &slug).await,
    }
}

/// Shows a form that was refused, with the slug that was made from the title, so that it can be changed.
async fn not_created(http: &Http, at: AtHandle, mut form: FormState, slug: &Slug) -> Answer {
    if form.error("slug").is_some() {
        form.set("slug", slug.as_str());
    }
    shown(http, at, None, form, QUIET).await
}

/// Creates the page. A form that was only sent twice has created it already.
async fn created(http: &Http, at: &AtHandle, new: NewPage) -> Result<Page, PageError> {
    let (pages, creator, name) = (&http.use_cases.pages, &at.creator, &at.handle.name);
    match pages.create(creator, name, new.clone()).await {
        Err(PageError::SlugTaken) => match pages.owned(creator, name, &new.slug).await {
            Ok((_, there)) if input::is_stored(&there, &input::as_change(new.clone())) => Ok(there),
            Ok(_) | Err(PageError::NotFound) => Err(PageError::SlugTaken),
            Err(error) => Err(error),
        },
        result => result,
    }
}

/// Creates a page whose title makes no slug, with the first number at its end that is free. The same form that was sent twice
/// has the same title.
async fn numbered(http: &Http, at: &AtHandle, new: NewPage) -> Result<Page, PageError> {
    let there = http.use_cases.pages.all_labels(&at.creator, &at.handle.name).await?;
    let most = u32::try_from(there.len()).unwrap_or(u32::MAX).saturating_add(MORE_NUMBERS);
    for slug in (1..=most).map(|number| new.slug.numbered(number)) {
        if there.iter().any(|label| label.slug == slug && label.title != new.title) {
            continue;
        }
        match created(http, at, NewPage { slug, ..new.clone() }).await {
            Err(PageError::SlugTaken) => {}
            result => return result,
        }
    }
    Err(PageError::SlugTaken)
}

pub(super) async fn show(http: Http, on: On<Page>) -> Answer {
    let form = input::filled(on.at.screen.t, &on.it);
    shown(&http, on.at, Some(on.it), form, QUIET).await
}

/// Does what the pressed button says.
pub(super) async fn change(http: Http, at: AtHandle, req: HttpRequest, form: Form) -> Answer {
    let t = at.screen.t;
    let slug = slug_of::<Page>(&req)?;
    let form = FormState::of(t, FIELDS, form.read_long().await?);
    let (pressed, pages) = (Pressed::of(&form), &http.use_cases.pages);
    let stored = match pages.owned(&at.creator, &at.handle.name, &slug).await {
        Ok((_, page)) => page,
        Err(PageError::NotFound) if form.is_sent("version") => {
            return gone(&http, at, form.with_missing("slug", slug.as_str())).await;
        }
        Err(error) => return Err(error.into()),
    };
    if pressed == Pressed::Preview {
        return shown(&http, at, Some(stored), form, Showing { pressed, preview: true }).await;
    }
    let based_on = input::based_on(&form, pressed);
    let publish = pressed.publishes(&form);
    let showing = Showing { pressed, preview: false };
    let (form, change) = input::change(t, &at.creator, form, publish).await?;
    let Some(change) = change else { return shown(&http, at, Some(stored), form, showing).await };
    let name = &at.handle.name;
    match pages.change(&at.creator, name, &slug, change.clone(), &based_on).await {
        Ok(page) => changed(&http, &at, &stored, &page, publish).await,
        Err(PageError::VersionConflict(theirs)) => {
            conflicted(&http, at, *theirs, (form, change), showing).await
        }
        Err(error) => shown(&http, at, Some(stored), form.refused(error)?, showing).await,
    }
}

/// Leads to the changed page, and says what was done; if its price is new, also which group buys of it are no cheaper.
async fn changed(
    http: &Http,
    at: &AtHandle,
    before: &Page,
    page: &Page,
    published: bool,
) -> Answer {
    if regular_price(before) != regular_price(page)
        && let Some(notice) = offers::no_cheaper(http, at, page).await?
    {
        return Ok(see_other_with(&at.editor(&page.slug), notice));
    }
    Ok(saved(http, at, page, published))
}

/// Leads to the stored page, and says what was done.
fn saved(http: &Http, at: &AtHandle, page: &Page, published: bool) -> HttpResponse {
    let notice = if published {
        let address = page_address(&http.installation, &at.handle.name, &page.slug);
        // It may be for sale with its files alone, so it is not refused.
        let is_unwritten = page.mode == creators::AccessMode::Paid && page.body.trim().is_empty();
        let told = if is_unwritten {
            "console-pages-notice-published-unwritten"
        } else {
            "console-pages-notice-published"
        };
        Notice::about(told, address)
    } else if page.status == PageStatus::Draft {
        Notice::new("console-pages-notice-draft")
    } else {
        Notice::new("console-notice-saved")
    };
    see_other_with(&at.editor(&page.slug), notice)
}

/// Shows what somebody else stored beside what was typed. A form that was only sent twice is saved already.
async fn conflicted(
    http: &Http,
    at: AtHandle,
    theirs: Page,
    (form, change): (FormState, PageChange),
    showing: Showing,
) -> Answer {
    if input::is_stored(&theirs, &change) {
        return Ok(saved(http, &at, &theirs, change.status.is_some()));
    }
    shown(http, at, Some(theirs), form, showing).await
}

/// Offers to create a page again that was deleted while it was being written.
async fn gone(http: &Http, at: AtHandle, mut form: FormState) -> Answer {
    form.refuse("", at.screen.t.get("console-pages-error-gone"));
    shown(http, at, None, form, QUIET).await
}

async fn shown(
    http: &Http,
    at: AtHandle,
    page: Option<Page>,
    mut form: FormState,
    showing: Showing,
) -> Answer {
    let t = at.screen.t;
    let stripe_link = stripe_link(http, &at).await?;
    let action = match &page {
        Some(page) => at.editor(&page.slug),
        None => at.path("/pages/new"),
    };
    let conflict = page
        .as_ref()
        .and_then(|page| conflict::of(t, page, &form, showing.pressed, action.clone()));
    let (conflict, over) = conflict.unzip();
    if conflict.is_some() {
        form.refuse("", t.get("console-pages-error-conflict"));
    }
    let editor = EditorScreen {
        t,
        action,
        origin: format!("{}/", http.installation.handle_origin(&at.handle.name)),
        paths: Paths::of(&at),
        stripe_link,
        price_hint: price_hint(t, &form),
        currencies: Currencies::all(),
        teaser: Length::in_characters(t, Page::MAX_TEASER),
        body: Length::in_kib(t, Page::MAX_BODY),
        preview: Preview::of(http, &at, &form, showing.preview).await?,
        conflict,
        over,
        stored: page.map(|page| Stored::of(http, &at, page)),
        screen: at.screen.on(Nav::Pages).with(form),
    };
    render(editor.screen.status_unless(editor.conflict.is_some()), &editor)
}

/// Returns the words of the link to where Stripe is connected; `None` if buyers can pay. Once an account was connected, it may
/// be checked or restricted, so that there is nothing to connect.
async fn stripe_link(http: &Http, at: &AtHandle) -> Result<Option<String>, Problem> {
    let (connect, handle) = (&http.use_cases.connect, &at.handle);
    if connect.can_charge(handle).await? {
        return Ok(None);
    }
    let was_connected = connect.may_have_sold(handle).await?;
    let link =
        if was_connected { "console-pages-warning-revenue" } else { "console-pages-warning-link" };
    Ok(Some(at.screen.t.get(link)))
}

/// Returns how to write a price in the chosen currency.
fn price_hint(t: Texts, form: &FormState) -> String {
    let currency = form.get("currency").parse().or_else(|_| price::usual_currency(t).parse());
    let sample = currency.map(|currency| price::typed(t, price::sample(currency)));
    t.with("console-pages-price-hint", "sample", sample.unwrap_or_default())
}

impl Paths {
    fn of(at: &AtHandle) -> Self {
        Self {
            preview: at.path("/preview"),
            pictures: at.path("/pictures"),
            revenue: at.path("/revenue"),
        }
    }
}

impl Stored {
    fn of(http: &Http, at: &AtHandle, page: Page) -> Self {
        let t = at.screen.t;
        let address = || page_address(&http.installation, &at.handle.name, &page.slug);
        let path = |rest: &str| at.path(&format!("/pages/{}{rest}", page.slug));
        let is_published = page.status == PageStatus::Published;
        Self {
            public: is_published.then(address),
            status: Badge::of(t, page.status),
            saved: When::exact(t, page.updated_at),
            stranger: path("/view?as=stranger"),
            buyer: path("/view?as=buyer"),
            archive: (page.status != PageStatus::Archived).then(|| path("/archive")),
            delete: path("/delete"),
            is_published,
            title: page.title,
        }
    }
}

impl Length {
    fn in_characters(t: Texts, most: usize) -> Self {
        let pattern = t.with2("console-pages-length", "now", "#", "most", t.number(most));
        let limit = t.with("console-pages-length-limit", "most", t.number(most));
        Self { limit, pattern, most, unit: "characters" }
    }

    /// The script tells how many whole KiB have begun.
    fn in_kib(t: Texts, most: usize) -> Self {
        let most = most / 1024;
        let pattern = t.with2("console-pages-size", "now", "#", "most", t.number(most));
        let limit = t.with("console-pages-size-limit", "most", t.number(most));
        Self { limit, pattern, most, unit: "kib" }
    }
}
