//! A summary of a handle's pages.

use jiff::Timestamp;

use super::{AccessMode, Page, PageStatus};
use crate::{id::PageId, money::Money, names::Slug};

/// How many pages a handle has, and which of them matters most for selling.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageOverview {
    /// The number of pages, in any status.
    pub total: u64,
    /// The number of published pages.
    pub published: u64,
    /// The newest page.
    pub newest: Option<Slug>,
    /// The newest paid page that is published. Without one it is the newest draft of a paid page. What is archived is not for
    /// sale.
    pub priced: Option<PricedPage>,
}

/// A paid page and its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedPage {
    /// The slug of the page.
    pub slug: Slug,
    /// The title of the page.
    pub title: String,
    /// The price of the page.
    pub price: Money,
    /// The stage of the page's life cycle.
    pub status: PageStatus,
}

/// A page as lists name it, without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLabel {
    /// The identifier.
    pub id: PageId,
    /// The slug of the page.
    pub slug: Slug,
    /// The title of the page.
    pub title: String,
    /// The condition for seeing the page.
    pub mode: AccessMode,
    /// The price; always set when the mode is PAID.
    pub price: Option<Money>,
    /// The stage of the page's life cycle.
    pub status: PageStatus,
    /// The time of the page's creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

impl From<&Page> for PageLabel {
    fn from(page: &Page) -> Self {
        Self {
            id: page.id,
            slug: page.slug.clone(),
            title: page.title.clone(),
            mode: page.mode,
            price: page.price,
            status: page.status,
            created_at: page.created_at,
            updated_at: page.updated_at,
        }
    }
}

impl PageLabel {
    /// Returns what the page costs by itself, if it costs anything now: a price that was set outlasts a change to another
    /// access mode.
    pub fn regular_price(&self) -> Option<Money> {
        self.price.filter(|_| self.mode == AccessMode::Paid)
    }
}

impl PageOverview {
    /// Returns the newest page that visitors can buy, if there is one.
    pub fn offered(&self) -> Option<&PricedPage> {
        self.priced.as_ref().filter(|priced| priced.status == PageStatus::Published)
    }
}
