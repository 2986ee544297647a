//! Decisions, visits, the ledger and purchases.

mod history;
mod ledger;
mod purchases;

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{State, part},
    unit::MemoryUnit,
};
use tollgate_domain::{
    access::{
        AccessRecord, PageTerms, Purchase, Resource, ResourceGate, ResourceType, Terms,
        ports::{AccessReads, PageHoldings, PageWithAccess, ResourceAccess, ResourceQuery, Visits},
    },
    checkout::OrderStatus,
    creators::{Handle, Page},
    files::File,
    id::{HandleId, PageId, VisitorId},
    paging::{Cursor, Listing, PageRequest},
    store_error::StoreError,
    visitor_auth::Visitor,
};

/// How the gate of a page is set.
fn terms_of(page: &Page) -> PageTerms {
    PageTerms { page_id: page.id, mode: page.mode, status: page.status }
}

impl State {
    fn holdings_of(&self, visitor: VisitorId, page: PageId) -> PageHoldings {
        let bought = self
            .purchases
            .values()
            .filter(|purchase| purchase.visitor_id == visitor && purchase.page_id == page);
        let pending = self.orders.values().filter(|order| {
            order.visitor_id == visitor
                && order.page_id == page
                && order.status == OrderStatus::Pending
                && order.opened.is_some()
        });
        PageHoldings {
            holdings: bought.map(Purchase::holding).collect(),
            pending_since: pending.map(|order| order.created_at).max(),
        }
    }

    fn asked(&self, query: &ResourceQuery) -> Option<(&Handle, Option<Visitor>)> {
        let handle = self.handles.values().find(|handle| handle.name == query.handle)?;
        let signed_in = query.session.and_then(|token| self.signed_in(token, query.now));
        Some((handle, signed_in.map(|signed_in| signed_in.visitor)))
    }

    fn access(
        &self,
        handle: &Handle,
        visitor: Option<&Visitor>,
        resource: Resource,
        terms: Terms,
    ) -> ResourceAccess {
        let visitor_id = visitor.map(|visitor| visitor.id);
        let page = terms.page().map(|page| page.page_id);
        let holdings = self
            .purchases
            .values()
            .filter(|purchase| Some(purchase.visitor_id) == visitor_id)
            .filter(|purchase| Some(purchase.page_id) == page)
            .map(Purchase::holding)
            .collect();
        let listed = resource.file().zip(visitor).is_some_and(|(file, visitor)| {
            self.allowlist.values().any(|row| row.is_live(file, &visitor.email))
        });
        ResourceAccess {
            resource,
            handle_id: handle.id,
            gate: ResourceGate { creator_id: handle.creator_id, terms },
            visitor_id,
            holdings,
            listed,
            visited: visitor_id.zip(page).is_some_and(|visit| self.visits.contains_key(&visit)),
        }
    }

    fn page_with_access(&self, query: &ResourceQuery) -> Option<PageWithAccess> {
        let (handle, visitor) = self.asked(query)?;
        let page = self
            .pages
            .values()
            .find(|page| page.handle_id == handle.id && page.slug == query.slug)?;
        let terms = Terms::Page(terms_of(page));
        let access = self.access(handle, visitor.as_ref(), Resource::Page(page.id), terms);
        let has_files =
            self.ready_files().any(|file| file.page.as_ref().is_some_and(|it| it.id == page.id));
        let (handle, page) = (handle.clone(), page.clone());
        Some(PageWithAccess { access, handle, page, has_files, visitor })
    }

    pub(super) fn file_with_access(&self, query: &ResourceQuery) -> Option<(File, ResourceAccess)> {
        let (handle, visitor) = self.asked(query)?;
        let file = self
            .ready_files()
            .find(|file| file.handle_id == handle.id && file.slug == query.slug)?;
        let page = file.page.as_ref().and_then(|page| self.pages.get(&page.id));
        let terms = file.access.terms(page.map(terms_of));
        let access = self.access(handle, visitor.as_ref(), Resource::File(file.id), terms);
        Some((file, access))
    }

    fn place_of(&self, page: PageId) -> Option<(&Handle, &Page)> {
        let page = self.pages.get(&page)?;
        Some((self.handles.get(&page.handle_id)?, page))
    }
}

#[async_trait]
impl AccessReads for MemoryStore {
    async fn access(
        &self,
        resource: ResourceType,
        query: &ResourceQuery,
    ) -> Result<Option<ResourceAccess>, StoreError> {
        let state = self.read().await?;
        Ok(match resource {
            ResourceType::Page => state.page_with_access(query).map(|found| found.access),
            ResourceType::File => state.file_with_access(query).map(|(_, access)| access),
        })
    }

    async fn page_with_access(
        &self,
        query: &ResourceQuery,
    ) -> Result<Option<PageWithAccess>, StoreError> {
        Ok(self.read().await?.page_with_access(query))
    }

    async fn history(
        &self,
        visitor: VisitorId,
        within: Option<Vec<HandleId>>,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError> {
        let state = self.read().await?;
        let is_within = |row: &AccessRecord| {
            within.as_ref().is_none_or(|handles| {
                let mut found = handles.iter().filter_map(|handle| state.handles.get(handle));
                found.any(|handle| handle.name == row.handle)
            })
        };
        let bought = state
            .purchases
            .values()
            .filter(|purchase| purchase.visitor_id == visitor)
            .filter_map(|purchase| state.record_of_purchase(purchase));
        let visited = state
            .visits
            .iter()
            .filter(|((of, _), _)| *of == visitor)
            .filter_map(|((_, page), at)| state.record_of_visit(*page, *at));
        let listed = state.records_of_lists(visitor);
        let rows = bought.chain(visited).chain(listed).filter(is_within).collect();
        let cursor = |row: &AccessRecord| Cursor { at: row.granted_at, id: row.id.clone() };
        Ok(part(rows, page, cursor))
    }

    async fn holdings_of(
        &self,
        visitor: VisitorId,
        pages: &[PageId],
    ) -> Result<BTreeMap<PageId, PageHoldings>, StoreError> {
        let state = self.read().await?;
        let there = pages.iter().filter(|page| state.pages.contains_key(*page));
        Ok(there.map(|page| (*page, state.holdings_of(visitor, *page))).collect())
    }
}

#[async_trait]
impl Visits for MemoryUnit {
    async fn record(
        &mut self,
        visitor: VisitorId,
        page: PageId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.state().await?.visits.edit().entry((visitor, page)).or_insert(at);
        Ok(())
    }
}
