//! The use case of refunding a purchase, as its creator wishes: one press of the button, from top to bottom. What the wish leads to
//! is decided in `next`, by what is stored. What the decision needs to know is read from the provider first, and whatever comes of
//! a request, or is learnt from its refusal, may lead to another decision, until the call ends with a receipt or an error.

use super::{
    AcceptedRefund, RefundError, RefundReceipt, RefundWish, Refunds,
    next::{Asked, Next},
    others::Known,
    receipt::is_failed,
};
use crate::{
    access::Purchase,
    creators::Creator,
    id::PageId,
    names::{HandleName, Slug},
    payments::{PaymentsError, Refusal},
    store_error::StoreError,
    validation::{Field, FieldErrors},
};

/// How often one call reads the refunds after a refusal: further parts may be refunded at the provider while it runs, and requests of
/// others ask for more than is left.
const MAX_LEARNT: u32 = 4;

/// What one call has done for a wish already, so that it ends.
#[derive(Default)]
struct Course {
    /// Whether the call has read the refunds before the request.
    has_looked: bool,
    /// Whether the call has found out that nothing comes of an earlier request.
    has_closed: bool,
    /// Whether the call has read the disputes.
    has_read_disputes: bool,
    /// The part of the payment that the call has refunded, before it went on with the rest.
    part: Option<RefundReceipt>,
    /// How often the call has read the refunds since the provider refused, or since all of them seemed to be known.
    learnt: u32,
}

impl Refunds {
    /// Refunds everything that remains of a purchase, and ends the visitor's access with it.
    ///
    /// Calls at the same time have the same receipt. A call that finds nothing left, or would go on to another payment of the visitor,
    /// returns the receipt of a refund that was accepted since the call began, or since it arrived if it names no purchase.
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
        let accepted = self.accepted(page.id, &wish).await?;
        if let Some(receipt) = self.repeated_receipt(&accepted, &wish).await? {
            return Ok(receipt);
        }
        let known = Known::new(accepted, &wish, self.runtime().now());
        let outcome = self.refund_rest(page.id, &wish, &known).await;
        let is_nothing_left =
            matches!(outcome, Err(RefundError::AlreadyRefunded | RefundError::Lost));
        if !is_nothing_left && !is_uncategorized(&outcome) {
            return outcome;
        }
        let since = self.refunded_since(page.id, &wish, &known).await?;
        since.map_or(outcome, Ok)
    }

    /// Refunds everything that remains of a purchase of a page.
    async fn refund_rest(
        &self,
        page: PageId,
        wish: &RefundWish,
        known: &Known,
    ) -> Result<RefundReceipt, RefundError> {
        let mut known = wish.purchase_id.is_none().then_some(known);
        let mut wish = wish.clone();
        let mut course = Course::default();
        loop {
            let next = self.next(page, &wish, !course.has_looked, known).await;
            if let (Err(RefundError::MoreThanSeen), Some(part)) = (&next, &course.part) {
                return Ok(part.clone());
            }
            match next? {
                Next::Repeat(purchase, amount, refund) => {
                    return self.receipt(&purchase, amount, refund).await;
                }
                Next::Join(purchase) => {
                    known = None;
                    course.has_looked = false;
                    wish.purchase_id = Some(purchase);
                }
                Next::Share(purchase, amount, refund) => {
                    return self.shared_receipt(&purchase, amount, refund, &wish).await;
                }
                Next::ReadFirst(purchase) => {
                    course.has_looked = true;
                    self.look_first(&purchase).await?;
                    // If nothing is left of this payment, refunding another one is a decision of its own.
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
                        known = None;
                        // The key leads to the part that is refunded already, and so does the answer.
                        wish.idempotency_key = None;
                        let part = asked.request.amount.amount;
                        wish.at_most = wish.at_most.map(|most| most.saturating_sub(part));
                        course.part = outcome.ok();
                        continue;
                    }
                    if !self.is_decided_anew(&asked, &outcome, &mut course).await? {
                        return outcome.map(|rest| course.part.unwrap_or(rest));
                    }
                    if course.has_read_disputes {
                        // Refunding another payment that opens the page is a decision of its own.
                        wish.purchase_id = Some(asked.purchase.id);
                    }
                }
            }
        }
    }

    /// Reads the refunds of a purchase that was refunded or lost in part, and its disputes if a part is lost, before it is decided what is
    /// left.
    async fn look_first(&self, purchase: &Purchase) -> Result<(), RefundError> {
        let is_lost = purchase.lost > 0;
        let mut learnt = self.learn_refunds(purchase).await.map(drop);
        if is_lost && learnt.is_ok() {
            learnt =
                Box::pin(self.disputes.read_of(purchase, self)).await.map(drop).map_err(Into::into);
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

    /// Returns whether a refund of the purchase failed at the provider without an event reaching Tollgate. Nobody knows that while the
    /// provider does not show the refunds.
    async fn refresh_refunds(&self, purchase: &Purchase) -> Result<bool, RefundError> {
        self.learn_refunds(purchase).await.map_err(RefundError::with_reason)
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
            self.note_key(receipt.purchase_id, receipt.amount, &receipt.refund, wish).await?;
        }
        Ok(outcome)
    }

    /// Returns whether what was refunded is a part: something came back to the seller after the request was made, such as by an
    /// appeal, and can be refunded, too. Another press may be at it, which this one joins.
    async fn is_part(
        &self,
        asked: &Asked,
        outcome: &Result<RefundReceipt, RefundError>,
    ) -> Result<bool, StoreError> {
        if !outcome.as_ref().is_ok_and(|receipt| !is_failed(receipt)) {
            return Ok(false);
        }
        let now = self.fulfilment.ports.purchases.purchase(asked.purchase.id).await?;
        Ok(now.is_some_and(|now| now.left() > 0 && now.suspended_at.is_none()))
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

    /// Returns the receipt of a refund that was accepted since the call began, or since it arrived if the wish names no purchase. It
    /// meets the wish as well.
    async fn refunded_since(
        &self,
        page: PageId,
        wish: &RefundWish,
        known: &Known,
    ) -> Result<Option<RefundReceipt>, RefundError> {
        let accepted = self.accepted(page, wish).await?;
        let since = known.since(&accepted, wish).cloned();
        let Some(AcceptedRefund { request, refund, .. }) = since else { return Ok(None) };
        let purchase = self.fulfilment.ports.purchases.purchase(request.purchase_id).await?;
        let purchase = purchase.ok_or(RefundError::PurchaseNotFound)?;
        self.shared_receipt(&purchase, request.amount, refund, wish).await.map(Some)
    }

    /// Returns whether more of a purchase was refunded since it was read.
    pub(super) async fn has_moved_on(&self, before: &Purchase) -> Result<bool, StoreError> {
        let now = self.fulfilment.ports.purchases.purchase(before.id).await?;
        Ok(now.is_some_and(|now| now.refunded != before.refunded))
    }
}

/// Returns whether the provider refused without one of the known reasons.
pub(super) fn is_uncategorized<T>(outcome: &Result<T, RefundError>) -> bool {
    let Err(RefundError::Payments(PaymentsError::Refused { refusal, .. })) = outcome else {
        return false;
    };
    matches!(refusal, Refusal::WithMessage | Refusal::Other)
}
