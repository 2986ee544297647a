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
