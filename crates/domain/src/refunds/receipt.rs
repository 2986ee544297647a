//! What is told of refunds that were made: their receipts, with the keys that lead to them, and the reasons that were given.

use std::collections::BTreeMap;

use super::{
    AcceptedRefund, RefundError, RefundReceipt, RefundRequest, RefundWish, Refunds,
    error::explained,
};
use crate::{
    access::Purchase,
    id::{PageId, PurchaseId},
    money::Money,
    payments::{ProviderRefundId, RefundProgress},
    store_error::StoreError,
};

impl Refunds {
    /// Returns the reasons that were given for the refunds of these purchases, by the provider's refund, for callers
    /// who may see the purchases.
    pub async fn reasons(
        &self,
        purchases: &[PurchaseId],
    ) -> Result<BTreeMap<ProviderRefundId, String>, StoreError> {
        if purchases.is_empty() {
            return Ok(BTreeMap::new());
        }
        Ok(self.reads.refund_reasons(purchases).await?.into_iter().collect())
    }

    /// Returns the accepted refunds of the purchases that a wish may be about.
    pub(super) async fn accepted(
        &self,
        page: PageId,
        wish: &RefundWish,
    ) -> Result<Vec<AcceptedRefund>, StoreError> {
        let theirs = self.fulfilment.ports.purchases.purchases_of(wish.visitor_id, page).await?;
        let ids: Vec<_> = theirs.iter().map(|it| it.id).filter(|id| wish.is_about(*id)).collect();
        self.reads.accepted_refunds(&ids).await
    }

    /// Returns the receipt of the refund that an earlier wish with the same key led to, if it is among the accepted ones. No unit of work
    /// is begun for that, since nothing changes.
    pub(super) async fn repeated_receipt(
        &self,
        accepted: &[AcceptedRefund],
        wish: &RefundWish,
    ) -> Result<Option<RefundReceipt>, RefundError> {
        let Some(key) = &wish.idempotency_key else { return Ok(None) };
        let same = accepted.iter().filter(|it| it.request.idempotency_key.as_ref() == Some(key));
        let newest = same.max_by_key(|it| (it.request.requested_at, it.request.id));
        let Some(AcceptedRefund { request, refund, .. }) = newest else { return Ok(None) };
        let purchase = self.fulfilment.ports.purchases.purchase(request.purchase_id).await?;
        let purchase = purchase.ok_or(RefundError::PurchaseNotFound)?;
        self.receipt(&purchase, request.amount, refund.clone()).await.map(Some)
    }

    /// Returns the receipt of a refund whose response was lost, with its current state at the provider.
    pub(super) async fn receipt(
        &self,
        purchase: &Purchase,
        amount: Money,
        refund: ProviderRefundId,
    ) -> Result<RefundReceipt, RefundError> {
        let payment = purchase.payment.as_ref().ok_or(RefundError::PurchaseNotFound)?;
        let state = self.payments().refund_state(&payment.account, &refund).await;
        let state = state.map_err(explained)?;
        Ok(RefundReceipt { purchase_id: purchase.id, refund, progress: state.progress, amount })
    }

    /// Returns the receipt of the refund of another call, which meets the wish as well. That is noted first: if the receipt cannot be
    /// read, the wish made again leads to the same refund.
    pub(super) async fn shared_receipt(
        &self,
        purchase: &Purchase,
        amount: Money,
        refund: ProviderRefundId,
        wish: &RefundWish,
    ) -> Result<RefundReceipt, RefundError> {
        self.note_key(purchase.id, amount, &refund, wish).await?;
        self.receipt(purchase, amount, refund).await
    }

    /// Notes that a wish with a key of its own was met by the refund of another request, so that the key leads to that
    /// refund from now on.
    pub(super) async fn note_key(
        &self,
        purchase: PurchaseId,
        amount: Money,
        refund: &ProviderRefundId,
        wish: &RefundWish,
    ) -> Result<(), StoreError> {
        if wish.idempotency_key.is_none() {
            return Ok(());
        }
        let (reason, key) = (wish.reason.clone(), wish.idempotency_key.clone());
        let request = RefundRequest::new(self.runtime(), purchase, amount, reason, key);
        let mut unit = self.runtime().begin().await?;
        request.store_answered(&mut *unit, Some(refund.clone())).await?;
        unit.commit().await
    }
}

/// Returns whether a refund was made and has failed.
pub(super) fn is_failed(receipt: &RefundReceipt) -> bool {
    receipt.progress == RefundProgress::Failed
}
