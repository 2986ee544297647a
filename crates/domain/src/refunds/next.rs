//! What a wish for a refund leads to now, decided by what is stored.

use super::{
    RefundError, RefundRequest, RefundWish, Refunds,
    choice::{choose, is_kept_for_another},
    others::{Known, Other},
};
use crate::{
    access::{GrantType, Purchase},
    checkout::sweep_account_of,
    clock::plus_seconds,
    id::{PageId, PurchaseId},
    jobs::{Job, NewJob},
    money::Money,
    payments::{PaymentsError, ProviderRefundId},
    store::UnitOfWork,
    store_error::StoreError,
};

/// The time in seconds after which a job takes over a request that the provider has not answered, and for which one that was sent
/// may be under way.
pub(super) const STALE_SECONDS: i64 = 120;

/// The next step of a wish for a refund, decided by what is stored.
pub(super) enum Next {
    /// Return the refund that an earlier request with this key made.
    Repeat(Box<Purchase>, Money, ProviderRefundId),
    /// Go on with this purchase: another call refunds it at the same time.
    Join(PurchaseId),
    /// Return the refund that another call at the same time made, of all that was left of this purchase.
    Share(Box<Purchase>, Money, ProviderRefundId),
    /// Read the provider's refunds first: a part that was refunded may have failed since, without an event reaching Tollgate. Of a
    /// payment of which a part is lost, the provider refunds once more what is not known to be refunded or lost besides.
    ReadFirst(Box<Purchase>),
    /// Refuse, since everything was refunded.
    AlreadyRefunded(Box<Purchase>),
    /// Refuse for this reason, which is a dispute. It may have been decided, or won on appeal, without an event reaching Tollgate.
    Disputed(Box<Purchase>, RefundError),
    /// Send this request to the provider.
    Ask(Asked),
}

/// A request to carry out.
pub(super) struct Asked {
    /// The purchase as it was when this was decided.
    pub(super) purchase: Box<Purchase>,
    /// The stored request to send to the provider.
    pub(super) request: RefundRequest,
    /// Whether the request was stored by an earlier call and has no answer, so that its refund is looked for first.
    pub(super) is_earlier: bool,
}

impl Refunds {
    /// Returns the next step of the wish. A request is stored before it is returned. If the wish names no purchase, and another call at the
    /// same time refunds another payment of the visitor, the wish is about that payment.
    pub(super) async fn next(
        &self,
        page: PageId,
        wish: &RefundWish,
        may_look: bool,
        known: Option<&Known>,
    ) -> Result<Next, RefundError> {
        let mut unit = self.runtime().begin().await?;
        let candidates = unit.purchases().of_visitor(wish.visitor_id, page).await?;
        let chosen = choose(&candidates, wish.purchase_id)?.id;
        let purchase = unit.purchases().lock(chosen).await?;
        let purchase = Box::new(purchase.ok_or(RefundError::PurchaseNotFound)?);
        // A request with the same key may have been answered since the accepted refunds were read, also by one that failed.
        if let Some(repeat) = repeated(&mut *unit, &candidates, wish).await? {
            return Ok(repeat);
        }
        // In the order in which the refund of a second payment locks them: whichever comes second sees the other.
        unit.pages().lock(page).await?;
        if let Some(known) = known
            && let Some(other) = known.other(&mut *unit, &purchase).await?
        {
            return Ok(match other {
                Other::Of(purchase) => Next::Join(purchase),
                Other::Done(purchase, amount, refund) => Next::Share(purchase, amount, refund),
            });
        }
        let is_partly_refunded =
            purchase.refunded > 0 && purchase.grant_type != GrantType::Refunded;
        let is_earlier = unit.refund_requests().unanswered_of(purchase.id).await?.is_some();
        // What an earlier request asks for may be lost, and may have been won back since.
        let is_lost = purchase.lost > 0 && (purchase.left() > 0 || is_earlier);
        let is_partly_gone = is_partly_refunded || is_lost;
        if may_look && is_partly_gone && purchase.suspended_at.is_none() {
            return Ok(Next::ReadFirst(purchase));
        }
        if is_kept_for_another(&mut *unit, &purchase).await? {
            let reason = "another payment for the page is being refunded".to_owned();
            return Err(PaymentsError::Unavailable(reason).into());
        }
        match self.request(&mut *unit, &purchase, wish).await {
            Ok(request) => {
                unit.commit().await?;
                Ok(Next::Ask(Asked { purchase, request, is_earlier }))
            }
            Err(RefundError::AlreadyRefunded) => Ok(Next::AlreadyRefunded(purchase)),
            Err(error @ (RefundError::Disputed | RefundError::Lost)) => {
                // What cannot be read at once is read by a sweep.
                sweep_account_of(&mut *unit, &purchase, self.runtime().now()).await?;
                unit.commit().await?;
                Ok(Next::Disputed(purchase, error))
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the request to carry out: the one that the provider has not answered yet, or a new one.
    pub(super) async fn request(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        wish: &RefundWish,
    ) -> Result<RefundRequest, RefundError> {
        if let Some(unanswered) = unit.refund_requests().unanswered_of(purchase.id).await? {
            return Ok(unanswered);
        }
        let payment = purchase.payment.as_ref().ok_or(RefundError::PurchaseNotFound)?;
        if purchase.grant_type == GrantType::Refunded {
            return Err(RefundError::AlreadyRefunded);
        }
        if purchase.suspended_at.is_some() {
            return Err(RefundError::Disputed);
        }
        let amount = purchase.refundable();
        if wish.at_most.is_some_and(|most| amount > most) {
            return Err(RefundError::MoreThanSeen);
        }
        if amount <= 0 || !unit.purchases().reserve_refund(purchase.id, amount).await? {
            let is_lost = purchase.lost > 0;
            return Err(if is_lost { RefundError::Lost } else { RefundError::AlreadyRefunded });
        }
        let amount = Money::new(amount, payment.paid.currency);
        let (reason, key) = (wish.reason.clone(), wish.idempotency_key.clone());
        let request = RefundRequest::new(self.runtime(), purchase.id, amount, reason, key);
        unit.refund_requests().insert(&request).await?;
        let due_at = plus_seconds(request.requested_at, STALE_SECONDS);
        unit.jobs().enqueue(&NewJob::new(Job::ResumeRefund(request.id), due_at)).await?;
        Ok(request)
    }
}

/// Returns what was refunded earlier under the request's idempotency key, if anything.
async fn repeated(
    unit: &mut dyn UnitOfWork,
    candidates: &[Purchase],
    wish: &RefundWish,
) -> Result<Option<Next>, StoreError> {
    let Some(key) = &wish.idempotency_key else { return Ok(None) };
    let ids = candidates.iter().map(|purchase| purchase.id).filter(|id| wish.is_about(*id));
    let ids: Vec<_> = ids.collect();
    let Some((request, Some(refund))) = unit.refund_requests().by_key(&ids, key).await? else {
        return Ok(None);
    };
    let purchase = candidates.iter().find(|purchase| purchase.id == request.purchase_id).cloned();
    Ok(purchase.map(|purchase| Next::Repeat(Box::new(purchase), request.amount, refund)))
}
