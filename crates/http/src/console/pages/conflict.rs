//! A page that somebody changed while it was being written.

use tollgate_domain::creators::Page;

use super::{
    super::{
        form::{FormState, name_of},
        page::When,
    },
    input::{self, Pressed},
    mode,
};
use crate::{
    dto::{AccessMode, TextEnum},
    locale::Texts,
};

/// What somebody stored since the form was opened.
pub(super) struct Conflict {
    pub(super) version: String,
    pub(super) intended: &'static str,
    pub(super) saved: When,
    pub(super) differences: Vec<Difference>,
}

/// A field of a conflict as it is stored now.
pub(super) struct Difference {
    pub(super) id: &'static str,
    pub(super) label: String,
    pub(super) theirs: String,
    pub(super) rows: usize,
}

impl Conflict {
    /// Returns the conflict if the form is based on another version than the stored one.
    pub(super) fn of(t: Texts, page: &Page, form: &FormState, pressed: Pressed) -> Option<Self> {
        let version = input::version_of(page);
        if form.get("version") == version {
            return None;
        }
        Some(Self {
            version,
            intended: if pressed.publishes(form) { "publish" } else { "save" },
            saved: When::exact(t, page.updated_at),
            differences: differences(t, page, form),
        })
    }
}

fn differences(t: Texts, page: &Page, form: &FormState) -> Vec<Difference> {
    let theirs = input::filled(t, page);
    let row = |id: &'static str, label: &str, theirs: &str, typed: &str| {
        let rows = theirs.lines().count().clamp(1, 12);
        (theirs != typed).then(|| Difference {
            id,
            label: name_of(t, &t.get(label)),
            theirs: theirs.to_owned(),
            rows,
        })
    };
    let price = |form: &FormState| match form.some("price").filter(|_| input::is_paid(form)) {
        Some(price) => format!("{price} {}", form.get("currency").to_uppercase()),
        None => String::new(),
    };
    let typed = |field: &str| form.get(field).to_owned();
    let mode_typed = AccessMode::read(form.get("accessMode")).map(|word| t.get(mode(word.into())));
    let rows = [
        row("title", "console-pages-field-title", &page.title, typed("title").trim()),
        row("teaser", "console-pages-field-teaser", &page.teaser, &typed("teaser")),
        row("body", "console-pages-field-body", &page.body, &typed("body")),
        row(
            "mode",
            "console-pages-field-mode",
            &t.get(mode(page.mode)),
            &mode_typed.unwrap_or_default(),
        ),
        row("price", "console-pages-field-price", &price(&theirs), &price(form)),
    ];
    rows.into_iter().flatten().collect()
}
