//! Decides whether a refund request without a purchase id is already met by another refund of the same page. Calls at the same time
//! have the same answer, so that two payments are not refunded by one decision.

use jiff::{SignedDuration, Timestamp};

use super::{AcceptedRefund, RefundWish, provider::is_of_job};
use crate::{
    access::Purchase, id::PurchaseId, money::Money, payments::ProviderRefundId, store::UnitOfWork,
    store_error::StoreError,
};

/// The largest difference between the clocks of two replicas at which the times that they stored are compared.
const MAX_SKEW: SignedDuration = SignedDuration::from_millis(500);

/// What was known when a call began.
pub(super) struct Known {
    /// The refunds that the provider had accepted.
    refunds: Vec<ProviderRefundId>,
    /// When the call arrived. It may have waited since then, such as for its creator to be known.
    arrived_at: Timestamp,
    /// When these were read.
    begun_at: Timestamp,
}

/// Another refund that meets the wish.
pub(super) enum Other {
    /// A refund of this purchase that is under way, or after which more is left to refund.
    Of(PurchaseId),
    /// A refund of all that was left of this purchase.
    Done(Box<Purchase>, Money, ProviderRefundId),
}

impl Known {
    pub(super) fn new(accepted: Vec<AcceptedRefund>, wish: &RefundWish, now: Timestamp) -> Self {
        let refunds = accepted.into_iter().map(|it| it.refund).collect();
        Self { refunds, arrived_at: wish.arrived_at, begun_at: now }
    }

    /// Returns one of the accepted refunds that is newer than the call: accepted since the call began or, if the wish names no purchase,
    /// since the call arrived.
    pub(super) fn since<'a>(
        &self,
        accepted: &'a [AcceptedRefund],
        wish: &RefundWish,
    ) -> Option<&'a AcceptedRefund> {
        let is_named = wish.purchase_id.is_some();
        let precedes = |at: Timestamp| !is_named && self.arrived_at < at && self.is_told(at);
        accepted.iter().find(|it| {
            self.is_new(&it.refund) || accepted_at(accepted, &it.refund).is_some_and(precedes)
        })
    }

    /// Returns whether a refund was accepted since the call began.
    fn is_new(&self, refund: &ProviderRefundId) -> bool {
        !self.refunds.contains(refund)
    }

    /// Returns whether the call arrived before this refund was accepted. The caller did not know of the refund, so the call counts
    /// as a request for it, unless the chosen payment was made after the refund: then the call is about that payment.
    fn is_unseen(&self, accepted_at: Timestamp, chosen: &Purchase) -> bool {
        let is_beside = chosen.created_at < accepted_at;
        is_beside && self.arrived_at < accepted_at && self.is_told(accepted_at)
    }

    /// Returns whether a stored time is plausible. A time far after the call comes from a replica whose clock is ahead.
    fn is_told(&self, accepted_at: Timestamp) -> bool {
        accepted_at.duration_since(self.begun_at) <= MAX_SKEW
    }

    /// Returns the refund of another purchase of the same visitor that meets the wish, or will meet it once it is made. The page MUST be
    /// locked: requests are stored under its lock, so that none is missed.
    pub(super) async fn other(
        &self,
        unit: &mut dyn UnitOfWork,
        chosen: &Purchase,
    ) -> Result<Option<Other>, StoreError> {
        // The caller joins a request for the chosen purchase itself, and one with nothing left cannot be refunded.
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
        let accepted = unit.refund_requests().accepted_of(&ids).await?;
        let is_unseen = |refund: &ProviderRefundId| {
            let accepted_at = accepted_at(&accepted, refund);
            accepted_at.is_some_and(|accepted_at| self.is_unseen(accepted_at, chosen))
        };
        let is_meant = |it: &&AcceptedRefund| {
            !is_of_job(&it.request) && (self.is_new(&it.refund) || is_unseen(&it.refund))
        };
        let newest = accepted.iter().filter(is_meant);
        let newest = newest.max_by_key(|it| (it.request.requested_at, it.request.id));
        let Some(AcceptedRefund { request, refund, .. }) = newest.cloned() else { return Ok(None) };
        let of_it = others.into_iter().find(|other| other.id == request.purchase_id);
        Ok(of_it.map(|purchase| match purchase.left() {
            0 => Other::Done(Box::new(purchase), request.amount, refund),
            _ => Other::Of(purchase.id),
        }))
    }
}

/// Returns when a refund was accepted: the earliest time noted of it. Other calls that the refund meets note it again later.
fn accepted_at(accepted: &[AcceptedRefund], refund: &ProviderRefundId) -> Option<Timestamp> {
    accepted.iter().filter(|it| it.refund == *refund).map(|it| it.accepted_at).min()
}
