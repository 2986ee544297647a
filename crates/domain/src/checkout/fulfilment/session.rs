//! Applying checkout sessions. A payment that matches its order becomes a purchase; any other is
//! quarantined.

use super::{
    Applied, Fulfilment, MAX_ROUNDS,
    learnt::{Known, ToTell},
    page_of, sweep_account_of,
};
use crate::{
    access::{Fact, FactKind, NewPurchase, Payment, Purchase, Seller, ports::SoldPurchase},
    checkout::{CheckoutOrder, FulfilmentError, OrderStatus, QuarantineRefund, Receipt},
    creators::SecondPayments,
    mail::{MailContent, Mismatch},
    money::Money,
    payments::{
        AccountId, PaymentIntentId, PaymentsError, SessionProgress, SessionState, close_open_order,
    },
    store::UnitOfWork,
    store_error::StoreError,
};

impl Fulfilment {
    /// Applies the state of a session at `account`. It may be called any number of times, in any order
    /// and in parallel with the same or other sessions.
    pub async fn apply(
        &self,
        account: &AccountId,
        state: &SessionState,
    ) -> Result<Applied, FulfilmentError> {
        self.apply_knowing(account, state, Known::default()).await
    }

    /// Applies the state of a session, of whose payment something is known.
    pub(super) async fn apply_knowing(
        &self,
        account: &AccountId,
        state: &SessionState,
        known: Known<'_>,
    ) -> Result<Applied, FulfilmentError> {
        for _ in 0..MAX_ROUNDS {
            if let Some(applied) = self.apply_once(account, state, known).await? {
                return Ok(applied);
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Applies the state of a session; `None` if it is to be applied again: its order was lost and is stored by now, or, and nothing
    /// is changed then, the payment is being processed and the order was closed or was to be closed at the same moment, for which it
    /// has to be locked. That there is nothing to do is found out by a read: creators sell elsewhere at the same account, and many
    /// look whether a session that is open was paid.
    async fn apply_once(
        &self,
        account: &AccountId,
        state: &SessionState,
        known: Known<'_>,
    ) -> Result<Option<Applied>, FulfilmentError> {
        let Some(named) = self.named_order(state).await? else {
            return Box::pin(self.without_order(account, state, known)).await;
        };
        // Anyone can write our ids into a session of an account of their own.
        if named.account != *account {
            tracing::warn!(checkout = %named.id, "a session of another account names the order");
            return Ok(Some(Applied::Ignored));
        }
        let is_over = state.progress == SessionProgress::Expired && !named.status.is_live();
        if is_over || state.progress == SessionProgress::Open {
            return Ok(Some(Applied::Unchanged));
        }
        let begun = self.begin_with_order(account, state).await?;
        let Some((mut unit, order)) = begun else { return Ok(None) };
        // One request may have opened several sessions, of which the order has one. Others are ignored unless they are
        // paid; those are quarantined.
        let is_stray = order.has_other_session(&state.session);
        let moved = match state.progress {
            SessionProgress::Paid => {
                return self.paid(unit, &order, state, known).await.map(Some);
            }
            SessionProgress::Open => false,
            _ if is_stray => false,
            SessionProgress::Pending => {
                let Some(moved) = self.note_pending(&mut *unit, &order).await? else {
                    return Ok(None);
                };
                moved
            }
            SessionProgress::Expired => {
                let from = OrderStatus::LIVE;
                unit.checkout_orders().advance(order.id, &from, OrderStatus::Expired).await?
            }
            SessionProgress::Failed => self.payment_failed(&mut *unit, &order).await?,
        };
        unit.commit().await?;
        Ok(Some(if moved { Applied::Changed } else { Applied::Unchanged }))
    }

    /// Begins a unit with the order of a session of an account. One that was paid, whose payment failed, or is being processed
    /// although the order was closed or is to be closed, is locked, and its visitor before it: a change of address may be moving
    /// the order at this moment, or another payment opening the page again. The one that comes second sees the other, and what is
    /// mailed goes to the visitor who has the order.
    async fn begin_with_order(
        &self,
        account: &AccountId,
        state: &SessionState,
    ) -> Result<Option<(Box<dyn UnitOfWork>, CheckoutOrder)>, StoreError> {
        for _ in 0..MAX_ROUNDS {
            let mut unit = self.runtime.begin().await?;
            let order = match state.checkout_id {
                Some(id) => unit.checkout_orders().find(id).await?,
                None => unit.checkout_orders().by_session(&state.session).await?,
            };
            let Some(order) = order.filter(|order| order.account == *account) else {
                return Ok(None);
            };
            let is_locked = match state.progress {
                SessionProgress::Paid | SessionProgress::Failed => true,
                SessionProgress::Pending => self.may_be_beside_another(&order),
                SessionProgress::Open | SessionProgress::Expired => false,
            };
            if !is_locked {
                return Ok(Some((unit, order)));
            }
            unit.visitors().lock(order.visitor_id).await?;
            let Some(locked) = unit.checkout_orders().lock(order.id).await? else {
                return Ok(None);
            };
            // Otherwise it has just moved, and the other visitor is locked first in another unit.
            if locked.visitor_id == order.visitor_id {
                return Ok(Some((unit, locked)));
            }
        }
        Err(StoreError::Conflict)
    }

    pub(super) async fn paid(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        order: &CheckoutOrder,
        state: &SessionState,
        known: Known<'_>,
    ) -> Result<Applied, FulfilmentError> {
        // What an answer lacks says nothing against the payment: the order's session is read again, until it could not be
        // paid any more. No other session becomes a purchase, whatever it has.
        let is_stray = order.has_other_session(&state.session);
        if !is_stray && !state.is_whole && self.runtime.now() < order.expires_at {
            let reason = "a paid session is not shown as a whole".to_owned();
            return Err(PaymentsError::Unavailable(reason).into());
        }
        let payment_intent = match mismatch(order, state) {
            Ok(payment_intent) => payment_intent.clone(),
            Err(mismatch) => return self.quarantine(unit, order, state, mismatch).await,
        };
        // It may have been read wrongly before. What was refunded since then buys nothing.
        let was_quarantined = order.status == OrderStatus::Quarantined;
        if was_quarantined && QuarantineRefund::of(&mut *unit, &state.session).await?.is_refunded {
            return Ok(Applied::Quarantined);
        }
        let mut purchase = self.new_purchase(order, state, payment_intent.clone());
        let (from, to) = (&OrderStatus::NOT_PAID, OrderStatus::Paid);
        if !unit.purchases().insert(&purchase).await? {
            // Versions before left the order of a payment that matched in the end as it was.
            if was_quarantined && unit.checkout_orders().advance(order.id, from, to).await? {
                unit.commit().await?;
                return Ok(Applied::Unchanged);
            }
            drop(unit);
            return Box::pin(self.paid_before(&order.account, state, &payment_intent)).await;
        }
        unit.checkout_orders().advance(order.id, from, to).await?;
        let untold = self.record_sale(&mut *unit, order, &mut purchase, known).await?;
        let second = self.decide_second(&mut *unit, &purchase).await?;
        self.mail_receipt(&mut *unit, order, &purchase, second).await?;
        if was_quarantined {
            self.tell_of_match(&mut *unit, order, &purchase, second).await?;
        }
        for news in untold {
            news.tell(&mut *unit, &purchase).await?;
        }
        unit.commit().await?;
        tracing::info!(purchase = %purchase.id, checkout = %order.id, "purchased");
        Ok(Applied::Changed)
    }

    /// Records that a purchase was made, and what was refunded or lost of it before that was known, and returns what people are to
    /// be told of that after the receipt. Another order of the buyer's that could still be paid is closed, unless the purchase has
    /// ended by that.
    async fn record_sale<'a>(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
        purchase: &mut Purchase,
        known: Known<'a>,
    ) -> Result<ToTell<'a>, FulfilmentError> {
        let mut untold = ToTell::new();
        let Some(payment) = &purchase.payment else { return Ok(untold) };
        let (_, kind) = order.granted_as();
        let fact = Fact::new(&self.runtime, kind, &payment.session, purchase.subject());
        let at = known.learnt.map_or(fact.at, |(_, at)| at);
        unit.ledger().record(&Fact { at, ..fact }.with_amount(order.price)).await?;
        if let Some((learnt, _)) = known.learnt {
            untold = learnt.note(unit, purchase).await?;
        }
        if !purchase.holding().has_ended() {
            let now = self.runtime.now();
            close_open_order(unit, order.visitor_id, order.page_id, now).await?;
        }
        Ok(untold)
    }

    /// Deals with a payment for an order that has a purchase. It may be of another session, if the answer to opening the order's own
    /// was lost.
    async fn paid_before(
        &self,
        account: &AccountId,
        state: &SessionState,
        payment: &PaymentIntentId,
    ) -> Result<Applied, FulfilmentError> {
        if self.recorded(account, payment).await?.is_some() {
            return Ok(Applied::Unchanged);
        }
        let Some((unit, order)) = self.begin_with_order(account, state).await? else {
            return Ok(Applied::Ignored);
        };
        self.quarantine(unit, &order, state, Mismatch::Session).await
    }

    /// Returns whether a paid session matches its order as a whole.
    pub(crate) async fn matches(&self, state: &SessionState) -> Result<bool, StoreError> {
        let Some(id) = state.checkout_id else { return Ok(false) };
        let order = self.ports.checkout.order(id).await?;
        Ok(order.is_some_and(|order| state.is_whole && mismatch(&order, state).is_ok()))
    }

    /// Tells the creator that a payment was in order after all, unless all of it is known to have gone back, and has the account
    /// swept: refunds and disputes of a payment that made no purchase were not noted.
    async fn tell_of_match(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
        purchase: &Purchase,
        second: Option<SecondPayments>,
    ) -> Result<(), FulfilmentError> {
        sweep_account_of(unit, purchase, self.runtime.now()).await?;
        let (handle, holding) = (unit.handles().find(order.handle_id).await?, purchase.holding());
        let Some(handle) = handle.filter(|_| !holding.has_ended()) else { return Ok(()) };
        let session = purchase.payment.as_ref().map(|payment| payment.session.to_string());
        let content = MailContent::PaymentMatched {
            title: order.title.clone(),
            reference: session.unwrap_or_default(),
            visitor: order.customer_email.clone(),
            paid: order.price,
            is_second: second == Some(SecondPayments::Refund),
            is_held: second == Some(SecondPayments::Hold),
            shop: handle.title,
            console_url: self.ports.links.person(&handle.name, &order.customer_email),
        };
        self.mail_creator(unit, handle.id, &content).await
    }

    /// Returns the purchase of an order that was paid by a session.
    fn new_purchase(
        &self,
        order: &CheckoutOrder,
        state: &SessionState,
        payment_intent: PaymentIntentId,
    ) -> Purchase {
        let now = self.runtime.now();
        let (granted_as, _) = order.granted_as();
        let new = NewPurchase {
            visitor_id: order.visitor_id,
            handle_id: order.handle_id,
            page_id: order.page_id,
            granted_as,
            created_at: now,
        };
        Purchase {
            // The provider's clock may be ahead.
            paid_at: state.paid_at.map(|at| at.min(now)),
            payment: Some(Payment {
                checkout_id: order.id,
                paid: order.price,
                account: order.account.clone(),
                session: state.session.clone(),
                payment_intent,
            }),
            tax: state.tax,
            ..Purchase::new(&*self.runtime.random, new)
        }
    }

    /// Mails the receipt of a purchase to the buyer. It says if the page was open already, so that the payment is refunded
    /// or held, and what was refunded or lost before this. What it says of the seller is stored, and stays so.
    async fn mail_receipt(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
        purchase: &Purchase,
        second: Option<SecondPayments>,
    ) -> Result<(), FulfilmentError> {
        let Some((handle, page)) = page_of(unit, order).await? else { return Ok(()) };
        let seller = Seller::of(&handle);
        unit.purchases().note_seller(purchase.id, &seller).await?;
        let to = order.customer_email.clone();
        let sold = SoldPurchase {
            purchase: purchase.clone(),
            email: to.clone(),
            handle: handle.clone(),
            slug: page.slug,
            title: order.title.clone(),
            seller: Some(seller),
        };
        match Receipt::mail(&*self.ports.links, sold, second) {
            Some(content) => self.mail_visitor(unit, to, &handle, &content).await,
            None => Ok(()),
        }
    }

    async fn quarantine(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        order: &CheckoutOrder,
        state: &SessionState,
        mismatch: Mismatch,
    ) -> Result<Applied, FulfilmentError> {
        let kind = FactKind::PaymentQuarantined;
        let fact = Fact::new(&self.runtime, kind, &state.session, order.subject());
        let paid = state.currency.parse().ok().map(|it| Money::new(state.amount, it));
        let fact = match paid {
            Some(paid) => fact.with_amount(paid),
            None => fact,
        };
        let is_news = unit.ledger().record(&fact).await?;
        // The owner of the account can open sessions without Tollgate and write our ids into them. The
        // order's own session can still be paid, or its payment is on its way.
        let is_own = order.opened.as_ref().is_some_and(|opened| opened.session == state.session);
        let (from, to) = (OrderStatus::UNPAID, OrderStatus::Quarantined);
        let has_moved = is_own && unit.checkout_orders().advance(order.id, &from, to).await?;
        if is_news {
            if let Some(handle) = unit.handles().find(order.handle_id).await? {
                let content = MailContent::PaymentQuarantined {
                    title: order.title.clone(),
                    reference: state.session.to_string(),
                    mismatch,
                    visitor: Some(order.customer_email.clone()),
                    ordered: Some(order.price),
                    paid,
                    shop: handle.title,
                    console_url: self.ports.links.person(&handle.name, &order.customer_email),
                };
                self.mail_creator(&mut *unit, handle.id, &content).await?;
            }
            tracing::error!(checkout = %order.id, mismatch = mismatch.as_str(), "payment quarantined");
        }
        if is_news || has_moved {
            unit.commit().await?;
        }
        Ok(Applied::Quarantined)
    }
}

/// Compares the payment exactly with the order. Returns the payment, or the difference.
fn mismatch<'a>(
    order: &CheckoutOrder,
    state: &'a SessionState,
) -> Result<&'a PaymentIntentId, Mismatch> {
    if order.has_other_session(&state.session) {
        Err(Mismatch::Session)
    } else if state.amount != order.price.amount {
        Err(Mismatch::Amount)
    } else if state.currency != order.price.currency.code() {
        Err(Mismatch::Currency)
    } else if state.page_id != Some(order.page_id) {
        Err(Mismatch::Page)
    } else {
        state.payment_intent.as_ref().ok_or(Mismatch::Payment)
    }
}
