//! The use case of refunding a purchase, as its creator wishes.

use std::collections::BTreeMap;

use super::{
    RefundError, RefundReceipt, RefundRequest, RefundWish, Refunds,
    choice::{choose, is_kept_for_another},
    error::explained,
};
use crate::{
    access::{GrantType, Purchase},
    checkout::sweep_account_of,
    clock::plus_seconds,
    creators::Creator,
    id::{PageId, PurchaseId},
    jobs::{Job, NewJob},
    money::Money,
    names::{HandleName, Slug},
    payments::{PaymentsError, ProviderRefundId, RefundProgress, Refusal},
    store::UnitOfWork,
    store_error::StoreError,
    validation::{Field, FieldErrors},
};

/// The next step of a wish for a refund, decided by what is stored.
enum Next {
    /// Return the refund that an earlier request with this key made.
    Repeat(Box<Purchase>, Money, ProviderRefundId),
    /// Read the provider's refunds first: a part that was refunded may have failed since, without an event reaching Tollgate. Of a
    /// payment of which a part is lost, the provider gives back once more what is not known to be refunded or lost besides.
    ReadFirst(Box<Purchase>),
    /// Refuse, since everything was refunded.
    AlreadyRefunded(Box<Purchase>),
    /// Refuse for this reason, which is a dispute. It may have been decided, or won on appeal, without an event reaching Tollgate.
    Disputed(Box<Purchase>, RefundError),
    /// Send this request to the provider.
    Ask(Asked),
}

/// A request to carry out.
struct Asked {
    /// The purchase as it was when this was decided.
    purchase: Box<Purchase>,
    /// The request.
    request: RefundRequest,
    /// It was made earlier and has no answer, so that its refund is looked for first.
    is_earlier: bool,
}

/// How often one call reads the refunds after a refusal: further parts may be refunded at the provider while it runs, and requests of
/// others ask for more than is left.
const MAX_LEARNT: u32 = 4;

/// What one call has done for a wish already, so that it ends.
#[derive(Default)]
struct Course {
    /// It has read the refunds before the request.
    has_looked: bool,
    /// It has found out that nothing comes of an earlier request.
    has_closed: bool,
    /// It has read the disputes.
    has_read_disputes: bool,
    /// The part of the payment that it has refunded, before it went on with the rest.
    part: Option<RefundReceipt>,
    /// How often it has read the refunds since the provider refused, or since all of them seemed to be known.
    learnt: u32,
}

/// The time in seconds after which a job takes over a request that the provider has not answered, and for which one that was sent
/// may be under way.
pub(super) const STALE_SECONDS: i64 = 120;

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

    /// Refunds everything that remains of a purchase, and ends the visitor's access with it. Calls at the same time have the same
    /// receipt: one that finds nothing left returns that of a refund that was accepted since it began.
    pub async fn refund(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        wish: RefundWish,
    ) -> Result<RefundReceipt, RefundError> {
        if let Some(reason) = &wish.reason {
            RefundWish::check_reason(reason).map_err(|error| {
                RefundError::Invalid(FieldErrors::one(Field::RefundReason, error))
            })?;
        }
        let (_, page) = self.ownership.page(creator, handle, slug).await?;
        let wish = wish.with_stored_key();
        let known = self.accepted(page.id, &wish).await?;
        let outcome = self.refund_rest(page.id, &wish).await;
        let is_nothing_left =
            matches!(outcome, Err(RefundError::AlreadyRefunded | RefundError::Lost));
        if !is_nothing_left && !is_uncategorized(&outcome) {
            return outcome;
        }
        let is_new = |refund: &ProviderRefundId| known.iter().all(|(_, earlier)| earlier != refund);
        let mut others = self.accepted(page.id, &wish).await?.into_iter();
        let Some((request, refund)) = others.find(|(_, refund)| is_new(refund)) else {
            return outcome;
        };
        let purchase = self.fulfilment.ports.purchases.purchase(request.purchase_id).await?;
        let purchase = purchase.ok_or(RefundError::PurchaseNotFound)?;
        let receipt = self.receipt(&purchase, request.amount, refund).await?;
        self.note_key(&receipt, &wish).await?;
        Ok(receipt)
    }

    /// Returns the accepted refunds of the purchases that a wish may be about.
    async fn accepted(
        &self,
        page: PageId,
        wish: &RefundWish,
    ) -> Result<Vec<(RefundRequest, ProviderRefundId)>, StoreError> {
        let theirs = self.fulfilment.ports.purchases.purchases_of(wish.visitor_id, page).await?;
        let ids: Vec<_> = theirs.iter().map(|it| it.id).filter(|id| wish.is_about(*id)).collect();
        self.reads.accepted_refunds(&ids).await
    }

    /// Refunds everything that remains of a purchase of a page.
    async fn refund_rest(
        &self,
        page: PageId,
        wish: &RefundWish,
    ) -> Result<RefundReceipt, RefundError> {
        let mut wish = wish.clone();
        let mut course = Course::default();
        loop {
            match self.next(page, &wish, !course.has_looked).await? {
                Next::Repeat(purchase, amount, refund) => {
                    return self.receipt(&purchase, amount, refund).await;
                }
                Next::ReadFirst(purchase) => {
                    course.has_looked = true;
                    self.look_first(&purchase).await?;
                    // If nothing is left of it, another one is a decision of its own.
                    wish.purchase_id = Some(purchase.id);
                }
                Next::AlreadyRefunded(purchase) => {
                    if course.learnt > 0 || !self.refresh_refunds(&purchase).await? {
                        return Err(RefundError::AlreadyRefunded);
                    }
                    course.learnt += 1;
                }
                Next::Disputed(purchase, error) => {
                    if course.has_read_disputes || !self.learn_disputes(&purchase).await? {
                        return Err(error);
                    }
                    course.has_read_disputes = true;
                    wish.purchase_id = Some(purchase.id);
                }
                Next::Ask(asked) => {
                    let outcome = self.ask(&asked, &wish).await?;
                    if course.part.is_none() && self.is_part(&asked, &outcome).await? {
                        wish.purchase_id = Some(asked.purchase.id);
                        // The key leads to the part that is refunded already, and so does the answer.
                        wish.idempotency_key = None;
                        course.part = outcome.ok();
                        continue;
                    }
                    if !self.is_decided_anew(&asked, &outcome, &mut course).await? {
                        return outcome.map(|rest| course.part.unwrap_or(rest));
                    }
                    if course.has_read_disputes {
                        // Whether to give another payment back that opens the page is a decision of its own.
                        wish.purchase_id = Some(asked.purchase.id);
                    }
                }
            }
        }
    }

    /// Returns whether what was refunded is a part: something came back to the seller after the request was made, such as by an
    /// appeal, and can be refunded, too.
    async fn is_part(
        &self,
        asked: &Asked,
        outcome: &Result<RefundReceipt, RefundError>,
    ) -> Result<bool, StoreError> {
        if !outcome.as_ref().is_ok_and(|receipt| !is_failed(receipt)) {
            return Ok(false);
        }
        let now = self.fulfilment.ports.purchases.purchase(asked.purchase.id).await?;
        Ok(now.is_some_and(|now| now.refundable() > 0 && now.suspended_at.is_none()))
    }

    /// Returns whether what has come to be known since a request was decided on, and what came of it, lead to another one.
    async fn is_decided_anew(
        &self,
        Asked { purchase, request, is_earlier }: &Asked,
        outcome: &Result<RefundReceipt, RefundError>,
        course: &mut Course,
    ) -> Result<bool, RefundError> {
        // What came of an earlier request has failed, which is known now.
        let has_failed = *is_earlier && outcome.as_ref().is_ok_and(is_failed);
        // Or it was from before a loss, and was closed. A part may be left.
        let is_over = has_failed || matches!(outcome, Err(RefundError::Lost));
        if is_over && !course.has_closed {
            course.has_closed = true;
            return Ok(true);
        }
        let is_refused = is_uncategorized(outcome);
        // The disputes were read after a refusal because of one.
        let may_be_disputed = is_refused || matches!(outcome, Err(RefundError::Disputed));
        if may_be_disputed && !course.has_read_disputes && self.is_disputed_anew(purchase).await? {
            course.has_read_disputes = true;
            return Ok(true);
        }
        if !is_refused || course.learnt == MAX_LEARNT {
            return Ok(false);
        }
        course.learnt += 1;
        // A part may have been refunded at the provider without an event reaching Tollgate, so that less remains. A parallel
        // request may have learnt it first.
        let has_changed =
            self.learn_refunds(purchase).await? || self.has_moved_on(purchase).await?;
        // An earlier request that was not answered asks for what remained then.
        let asks_too_much = request.amount.amount > purchase.left();
        Ok(has_changed || asks_too_much)
    }

    /// Reads the refunds of a purchase of which a part is gone, and the disputes if it is lost, before it is decided what is left.
    async fn look_first(&self, purchase: &Purchase) -> Result<(), RefundError> {
        let is_lost = purchase.lost > 0;
        let mut learnt = self.learn_refunds(purchase).await.map(drop);
        if is_lost && learnt.is_ok() {
            learnt = Box::pin(self.disputes.read_of(purchase)).await.map(drop).map_err(Into::into);
        }
        let Err(error) = learnt else { return Ok(()) };
        // The provider does not refuse a sum that is too high only since a part is lost.
        if is_lost {
            return Err(error.with_reason());
        }
        // The request itself has the provider's reason, if there is one.
        tracing::warn!(purchase = %purchase.id, %error, "refunds were not looked at");
        Ok(())
    }

    /// Returns what the wish leads to now. A request is stored before it is returned.
    async fn next(
        &self,
        page: PageId,
        wish: &RefundWish,
        may_look: bool,
    ) -> Result<Next, RefundError> {
        let mut unit = self.runtime().begin().await?;
        let candidates = unit.purchases().of_visitor(wish.visitor_id, page).await?;
        if let Some(repeat) = repeated(&mut *unit, &candidates, wish).await? {
            return Ok(repeat);
        }
        let chosen = choose(&candidates, wish.purchase_id)?.id;
        let purchase = unit.purchases().lock(chosen).await?;
        let purchase = Box::new(purchase.ok_or(RefundError::PurchaseNotFound)?);
        // A request with the same key may have been answered while this one waited for the purchase.
        if let Some(repeat) = repeated(&mut *unit, &candidates, wish).await? {
            return Ok(repeat);
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
        // In the order in which the refund of a second payment locks them: whichever comes second sees the other.
        unit.pages().lock(page).await?;
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

    /// Carries out a request, the wish's own or an earlier one that was not answered. The outer result is that of the
    /// store, the inner one what came of the request.
    async fn ask(
        &self,
        Asked { purchase, request, is_earlier }: &Asked,
        wish: &RefundWish,
    ) -> Result<Result<RefundReceipt, RefundError>, StoreError> {
        let is_another = request.idempotency_key != wish.idempotency_key;
        let outcome = if *is_earlier {
            Box::pin(self.take_up(purchase, request)).await
        } else {
            self.execute(purchase, request).await
        };
        if let (Ok(receipt), true) = (&outcome, is_another)
            && !is_failed(receipt)
        {
            self.note_key(receipt, wish).await?;
        }
        Ok(outcome)
    }

    /// Notes that a wish with a key of its own was met by the refund of another request, so that the key leads to that
    /// refund from now on.
    async fn note_key(&self, receipt: &RefundReceipt, wish: &RefundWish) -> Result<(), StoreError> {
        if wish.idempotency_key.is_none() {
            return Ok(());
        }
        let (purchase, amount) = (receipt.purchase_id, receipt.amount);
        let (reason, key) = (wish.reason.clone(), wish.idempotency_key.clone());
        let request = RefundRequest::new(self.runtime(), purchase, amount, reason, key);
        let mut unit = self.runtime().begin().await?;
        request.store_answered(&mut *unit, Some(receipt.refund.clone())).await?;
        unit.commit().await
    }

    /// Returns the receipt of a refund whose response was lost, with its current state at the provider.
    async fn receipt(
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

    /// Returns whether a refund of the purchase failed at the provider without an event reaching Tollgate. Nobody knows that while the
    /// provider does not show the refunds.
    async fn refresh_refunds(&self, purchase: &Purchase) -> Result<bool, RefundError> {
        self.learn_refunds(purchase).await.map_err(RefundError::with_reason)
    }

    /// Returns whether more of a purchase was refunded since it was read.
    pub(super) async fn has_moved_on(&self, before: &Purchase) -> Result<bool, StoreError> {
        let now = self.fulfilment.ports.purchases.purchase(before.id).await?;
        Ok(now.is_some_and(|now| now.refunded != before.refunded))
    }
}

/// Returns whether a refund was made and has failed.
fn is_failed(receipt: &RefundReceipt) -> bool {
    receipt.progress == RefundProgress::Failed
}

/// Returns whether the provider refused without one of the known reasons.
pub(super) fn is_uncategorized<T>(outcome: &Result<T, RefundError>) -> bool {
    let Err(RefundError::Payments(PaymentsError::Refused { refusal, .. })) = outcome else {
        return false;
    };
    matches!(refusal, Refusal::WithMessage | Refusal::Other)
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
