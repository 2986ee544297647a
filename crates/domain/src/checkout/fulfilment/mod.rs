//! Fulfilment: turning the provider's reports on checkout sessions into purchases, facts and mails.
//!
//! [`Fulfilment::apply`] is the only function that does this. Every source calls it: webhook events, the return
//! page, the jobs that close sessions, checkouts that are asked for again, and sweeps.

mod failed;
mod known;
mod learnt;
mod lost;
mod pending;
mod second;
mod session;
mod unread;

use std::sync::Arc;

use jiff::Timestamp;

pub(crate) use self::{
    known::KnownPayment,
    learnt::{Learnt, ToTell, Untold},
};
use super::{
    About, CheckoutOrder, FulfilmentError, OrderStatus, order::REOPENING_SECONDS,
    ports::CheckoutReads, sweep_account_of,
};
use crate::{
    access::{Purchase, PurchaseState, begin_with_purchase, ports::PurchaseReads},
    clock::plus_seconds,
    creators::{Handle, Page},
    email::Email,
    id::{CheckoutId, HandleId, PurchaseId},
    links::Links,
    mail::{MailContent, MailWriter, NewMail},
    opaque_debug::opaque_debug,
    payments::{AccountId, CheckoutSessionId, Payments, PaymentsError, Refusal},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    text_enum::text_enum,
};

/// How long after its last repetition a request that opens a session may be under way, in seconds.
const UNDER_WAY_SECONDS: i64 = 180;
/// The maximum number of attempts to lock what may be moving to another visitor.
const MAX_ROUNDS: u32 = 8;

/// The outcome of applying a report of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The stored state changed.
    Changed,
    /// The report contained nothing new.
    Unchanged,
    /// The payment does not match its order and grants no access. The creator is notified.
    Quarantined,
    /// The report is not about anything that Tollgate knows.
    Ignored,
    /// The report may be out of date. A job asks the provider again.
    PutOff,
}

text_enum!(
    Applied,
    Changed = "CHANGED",
    Unchanged = "UNCHANGED",
    Quarantined = "QUARANTINED",
    Ignored = "IGNORED",
    PutOff = "PUT_OFF"
);

/// The ports used by fulfilment.
#[derive(Clone)]
pub struct FulfilmentPorts {
    /// Reads checkout orders.
    pub checkout: Arc<dyn CheckoutReads>,
    /// Reads purchases.
    pub purchases: Arc<dyn PurchaseReads>,
    /// The payment provider that sessions are read from.
    pub payments: Arc<dyn Payments>,
    /// Builds the URLs of pages.
    pub links: Arc<dyn Links>,
}

/// Applies the provider's reports on checkout sessions.
#[derive(Clone)]
pub struct Fulfilment {
    pub(crate) runtime: Runtime,
    pub(crate) ports: FulfilmentPorts,
    mails: MailWriter,
}

impl Fulfilment {
    /// Creates the use case.
    pub fn new(runtime: Runtime, ports: FulfilmentPorts, mails: MailWriter) -> Self {
        Self { runtime, ports, mails }
    }

    /// Reads a session from the provider and applies it.
    pub(crate) async fn apply_session(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<Applied, FulfilmentError> {
        let state = self.ports.payments.checkout(account, session).await?;
        // The future is boxed to keep the futures of its many callers small.
        Box::pin(self.apply(account, &state)).await
    }

    /// Closes a session at the provider and applies its final state, since it may have been paid before.
    pub(crate) async fn close_session(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<Applied, FulfilmentError> {
        let state = self.ports.payments.expire_checkout(account, session).await?;
        Box::pin(self.apply(account, &state)).await
    }

    /// Closes the session of an order that must no longer be paid. Until that is known to have happened, its
    /// visitor gets no other session for the page.
    pub(crate) async fn close_order(&self, id: CheckoutId) -> Result<(), FulfilmentError> {
        match self.ports.checkout.order(id).await? {
            Some(order) => self.close(&order).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn close(&self, order: &CheckoutOrder) -> Result<(), FulfilmentError> {
        match self.close_at_provider(order).await {
            // The session can neither be closed nor read now. Sweeps read it when it is within reach again.
            Err(FulfilmentError::Payments(PaymentsError::Refused {
                refusal: Refusal::AccountDisconnected | Refusal::NotFound,
                message,
            })) => {
                tracing::warn!(checkout = %order.id, message, "a session is out of reach");
                self.expire_unseen(order).await
            }
            outcome => outcome,
        }
    }

    async fn close_at_provider(&self, order: &CheckoutOrder) -> Result<(), FulfilmentError> {
        if let Some(opened) = &order.opened {
            return self.close_session(&order.account, &opened.session).await.map(drop);
        }
        let now = self.runtime.now();
        if now >= order.expires_at {
            return self.expire_unseen(order).await;
        }
        // The answer of the request that opened it may have been lost.
        let payments = &self.ports.payments;
        if let Some(found) =
            payments.find_checkout(&order.account, order.id, order.created_at).await?
        {
            return self.close_session(&order.account, &found.session).await.map(drop);
        }
        if now < plus_seconds(order.created_at, REOPENING_SECONDS + UNDER_WAY_SECONDS) {
            let reason = "the session may still be opened".to_owned();
            return Err(PaymentsError::Unavailable(reason).into());
        }
        self.expire_unseen(order).await
    }

    /// Closes an order although the provider has not confirmed that its session is closed. Sweeps read the session as long as it may exist,
    /// since the payment may have begun before.
    async fn expire_unseen(&self, order: &CheckoutOrder) -> Result<(), FulfilmentError> {
        let mut unit = self.runtime.begin().await?;
        let known = unit.checkout_orders().find(order.id).await?;
        // The order may have another session than the one that is out of reach.
        if let Some(known) = known
            && (known.opened.is_none() || known.opened == order.opened)
        {
            let (from, to) = (&OrderStatus::PAYABLE, OrderStatus::Expired);
            let is_closed = unit.checkout_orders().advance(order.id, from, to).await?;
            // Without a session it was never opened, or sweeps list the one that names the order.
            if is_closed && known.opened.is_some() {
                unit.checkout_orders().await_end(order.id, true).await?;
            }
        }
        Ok(unit.commit().await?)
    }

    /// Begins a unit that has locked a purchase, and its visitor before it.
    pub(crate) async fn begin_with_purchase(
        &self,
        id: PurchaseId,
    ) -> Result<Option<(Box<dyn UnitOfWork>, Purchase)>, StoreError> {
        begin_with_purchase(&self.runtime, &*self.ports.purchases, id).await
    }

    /// Returns the data that mails about a purchase contain.
    pub(crate) async fn about(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<Option<About>, StoreError> {
        let handle = unit.handles().find(purchase.handle_id).await?;
        let page = unit.pages().find(purchase.page_id).await?;
        let visitor = unit.visitors().find(purchase.visitor_id).await?;
        Ok(match (handle, page, visitor) {
            (Some(handle), Some(page), Some(visitor)) => {
                Some(About { handle, page, visitor: visitor.email })
            }
            _ => None,
        })
    }

    /// Writes a mail to a visitor. It ends with the texts of the handle's creator.
    pub(crate) async fn mail_visitor(
        &self,
        unit: &mut dyn UnitOfWork,
        to: Email,
        about: &Handle,
        content: &MailContent,
    ) -> Result<(), FulfilmentError> {
        Ok(self.mails.write(unit, NewMail::about(about, to, content)).await?)
    }

    /// Writes a mail to the creator of a handle.
    pub(crate) async fn mail_creator(
        &self,
        unit: &mut dyn UnitOfWork,
        handle: HandleId,
        content: &MailContent,
    ) -> Result<(), FulfilmentError> {
        let Some(to) = unit.creators().email_of_handle(handle).await? else { return Ok(()) };
        Ok(self.mails.write(unit, NewMail::new(to, content).with_handle(handle)).await?)
    }
}

/// Updates a purchase's record from the facts in the ledger. If these contradict each other, the provider is asked
/// for what is missing soon.
pub(crate) async fn recompute(
    unit: &mut dyn UnitOfWork,
    purchase: &mut Purchase,
    now: Timestamp,
) -> Result<(), StoreError> {
    let facts = unit.ledger().of_purchase(purchase.id).await?;
    let state = PurchaseState::of(&facts);
    state.apply_to(purchase);
    if state.is_contradictory {
        sweep_account_of(unit, purchase, now).await?;
    }
    unit.purchases().store_state(purchase).await
}

/// Returns whether a purchase's record is not what the facts in the ledger say, as after an upgrade to a version that reads
/// these differently.
pub(crate) async fn is_outdated(
    unit: &mut dyn UnitOfWork,
    purchase: &Purchase,
) -> Result<bool, StoreError> {
    let facts = unit.ledger().of_purchase(purchase.id).await?;
    let mut computed = purchase.clone();
    PurchaseState::of(&facts).apply_to(&mut computed);
    Ok(computed != *purchase)
}

/// Locks an order whose payment does not match it, and returns it as it is now: a change of address may have moved it since it was read.
///
/// # Errors
///
/// [`StoreError::Conflict`] if the payment matches the order by now, so that the caller reads everything again.
pub(crate) async fn lock_quarantined(
    unit: &mut dyn UnitOfWork,
    id: CheckoutId,
) -> Result<CheckoutOrder, StoreError> {
    let order = unit.checkout_orders().lock(id).await?;
    order.filter(|order| order.status == OrderStatus::Quarantined).ok_or(StoreError::Conflict)
}

async fn page_of(
    unit: &mut dyn UnitOfWork,
    order: &CheckoutOrder,
) -> Result<Option<(Handle, Page)>, StoreError> {
    let handle = unit.handles().find(order.handle_id).await?;
    let page = unit.pages().find(order.page_id).await?;
    Ok(handle.zip(page))
}

opaque_debug!(FulfilmentPorts, Fulfilment);
