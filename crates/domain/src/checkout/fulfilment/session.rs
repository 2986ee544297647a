//! Settling checkout sessions: a payment that is as ordered becomes a purchase, any other an alarm.

use super::{Fulfilment, page_of};
use crate::{
    access::{Fact, FactKind, GrantType, Payment, Purchase},
    checkout::{
        AccountId, Applied, CheckoutOrder, FulfilmentError, OrderStatus, PaymentIntentId,
        SessionProgress, SessionState,
    },
    id::{FactId, PurchaseId},
    outbox::MailContent,
    store::UnitOfWork,
};

/// What settling a session came to, and the order that it made superfluous.
type Outcome = (Applied, Option<CheckoutOrder>);

impl Fulfilment {
    pub(super) async fn session(
        &self,
        account: &AccountId,
        state: &SessionState,
    ) -> Result<Applied, FulfilmentError> {
        let (applied, mut superfluous) = self.one_session(account, state).await?;
        // Nobody is to pay twice for a page. A session that stays open all the same is honoured.
        while let Some(order) = superfluous.take() {
            let Some(opened) = &order.opened else { break };
            let closed = match self.payments.expire_checkout(&order.account, &opened.session).await
            {
                Ok(state) => self.one_session(&order.account, &state).await,
                Err(error) => Err(error.into()),
            };
            match closed {
                Ok((_, next)) => superfluous = next,
                Err(error) => tracing::warn!(checkout = %order.id, %error, "session not closed"),
            }
        }
        Ok(applied)
    }

    async fn one_session(
        &self,
        account: &AccountId,
        state: &SessionState,
    ) -> Result<Outcome, FulfilmentError> {
        let mut unit = self.store.begin().await?;
        let order = match state.checkout_id {
            Some(id) => unit.checkout_orders().find(id).await?,
            None => unit.checkout_orders().by_session(&state.session).await?,
        };
        let Some(order) = order else { return Ok((Applied::Ignored, None)) };
        let moved = match state.progress {
            SessionProgress::Open => false,
            SessionProgress::Pending => {
                let from = [OrderStatus::Creating, OrderStatus::Open];
                unit.checkout_orders().advance(order.id, &from, OrderStatus::Pending).await?
            }
            SessionProgress::Expired => {
                let from = OrderStatus::LIVE;
                unit.checkout_orders().advance(order.id, &from, OrderStatus::Expired).await?
            }
            SessionProgress::Failed => self.payment_failed(&mut *unit, &order).await?,
            SessionProgress::Paid => return self.paid(unit, account, &order, state).await,
        };
        unit.commit().await?;
        Ok((if moved { Applied::Changed } else { Applied::Unchanged }, None))
    }

    async fn payment_failed(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
    ) -> Result<bool, FulfilmentError> {
        let from = OrderStatus::LIVE;
        let moved = unit.checkout_orders().advance(order.id, &from, OrderStatus::Failed).await?;
        if moved && let Some((handle, page)) = page_of(unit, order).await? {
            let content = MailContent::PaymentFailed {
                page_url: self.page_url(&handle, &page),
                title: page.title,
            };
            self.mail_visitor(unit, order.customer_email.clone(), &handle, &content).await?;
        }
        Ok(moved)
    }

    async fn paid(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        account: &AccountId,
        order: &CheckoutOrder,
        state: &SessionState,
    ) -> Result<Outcome, FulfilmentError> {
        let payment_intent = match mismatch(account, order, state) {
            Ok(payment_intent) => payment_intent.clone(),
            Err(mismatch) => {
                return Ok((self.quarantine(unit, order, state, mismatch).await?, None));
            }
        };
        let now = self.clock.now();
        let paid = order.price;
        let (granted_as, kind) = match order.group_buy_id {
            Some(_) => (GrantType::GroupBuy, FactKind::GroupPurchased),
            None => (GrantType::Purchase, FactKind::Purchased),
        };
        let purchase = Purchase {
            id: PurchaseId::new(now, &*self.random),
            visitor_id: order.visitor_id,
            handle_id: order.handle_id,
            page_id: order.page_id,
            created_at: now,
            payment: Some(Payment {
                checkout_id: order.id,
                paid,
                account: account.clone(),
                session: state.session.clone(),
                payment_intent,
            }),
            granted_as,
            grant_type: granted_as,
            refunded: 0,
            refund_reserved: 0,
            suspended_at: None,
            revoked_at: None,
        };
        if !unit.purchases().insert(&purchase).await? {
            return Ok((Applied::Unchanged, None));
        }
        let reference = state.session.as_str();
        let fact = self.fact(&purchase, kind, reference, Some(paid));
        unit.ledger().append(&fact).await?;
        unit.checkout_orders().advance(order.id, &OrderStatus::UNPAID, OrderStatus::Paid).await?;
        let superfluous = close_other(&mut *unit, order).await?;
        if let Some((handle, page)) = page_of(&mut *unit, order).await? {
            let content = MailContent::Receipt {
                page_url: self.page_url(&handle, &page),
                seller: handle.title.clone(),
                title: order.title.clone(),
                paid,
            };
            let to = order.customer_email.clone();
            self.mail_visitor(&mut *unit, to, &handle, &content).await?;
        }
        unit.commit().await?;
        tracing::info!(purchase = %purchase.id, checkout = %order.id, "purchased");
        Ok((Applied::Changed, superfluous))
    }

    async fn quarantine(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        order: &CheckoutOrder,
        state: &SessionState,
        mismatch: &'static str,
    ) -> Result<Applied, FulfilmentError> {
        let fact = Fact {
            id: FactId::new(self.clock.now(), &*self.random),
            at: self.clock.now(),
            kind: FactKind::PaymentQuarantined,
            reference: state.session.to_string(),
            purchase_id: None,
            handle_id: order.handle_id,
            page_id: order.page_id,
            visitor_id: order.visitor_id,
            amount: None,
        };
        if unit.ledger().append(&fact).await? {
            unit.checkout_orders()
                .advance(order.id, &OrderStatus::UNPAID, OrderStatus::Quarantined)
                .await?;
            let content = MailContent::PaymentQuarantined {
                title: order.title.clone(),
                reference: state.session.to_string(),
                mismatch: mismatch.to_owned(),
            };
            self.mail_creator(&mut *unit, order.handle_id, &content).await?;
            unit.commit().await?;
            tracing::error!(checkout = %order.id, mismatch, "payment quarantined");
        }
        Ok(Applied::Quarantined)
    }
}

/// Closes what else the visitor might pay for this page, and gives it.
async fn close_other(
    unit: &mut dyn UnitOfWork,
    paid: &CheckoutOrder,
) -> Result<Option<CheckoutOrder>, FulfilmentError> {
    let other = unit.checkout_orders().open_of(paid.visitor_id, paid.page_id).await?;
    let Some(other) = other else { return Ok(None) };
    // Money that is on its way cannot be stopped.
    let from = [OrderStatus::Creating, OrderStatus::Open];
    let closed = unit.checkout_orders().advance(other.id, &from, OrderStatus::Expired).await?;
    Ok(closed.then_some(other))
}

/// What was paid has to be what was ordered, to the letter. Gives the payment, or what differs.
fn mismatch<'a>(
    account: &AccountId,
    order: &CheckoutOrder,
    state: &'a SessionState,
) -> Result<&'a PaymentIntentId, &'static str> {
    let session_differs =
        order.opened.as_ref().is_some_and(|opened| opened.session != state.session);
    if *account != order.account {
        Err("account")
    } else if session_differs {
        Err("session")
    } else if state.amount != order.price.amount {
        Err("amount")
    } else if state.currency != order.price.currency.code() {
        Err("currency")
    } else if state.page_id != Some(order.page_id) {
        Err("page")
    } else {
        state.payment_intent.as_ref().ok_or("payment")
    }
}
