//! The pages of a handle to choose from.

use tollgate_domain::{
    creators::{AccessMode, PageLabel, PageStatus},
    money::Money,
    names::Slug,
};

use super::who::AtHandle;
use crate::{problem::Problem, state::Http};

/// A page as an option of a list.
#[derive(Debug, Clone)]
pub(super) struct PageChoice {
    pub(super) slug: Slug,
    pub(super) title: String,
    /// The price, if the page is for sale.
    pub(super) price: Option<Money>,
}

impl PageChoice {
    fn of(page: PageLabel) -> Self {
        let price = page.price.filter(|_| page.mode == AccessMode::Paid);
        Self { slug: page.slug, title: page.title, price }
    }
}

/// Returns all pages of the handle, newest first.
pub(super) async fn all_pages(http: &Http, at: &AtHandle) -> Result<Vec<PageChoice>, Problem> {
    let labels = http.use_cases.pages.all_labels(&at.creator, &at.handle.name).await?;
    Ok(labels.into_iter().map(PageChoice::of).collect())
}

/// Returns the pages of the handle, newest first, without those that are archived.
pub(super) async fn pages(http: &Http, at: &AtHandle) -> Result<Vec<PageChoice>, Problem> {
    let labels = http.use_cases.pages.all_labels(&at.creator, &at.handle.name).await?;
    let shown = labels.into_iter().filter(|page| page.status != PageStatus::Archived);
    Ok(shown.map(PageChoice::of).collect())
}

/// Returns the pages to which access can be given, newest first: all but those that are [open](is_open).
pub(super) async fn closed_pages(http: &Http, at: &AtHandle) -> Result<Vec<PageChoice>, Problem> {
    let labels = http.use_cases.pages.all_labels(&at.creator, &at.handle.name).await?;
    let closed = labels.into_iter().filter(|page| !is_open(page.mode, page.status));
    Ok(closed.map(PageChoice::of).collect())
}

/// Returns whether everybody can read a page, or everybody who signs in, so that a gift of it changes nothing. One that is
/// not published is open to those only who were given it.
pub(super) fn is_open(mode: AccessMode, status: PageStatus) -> bool {
    mode != AccessMode::Paid && status == PageStatus::Published
}
