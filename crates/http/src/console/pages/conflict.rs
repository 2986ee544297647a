//! A page that somebody changed while it was being written.

use tollgate_domain::creators::Page;

use super::{
    super::{
        conflict::{Conflict, Difference},
        form::FormState,
        page::When,
    },
    input::{self, Pressed},
    mode,
};
use crate::{
    dto::{AccessMode, TextEnum},
    locale::Texts,
};

/// What the form carries, so that it can be saved over what is stored.
pub(super) struct Over {
    pub(super) version: String,
    pub(super) intended: &'static str,
}

/// Returns the conflict if the form is based on another version than the stored one. `back` is the address of the editor.
pub(super) fn of(
    t: Texts,
    page: &Page,
    form: &FormState,
    pressed: Pressed,
    back: String,
) -> Option<(Conflict, Over)> {
    let version = input::version_of(page);
    if form.get("version") == version {
        return None;
    }
    let conflict = Conflict {
        heading: t.get("console-pages-conflict"),
        saved: Some(When::exact(t, page.updated_at)),
        differences: differences(t, page, form),
        back,
        link: t.get("console-pages-conflict-drop"),
    };
    let intended = if pressed.publishes(form) { "publish" } else { "save" };
    Some((conflict, Over { version, intended }))
}

fn differences(t: Texts, page: &Page, form: &FormState) -> Vec<Difference> {
    let theirs = input::filled(t, page);
    let row = |id: &'static str, label: &str, theirs: &str, typed: &str| {
        Difference::of(t, id, label, theirs, typed)
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
