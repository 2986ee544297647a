//! Settling: what the provider says becomes facts, purchases and mails.
//!
//! [`Fulfilment::settle`] is the one function for it. The webhook worker, the return page and the
//! refund use case all end here.

mod reversal;
mod session;

use std::sync::Arc;

use super::{
    AccountId, AccountState, CheckoutOrder, CheckoutSessionId, DisputeState, FulfilmentError,
    PaymentIntentId, RefundState, SessionState, ports::Payments,
};
use crate::{
    access::{Fact, FactKind, Purchase, PurchaseState},
    clock::Clock,
    creators::{Handle, Page},
    email::Email,
    id::{FactId, HandleId, PurchaseId},
    installation::Installation,
    money::Money,
    outbox::{self, MailContent},
    random::Random,
    seal::Seal,
    store::{Store, StoreError, UnitOfWork},
};

/// Something as the provider has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderUpdate {
    /// A checkout session.
    Session(SessionState),
    /// Refunds of one payment.
    Refunds(Vec<RefundState>),
    /// A dispute.
    Dispute(DisputeState),
    /// What the account can do.
    Account(AccountState),
    /// The account's owner has taken the platform's access away.
    Deauthorized,
}

/// What settling came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Something was written down.
    Changed,
    /// All of it was known.
    Unchanged,
    /// The payment does not match its order and opened nothing; the creator is told.
    Quarantined,
    /// It is not about anything here.
    Ignored,
}

impl Applied {
    /// As it is stored with the event.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "CHANGED",
            Self::Unchanged => "UNCHANGED",
            Self::Quarantined => "QUARANTINED",
            Self::Ignored => "IGNORED",
        }
    }
}

/// Writes down what the provider says.
#[derive(Clone)]
pub struct Fulfilment {
    store: Arc<dyn Store>,
    payments: Arc<dyn Payments>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    seal: Seal,
    installation: Installation,
}

impl Fulfilment {
    /// Settlement into `store`.
    pub fn new(
        store: Arc<dyn Store>,
        payments: Arc<dyn Payments>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        seal: Seal,
        installation: Installation,
    ) -> Self {
        Self { store, payments, clock, random, seal, installation }
    }

    /// Reads a session from the provider and settles it.
    pub async fn apply_session(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<Applied, FulfilmentError> {
        let state = self.payments.checkout(account, session).await?;
        self.seen(account, state).await
    }

    /// Closes a session at the provider and settles what became of it: it may have been paid first.
    pub async fn close_session(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<Applied, FulfilmentError> {
        let state = self.payments.expire_checkout(account, session).await?;
        self.seen(account, state).await
    }

    /// Boxed, since the futures of those who seldom get here are to stay small.
    async fn seen(
        &self,
        account: &AccountId,
        state: SessionState,
    ) -> Result<Applied, FulfilmentError> {
        Box::pin(self.apply(account, ProviderUpdate::Session(state))).await
    }

    /// Writes down what was seen at `account`. May be called any number of times, in any order and
    /// in parallel with the same or other observations.
    pub async fn apply(
        &self,
        account: &AccountId,
        update: ProviderUpdate,
    ) -> Result<Applied, FulfilmentError> {
        match update {
            ProviderUpdate::Session(state) => self.session(account, &state).await,
            ProviderUpdate::Refunds(refunds) => {
                let payment = refunds.iter().find_map(|refund| refund.payment_intent.clone());
                let Some(purchase) = self.purchase_of(account, payment.as_ref()).await? else {
                    return Ok(Applied::Ignored);
                };
                self.refunds(purchase, &refunds).await
            }
            ProviderUpdate::Dispute(state) => {
                let payment = state.payment_intent.as_ref();
                let Some(purchase) = self.purchase_of(account, payment).await? else {
                    return Ok(Applied::Ignored);
                };
                self.dispute(purchase, &state).await
            }
            ProviderUpdate::Account(state) => {
                let mut unit = self.store.begin().await?;
                unit.connected_accounts().set_state(account, state, self.clock.now()).await?;
                unit.commit().await?;
                Ok(Applied::Changed)
            }
            ProviderUpdate::Deauthorized => {
                let mut unit = self.store.begin().await?;
                unit.connected_accounts().disconnect(account, self.clock.now()).await?;
                unit.commit().await?;
                Ok(Applied::Changed)
            }
        }
    }

    /// The purchase that a payment led to. If it is not recorded yet, its session is settled first:
    /// events may come in any order.
    async fn purchase_of(
        &self,
        account: &AccountId,
        payment: Option<&PaymentIntentId>,
    ) -> Result<Option<PurchaseId>, FulfilmentError> {
        let Some(payment) = payment else { return Ok(None) };
        if let Some(purchase) = self.recorded(account, payment).await? {
            return Ok(Some(purchase));
        }
        let Some(checkout) = self.payments.checkout_of_payment(account, payment).await? else {
            return Ok(None);
        };
        let mut unit = self.store.begin().await?;
        let order = unit.checkout_orders().find(checkout).await?;
        drop(unit);
        let Some(order) = order.filter(|order| order.account == *account) else {
            return Ok(None);
        };
        let Some(opened) = &order.opened else { return Ok(None) };
        let state = self.payments.checkout(account, &opened.session).await?;
        self.session(account, &state).await?;
        Ok(self.recorded(account, payment).await?)
    }

    async fn recorded(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<PurchaseId>, StoreError> {
        let mut unit = self.store.begin().await?;
        let purchase = unit.purchases().by_payment(account, payment).await?;
        Ok(purchase.map(|purchase| purchase.id))
    }

    /// Brings the purchase's record in line with the ledger.
    async fn recompute(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
    ) -> Result<(), StoreError> {
        let facts = unit.ledger().of_purchase(purchase.id).await?;
        PurchaseState::of(&facts).apply_to(purchase);
        unit.purchases().store_state(purchase).await
    }

    fn fact(
        &self,
        purchase: &Purchase,
        kind: FactKind,
        reference: &str,
        amount: Option<Money>,
    ) -> Fact {
        let now = self.clock.now();
        Fact {
            id: FactId::new(now, &*self.random),
            at: now,
            kind,
            reference: reference.to_owned(),
            purchase_id: Some(purchase.id),
            handle_id: purchase.handle_id,
            page_id: purchase.page_id,
            visitor_id: purchase.visitor_id,
            amount,
        }
    }

    async fn about(
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

    fn page_url(&self, handle: &Handle, page: &Page) -> String {
        format!("{}/{}", self.installation.handle_origin(&handle.name), page.slug)
    }

    async fn mail(
        &self,
        unit: &mut dyn UnitOfWork,
        to: Email,
        about: HandleId,
        content: &MailContent,
    ) -> Result<(), FulfilmentError> {
        let now = self.clock.now();
        let mail = outbox::queue(&self.seal, &*self.random, now, to, Some(about), content)?;
        Ok(unit.outbox().enqueue(&mail).await?)
    }

    /// A mail to a visitor ends with the texts of the handle's creator.
    async fn mail_visitor(
        &self,
        unit: &mut dyn UnitOfWork,
        to: Email,
        about: &Handle,
        content: &MailContent,
    ) -> Result<(), FulfilmentError> {
        let now = self.clock.now();
        let mail = outbox::queue_for_visitor(&self.seal, &*self.random, now, to, about, content)?;
        Ok(unit.outbox().enqueue(&mail).await?)
    }

    async fn mail_creator(
        &self,
        unit: &mut dyn UnitOfWork,
        handle: HandleId,
        content: &MailContent,
    ) -> Result<(), FulfilmentError> {
        match unit.creators().email_of_handle(handle).await? {
            Some(to) => self.mail(unit, to, handle, content).await,
            None => Ok(()),
        }
    }
}

/// What a mail about a purchase speaks of.
struct About {
    handle: Handle,
    page: Page,
    visitor: Email,
}

async fn page_of(
    unit: &mut dyn UnitOfWork,
    order: &CheckoutOrder,
) -> Result<Option<(Handle, Page)>, StoreError> {
    let handle = unit.handles().find(order.handle_id).await?;
    let page = unit.pages().find(order.page_id).await?;
    Ok(handle.zip(page))
}

impl std::fmt::Debug for Fulfilment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fulfilment")
    }
}
