//! Purchases.

use std::cmp::Reverse;

use async_trait::async_trait;

use crate::memory::{MemoryStore, state::State, unit::MemoryUnit};
use tollgate_domain::{
    access::{
        Fact, FactKind, GrantType, Purchase, Seller,
        ports::{MovedPurchases, PurchaseReads, Purchases, SoldPurchase},
    },
    id::{HandleId, PageId, PurchaseId, VisitorId},
    payments::{AccountId, PaymentIntentId},
    refunds::ports::RefundRequests,
    store_error::StoreError,
};

fn is_living_gift(purchase: &Purchase) -> bool {
    purchase.granted_as == GrantType::Complimentary && purchase.revoked_at.is_none()
}

impl State {
    fn purchases_of(&self, visitor: VisitorId, page: PageId) -> Vec<Purchase> {
        let theirs =
            |purchase: &&Purchase| purchase.visitor_id == visitor && purchase.page_id == page;
        let mut found: Vec<_> = self.purchases.values().filter(theirs).cloned().collect();
        found.sort_by_key(|purchase| Reverse((purchase.created_at, purchase.id)));
        found
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

    async fn facts_of(&self, id: PurchaseId) -> Result<Vec<Fact>, StoreError> {
        Ok(self.read().await?.facts(|fact| fact.subject.purchase_id == Some(id)))
    }

    async fn was_held(&self, id: PurchaseId) -> Result<bool, StoreError> {
        let held = (FactKind::SecondPaymentHeld, id.to_string());
        Ok(self.read().await?.ledger.contains_key(&held))
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
