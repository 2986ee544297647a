//! Adding many addresses to the list of a file: pasted or uploaded, then shown, then added.

use actix_web::{Error, HttpResponse, http::StatusCode};
use askama::Template;
use tollgate_domain::{
    email::Email,
    files::{BulkOutcome, File, FileError},
};

use super::{
    addresses::{Entry, Found},
    pasted::{FIELDS, MAX_TABLE, fits_form, read},
    path_of,
};
use crate::{
    console::{
        form::FormState,
        named::On,
        page::{Nav, Screen, render},
    },
    extract::{ConsoleRefusal, UploadBody},
    locale::Texts,
    problem::Answer,
    state::Http,
};

/// The number of invalid lines that are shown, and their length in characters.
const SHOWN_LINES: usize = 50;
const SHOWN_CHARS: usize = 120;
const SHOWN_EXAMPLES: usize = 3;

#[derive(Template)]
#[template(path = "console/allowlist_many.html")]
struct ManyScreen {
    t: Texts,
    screen: Screen,
    /// The paths of this screen and of the list.
    here: String,
    list: String,
    name: String,
    max_size: String,
}

#[derive(Template)]
#[template(path = "console/allowlist_preview.html")]
struct PreviewScreen {
    t: Texts,
    screen: Screen,
    list: String,
    name: String,
    /// The file's id.
    id: String,
    /// How many addresses would be added.
    added: usize,
    summary: String,
    headings: Option<String>,
    examples: String,
    invalid: Vec<LeftOutRow>,
    /// How many invalid lines are not shown.
    further: usize,
    /// What else looks like an address in a table, and how much of that is not shown.
    beside: Vec<LeftOutRow>,
    beside_further: usize,
    /// All addresses, for the form that adds them.
    addresses: String,
    /// The found addresses, one on a line, for the form that changes them; `None` if they are too long for a form.
    typed: Option<String>,
    /// The form that begins anew.
    here: String,
}

struct LeftOutRow {
    line: usize,
    text: String,
}

impl LeftOutRow {
    fn of(entry: &Entry) -> Self {
        Self { line: entry.line, text: shortened(&entry.text) }
    }
}

pub(super) async fn show(on: On<File>) -> Answer {
    let form = FormState::new(on.at.screen.t, FIELDS);
    shown(on, form)
}

/// Shows the form again with what the preview was made from.
pub(super) fn again(on: On<File>, addresses: &str) -> Answer {
    let form = FormState::new(on.at.screen.t, FIELDS).with("addresses", addresses);
    shown(on, form)
}

/// Shows the form again with the addresses that could not all be added, and says why.
pub(super) fn refused(on: On<File>, addresses: &[String], error: FileError) -> Answer {
    let form = FormState::new(on.at.screen.t, FIELDS).with("addresses", addresses.join("\n"));
    shown(on, form.refused(error)?)
}

/// Shows the form again with the addresses, since another file has the slug of the one that the preview was about.
pub(super) fn outdated(on: On<File>, addresses: &[String]) -> Answer {
    let form = FormState::new(on.at.screen.t, FIELDS).with("addresses", addresses.join("\n"));
    shown(on, form.outdated())
}

fn shown(on: On<File>, form: FormState) -> Answer {
    let (here, list) = paths(&on);
    let screen = on.at.screen.on(Nav::Files).with(form);
    let max_size = screen.t.size(u64::from(MAX_TABLE));
    let shown = ManyScreen { t: screen.t, screen, here, list, name: on.it.name, max_size };
    render(shown.screen.status(), &shown)
}

fn paths(on: &On<File>) -> (String, String) {
    let path = |rest: &str| path_of(&on.at, &on.it.slug, rest);
    (path("/allowlist/many"), path("/allowlist"))
}

/// Shows what would be added. Nothing is stored yet.
pub(super) async fn preview(
    http: Http,
    on: Result<On<File>, ConsoleRefusal>,
    body: UploadBody,
) -> Result<HttpResponse, Error> {
    let answer = match on {
        Ok(on) => previewed(&http, on, &body).await.map_err(Error::from),
        Err(refusal) => Err(refusal.into()),
    };
    if !answer.as_ref().is_ok_and(|answer| answer.status() == StatusCode::OK) {
        body.drain().await;
    }
    answer
}

async fn previewed(http: &Http, on: On<File>, body: &UploadBody) -> Answer {
    let On { at, it: file } = &on;
    let (form, found) = read(at.screen.t, body).await?;
    let Some(found) = found else { return shown(on, form) };
    let lines: Vec<_> = found.entries.iter().map(|entry| entry.text.clone()).collect();
    let (files, name) = (&http.use_cases.files, &at.handle.name);
    let outcome = files.allow_many(&at.creator, name, &file.slug, &lines, true).await?;
    render(StatusCode::OK, &PreviewScreen::of(on, &found, &outcome))
}

impl PreviewScreen {
    fn of(on: On<File>, found: &Found, outcome: &BulkOutcome) -> Self {
        let (here, list) = paths(&on);
        let screen = on.at.screen.on(Nav::Files);
        let typed: Vec<_> = found.entries.iter().map(|entry| entry.text.as_str()).collect();
        // Browsers send line breaks like this.
        let typed = Some(typed.join("\r\n")).filter(|typed| fits_form(typed));
        let addresses = found.addresses();
        let invalid: Vec<_> = invalid_rows(found, outcome);
        let valid = found.entries.len().saturating_sub(outcome.invalid.len());
        let again = valid.saturating_sub(addresses.len());
        Self {
            t: screen.t,
            list,
            id: on.it.id.to_string(),
            name: on.it.name,
            added: outcome.added,
            summary: summary(screen.t, outcome, again, &invalid),
            headings: found.headings.as_deref().map(shortened),
            examples: examples(&addresses),
            further: invalid.len().saturating_sub(SHOWN_LINES),
            invalid: invalid.into_iter().take(SHOWN_LINES).collect(),
            beside: found.beside.iter().take(SHOWN_LINES).map(LeftOutRow::of).collect(),
            beside_further: found.beside.len().saturating_sub(SHOWN_LINES),
            addresses: addresses.join(" "),
            typed,
            here,
            screen,
        }
    }
}

/// Returns the first of the addresses, as people read them.
fn examples(addresses: &[String]) -> String {
    let read = addresses.iter().filter_map(|text| text.parse::<Email>().ok());
    let shown: Vec<_> = read.take(SHOWN_EXAMPLES).map(|email| email.shown()).collect();
    shown.join(", ")
}

/// Returns what is not an address, with the number of its line in what was pasted.
fn invalid_rows(found: &Found, outcome: &BulkOutcome) -> Vec<LeftOutRow> {
    let row = |invalid: &tollgate_domain::files::InvalidLine| {
        let entry = found.entries.get(invalid.line.checked_sub(1)?)?;
        Some(LeftOutRow { line: entry.line, text: shortened(&invalid.text) })
    };
    outcome.invalid.iter().filter_map(row).collect()
}

/// Returns a summary such as "12 new, 3 known, 2 listed twice, 1 invalid (line 7)". Of what is known, `again` were in the
/// list before.
fn summary(t: Texts, outcome: &BulkOutcome, again: usize, invalid: &[LeftOutRow]) -> String {
    let mut parts = vec![
        t.count("console-files-many-new", outcome.added),
        t.count("console-files-many-known", outcome.known.saturating_sub(again)),
    ];
    if again > 0 {
        parts.push(t.count("console-files-many-twice", again));
    }
    if !invalid.is_empty() {
        let mut lines: Vec<_> = invalid.iter().take(10).map(|row| t.number(row.line)).collect();
        if invalid.len() > lines.len() {
            lines.push("…".to_owned());
        }
        let (count, lines) = (invalid.len(), lines.join(", "));
        parts.push(t.count_with("console-files-many-invalid", count, "lines", lines));
    }
    parts.join(", ")
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
