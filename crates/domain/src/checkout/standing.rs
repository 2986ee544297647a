//! How a visitor stands with the pages of a list, in which there is a word for each.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Checkouts, may_be_processed};
use crate::{
    access::{AccessStatus, Holding, ports::PageHoldings},
    id::{PageId, VisitorId},
    store_error::StoreError,
};

/// How a visitor stands with a page, if there is more to say than what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A purchase or a gift opens the page to the visitor.
    Owned,
    /// The visitor's payment is being processed.
    Pending,
    /// The bank disputes the visitor's payment, which may still turn out to be good.
    Suspended,
}

impl Standing {
    /// Returns what the gate of the page says first; see [`EarlierPurchase`](super::EarlierPurchase).
    fn of(held: &PageHoldings, now: Timestamp) -> Option<Self> {
        let is_suspended = |it: &Holding| AccessStatus::of_holding(*it) == AccessStatus::Suspended;
        if held.is_open() {
            Some(Self::Owned)
        } else if held.pending_since.is_some_and(|since| may_be_processed(since, now)) {
            Some(Self::Pending)
        } else {
            held.holdings.iter().any(is_suspended).then_some(Self::Suspended)
        }
    }
}

impl Checkouts {
    /// Returns how the visitor stands with these pages, without those of which there is nothing to say.
    pub async fn standings(
        &self,
        visitor: VisitorId,
        pages: &[PageId],
    ) -> Result<BTreeMap<PageId, Standing>, StoreError> {
        if pages.is_empty() {
            return Ok(BTreeMap::new());
        }
        let now = self.runtime().now();
        let held = self.ports.reads.holdings_of(visitor, pages).await?;
        let told = held.iter().filter_map(|(page, held)| Some((*page, Standing::of(held, now)?)));
        Ok(told.collect())
    }
}
