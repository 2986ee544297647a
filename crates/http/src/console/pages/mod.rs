//! The pages of a handle: the list, and the screens of each page.

mod conflict;
mod editor;
mod input;
mod offers;
mod pictures;
mod preview;
mod remove;
mod view;

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use tollgate_domain::creators::{AccessMode, Page, PageLabel, PageStatus};

use super::{
    named::On,
    page::{Nav, Screen, When, render},
    who::AtHandle,
};
use crate::{
    creator::pages::PageStatus as StatusWord,
    dto::TextEnum,
    extract::{Paging, Query},
    locale::Texts,
    problem::Answer,
    routes::{form, post, screen},
    state::Http,
};

#[derive(Template)]
#[template(path = "console/pages.html")]
struct PagesScreen {
    t: Texts,
    screen: Screen,
    new: String,
    tabs: Vec<Tab>,
    /// Whether the list is limited to a status.
    is_part: bool,
    rows: Vec<Row>,
    older: Option<String>,
}

struct Tab {
    address: String,
    label: String,
    is_current: bool,
}

struct Row {
    address: String,
    title: String,
    slug: String,
    mode: String,
    price: String,
    status: Badge,
    sales: String,
    changed: When,
}

/// The status of a page as a word with a class.
struct Badge {
    class: &'static str,
    word: String,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(screen("/{handle}/pages", list))
        .service(post(web::resource("/{handle}/preview"), preview::answer))
        .service(form("/{handle}/pictures", pictures::show, pictures::add))
        .service(form("/{handle}/pages/new", editor::new, editor::create));
    // A page whose slug is `new` has its editor at the second path.
    for path in ["/{handle}/pages/{slug}", "/{handle}/pages/{slug}/edit"] {
        config.service(form(path, editor::show, editor::change));
    }
    config
        .service(screen("/{handle}/pages/{slug}/view", view::show))
        .service(form("/{handle}/pages/{slug}/archive", remove::ask_archive, remove::archive))
        .service(form("/{handle}/pages/{slug}/delete", remove::ask_delete, remove::delete));
}

async fn list(http: Http, at: AtHandle, query: Query, paging: Paging) -> Answer {
    let [status] = query.read(["status"])?;
    // A status that does not exist shows all pages.
    let status = status.and_then(|word| StatusWord::read(&word).ok());
    let (creator, name) = (&at.creator, &at.handle.name);
    let pages = &http.use_cases.pages;
    let found = pages.labels(creator, name, status.map(Into::into), &paging.read()?).await?;
    let sales = http.use_cases.reports.sales_by_page(creator, name).await?;
    let older = found.next.map(|cursor| {
        let part = status.map_or_else(String::new, |status| format!("&status={}", status.as_str()));
        at.path(&format!("/pages?cursor={cursor}{part}"))
    });
    let sold = |page: &PageLabel| sales.get(&page.id).map_or(0, |counted| counted.sold);
    let rows = found.items.into_iter().map(|page| Row::of(&at, sold(&page), page)).collect();
    let (new, tabs) = (at.path("/pages/new"), Tab::all(&at, status));
    let screen = at.screen.on(Nav::Pages);
    let t = screen.t;
    let list = PagesScreen { t, screen, new, tabs, is_part: status.is_some(), rows, older };
    render(list.screen.status(), &list)
}

impl Tab {
    fn all(at: &AtHandle, current: Option<StatusWord>) -> Vec<Self> {
        let t = at.screen.t;
        let tab = |status: Option<StatusWord>, id: &str| Self {
            address: match status {
                Some(status) => at.path(&format!("/pages?status={}", status.as_str())),
                None => at.path("/pages"),
            },
            label: t.get(id),
            is_current: status == current,
        };
        vec![
            tab(None, "console-pages-all"),
            tab(Some(StatusWord::Draft), "console-pages-drafts"),
            tab(Some(StatusWord::Published), "console-pages-status-published"),
            tab(Some(StatusWord::Archived), "console-pages-status-archived"),
        ]
    }
}

impl Row {
    fn of(at: &AtHandle, sales: i64, page: PageLabel) -> Self {
        let t = at.screen.t;
        // A page that is open to everybody may still have the price that it had before.
        let price = page.price.filter(|_| page.mode == AccessMode::Paid);
        Self {
            address: at.editor(&page.slug),
            slug: page.slug.to_string(),
            mode: t.get(mode(page.mode)),
            price: price.map_or_else(|| t.get("console-pages-free"), |price| t.money(price)),
            status: Badge::of(t, page.status),
            sales: t.number(sales),
            changed: When::day(t, page.updated_at),
            title: page.title,
        }
    }
}

impl Badge {
    fn of(t: Texts, status: PageStatus) -> Self {
        let (class, id) = match status {
            PageStatus::Draft => ("warn", "console-pages-status-draft"),
            PageStatus::Published => ("good", "console-pages-status-published"),
            PageStatus::Archived => ("", "console-pages-status-archived"),
        };
        Self { class, word: t.get(id) }
    }
}

/// Returns the id of the word for an access mode.
fn mode(mode: AccessMode) -> &'static str {
    match mode {
        AccessMode::Public => "console-pages-mode-public",
        AccessMode::FreeWithLogin => "console-pages-mode-login",
        AccessMode::Paid => "console-pages-mode-paid",
    }
}

impl On<Page> {
    /// Returns a path of this page, such as `/ada/pages/guide/view` for `/view`.
    fn path(&self, rest: &str) -> String {
        self.at.path(&format!("/pages/{}{rest}", self.it.slug))
    }
}
