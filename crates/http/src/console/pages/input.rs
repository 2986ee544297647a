//! What the form of a page says. It is parsed like the bodies of the JSON interface.

use tollgate_domain::{
    creators::{Creator, NewPage, Page, PageChange, PageStatus},
    money::Money,
    names::Slug,
    version::{BasedOn, Version},
};

use super::super::{
    form::{FormState, Labels},
    price::{self, Typed},
    slugs,
};
use crate::{
    creator::pages::{
        PageStatus as StatusWord,
        input::{self, NewPageBody, PageChangeBody},
    },
    dto::{AccessMode, MoneyBody, TextEnum},
    extract::Object,
    locale::Texts,
    problem::Problem,
};

pub(super) const FIELDS: Labels = &[
    ("title", "console-pages-field-title"),
    ("slug", "console-pages-field-slug"),
    ("teaser", "console-pages-field-teaser"),
    ("body", "console-pages-field-body"),
    ("accessMode", "console-pages-field-mode"),
    ("price", "console-pages-field-price"),
    ("currency", "console-pages-field-currency"),
];

/// The slug of a page whose title makes none.
const UNNAMED: &str = "page";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressed {
    Save,
    Publish,
    Preview,
    /// Save over what somebody stored in the meantime.
    Over,
}

impl Pressed {
    pub(super) fn of(form: &FormState) -> Self {
        match form.get("do") {
            "publish" => Self::Publish,
            "preview" => Self::Preview,
            "over" => Self::Over,
            _ => Self::Save,
        }
    }

    /// Returns whether the page is to be on offer, also if a conflict came in between.
    pub(super) fn publishes(self, form: &FormState) -> bool {
        match self {
            Self::Publish => true,
            Self::Over | Self::Preview => form.has("intended", "publish"),
            Self::Save => false,
        }
    }
}

/// Returns whether the page is to be sold, so that its price counts.
pub(super) fn is_paid(form: &FormState) -> bool {
    form.has("accessMode", AccessMode::Paid.as_str())
}

pub(super) fn filled(t: Texts, page: &Page) -> FormState {
    let form = FormState::new(t, FIELDS)
        .with("title", &page.title)
        .with("teaser", &page.teaser)
        .with("body", &page.body)
        .with("accessMode", AccessMode::from(page.mode).as_str())
        .with("version", version_of(page));
    match page.price {
        Some(price) => {
            let text = price::typed(t, price);
            form.with("price", text).with("currency", price.currency.code())
        }
        None => form.with("currency", price::usual_currency(t)),
    }
}

/// Returns what names this version of a page in forms.
pub(super) fn version_of(page: &Page) -> String {
    page.version().to_string()
}

/// Returns the version that a change is based on. A form without one is based on no version.
pub(super) fn based_on(form: &FormState, pressed: Pressed) -> BasedOn {
    let field = if pressed == Pressed::Over { "theirs" } else { "version" };
    Version::named(form.get(field)).into()
}

/// Reads a new page; `None` if fields have errors. An empty slug is made from the title.
pub(super) async fn new_page(
    t: Texts,
    creator: &Creator,
    form: FormState,
    publish: bool,
) -> Result<(FormState, Option<NewPage>), Problem> {
    let (mut form, slug) = with_slug(form);
    let price = read_price(t, &mut form);
    // What is missing has its error already; with something in its place, all that is wrong with the rest is found at once.
    let lacks_price = is_paid(&form) && price.is_none();
    let access_mode =
        if lacks_price { AccessMode::Public.as_str() } else { form.get("accessMode") };
    let slug = slug.unwrap_or_else(|| "x".to_owned());
    let status = if publish { StatusWord::Published } else { StatusWord::Draft };
    let body = NewPageBody {
        slug,
        title: form.get("title").trim().to_owned(),
        teaser: form.get("teaser").to_owned(),
        body: form.get("body").to_owned(),
        access_mode: access_mode.to_owned(),
        price: price.map(|price| Object(MoneyBody::of(price))),
        status: Some(status.as_str().to_owned()),
    };
    let read = input::read(creator.id, body).await?;
    let read = form.parsed(read);
    Ok((form, read))
}

/// Reads a change of a page; `None` if fields have errors. The price of a page that is not for sale stays.
pub(super) async fn change(
    t: Texts,
    creator: &Creator,
    form: FormState,
    publish: bool,
) -> Result<(FormState, Option<PageChange>), Problem> {
    let mut form = form;
    // Without a price that can be read, the rest is still looked at, so that one answer names all that is wrong.
    let price = read_price(t, &mut form);
    let is_paid = is_paid(&form);
    let body = PageChangeBody {
        title: Some(form.get("title").trim().to_owned()),
        teaser: Some(form.get("teaser").to_owned()),
        body: Some(form.get("body").to_owned()),
        access_mode: Some(form.get("accessMode").to_owned()),
        price: is_paid.then(|| price.map(|price| Object(MoneyBody::of(price)))),
        status: publish.then(|| StatusWord::Published.as_str().to_owned()),
    };
    let read = input::read(creator.id, body).await?;
    let read = form.parsed(read);
    Ok((form, read))
}

/// Reads the slug, or makes it from the title; one without letters that a slug can have makes [`UNNAMED`]. Then the field
/// stays empty, since the title may be corrected.
fn with_slug(mut form: FormState) -> (FormState, Option<String>) {
    if let Some(slug) = slugs::typed(&form) {
        let _ = form.check("slug", slug.parse::<Slug>());
        return (form, Some(slug));
    }
    if form.some("title").is_none() {
        return (form, None);
    }
    let slug = [form.get("title"), UNNAMED].into_iter().find_map(Slug::suggest);
    (form, slug.map(|slug| slug.to_string()))
}

/// Returns whether a page is named: by the slug that was typed, or by letters of its title.
pub(super) fn is_named(form: &FormState) -> bool {
    form.some("slug").is_some() || Slug::suggest(form.get("title")).is_some()
}

/// Reads the price if the page is for sale, whatever else is wrong, and adds the errors of what is missing. A page for sale
/// whose price cannot be read has its error then.
fn read_price(t: Texts, form: &mut FormState) -> Option<Money> {
    if form.some("title").is_none() {
        form.refuse("title", t.get("console-error-empty"));
    }
    if form.get("accessMode").is_empty() {
        form.refuse("accessMode", t.get("console-pages-error-mode"));
    }
    if !is_paid(form) {
        return None;
    }
    match price::read(t, form) {
        Typed::Price(price) => Some(price),
        Typed::Empty => {
            form.refuse("price", t.get("console-error-price-missing"));
            None
        }
        Typed::Wrong => None,
    }
}

/// Returns whether a stored page already is what a form asks for.
pub(super) fn is_stored(page: &Page, change: &PageChange) -> bool {
    let title = change.title.as_ref().is_none_or(|title| *title == page.title);
    let teaser = change.teaser.as_ref().is_none_or(|teaser| *teaser == page.teaser);
    let body = change.body.as_ref().is_none_or(|body| *body == page.body);
    let mode = change.mode.is_none_or(|mode| mode == page.mode);
    let price = change.price.is_none_or(|price| price == page.price);
    let status = change.status.is_none_or(|status: PageStatus| status == page.status);
    title && teaser && body && mode && price && status
}

/// Returns the change that makes a page what a new page would be.
pub(super) fn as_change(new: NewPage) -> PageChange {
    PageChange {
        title: Some(new.title),
        teaser: Some(new.teaser),
        body: Some(new.body),
        mode: Some(new.mode),
        price: Some(new.price),
        status: Some(new.status),
    }
}
