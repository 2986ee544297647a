//! Disputes about payments that do not match their orders, and made no purchase.

use super::{
    Disputes, MAX_PAGES,
    notices::{DisputeMail, DisputeNews, PageOpen},
    reading::{DisputeRead, is_over_without_loss, is_question},
};
use crate::{
    access::{Fact, FactKind},
    checkout::{Applied, CheckoutOrder, FulfilmentError, QuarantineRefund, lock_quarantined},
    clock::{DAY_SECONDS, plus_seconds},
    payments::{
        AccountId, CheckoutSessionId, DisputeProgress, DisputeState, PaymentsError, RefundState,
        SessionState,
    },
    store::UnitOfWork,
    store_error::StoreError,
};

/// How much of a payment is left to the creator after a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Everything that the dispute did not take.
    Rest,
    /// Less, since a part of the payment was refunded.
    Less,
    /// Nothing, since all of the payment was refunded or lost.
    Gone,
}

impl Disputes {
    /// Notes a dispute about the payment of a quarantined order, and tells the creator when the bank asks, when it is opened and
    /// how it is decided. Once all of the payment is lost, or refunded as is read beside a question, its visitor may buy again.
    pub(super) async fn note_quarantined(
        &self,
        account: &AccountId,
        order: &CheckoutOrder,
        read: DisputeRead<'_>,
    ) -> Result<Applied, FulfilmentError> {
        let state = read.state;
        let Some(opened) = &order.opened else { return Ok(Applied::Ignored) };
        let payments = &self.fulfilment.ports.payments;
        let session = payments.checkout(account, &opened.session).await?;
        // Somebody can have paid in another session that names the order.
        if state.payment_intent.is_none() || session.payment_intent != state.payment_intent {
            return Ok(Applied::Ignored);
        }
        let (left, refunds) = self.left_of(account, order, &session, read).await?;
        let runtime = &self.fulfilment.runtime;
        let mut unit = runtime.begin().await?;
        let order = lock_quarantined(&mut *unit, order.id).await?;
        if left == Left::Gone
            && QuarantineRefund::is_late(&mut *unit, &session.session, &refunds).await?
        {
            let reason = "a refund that failed is shown as it was before".to_owned();
            return Err(PaymentsError::Unavailable(reason).into());
        }
        let news = self.record_quarantined(&mut *unit, &order, &opened.session, read).await?;
        let known = QuarantineRefund::of(&mut *unit, &opened.session).await?;
        let told = news.unless_refunded(known.is_refunded || left == Left::Gone);
        let is_part = left == Left::Rest;
        self.tell_of_quarantined(&mut *unit, &order, state, told, is_part).await?;
        let mut is_news = news.asks || news.opened || news.is_won.is_some();
        if left == Left::Gone {
            is_news |= known.note(runtime, &mut *unit, &order, true).await?;
        }
        unit.commit().await?;
        Ok(if is_news { Applied::Changed } else { Applied::Unchanged })
    }

    /// Returns how much is left of the payment of a quarantined order after a dispute, other lost disputes and refunds, and the refunds
    /// that were counted. A lost dispute in another currency counts as the whole amount.
    async fn left_of(
        &self,
        account: &AccountId,
        order: &CheckoutOrder,
        session: &SessionState,
        read: DisputeRead<'_>,
    ) -> Result<(Left, Vec<RefundState>), PaymentsError> {
        let (state, (paid, code)) = (read.state, order.paid_in(session));
        if let Some(refunds) = read.refunds
            && read.is_refunded(paid, code) == Some(true)
        {
            return Ok((Left::Gone, refunds.to_vec()));
        }
        if state.progress != DisputeProgress::Lost {
            return Ok((Left::Rest, Vec::new()));
        }
        if state.currency != code || state.amount >= paid {
            return Ok((Left::Gone, Vec::new()));
        }
        let Some(payment) = &state.payment_intent else { return Ok((Left::Rest, Vec::new())) };
        let lost = self.lost_besides(account, order, state).await?.saturating_add(state.amount);
        let refunds = self.refunds_of(account, payment).await?;
        let refunded = RefundState::sum_succeeded(&refunds, code);
        let left = if refunded.saturating_add(lost) >= paid {
            Left::Gone
        } else if RefundState::sum_accepted(&refunds, code) > 0 {
            Left::Less
        } else {
            Left::Rest
        };
        Ok((left, refunds))
    }

    /// Returns the amount that other lost disputes of the same payment have taken, in minor units.
    async fn lost_besides(
        &self,
        account: &AccountId,
        order: &CheckoutOrder,
        state: &DisputeState,
    ) -> Result<i64, PaymentsError> {
        let payments = &*self.fulfilment.ports.payments;
        // The clocks differ.
        let since = plus_seconds(order.created_at, -DAY_SECONDS);
        let (mut lost, mut after) = (0_i64, None::<String>);
        for _ in 0..MAX_PAGES {
            let page = payments.disputes_since(account, since, after.as_deref()).await?;
            let others = page.items.iter().filter(|other| {
                other.payment_intent == state.payment_intent
                    && other.dispute != state.dispute
                    && other.progress == DisputeProgress::Lost
                    && other.currency == state.currency
            });
            lost = others.fold(lost, |sum, other| sum.saturating_add(other.amount));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(lost)
    }

    /// Records the facts that a read of such a dispute says. The payment does not count as revenue, so that they have no
    /// amounts.
    async fn record_quarantined(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
        session: &CheckoutSessionId,
        DisputeRead { state, at, .. }: DisputeRead<'_>,
    ) -> Result<DisputeNews, StoreError> {
        let reference = Fact::dispute_of(session, &state.dispute);
        let mut kinds = FactKind::of_dispute(state.progress);
        if state.progress == DisputeProgress::Inquiry {
            let was_opened = unit.ledger().has(FactKind::Disputed, &reference).await?;
            if was_opened && is_over_without_loss(state.progress, state.stage) {
                kinds = &[FactKind::DisputeWon];
            } else if !was_opened && is_question(state) {
                kinds = &[FactKind::Inquired];
            }
        }
        let mut news = DisputeNews::default();
        for kind in kinds {
            let fact = Fact::new(&self.fulfilment.runtime, *kind, &reference, order.subject());
            if !unit.ledger().record(&Fact { at, ..fact }).await? {
                continue;
            }
            match kind {
                FactKind::Inquired => news.asks = true,
                FactKind::Disputed => news.opened = true,
                FactKind::DisputeWon => news.is_won = Some(true),
                FactKind::DisputeLost => news.is_won = Some(false),
                _ => {}
            }
        }
        Ok(news)
    }

    /// Tells the creator what is new about a dispute of a quarantined order. `is_part` is whether a loss leaves the rest of the payment to
    /// the creator. The buyer is told nothing, since the payment gave no access that could end.
    async fn tell_of_quarantined(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
        state: &DisputeState,
        news: DisputeNews,
        is_part: bool,
    ) -> Result<(), FulfilmentError> {
        let Some(handle) = unit.handles().find(order.handle_id).await? else { return Ok(()) };
        let visitor = order.customer_email.clone();
        let mail = DisputeMail {
            handle: handle.id,
            shop: handle.title,
            title: order.title.clone(),
            console_url: self.fulfilment.ports.links.person(&handle.name, &visitor),
            visitor,
            state,
            now: self.fulfilment.runtime.now(),
            open: PageOpen::default(),
            is_quarantined: true,
            is_part,
        };
        self.tell_creator_of(unit, &mail, news).await
    }
}
