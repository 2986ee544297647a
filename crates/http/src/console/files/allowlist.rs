//! The people who may have a file by its list.

use askama::Template;
use tollgate_domain::{
    email::Email,
    files::{AllowlistEntry, BulkOutcome, File, FileAccess},
    names::Slug,
    paging::PageRequest,
};

use super::{is_of_another, many, path_of};
use crate::{
    console::{
        confirm::{Confirmation, confirm},
        form::{FormState, Labels},
        named::On,
        page::{Nav, Notice, Screen, When, render, see_other, see_other_with},
        people,
        who::AtHandle,
    },
    extract::{Form, Paging, Query},
    locale::{Texts, isolated},
    problem::Answer,
    state::Http,
};

const FIELDS: Labels = &[("email", "console-files-field-email")];

#[derive(Template)]
#[template(path = "console/allowlist.html")]
struct AllowlistScreen {
    t: Texts,
    screen: Screen,
    /// The path of the file's screen.
    file: String,
    /// The file's id.
    id: String,
    heading: String,
    /// Whether the list decides now who may have the file.
    is_in_use: bool,
    rows: Vec<Row>,
    older: Option<String>,
}

struct Row {
    email: String,
    /// The path of the person's screen.
    person: String,
    /// The path of the screen that asks before the address is taken off the list.
    remove: String,
    added: When,
}

pub(super) async fn show(http: Http, on: On<File>, paging: Paging) -> Answer {
    let form = FormState::new(on.at.screen.t, FIELDS);
    shown(&http, on, form, &paging.read()?).await
}

async fn shown(http: &Http, on: On<File>, form: FormState, page: &PageRequest) -> Answer {
    let On { at, it: file } = on;
    let (files, name) = (&http.use_cases.files, &at.handle.name);
    let list = files.allowlist(&at.creator, name, &file.slug, page).await?;
    let here = path_of(&at, &file.slug, "/allowlist");
    let rows = list.items.iter().map(|entry| Row::of(&at, &file.slug, entry)).collect();
    let path = path_of(&at, &file.slug, "");
    let screen = at.screen.on(Nav::Files).with(form);
    let shown = AllowlistScreen {
        t: screen.t,
        heading: screen.t.with("console-files-list-title", "name", isolated(&file.name)),
        screen,
        file: path,
        id: file.id.to_string(),
        is_in_use: file.access == FileAccess::Allowlist,
        rows,
        older: list.next.map(|cursor| format!("{here}?cursor={cursor}")),
    };
    render(shown.screen.status(), &shown)
}

/// Does what the pressed button says.
pub(super) async fn change(http: Http, on: On<File>, form: Form) -> Answer {
    let form = FormState::of(on.at.screen.t, FIELDS, form.read_list().await?);
    let is_outdated = is_of_another(&form, &on.it);
    match form.get("do") {
        "again" => many::again(on, form.get("addresses")),
        "many" if is_outdated => many::outdated(on, &lines(&form)),
        "many" => add_many(&http, on, &form).await,
        _ if is_outdated => shown(&http, on, form.outdated(), &PageRequest::default()).await,
        _ => add(&http, on, form).await,
    }
}

async fn add(http: &Http, on: On<File>, mut form: FormState) -> Answer {
    let On { at, it: file } = &on;
    let Some(email) = form.check_email("email") else {
        return shown(http, on, form, &PageRequest::default()).await;
    };
    let (files, name) = (&http.use_cases.files, &at.handle.name);
    let (entry, is_new) = match files.allow(&at.creator, name, &file.slug, email).await {
        Ok(allowed) => allowed,
        Err(error) => {
            return shown(http, on, form.refused(error)?, &PageRequest::default()).await;
        }
    };
    let (added, known) = ("console-files-notice-allowed", "console-files-notice-allowed-already");
    let id = if is_new { added } else { known };
    let notice = Notice::about(id, entry.email.shown());
    Ok(see_other_with(&path_of(at, &file.slug, "/allowlist"), notice))
}

/// Asks before an address is taken off the list, which ends its access at once.
pub(super) async fn ask_to_remove(on: On<File>, query: Query) -> Answer {
    let [typed] = query.read(["email"])?;
    let Some(email) = typed.and_then(|typed| typed.parse::<Email>().ok()) else {
        return Ok(see_other(&path_of(&on.at, &on.it.slug, "/allowlist")));
    };
    let form = FormState::new(on.at.screen.t, FIELDS);
    shown_remove(on, &email, form)
}

fn shown_remove(on: On<File>, email: &Email, form: FormState) -> Answer {
    let On { at, it: file } = on;
    let back = path_of(&at, &file.slug, "/allowlist");
    let (t, shown) = (at.screen.t, isolated(email.shown()));
    let effects = if file.access == FileAccess::Allowlist {
        let name = isolated(&file.name);
        let ends = t.with2("console-files-remove-effect", "email", &shown, "name", name);
        vec![ends, t.get("console-files-remove-silent")]
    } else {
        vec![t.get("console-files-list-unused"), t.get("console-files-remove-silent")]
    };
    let asked = Confirmation {
        heading: t.with("console-files-remove-heading", "email", &shown),
        effects,
        action: path_of(&at, &file.slug, "/allowlist/remove"),
        button: t.get("console-files-remove-button"),
        back,
        hidden: vec![("email", email.to_string()), ("id", file.id.to_string())],
    };
    confirm(at.screen.on(Nav::Files).with(form), asked)
}

pub(super) async fn remove(http: Http, on: On<File>, form: Form) -> Answer {
    let form = FormState::read(on.at.screen.t, FIELDS, form).await?;
    let path = path_of(&on.at, &on.it.slug, "/allowlist");
    let Ok(email) = form.get("email").parse::<Email>() else { return Ok(see_other(&path)) };
    if is_of_another(&form, &on.it) {
        return shown_remove(on, &email, form.outdated());
    }
    let On { at, it: file } = on;
    let (files, name) = (&http.use_cases.files, &at.handle.name);
    let was_listed = files.disallow(&at.creator, name, &file.slug, &email).await?;
    let (removed, unlisted) =
        ("console-files-notice-disallowed", "console-files-notice-not-listed");
    let id = if was_listed { removed } else { unlisted };
    let notice = Notice::about(id, email.shown());
    Ok(see_other_with(&path, notice))
}

/// Adds the addresses that the preview showed.
async fn add_many(http: &Http, on: On<File>, form: &FormState) -> Answer {
    let On { at, it: file } = &on;
    let lines = lines(form);
    let (files, name) = (&http.use_cases.files, &at.handle.name);
    let outcome = files.allow_many(&at.creator, name, &file.slug, &lines, false).await;
    let added = match outcome {
        Ok(outcome) => told(at.screen.t, &outcome),
        Err(error) => return many::refused(on, &lines, error),
    };
    let notice = Notice::about("console-files-notice-added", added);
    Ok(see_other_with(&path_of(at, &file.slug, "/allowlist"), notice))
}

fn lines(form: &FormState) -> Vec<String> {
    form.get("addresses").split_whitespace().map(str::to_owned).collect()
}

/// Returns how many addresses were added, and how many were there already, such as after a second press of the button.
fn told(t: Texts, outcome: &BulkOutcome) -> String {
    let added = t.number(outcome.added);
    if outcome.known == 0 {
        return added;
    }
    t.count_with("console-files-added-and-known", outcome.known, "added", added)
}

impl Row {
    fn of(at: &AtHandle, file: &Slug, entry: &AllowlistEntry) -> Self {
        let rest = format!("/files/{file}/allowlist/remove");
        Self {
            remove: at.path_with(&rest, &[("email", entry.email.as_str())]),
            email: entry.email.shown(),
            person: people::person(at, &entry.email),
            added: When::day(at.screen.t, entry.added_at),
        }
    }
}
