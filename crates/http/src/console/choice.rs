//! The pages of a handle to choose from.

use tollgate_domain::{
    creators::{AccessMode, Page, PageStatus},
    money::Money,
    names::Slug,
    paging::PageRequest,
};

use super::who::AtHandle;
use crate::{problem::Problem, state::Http};

/// The number of pages that a form offers is at most 100 times this.
const MAX_PARTS: usize = 5;

/// A page as an option of a list.
#[derive(Debug, Clone)]
pub(super) struct PageChoice {
    pub(super) slug: Slug,
    pub(super) title: String,
    /// The price, if the page is for sale.
    pub(super) price: Option<Money>,
}

impl PageChoice {
    fn of(page: Page) -> Self {
        let price = page.price.filter(|_| page.mode == AccessMode::Paid);
        Self { slug: page.slug, title: page.title, price }
    }
}

/// Returns the pages of the handle, newest first, without those that are archived.
pub(super) async fn pages(http: &Http, at: &AtHandle) -> Result<Vec<PageChoice>, Problem> {
    let mut part = PageRequest { limit: 100, after: None };
    let mut pages = Vec::new();
    for _ in 0..MAX_PARTS {
        let list = http.use_cases.pages.list(&at.creator, &at.handle.name, &part).await?;
        let shown = list.items.into_iter().filter(|page| page.status != PageStatus::Archived);
        pages.extend(shown.map(PageChoice::of));
        part.after = list.next;
        if part.after.is_none() {
            break;
        }
    }
    Ok(pages)
}
