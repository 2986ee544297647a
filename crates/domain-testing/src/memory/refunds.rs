//! Refund requests.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{RefundRow, State},
    unit::MemoryUnit,
};
use tollgate_domain::{
    id::{PurchaseId, RefundId},
    payments::ProviderRefundId,
    refunds::{
        AcceptedRefund, RefundRequest,
        ports::{RefundReads, RefundRequests},
    },
    store_error::StoreError,
};

impl State {
    fn unanswered_refund_of(&self, purchase: PurchaseId) -> Option<RefundRequest> {
        let is_meant =
            |row: &&RefundRow| row.answered_at.is_none() && row.request.purchase_id == purchase;
        self.refunds.values().find(is_meant).map(|row| row.request.clone())
    }

    fn accepted_refunds_of(&self, purchases: &[PurchaseId]) -> Vec<AcceptedRefund> {
        let rows = self.refunds.values().filter(|row| row.accepted);
        let theirs = rows.filter(|row| purchases.contains(&row.request.purchase_id));
        let accepted = theirs.filter_map(|row| {
            let (request, refund) = (row.request.clone(), row.refund.clone()?);
            Some(AcceptedRefund { request, refund, accepted_at: row.answered_at? })
        });
        accepted.collect()
    }
}

#[async_trait]
impl RefundRequests for MemoryUnit {
    async fn insert(&mut self, request: &RefundRequest) -> Result<(), StoreError> {
        let refunds = self.state().await?.refunds.edit();
        if refunds.contains_key(&request.id) {
            return self.conflict();
        }
        let request = request.clone();
        let row = RefundRow { request, answered_at: None, accepted: false, refund: None };
        refunds.insert(row.request.id, row);
        Ok(())
    }

    async fn unanswered_of(
        &mut self,
        purchase: PurchaseId,
    ) -> Result<Option<RefundRequest>, StoreError> {
        Ok(self.state().await?.unanswered_refund_of(purchase))
    }

    async fn by_key(
        &mut self,
        purchases: &[PurchaseId],
        key: &str,
    ) -> Result<Option<(RefundRequest, Option<ProviderRefundId>)>, StoreError> {
        let asked = |row: &&RefundRow| {
            purchases.contains(&row.request.purchase_id)
                && row.request.idempotency_key.as_deref() == Some(key)
        };
        let asked = self.state().await?.refunds.values().filter(asked);
        let newest = asked
            .max_by_key(|row| (row.refund.is_some(), row.request.requested_at, row.request.id));
        Ok(newest.map(|row| (row.request.clone(), row.refund.clone())))
    }

    async fn accepted_of(
        &mut self,
        purchases: &[PurchaseId],
    ) -> Result<Vec<AcceptedRefund>, StoreError> {
        Ok(self.state().await?.accepted_refunds_of(purchases))
    }

    async fn sent(&mut self, id: RefundId, now: Timestamp) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.refunds.edit().get_mut(&id) {
            row.request.sent_at = Some(now);
        }
        Ok(())
    }

    async fn answer(
        &mut self,
        id: RefundId,
        accepted: bool,
        refund: Option<ProviderRefundId>,
        now: Timestamp,
    ) -> Result<Option<RefundRequest>, StoreError> {
        let refunds = self.state().await?.refunds.edit();
        let Some(row) = refunds.get_mut(&id).filter(|row| row.answered_at.is_none()) else {
            return Ok(None);
        };
        row.answered_at = Some(now);
        row.accepted = accepted;
        row.refund = refund;
        Ok(Some(row.request.clone()))
    }
}

#[async_trait]
impl RefundReads for MemoryStore {
    async fn unanswered_refund(&self, id: RefundId) -> Result<Option<RefundRequest>, StoreError> {
        let state = self.read().await?;
        let row = state.refunds.get(&id).filter(|row| row.answered_at.is_none());
        Ok(row.map(|row| row.request.clone()))
    }

    async fn unanswered_refund_of(
        &self,
        purchase: PurchaseId,
    ) -> Result<Option<RefundRequest>, StoreError> {
        Ok(self.read().await?.unanswered_refund_of(purchase))
    }

    async fn refund_under(
        &self,
        purchase: PurchaseId,
        key: &str,
    ) -> Result<Option<RefundRequest>, StoreError> {
        let state = self.read().await?;
        let requests = state.refunds.values().map(|row| &row.request);
        let made = requests.filter(|request| {
            request.purchase_id == purchase && request.idempotency_key.as_deref() == Some(key)
        });
        Ok(made.max_by_key(|request| (request.requested_at, request.id)).cloned())
    }

    async fn accepted_refunds(
        &self,
        purchases: &[PurchaseId],
    ) -> Result<Vec<AcceptedRefund>, StoreError> {
        Ok(self.read().await?.accepted_refunds_of(purchases))
    }

    async fn refund_reasons(
        &self,
        purchases: &[PurchaseId],
    ) -> Result<Vec<(ProviderRefundId, String)>, StoreError> {
        let state = self.read().await?;
        let rows = state.refunds.values();
        let theirs = rows.filter(|row| purchases.contains(&row.request.purchase_id));
        Ok(theirs.filter_map(|row| row.refund.clone().zip(row.request.reason.clone())).collect())
    }
}
