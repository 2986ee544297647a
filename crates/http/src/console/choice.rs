//! The pages of a handle to choose from.

use std::collections::BTreeMap;

use tollgate_domain::{
    creators::{AccessMode, PageLabel, PageStatus},
    money::Money,
    names::Slug,
};

use super::who::AtHandle;
use crate::{locale::Texts, problem::Problem, state::Http};

/// A page as an option of a list.
#[derive(Debug, Clone)]
pub(super) struct PageChoice {
    pub(super) slug: Slug,
    /// The title, with a mark if visitors do not find the page, and with the slug if another page reads alike.
    pub(super) label: String,
    /// The price, if the page is for sale.
    pub(super) price: Option<Money>,
}

impl PageChoice {
    fn of(t: Texts, page: PageLabel) -> Self {
        let marked = |mark: &str| format!("{} {}", page.title, t.get(mark));
        let label = match page.status {
            PageStatus::Draft => marked("console-pages-mark-draft"),
            PageStatus::Published => page.title.clone(),
            PageStatus::Archived => marked("console-pages-mark-archived"),
        };
        let price = page.price.filter(|_| page.mode == AccessMode::Paid);
        Self { slug: page.slug, label, price }
    }

    /// Returns the pages as options. Those that would read alike have the end of their address beside the title.
    fn all_of(t: Texts, pages: impl IntoIterator<Item = PageLabel>) -> Vec<Self> {
        let mut choices: Vec<_> = pages.into_iter().map(|page| Self::of(t, page)).collect();
        let mut counts = BTreeMap::<String, usize>::new();
        for choice in &choices {
            *counts.entry(choice.label.clone()).or_default() += 1;
        }
        for choice in &mut choices {
            if counts.get(&choice.label).is_some_and(|count| *count > 1) {
                choice.label = format!("{} (/{})", choice.label, choice.slug);
            }
        }
        choices
    }
}

/// Returns all pages of the handle, newest first.
pub(super) async fn all_pages(http: &Http, at: &AtHandle) -> Result<Vec<PageChoice>, Problem> {
    let labels = http.use_cases.pages.all_labels(&at.creator, &at.handle.name).await?;
    Ok(PageChoice::all_of(at.screen.t, labels))
}

/// Returns the pages of the handle, newest first, without those that are archived.
pub(super) async fn pages(http: &Http, at: &AtHandle) -> Result<Vec<PageChoice>, Problem> {
    let labels = http.use_cases.pages.all_labels(&at.creator, &at.handle.name).await?;
    let shown = labels.into_iter().filter(|page| page.status != PageStatus::Archived);
    Ok(PageChoice::all_of(at.screen.t, shown))
}

/// Returns the pages to which access can be given, newest first: all but those that are [open](is_open).
pub(super) async fn closed_pages(http: &Http, at: &AtHandle) -> Result<Vec<PageChoice>, Problem> {
    let labels = http.use_cases.pages.all_labels(&at.creator, &at.handle.name).await?;
    let closed = labels.into_iter().filter(|page| !is_open(page.mode, page.status));
    Ok(PageChoice::all_of(at.screen.t, closed))
}

/// Returns whether everybody who signs in can read a page, so that a gift of it changes nothing. A page that is not published is not open,
/// since only those who bought it or were given it can read it.
pub(super) fn is_open(mode: AccessMode, status: PageStatus) -> bool {
    mode != AccessMode::Paid && status == PageStatus::Published
}
