//! The label that each page of a list gets for one visitor: owned, pending or disputed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Checkouts, may_be_processed};
use crate::{
    access::{AccessStatus, Holding, ports::PageHoldings},
    id::{PageId, VisitorId},
    store_error::StoreError,
};

/// What a visitor has of a page, if a list has more to say of it than its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageState {
    /// A purchase or a gift opens the page to the visitor.
    Owned,
    /// The visitor's payment is being processed.
    Pending,
    /// The bank disputes the visitor's payment, which may still turn out to be good.
    Suspended,
}

impl PageState {
    /// Returns the state that the gate of the page tells first; see [`EarlierPurchase`](super::EarlierPurchase).
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
    /// Returns what the visitor has of these pages. Pages that get no label are left out.
    pub async fn page_states(
        &self,
        visitor: VisitorId,
        pages: &[PageId],
    ) -> Result<BTreeMap<PageId, PageState>, StoreError> {
        if pages.is_empty() {
            return Ok(BTreeMap::new());
        }
        let now = self.runtime().now();
        let held = self.ports.reads.holdings_of(visitor, pages).await?;
        let told = held.iter().filter_map(|(page, held)| Some((*page, PageState::of(held, now)?)));
        Ok(told.collect())
    }
}
