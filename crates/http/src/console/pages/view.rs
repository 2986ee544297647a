//! A page as a stranger or a buyer sees it.

use askama::Template;
use tollgate_domain::creators::{AccessMode, Page, PageStatus};

use super::{
    super::page::{Nav, Screen, render},
    AtPage, Tab,
    preview::{own_files, place},
};
use crate::{
    extract::Query,
    locale::Texts,
    markdown,
    problem::{Answer, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "console/page_view.html")]
struct ViewScreen {
    t: Texts,
    screen: Screen,
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
    gate: Option<Gate>,
    files: Vec<FileLine>,
}

/// The gate, without the form that is in it.
struct Gate {
    heading: String,
    price: Option<String>,
    inside: Inside,
    way: String,
    /// Whether the way is a button.
    is_button: bool,
}

/// What is behind the gate.
struct Inside {
    /// How long it takes to read.
    time: Option<String>,
    /// How many files there are, if any.
    count: Option<String>,
}

struct FileLine {
    name: String,
    size: String,
}

/// How many characters a person reads in a minute.
const CHARACTERS_A_MINUTE: usize = 1_200;

pub(super) async fn show(http: Http, on: AtPage, query: Query) -> Answer {
    let [seen_as] = query.read(["as"])?;
    let is_buyer = seen_as.as_deref() == Some("buyer");
    let t = on.at.screen.t;
    let files = http.use_cases.downloads.of_page(on.page.id).await?;
    let files: Vec<_> = files
        .into_iter()
        .map(|file| FileLine { size: t.size(file.size), name: file.name })
        .collect();
    let is_open = is_buyer || on.page.mode == AccessMode::Public;
    let gate = if is_open { None } else { Some(Gate::of(&http, &on, files.len()).await?) };
    let own = own_files(&http, &on.at, &[&on.page.teaser, &on.page.body]).await?;
    let own = if is_open { own } else { own.for_strangers(|file| place(&on.at, file)) };
    let teaser = markdown::render_once(t, &on.page.teaser, &own).await?;
    let body =
        if is_open { Some(markdown::render_once(t, &on.page.body, &own).await?) } else { None };
    let screen = ViewScreen {
        t,
        label: t.get(label(on.page.mode, is_buyer)),
        status: status(on.page.status, is_buyer).map(|id| t.get(id)),
        tabs: tabs(&on, is_buyer),
        back: on.at.editor(&on.page.slug),
        teaser,
        body,
        gate,
        files,
        title: on.page.title,
        screen: on.at.screen.on(Nav::Pages),
    };
    render(screen.screen.status(), &screen)
}

fn tabs(on: &AtPage, is_buyer: bool) -> [Tab; 2] {
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

fn label(mode: AccessMode, is_buyer: bool) -> &'static str {
    match (is_buyer, mode) {
        (_, AccessMode::Public) => "console-pages-seen-by-all",
        (true, AccessMode::FreeWithLogin) => "console-pages-seen-by-reader",
        (true, AccessMode::Paid) => "console-pages-seen-by-buyer",
        (false, _) => "console-pages-seen-by-stranger",
    }
}

fn status(status: PageStatus, is_buyer: bool) -> Option<&'static str> {
    match (status, is_buyer) {
        (PageStatus::Published, _) => None,
        (PageStatus::Draft, _) => Some("console-pages-seen-draft"),
        (PageStatus::Archived, false) => Some("console-pages-seen-archived"),
        (PageStatus::Archived, true) => Some("console-pages-seen-archived-buyer"),
    }
}

impl Gate {
    /// Returns the gate as a person without a session finds it. Its words are those of the page itself.
    async fn of(http: &Http, on: &AtPage, files: usize) -> Result<Self, Problem> {
        let t = on.at.screen.t;
        let inside = Inside::of(t, &on.page, files);
        if on.page.mode != AccessMode::Paid {
            let heading = t.get("gate-heading-free");
            let way = t.get("gate-free");
            return Ok(Self { heading, price: None, inside, way, is_button: false });
        }
        let price = on.page.price.map(|price| t.money(price));
        let is_on_sale = http.use_cases.connect.can_charge(&on.at.handle).await?;
        let way = if let (Some(price), true) = (&price, is_on_sale) {
            t.with("gate-buy", "price", price)
        } else if http.use_cases.connect.may_have_sold(&on.at.handle).await? {
            t.get("gate-off-sale")
        } else {
            t.get("gate-not-on-sale")
        };
        let heading = t.get("gate-heading");
        Ok(Self { heading, price, inside, way, is_button: is_on_sale })
    }
}

impl Inside {
    fn of(t: Texts, page: &Page, files: usize) -> Self {
        let minutes = page.body.chars().count().div_ceil(CHARACTERS_A_MINUTE);
        Self {
            time: (minutes > 0).then(|| t.count("gate-minutes", minutes)),
            count: (files > 0).then(|| t.count("gate-files", files)),
        }
    }

    fn is_empty(&self) -> bool {
        self.time.is_none() && self.count.is_none()
    }
}
