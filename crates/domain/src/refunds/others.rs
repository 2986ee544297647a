//! What other refunds of a visitor's payments for a page mean for a wish that names none of the payments. Calls at the same time
//! have the same answer, so that two payments are not given back by one decision.

use jiff::Timestamp;

use super::{RefundRequest, RefundWish, provider::is_of_job};
use crate::{
    access::Purchase, clock::plus_seconds, id::PurchaseId, money::Money,
    payments::ProviderRefundId, store::UnitOfWork, store_error::StoreError,
};

/// For how long after a refund was asked for a call that names neither a payment nor a key is taken for the same one, made twice,
/// in seconds.
const SAME_PRESS_SECONDS: i64 = 10;

/// What a call knows of the refunds that were made before it.
pub(super) struct Known {
    /// Those that the provider had accepted when the call began.
    pub(super) accepted: Vec<ProviderRefundId>,
    /// When the call began.
    pub(super) began_at: Timestamp,
}

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
        !self.accepted.contains(refund)
    }

    /// Returns whether a call is likely to be the one that led to a request, made twice: neither has a key, and the payment that is
    /// left was there then.
    fn is_made_twice(&self, wish: &RefundWish, chosen: &Purchase, request: &RefundRequest) -> bool {
        let asked_at = request.sent_at.unwrap_or(request.requested_at);
        let has_keys = wish.idempotency_key.is_some() || request.idempotency_key.is_some();
        !has_keys
            && self.began_at < plus_seconds(asked_at, SAME_PRESS_SECONDS)
            && chosen.created_at < request.requested_at
    }

    /// Returns the refund of another purchase of the same visitor that meets the wish, or is to. The page has to be locked: requests
    /// are stored under its lock, so that none is missed.
    pub(super) async fn other(
        &self,
        unit: &mut dyn UnitOfWork,
        wish: &RefundWish,
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
        accepted.retain(|(request, refund)| {
            self.is_new(refund) || self.is_made_twice(wish, chosen, request)
        });
        let newest = accepted.into_iter().max_by_key(|(it, _)| (it.requested_at, it.id));
        let Some((request, refund)) = newest else { return Ok(None) };
        let of_it = others.into_iter().find(|other| other.id == request.purchase_id);
        Ok(of_it.map(|purchase| match purchase.left() {
            0 => Other::Done(Box::new(purchase), request.amount, refund),
            _ => Other::Of(purchase.id),
        }))
    }
}
