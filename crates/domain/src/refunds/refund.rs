//! The use case of refunding a purchase.

use std::{collections::BTreeMap, sync::Arc};

use super::{RefundError, RefundRequest, RefusalReason, ports::RefundReads};
use crate::{
    access::{GrantType, Payment, Purchase},
    checkout::{Applied, Fulfilment},
    clock::plus_seconds,
    creators::{Creator, Ownership},
    id::{PurchaseId, RefundId, VisitorId},
    jobs::{Job, NewJob},
    mail::MailContent,
    money::Money,
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    payments::{
        Payments, PaymentsError, ProviderRefundId, RefundOrder, RefundProgress, RefundState,
        Refusal,
    },
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    validation::{self, FieldErrors},
};

/// A creator's request for a refund.
#[derive(Debug, Clone)]
pub struct RefundWish {
    /// The visitor who bought.
    pub visitor_id: VisitorId,
    /// The purchase to refund; if unset, the newest one that can be refunded.
    pub purchase_id: Option<PurchaseId>,
    /// A note for the creator's own records.
    pub reason: Option<String>,
    /// The idempotency key of the request. A repeated request with the same key returns the receipt of
    /// the first one, even if its response was lost.
    pub idempotency_key: Option<String>,
}

/// A refund that the provider has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundReceipt {
    /// The refunded purchase.
    pub purchase_id: PurchaseId,
    /// The provider's id, by which the creator can find the refund there.
    pub refund: ProviderRefundId,
    /// Whether the buyer has received the money.
    pub progress: RefundProgress,
    /// The refunded amount.
    pub amount: Money,
}

/// The use cases for refunding purchases.
#[derive(Clone)]
pub struct Refunds {
    pub(super) fulfilment: Fulfilment,
    reads: Arc<dyn RefundReads>,
    ownership: Ownership,
}

/// The number of further keys under which a refund is asked for in one request.
const MAX_ATTEMPTS: u32 = 2;
/// The time in seconds after which a job takes over a request that the provider has not answered.
const STALE_SECONDS: i64 = 120;
/// The key of requests for refunds of second payments. It tells whether the creator knows of the payment.
const SECOND_PAYMENT_KEY: &str = "tollgate-second-payment";

impl Refunds {
    /// Creates the use cases.
    pub fn new(fulfilment: Fulfilment, reads: Arc<dyn RefundReads>, ownership: Ownership) -> Self {
        Self { fulfilment, reads, ownership }
    }

    fn runtime(&self) -> &Runtime {
        &self.fulfilment.runtime
    }

    fn payments(&self) -> &dyn Payments {
        &*self.fulfilment.ports.payments
    }

    /// Returns the reasons that were given for the refunds of these purchases, by the provider's refund, for whoever
    /// may see the purchases.
    pub async fn reasons(
        &self,
        purchases: &[PurchaseId],
    ) -> Result<BTreeMap<ProviderRefundId, String>, StoreError> {
        if purchases.is_empty() {
            return Ok(BTreeMap::new());
        }
        Ok(self.reads.refund_reasons(purchases).await?.into_iter().collect())
    }

    /// Refunds everything that remains of a purchase, and ends the visitor's access with it.
    pub async fn refund(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        wish: RefundWish,
    ) -> Result<RefundReceipt, RefundError> {
        if let Some(reason) = &wish.reason {
            validation::text(reason, 0, 500)
                .map_err(|error| RefundError::Invalid(FieldErrors::one("reason", error)))?;
        }
        let (_, page) = self.ownership.page(creator, handle, slug).await?;
        let (mut has_looked, mut has_learnt) = (false, false);
        loop {
            let mut unit = self.runtime().begin().await?;
            let candidates = unit.purchases().of_visitor(wish.visitor_id, page.id).await?;
            if let Some((bought, amount, refund)) = replayed(&mut *unit, &candidates, &wish).await?
            {
                drop(unit);
                return self.receipt(bought, amount, refund).await;
            }
            let chosen = choose(&candidates, wish.purchase_id)?.id;
            let purchase = unit.purchases().lock(chosen).await?;
            let purchase = purchase.ok_or(RefundError::PurchaseNotFound)?;
            // A request with the same key may have been answered while this one waited for the purchase.
            if let Some((bought, amount, refund)) = replayed(&mut *unit, &candidates, &wish).await?
            {
                drop(unit);
                return self.receipt(bought, amount, refund).await;
            }
            // A part that was refunded may have failed since, without an event reaching Tollgate.
            let is_partly_refunded =
                purchase.refunded > 0 && purchase.grant_type != GrantType::Refunded;
            if !has_looked && is_partly_refunded && purchase.suspended_at.is_none() {
                drop(unit);
                has_looked = true;
                // The request itself has the provider's reason, if there is one.
                if let Err(error) = self.learn_refunds(&purchase).await {
                    tracing::warn!(purchase = %purchase.id, %error, "refunds were not looked at");
                }
                continue;
            }
            let request = match self.request(&mut *unit, &purchase, &wish).await {
                // A refund may have failed at the provider without an event reaching Tollgate.
                Err(RefundError::AlreadyRefunded) if !has_learnt => {
                    drop(unit);
                    has_learnt = true;
                    match self.learn_refunds(&purchase).await {
                        Ok(true) => continue,
                        Ok(false) | Err(RefundError::Payments(PaymentsError::Refused { .. })) => {
                            return Err(RefundError::AlreadyRefunded);
                        }
                        Err(error) => return Err(error),
                    }
                }
                // The dispute may have been decided without an event reaching Tollgate; a sweep reads it.
                Err(RefundError::Disputed) => {
                    let sweep = NewJob::new(Job::SweepAccounts, self.runtime().now());
                    unit.jobs().enqueue(&sweep).await?;
                    unit.commit().await?;
                    return Err(RefundError::Disputed);
                }
                request => request?,
            };
            unit.commit().await?;
            // An earlier request that was not answered asks for what remained then.
            let is_outdated = purchase.payment.as_ref().is_some_and(|payment| {
                request.amount.amount > payment.paid.amount - purchase.refunded
            });
            let is_another = request.idempotency_key != wish.idempotency_key;
            let outcome = self.carried_out(&purchase, request).await;
            if let (Ok(receipt), true) = (&outcome, is_another) {
                self.note_key(receipt, &wish).await?;
            }
            if has_learnt || !is_unexplained(&outcome) {
                return outcome;
            }
            has_learnt = true;
            // A part may have been refunded at the provider without an event reaching Tollgate, so that
            // less remains. A parallel request may have learnt it first.
            let has_changed =
                self.learn_refunds(&purchase).await? || self.has_moved_on(&purchase).await?;
            if !has_changed && !is_outdated {
                return outcome;
            }
        }
    }

    /// Returns whether more of a purchase was refunded since it was read.
    async fn has_moved_on(&self, before: &Purchase) -> Result<bool, StoreError> {
        let now = self.fulfilment.ports.purchases.purchase(before.id).await?;
        Ok(now.is_some_and(|now| now.refunded != before.refunded))
    }

    /// Notes that a wish with a key of its own was met by the refund of another request, so that the key leads to that
    /// refund from now on.
    async fn note_key(
        &self,
        receipt: &RefundReceipt,
        wish: &RefundWish,
    ) -> Result<(), RefundError> {
        if wish.idempotency_key.is_none() {
            return Ok(());
        }
        let now = self.runtime().now();
        let request = RefundRequest {
            id: RefundId::new(now, &*self.runtime().random),
            purchase_id: receipt.purchase_id,
            amount: receipt.amount,
            reason: wish.reason.clone(),
            idempotency_key: wish.idempotency_key.clone(),
            requested_at: now,
        };
        let mut unit = self.runtime().begin().await?;
        unit.refund_requests().insert(&request).await?;
        let refund = Some(receipt.refund.clone());
        unit.refund_requests().answer(request.id, true, refund, now).await?;
        Ok(unit.commit().await?)
    }

    /// Returns the request to carry out: the one that the provider has not answered yet, or a new one.
    async fn request(
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
            return Err(RefundError::AlreadyRefunded);
        }
        let now = self.runtime().now();
        let request = RefundRequest {
            id: RefundId::new(now, &*self.runtime().random),
            purchase_id: purchase.id,
            amount: Money::new(amount, payment.paid.currency),
            reason: wish.reason.clone(),
            idempotency_key: wish.idempotency_key.clone(),
            requested_at: now,
        };
        unit.refund_requests().insert(&request).await?;
        let due_at = plus_seconds(now, STALE_SECONDS);
        unit.jobs().enqueue(&NewJob::new(Job::ResumeRefund(request.id), due_at)).await?;
        Ok(request)
    }

    /// Carries out a request. If nothing came of it and nothing can, it is closed, since the provider keeps its
    /// answers: the next request has keys of its own.
    async fn carried_out(
        &self,
        purchase: &Purchase,
        request: RefundRequest,
    ) -> Result<RefundReceipt, RefundError> {
        let outcome = self.carry_out(purchase, &request).await;
        if let Err(RefundError::Payments(PaymentsError::Failed(_))) = outcome {
            let mut unit = self.runtime().begin().await?;
            self.close(&mut *unit, &request).await?;
            unit.commit().await?;
        }
        outcome
    }

    async fn carry_out(
        &self,
        purchase: &Purchase,
        request: &RefundRequest,
    ) -> Result<RefundReceipt, RefundError> {
        let payment = purchase.payment.as_ref().ok_or(RefundError::PurchaseNotFound)?;
        let order = RefundOrder {
            refund_id: request.id,
            attempt: 0,
            account: payment.account.clone(),
            payment_intent: payment.payment_intent.clone(),
            amount: request.amount,
            with_fee: self.took_fee(payment).await?,
        };
        let state = match self.refunded(order).await {
            Ok(state) => state,
            Err(error) => return Err(self.refused(purchase, request, error).await?),
        };
        let receipt = RefundReceipt {
            purchase_id: purchase.id,
            refund: state.refund.clone(),
            progress: state.progress,
            amount: request.amount,
        };
        self.apply(&payment.account, &[state]).await?;
        Ok(receipt)
    }

    /// Asks the provider for the refund. If that fails or is not answered, the refund is looked for. It is
    /// asked for under a new key only after the provider answered that it failed: a request without an answer
    /// may still be carried out. [`PaymentsError::Failed`] means that there is no refund and that none is being made.
    async fn refunded(&self, mut order: RefundOrder) -> Result<RefundState, PaymentsError> {
        loop {
            let error = match self.payments().refund(&order).await {
                answer @ (Ok(_) | Err(PaymentsError::Refused { .. })) => return answer,
                Err(error) => error,
            };
            tracing::warn!(refund = %order.refund_id, %error, "a refund is looked for");
            let (account, payment) = (&order.account, &order.payment_intent);
            let charge = self.payments().charge_of_payment(account, payment).await;
            let Some(charge) = charge.map_err(PaymentsError::unknown)? else { return Err(error) };
            let refunds = self.payments().refunds_of_charge(account, &charge).await;
            let mut made = refunds.map_err(PaymentsError::unknown)?.into_iter();
            if let Some(found) = made.find(|refund| refund.refund_id == Some(order.refund_id)) {
                return Ok(found);
            }
            if !matches!(error, PaymentsError::Failed(_)) || order.attempt == MAX_ATTEMPTS {
                return Err(error);
            }
            order.attempt += 1;
        }
    }

    /// Returns the receipt of a refund whose response was lost, with its current state at the provider.
    async fn receipt(
        &self,
        purchase: &Purchase,
        amount: Money,
        refund: ProviderRefundId,
    ) -> Result<RefundReceipt, RefundError> {
        let payment = purchase.payment.as_ref().ok_or(RefundError::PurchaseNotFound)?;
        let state = self.payments().refund_state(&payment.account, &refund).await?;
        Ok(RefundReceipt { purchase_id: purchase.id, refund, progress: state.progress, amount })
    }

    async fn took_fee(&self, payment: &Payment) -> Result<bool, RefundError> {
        let order = self.fulfilment.ports.checkout.order(payment.checkout_id).await?;
        Ok(order.is_some_and(|order| order.fee > 0))
    }

    /// Closes a request that the provider refused. A request with an unknown outcome stays open for a
    /// retry.
    async fn refused(
        &self,
        purchase: &Purchase,
        request: &RefundRequest,
        error: PaymentsError,
    ) -> Result<RefundError, RefundError> {
        let PaymentsError::Refused { refusal, .. } = &error else {
            return Ok(error.into());
        };
        let refusal = *refusal;
        let now = self.runtime().now();
        let mut unit = self.runtime().begin().await?;
        self.close(&mut *unit, request).await?;
        if refusal == Refusal::Disputed {
            // The event about the dispute may be lost; a sweep reads it.
            unit.jobs().enqueue(&NewJob::new(Job::SweepAccounts, now)).await?;
        }
        unit.commit().await?;
        if refusal == Refusal::AlreadyRefunded {
            self.learn_refunds(purchase).await?;
        }
        Ok(match refusal {
            Refusal::AlreadyRefunded => RefundError::AlreadyRefunded,
            Refusal::Disputed => RefundError::Disputed,
            Refusal::InsufficientBalance => {
                RefundError::Refused(RefusalReason::InsufficientBalance)
            }
            Refusal::AccountDisconnected => {
                RefundError::Refused(RefusalReason::AccountDisconnected)
            }
            Refusal::AccountRestricted => RefundError::Refused(RefusalReason::AccountRestricted),
            Refusal::NotFound | Refusal::Explained | Refusal::Other => error.into(),
        })
    }

    /// Closes a request that nothing came of.
    async fn close(
        &self,
        unit: &mut dyn UnitOfWork,
        request: &RefundRequest,
    ) -> Result<(), StoreError> {
        let now = self.runtime().now();
        // In the order in which a refund that is applied locks them.
        unit.purchases().lock(request.purchase_id).await?;
        let answered = unit.refund_requests().answer(request.id, false, None, now).await?;
        if answered.is_some() {
            unit.purchases().release_refund(request.purchase_id, request.amount.amount).await?;
        }
        Ok(())
    }

    /// Reads the refunds of the purchase from the provider. Returns `true` if any of them was new.
    async fn learn_refunds(&self, purchase: &Purchase) -> Result<bool, RefundError> {
        let Some(Payment { account, payment_intent, .. }) = &purchase.payment else {
            return Ok(false);
        };
        let charge = self.payments().charge_of_payment(account, payment_intent).await?;
        let Some(charge) = charge else { return Ok(false) };
        let refunds = self.payments().refunds_of_charge(account, &charge).await?;
        let applied = self.apply(account, &refunds).await?;
        Ok(applied == Applied::Changed)
    }

    /// Refunds a payment for a page that the buyer had access to already, if the buyer still has it
    /// without this payment, and tells the creator once. An error means that it is tried again: the
    /// balance may cover it later, or more may have been refunded at the provider than is known here.
    pub async fn refund_second(&self, id: PurchaseId) -> Result<(), RefundError> {
        let mut unit = self.runtime().begin().await?;
        let Some(purchase) = unit.purchases().lock(id).await? else { return Ok(()) };
        let theirs = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await?;
        let is_other = |other: &Purchase| other.id != id && other.holding().is_active();
        if !purchase.holding().is_active() || !theirs.iter().any(is_other) {
            return Ok(());
        }
        let is_told = unit.refund_requests().by_key(&[id], SECOND_PAYMENT_KEY).await?.is_some();
        let wish = RefundWish {
            visitor_id: purchase.visitor_id,
            purchase_id: Some(id),
            reason: Some("paid twice".to_owned()),
            idempotency_key: Some(SECOND_PAYMENT_KEY.to_owned()),
        };
        let request = match self.request(&mut *unit, &purchase, &wish).await {
            Ok(request) => request,
            Err(RefundError::AlreadyRefunded | RefundError::Disputed) => return Ok(()),
            Err(error) => return Err(error),
        };
        if !is_told && let Some(about) = self.fulfilment.about(&mut *unit, &purchase).await? {
            let content = MailContent::PaidTwice {
                title: about.page.title,
                visitor: about.visitor,
                amount: request.amount,
            };
            self.fulfilment.mail_creator(&mut *unit, about.handle.id, &content).await?;
        }
        unit.commit().await?;
        let outcome = self.carried_out(&purchase, request).await;
        if is_unexplained(&outcome) {
            self.learn_refunds(&purchase).await?;
        }
        match outcome {
            // At an account that is disconnected only its owner can refund, who has been told.
            Ok(_)
            | Err(
                RefundError::AlreadyRefunded
                | RefundError::Refused(RefusalReason::AccountDisconnected),
            ) => Ok(()),
            Err(error) => {
                tracing::error!(purchase = %id, %error, "a second payment is not refunded yet");
                Err(error)
            }
        }
    }

    /// Repeats a request whose response was lost, with its original key.
    pub async fn resume(&self, id: RefundId) -> Result<(), RefundError> {
        let Some(request) = self.reads.unanswered_refund(id).await? else { return Ok(()) };
        let purchases = &self.fulfilment.ports.purchases;
        let Some(purchase) = purchases.purchase(request.purchase_id).await? else {
            return Ok(());
        };
        match self.carry_out(&purchase, &request).await {
            Ok(_) => Ok(()),
            Err(error) if self.reads.unanswered_refund(id).await?.is_some() => Err(error),
            Err(error) => {
                tracing::warn!(refund = %id, %error, "a refund was refused");
                Ok(())
            }
        }
    }
}

/// Returns whether the provider refused without one of the known reasons.
fn is_unexplained<T>(outcome: &Result<T, RefundError>) -> bool {
    let Err(RefundError::Payments(PaymentsError::Refused { refusal, .. })) = outcome else {
        return false;
    };
    matches!(refusal, Refusal::Explained | Refusal::Other)
}

/// Returns what was refunded earlier under the request's idempotency key, if anything.
async fn replayed<'a>(
    unit: &mut dyn UnitOfWork,
    candidates: &'a [Purchase],
    wish: &RefundWish,
) -> Result<Option<(&'a Purchase, Money, ProviderRefundId)>, StoreError> {
    let Some(key) = &wish.idempotency_key else { return Ok(None) };
    let wanted = |id: &PurchaseId| wish.purchase_id.is_none_or(|wanted| *id == wanted);
    let ids: Vec<_> = candidates.iter().map(|purchase| purchase.id).filter(wanted).collect();
    let Some((request, Some(refund))) = unit.refund_requests().by_key(&ids, key).await? else {
        return Ok(None);
    };
    let purchase = candidates.iter().find(|purchase| purchase.id == request.purchase_id);
    Ok(purchase.map(|purchase| (purchase, request.amount, refund)))
}

/// Returns the purchase that the creator refers to.
fn choose(candidates: &[Purchase], wanted: Option<PurchaseId>) -> Result<&Purchase, RefundError> {
    let paid = || {
        candidates
            .iter()
            .filter(|purchase| purchase.payment.is_some())
            .filter(|purchase| wanted.is_none_or(|id| purchase.id == id))
    };
    let is_left = |purchase: &&Purchase| purchase.grant_type != GrantType::Refunded;
    let is_gift = |purchase: &Purchase| {
        purchase.payment.is_none() && wanted.is_none_or(|id| purchase.id == id)
    };
    let missing = if candidates.iter().any(is_gift) {
        RefundError::NotRefundable
    } else {
        RefundError::PurchaseNotFound
    };
    // Selects the newest one that can be refunded, or else the one that best explains why none can be.
    paid()
        .find(|purchase| is_left(purchase) && purchase.suspended_at.is_none())
        .or_else(|| paid().find(is_left))
        .or_else(|| paid().next())
        .ok_or(missing)
}

opaque_debug!(Refunds);
