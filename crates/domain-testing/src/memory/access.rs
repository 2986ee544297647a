//! Decisions, visits, the ledger and purchases.

use std::cmp::Reverse;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{State, part},
    unit::MemoryUnit,
};
use tollgate_domain::{
    access::{
        AccessRecord, AccessStatus, AccessType, Fact, FactKind, GrantType, Holding, PageTerms,
        Purchase, Resource, ResourceGate, ResourceType, Seller, Terms,
        ports::{
            AccessReads, Ledger, MovedPurchases, PageWithAccess, PurchaseReads, Purchases,
            ResourceAccess, ResourceQuery, SoldPurchase, Visits,
        },
    },
    creators::{Handle, Page},
    files::File,
    id::{HandleId, PageId, PurchaseId, VisitorId},
    paging::{Cursor, Listing, PageRequest},
    payments::{AccountId, PaymentIntentId},
    refunds::ports::RefundRequests,
    store_error::StoreError,
    visitor_auth::Visitor,
};

/// How the gate of a page is set.
fn terms_of(page: &Page) -> PageTerms {
    PageTerms { page_id: page.id, mode: page.mode, status: page.status }
}

fn is_living_gift(purchase: &Purchase) -> bool {
    purchase.granted_as == GrantType::Complimentary && purchase.revoked_at.is_none()
}

impl State {
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

    /// Returns facts, oldest first.
    pub(super) fn facts(&self, is_meant: impl Fn(&Fact) -> bool) -> Vec<Fact> {
        let mut facts: Vec<_> =
            self.ledger.values().filter(|fact| is_meant(fact)).cloned().collect();
        facts.sort_by_key(|fact| (fact.at, fact.id));
        facts
    }

    fn purchases_of(&self, visitor: VisitorId, page: PageId) -> Vec<Purchase> {
        let theirs =
            |purchase: &&Purchase| purchase.visitor_id == visitor && purchase.page_id == page;
        let mut found: Vec<_> = self.purchases.values().filter(theirs).cloned().collect();
        found.sort_by_key(|purchase| Reverse((purchase.created_at, purchase.id)));
        found
    }

    fn place_of(&self, page: PageId) -> Option<(&Handle, &Page)> {
        let page = self.pages.get(&page)?;
        Some((self.handles.get(&page.handle_id)?, page))
    }

    fn record_of_purchase(&self, purchase: &Purchase) -> Option<AccessRecord> {
        let (handle, page) = self.place_of(purchase.page_id)?;
        Some(AccessRecord {
            id: purchase.id.to_string(),
            resource_type: ResourceType::Page,
            access_type: AccessType::of_grant(purchase.granted_as),
            status: AccessStatus::of_holding(purchase.holding()),
            handle: handle.name.clone(),
            seller: handle.title.clone(),
            slug: page.slug.clone(),
            title: page.title.clone(),
            granted_at: purchase.created_at,
            ended_at: purchase.revoked_at,
            amount: purchase.payment.as_ref().map(|payment| payment.paid),
        })
    }

    fn record_of_visit(&self, page: PageId, at: Timestamp) -> Option<AccessRecord> {
        let (handle, page) = self.place_of(page)?;
        Some(AccessRecord {
            id: page.id.to_string(),
            resource_type: ResourceType::Page,
            access_type: AccessType::FreeLogin,
            status: AccessStatus::of_visit(handle.creator_id, terms_of(page)),
            handle: handle.name.clone(),
            seller: handle.title.clone(),
            slug: page.slug.clone(),
            title: page.title.clone(),
            granted_at: at,
            ended_at: page.closed_at,
            amount: None,
        })
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
    ) -> Result<Vec<(PageId, Holding)>, StoreError> {
        let state = self.read().await?;
        let theirs = state
            .purchases
            .values()
            .filter(|purchase| purchase.visitor_id == visitor && pages.contains(&purchase.page_id));
        Ok(theirs.map(|purchase| (purchase.page_id, purchase.holding())).collect())
    }
}

#[async_trait]
impl PurchaseReads for MemoryStore {
    async fn purchase(&self, id: PurchaseId) -> Result<Option<Purchase>, StoreError> {
        Ok(self.read().await?.purchases.get(&id).cloned())
    }

    async fn sold(&self, id: PurchaseId) -> Result<Option<SoldPurchase>, StoreError> {
        let state = self.read().await?;
        Ok(state.purchases.get(&id).and_then(|purchase| {
            let (handle, page) = state.place_of(purchase.page_id)?;
            Some(SoldPurchase {
                purchase: purchase.clone(),
                email: state.visitors.get(&purchase.visitor_id)?.email.clone(),
                handle: handle.clone(),
                slug: page.slug.clone(),
                title: page.title.clone(),
                seller: state.sellers.get(&id).cloned(),
            })
        }))
    }

    async fn purchase_by_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<Purchase>, StoreError> {
        let state = self.read().await?;
        let paid_by_it = state.purchases.values().find(|purchase| {
            purchase
                .payment
                .as_ref()
                .is_some_and(|paid| paid.account == *account && paid.payment_intent == *payment)
        });
        Ok(paid_by_it.cloned())
    }

    async fn purchases_of(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError> {
        Ok(self.read().await?.purchases_of(visitor, page))
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

#[async_trait]
impl Ledger for MemoryUnit {
    async fn record(&mut self, fact: &Fact) -> Result<bool, StoreError> {
        let ledger = &mut self.state().await?.ledger;
        let key = (fact.kind, fact.reference.clone());
        if ledger.contains_key(&key) {
            return Ok(false);
        }
        ledger.edit().insert(key, fact.clone());
        Ok(true)
    }

    async fn record_all(&mut self, facts: &[Fact]) -> Result<(), StoreError> {
        let ledger = self.state().await?.ledger.edit();
        for fact in facts {
            ledger.entry((fact.kind, fact.reference.clone())).or_insert_with(|| fact.clone());
        }
        Ok(())
    }

    async fn has(&mut self, kind: FactKind, reference: &str) -> Result<bool, StoreError> {
        Ok(self.state().await?.ledger.contains_key(&(kind, reference.to_owned())))
    }

    async fn of_purchase(&mut self, purchase: PurchaseId) -> Result<Vec<Fact>, StoreError> {
        let is_meant = |fact: &Fact| fact.subject.purchase_id == Some(purchase);
        Ok(self.state().await?.facts(is_meant))
    }

    async fn of_resource(&mut self, resource: Resource) -> Result<Vec<Fact>, StoreError> {
        Ok(self.state().await?.facts(|fact| fact.subject.resource == resource))
    }
}

#[async_trait]
impl Purchases for MemoryUnit {
    async fn insert(&mut self, purchase: &Purchase) -> Result<bool, StoreError> {
        let state = self.state().await?;
        let checkout = purchase.payment.as_ref().map(|paid| paid.checkout_id);
        if checkout.is_some_and(|checkout| state.bought.contains_key(&checkout)) {
            return Ok(false);
        }
        let purchases = state.purchases.edit();
        let same = |known: &Purchase| {
            (known.visitor_id, known.page_id) == (purchase.visitor_id, purchase.page_id)
        };
        if is_living_gift(purchase)
            && purchases.values().any(|known| is_living_gift(known) && same(known))
        {
            return Ok(false);
        }
        if purchases.contains_key(&purchase.id) {
            return self.conflict();
        }
        purchases.insert(purchase.id, purchase.clone());
        if let Some(checkout) = checkout {
            state.bought.edit().insert(checkout, purchase.id);
        }
        Ok(true)
    }

    async fn note_seller(&mut self, id: PurchaseId, seller: &Seller) -> Result<(), StoreError> {
        self.state().await?.sellers.edit().insert(id, seller.clone());
        Ok(())
    }

    async fn seller_of(&mut self, id: PurchaseId) -> Result<Option<Seller>, StoreError> {
        Ok(self.state().await?.sellers.get(&id).cloned())
    }

    async fn lock(&mut self, id: PurchaseId) -> Result<Option<Purchase>, StoreError> {
        // The whole store is locked while a unit is open.
        Ok(self.state().await?.purchases.get(&id).cloned())
    }

    async fn was_refunded_under(&mut self, id: PurchaseId, key: &str) -> Result<bool, StoreError> {
        let asked = RefundRequests::by_key(self, &[id], key).await?;
        Ok(asked.is_some_and(|(_, refund)| refund.is_some()))
    }

    async fn of_visitor(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError> {
        Ok(self.state().await?.purchases_of(visitor, page))
    }

    async fn move_to(
        &mut self,
        handle: HandleId,
        from: VisitorId,
        to: VisitorId,
    ) -> Result<MovedPurchases, StoreError> {
        let purchases = self.state().await?.purchases.edit();
        let has: Vec<PageId> = purchases
            .values()
            .filter(|known| known.visitor_id == to && is_living_gift(known))
            .map(|known| known.page_id)
            .collect();
        let mut outcome = MovedPurchases::default();
        let theirs = purchases
            .values_mut()
            .filter(|known| known.visitor_id == from && known.handle_id == handle);
        for known in theirs {
            if is_living_gift(known) && has.contains(&known.page_id) {
                outcome.stayed.push(known.clone());
            } else {
                known.visitor_id = to;
                outcome.moved.push(known.clone());
            }
        }
        Ok(outcome)
    }

    async fn reserve_refund(&mut self, id: PurchaseId, amount: i64) -> Result<bool, StoreError> {
        let purchases = self.state().await?.purchases.edit();
        let fit = purchases.get_mut(&id).filter(|purchase| purchase.refundable() >= amount);
        Ok(fit.map(|purchase| purchase.refund_reserved += amount).is_some())
    }

    async fn release_refund(&mut self, id: PurchaseId, amount: i64) -> Result<(), StoreError> {
        if let Some(purchase) = self.state().await?.purchases.edit().get_mut(&id) {
            purchase.refund_reserved = (purchase.refund_reserved - amount).max(0);
        }
        Ok(())
    }

    async fn store_state(&mut self, purchase: &Purchase) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.purchases.edit().get_mut(&purchase.id) {
            row.grant_type = purchase.grant_type;
            row.refunded = purchase.refunded;
            row.lost = purchase.lost;
            row.suspended_at = purchase.suspended_at;
            row.revoked_at = purchase.revoked_at;
        }
        Ok(())
    }
}
