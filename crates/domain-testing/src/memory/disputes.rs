//! Disputes.

use std::cmp::Reverse;

use async_trait::async_trait;

use super::{MemoryStore, unit::MemoryUnit};
use tollgate_domain::{
    disputes::{
        Dispute,
        ports::{DisputeReads, DisputeRepository},
    },
    id::PurchaseId,
    store_error::StoreError,
};

fn newest_first<'a>(
    disputes: impl Iterator<Item = &'a Dispute>,
    purchase: PurchaseId,
) -> Vec<Dispute> {
    let mut found: Vec<_> = disputes.filter(|it| it.purchase_id == purchase).cloned().collect();
    found.sort_by_key(|dispute| Reverse((dispute.opened_at, dispute.id.clone())));
    found
}

#[async_trait]
impl DisputeRepository for MemoryUnit {
    async fn put(&mut self, dispute: &Dispute) -> Result<bool, StoreError> {
        let disputes = self.state().await?.disputes.edit();
        if disputes.get(&dispute.id).is_some_and(|known| known.read_at > dispute.read_at) {
            return Ok(false);
        }
        disputes.insert(dispute.id.clone(), dispute.clone());
        Ok(true)
    }

    async fn of_purchase(&mut self, purchase: PurchaseId) -> Result<Vec<Dispute>, StoreError> {
        Ok(newest_first(self.state().await?.disputes.values(), purchase))
    }
}

#[async_trait]
impl DisputeReads for MemoryStore {
    async fn disputes_of(&self, purchase: PurchaseId) -> Result<Vec<Dispute>, StoreError> {
        Ok(newest_first(self.read().await?.disputes.values(), purchase))
    }
}
