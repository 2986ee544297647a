//! Applying refunds, which end a purchase or restore it.

use async_trait::async_trait;

use super::Refunds;
use crate::{
    access::{Fact, FactKind, Purchase},
    checkout::{
        About, Applied, CheckoutOrder, FulfilmentError, KnownPayment, SECOND_PAYMENT_KEY, ToTell,
        paid_twice, recompute,
    },
    disputes::LearnsRefunds,
    id::PurchaseId,
    mail::MailContent,
    money::Money,
    payments::{AccountId, RefundProgress, RefundState, SessionState},
    store::UnitOfWork,
    store_error::StoreError,
};

/// What people are told about a refund.
#[derive(Clone, Copy)]
pub(super) enum RefundNews {
    /// The provider has accepted the refund. `is_second` if Tollgate refunds a second payment by itself.
    Accepted { amount: Money, is_second: bool },
    /// The refund has failed. `was_announced` if the buyer may have been told that the provider had accepted it.
    Failed { amount: Money, was_announced: bool },
}

/// What refunds of a purchase came to for the access to its page.
#[derive(Clone, Copy)]
struct AccessChange {
    /// Whether it was open to the visitor before them.
    was_open: bool,
    /// Whether it is open now.
    is_open: bool,
    /// Whether they refunded a second payment, and another purchase keeps it open.
    was_second: bool,
}

/// What the ledger says after a read of refunds.
#[derive(Default)]
pub(super) struct RecordedRefunds {
    /// Whether a fact was recorded.
    pub(super) changed: bool,
    /// What people are told.
    pub(super) news: Vec<RefundNews>,
}

impl RecordedRefunds {
    pub(super) fn add(&mut self, other: Self) {
        self.changed |= other.changed;
        self.news.extend(other.news);
    }
}

/// Returns whether these refunds add up to all that was paid in the session of a quarantined order. One that is pending may
/// still fail.
pub(crate) fn is_refunded_in_whole(
    order: &CheckoutOrder,
    session: &SessionState,
    refunds: &[RefundState],
) -> Result<bool, FulfilmentError> {
    let (paid, code) = order.paid_in(session);
    let foreign = refunds.iter().find(|refund| !refund.is_in(code));
    unless_foreign(RefundState::sum_succeeded(refunds, code) >= paid, foreign)
}

/// Returns what came of a read of refunds, unless this one is in another currency than its payment, so that it cannot be set
/// against it.
fn unless_foreign<T>(outcome: T, foreign: Option<&RefundState>) -> Result<T, FulfilmentError> {
    let Some(RefundState { refund, currency, .. }) = foreign else { return Ok(outcome) };
    let reason = format!("the refund {refund} is in another currency, {currency}");
    Err(FulfilmentError::Unusable(reason))
}

/// Returns whether the page of a purchase is open to its visitor: another purchase or a gift may keep it open.
async fn is_open(unit: &mut dyn UnitOfWork, purchase: &Purchase) -> Result<bool, StoreError> {
    let theirs = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await?;
    Ok(Purchase::is_any_active(&theirs))
}

#[async_trait]
impl LearnsRefunds for Refunds {
    async fn learn(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
        refunds: &[RefundState],
    ) -> Result<bool, FulfilmentError> {
        let Some(currency) = purchase.payment.as_ref().map(|payment| payment.paid.currency) else {
            return Ok(false);
        };
        let mut recorded = RecordedRefunds::default();
        for refund in refunds.iter().filter(|refund| refund.is_in(currency.code())) {
            let is_second = self.answer_request(unit, purchase.id, refund).await?;
            let amount = Money::new(refund.amount, currency);
            recorded.add(self.record(unit, purchase, refund, amount, is_second).await?);
        }
        if !recorded.changed {
            return Ok(false);
        }
        let was_open = is_open(unit, purchase).await?;
        let had_ended = purchase.holding().has_ended();
        self.carry_over(unit, purchase).await?;
        self.tell_of_refunds(unit, was_open, purchase, &recorded.news).await?;
        if !had_ended && purchase.holding().has_ended() {
            // Boxed so that the futures of callers stay small.
            Box::pin(self.tell_left(unit, purchase)).await?;
        }
        Ok(true)
    }

    async fn learn_of_new<'a>(
        &'a self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
        refunds: &[RefundState],
    ) -> Result<ToTell<'a>, FulfilmentError> {
        self.note_of_new(unit, purchase, refunds).await
    }
}

impl Refunds {
    /// Applies the state of the refunds of one payment at `account`. It may be called any number of
    /// times, in any order and in parallel.
    pub async fn apply(
        &self,
        account: &AccountId,
        refunds: &[RefundState],
    ) -> Result<Applied, FulfilmentError> {
        let payment = refunds.iter().find_map(|refund| refund.payment_intent.as_ref());
        let Some(payment) = payment else { return Ok(Applied::Ignored) };
        let (learnt, now) = (self.learnt(refunds), self.runtime().now());
        match self.fulfilment.known_payment(account, payment, &learnt, now).await? {
            KnownPayment::Purchase { id, is_new } => {
                Ok(self.apply_to(id, refunds).await?.with_purchase(is_new))
            }
            KnownPayment::Quarantined(order) => {
                self.note_quarantine_refund(account, payment, &order).await
            }
            KnownPayment::Unknown => Ok(Applied::Ignored),
        }
    }

    /// Applies the state of the refunds of a purchase.
    async fn apply_to(
        &self,
        id: PurchaseId,
        refunds: &[RefundState],
    ) -> Result<Applied, FulfilmentError> {
        let locked = self.fulfilment.begin_with_purchase(id).await?;
        let Some((mut unit, mut purchase)) = locked else { return Ok(Applied::Ignored) };
        let Some(paid) = purchase.payment.as_ref().map(|payment| payment.paid) else {
            return Ok(Applied::Ignored);
        };
        let foreign = refunds.iter().find(|refund| !refund.is_in(paid.currency.code()));
        let is_news = self.learn(&mut *unit, &mut purchase, refunds).await?;
        unit.commit().await?;
        unless_foreign(if is_news { Applied::Changed } else { Applied::Unchanged }, foreign)
    }

    /// Answers the request that a refund was made for, if it is not answered yet, and releases the amount that it reserved.
    /// Returns whether it was the request for a second payment.
    async fn answer_request(
        &self,
        unit: &mut dyn UnitOfWork,
        id: PurchaseId,
        refund: &RefundState,
    ) -> Result<bool, StoreError> {
        let Some(request) = refund.refund_id else { return Ok(false) };
        let unanswered = unit.refund_requests().unanswered_of(id).await?;
        // Anyone with access to the account can write the id of another request into a refund.
        if unanswered.is_none_or(|unanswered| unanswered.id != request) {
            return Ok(false);
        }
        let is_accepted = refund.progress != RefundProgress::Failed;
        let (made, now) = (Some(refund.refund.clone()), self.runtime().now());
        let answered = unit.refund_requests().answer(request, is_accepted, made, now).await?;
        let Some(request) = answered else { return Ok(false) };
        unit.purchases().release_refund(id, request.amount.amount).await?;
        Ok(request.idempotency_key.as_deref() == Some(SECOND_PAYMENT_KEY))
    }

    /// Records the facts about a refund of this amount, which is of a second payment or not.
    pub(super) async fn record(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        refund: &RefundState,
        amount: Money,
        is_second: bool,
    ) -> Result<RecordedRefunds, StoreError> {
        let failed = refund.progress == RefundProgress::Failed;
        let mut recorded = RecordedRefunds::default();
        let mut is_new = false;
        for &kind in FactKind::of_refund(refund.progress) {
            let fact = Fact::new(self.runtime(), kind, &refund.refund, purchase.subject());
            if !unit.ledger().record(&fact.with_amount(amount)).await? {
                continue;
            }
            recorded.changed = true;
            is_new |= kind == FactKind::RefundAccepted;
            // The buyer hears nothing of a refund that is known to have failed when it is learnt, unless the receipt of a second
            // payment has announced it.
            let was_announced = !is_new || is_second;
            recorded.news.extend(match kind {
                FactKind::RefundFailed => Some(RefundNews::Failed { amount, was_announced }),
                _ if failed => None,
                _ => Some(RefundNews::Accepted { amount, is_second }),
            });
        }
        Ok(recorded)
    }

    /// Carries what was recorded over to the purchase. One that comes back to its buyer ends other payments for the page.
    async fn carry_over(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
    ) -> Result<(), FulfilmentError> {
        let was_active = purchase.holding().is_active();
        recompute(unit, purchase, self.runtime().now()).await?;
        if !was_active && purchase.holding().is_active() {
            self.fulfilment.end_other_payments(unit, purchase).await?;
        }
        Ok(())
    }

    pub(super) async fn tell_of_refunds(
        &self,
        unit: &mut dyn UnitOfWork,
        was_open: bool,
        purchase: &Purchase,
        news: &[RefundNews],
    ) -> Result<(), FulfilmentError> {
        let Some(about) = self.fulfilment.about(unit, purchase).await? else { return Ok(()) };
        let is_open = is_open(unit, purchase).await?;
        let made = unit.refund_requests().by_key(&[purchase.id], SECOND_PAYMENT_KEY).await?;
        let was_second = made.is_some() && is_open;
        let change = AccessChange { was_open, is_open, was_second };
        for news in news {
            let (to_visitor, to_creator) = match *news {
                RefundNews::Accepted { amount, is_second } => {
                    let links = &*self.fulfilment.ports.links;
                    let alert =
                        is_second.then(|| paid_twice(links, &about, amount, None, !is_open));
                    (Some(accepted(&about, amount, change)), alert)
                }
                RefundNews::Failed { amount, was_announced } => {
                    let (told, alert) = self.failed(&about, purchase, amount, is_open);
                    (was_announced.then_some(told), Some(alert))
                }
            };
            if let Some(content) = to_visitor {
                let to = about.visitor.clone();
                self.fulfilment.mail_visitor(unit, to, &about.handle, &content).await?;
            }
            if let Some(content) = to_creator {
                self.fulfilment.mail_creator(unit, about.handle.id, &content).await?;
            }
        }
        Ok(())
    }

    /// Tells the buyer of a second payment that it is not refunded, and that the seller knows of it.
    pub(super) async fn tell_not_paid(
        &self,
        unit: &mut dyn UnitOfWork,
        about: &About,
        purchase: &Purchase,
        amount: Money,
    ) -> Result<(), FulfilmentError> {
        let is_open = is_open(unit, purchase).await?;
        let content = self.not_paid(about, purchase, amount, is_open);
        self.fulfilment.mail_visitor(unit, about.visitor.clone(), &about.handle, &content).await
    }

    /// Returns what the buyer is told of a refund that failed.
    fn not_paid(
        &self,
        about: &About,
        purchase: &Purchase,
        amount: Money,
        is_open: bool,
    ) -> MailContent {
        let (handle, page, links) = (&about.handle, &about.page, &self.fulfilment.ports.links);
        MailContent::RefundNotPaid {
            seller: handle.title.clone(),
            title: page.title.clone(),
            amount,
            besides: besides(purchase, amount),
            page_url: is_open.then(|| links.page(&handle.name, &page.slug)),
        }
    }

    /// Returns what the buyer and the creator are told of a refund that failed.
    fn failed(
        &self,
        about: &About,
        purchase: &Purchase,
        amount: Money,
        is_open: bool,
    ) -> (MailContent, MailContent) {
        let (handle, page, links) = (&about.handle, &about.page, &self.fulfilment.ports.links);
        let told = self.not_paid(about, purchase, amount, is_open);
        let alert = MailContent::RefundFailed {
            title: page.title.clone(),
            visitor: about.visitor.clone(),
            amount,
            besides: besides(purchase, amount),
            is_open: Some(is_open),
            shop: handle.title.clone(),
            console_url: links.refund(&handle.name, purchase.id),
        };
        (told, alert)
    }
}

/// Returns the amount of the refunds of a purchase other than one of this amount, if there are any. Of one that failed this is known
/// once what was learnt is carried over to the purchase.
fn besides(purchase: &Purchase, amount: Money) -> Option<Money> {
    let refunded = Money::new(purchase.refunded, amount.currency);
    (purchase.refunded > 0).then_some(refunded)
}

/// Returns what the buyer is told of a refund that the provider accepted.
fn accepted(about: &About, amount: Money, change: AccessChange) -> MailContent {
    let AccessChange { was_open, is_open, was_second } = change;
    MailContent::Refunded {
        seller: about.handle.title.clone(),
        title: about.page.title.clone(),
        amount,
        access_ended: was_open && !is_open,
        was_closed: !was_open && !is_open,
        was_second,
    }
}
