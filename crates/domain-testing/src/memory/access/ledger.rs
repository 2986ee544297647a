//! The ledger.

use async_trait::async_trait;

use crate::memory::{state::State, unit::MemoryUnit};
use tollgate_domain::{
    access::{Fact, FactKind, Resource, ports::Ledger},
    id::PurchaseId,
    store_error::StoreError,
};

impl State {
    /// Returns facts, oldest first.
    pub(in crate::memory) fn facts(&self, is_meant: impl Fn(&Fact) -> bool) -> Vec<Fact> {
        let mut facts: Vec<_> =
            self.ledger.values().filter(|fact| is_meant(fact)).cloned().collect();
        facts.sort_by_key(|fact| (fact.at, fact.id));
        facts
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
