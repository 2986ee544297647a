//! What other refunds of a visitor's payments for a page mean for a wish that names none of the payments. Calls at the same time
//! have the same answer, so that two payments are not given back by one decision.

use super::provider::is_of_job;
use crate::{
    access::Purchase, id::PurchaseId, money::Money, payments::ProviderRefundId, store::UnitOfWork,
    store_error::StoreError,
};

/// The refunds that the provider had accepted when a call began.
pub(super) struct Known(pub(super) Vec<ProviderRefundId>);

/// Another refund, which the wish is about as well.
pub(super) enum Other {
    /// It is one of this purchase. It is under way, or leaves more to refund.
    Of(PurchaseId),
    /// It has given back all that was left of this purchase.
    Done(Box<Purchase>, Money, ProviderRefundId),
}

impl Known {
    /// Returns whether a refund was accepted since the call began.
    pub(super) fn is_new(&self, refund: &ProviderRefundId) -> bool {
        !self.0.contains(refund)
    }

    /// Returns the refund of another purchase of the same visitor that meets the wish, or is to. The page has to be locked: requests
    /// are stored under its lock, so that none is missed.
    pub(super) async fn other(
        &self,
        unit: &mut dyn UnitOfWork,
        chosen: &Purchase,
    ) -> Result<Option<Other>, StoreError> {
        // A request for the chosen one is joined as it is, and where nothing is left there is nothing to keep.
        if chosen.refund_reserved > 0 || chosen.left() == 0 {
            return Ok(None);
        }
        let mut others = unit.purchases().of_visitor(chosen.visitor_id, chosen.page_id).await?;
        others.retain(|other| other.id != chosen.id && other.payment.is_some());
        if others.is_empty() {
            return Ok(None);
        }
        let reserved = others.iter().filter(|other| other.refund_reserved > 0);
        let reserved: Vec<_> = reserved.map(|other| other.id).collect();
        for other in reserved {
            let request = unit.refund_requests().unanswered_of(other).await?;
            if request.is_some_and(|request| !is_of_job(&request)) {
                return Ok(Some(Other::Of(other)));
            }
        }
        // Read after the requests without an answer, which may have one by now.
        let ids: Vec<_> = others.iter().map(|other| other.id).collect();
        let mut accepted = unit.refund_requests().accepted_of(&ids).await?;
        accepted.retain(|(request, refund)| self.is_new(refund) && !is_of_job(request));
        let newest = accepted.into_iter().max_by_key(|(it, _)| (it.requested_at, it.id));
        let Some((request, refund)) = newest else { return Ok(None) };
        let of_it = others.into_iter().find(|other| other.id == request.purchase_id);
        Ok(of_it.map(|purchase| match purchase.left() {
            0 => Other::Done(Box::new(purchase), request.amount, refund),
            _ => Other::Of(purchase.id),
        }))
    }
}
