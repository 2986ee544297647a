//! A page as a stranger or a buyer sees it.

use askama::Template;
use tollgate_domain::creators::{AccessMode, Page, PageStatus};

use super::{
    super::{
        named::On,
        page::{Nav, Screen, render},
    },
    Tab,
    preview::{own_files, place},
};
use crate::{
    extract::Query,
    locale::Texts,
    markdown::{self, Part},
    problem::{Answer, Problem},
    site::gate::{Closed, FileLine},
    state::Http,
};

#[derive(Template)]
#[template(path = "console/page_view.html")]
struct ViewScreen {
    t: Texts,
    screen: Screen,
    /// The name of the screen, by which open tabs differ.
    name: String,
    title: String,
    /// Who sees the page like this, in a sentence.
    label: String,
    /// What is different because of the page's status.
    status: Option<String>,
    tabs: [Tab; 2],
    back: String,
    teaser: String,
    /// The text behind the gate, if this person sees it.
    body: Option<String>,
    gate: Option<Closed>,
    /// The files of a page that is open.
    files: Vec<FileLine>,
}

pub(super) async fn show(http: Http, on: On<Page>, query: Query) -> Answer {
    let [seen_as] = query.read(["as"])?;
    let is_buyer = seen_as.as_deref() == Some("buyer");
    let t = on.at.screen.t;
    let is_open = is_buyer || on.it.mode == AccessMode::Public;
    let (gate, files) = gate(&http, &on, is_open).await?;
    let (teaser, body) = text(&http, &on, is_open).await?;
    let screen = ViewScreen {
        t,
        name: name(t, &on.it, is_buyer),
        label: t.get(label(on.it.mode, is_buyer)),
        status: status(&on.it, is_buyer).map(|id| t.get(id)),
        tabs: tabs(&on, is_buyer),
        back: on.at.editor(&on.it.slug),
        teaser,
        body,
        gate,
        files,
        title: on.it.title,
        screen: on.at.screen.on(Nav::Pages),
    };
    render(screen.screen.status(), &screen)
}

/// Returns the teaser, and the text behind the gate if that is open.
async fn text(
    http: &Http,
    on: &On<Page>,
    is_open: bool,
) -> Result<(String, Option<String>), Problem> {
    let (t, creator) = (on.at.screen.t, on.at.creator.id);
    let own = own_files(http, &on.at, &[&on.it.teaser, &on.it.body]).await?;
    let own = if is_open { own } else { own.for_strangers(|file| place(&on.at, file)) };
    let teaser = markdown::render_once(creator, t, Part::Teaser, &on.it.teaser, &own).await?;
    if !is_open {
        return Ok((teaser, None));
    }
    let body = markdown::render_once(creator, t, Part::Body, &on.it.body, &own).await?;
    Ok((teaser, Some(body)))
}

/// Returns the gate if it is closed, and otherwise the files behind it.
async fn gate(
    http: &Http,
    on: &On<Page>,
    is_open: bool,
) -> Result<(Option<Closed>, Vec<FileLine>), Problem> {
    let t = on.at.screen.t;
    let files = http.use_cases.downloads.of_page(on.it.id).await?;
    if is_open {
        return Ok((None, files.into_iter().map(|file| FileLine::of(t, file)).collect()));
    }
    let page = (on.at.handle.clone(), on.it.clone());
    Ok((Some(Closed::to_strangers(http, t, page, files).await?), Vec::new()))
}

fn tabs(on: &On<Page>, is_buyer: bool) -> [Tab; 2] {
    let t = on.at.screen.t;
    let tab = |seen_as: &str, label: &str, is_current| Tab {
        address: on.path(&format!("/view?as={seen_as}")),
        label: t.get(label),
        is_current,
    };
    [
        tab("stranger", "console-pages-as-stranger", !is_buyer),
        tab("buyer", "console-pages-as-buyer", is_buyer),
    ]
}

fn name(t: Texts, page: &Page, is_buyer: bool) -> String {
    if is_buyer {
        t.with("console-pages-view-title-buyer", "title", &page.title)
    } else {
        t.with("console-pages-view-title-stranger", "title", &page.title)
    }
}

fn label(mode: AccessMode, is_buyer: bool) -> &'static str {
    match (is_buyer, mode) {
        (_, AccessMode::Public) => "console-pages-seen-by-all",
        (true, AccessMode::FreeWithLogin) => "console-pages-seen-by-reader",
        (true, AccessMode::Paid) => "console-pages-seen-by-buyer",
        (false, _) => "console-pages-seen-by-stranger",
    }
}

fn status(page: &Page, is_buyer: bool) -> Option<&'static str> {
    match (page.status, page.mode, is_buyer) {
        (PageStatus::Published, ..) => None,
        (PageStatus::Draft, ..) => Some("console-pages-seen-draft"),
        (PageStatus::Archived, _, false) => Some("console-pages-seen-archived"),
        (PageStatus::Archived, AccessMode::Paid, true) => Some("console-pages-seen-archived-buyer"),
        (PageStatus::Archived, ..) => Some("console-pages-seen-archived-reader"),
    }
}
