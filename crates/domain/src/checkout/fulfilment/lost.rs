//! Payments in sessions that Tollgate has opened and whose orders are not stored: an older state of the database was restored.
//!
//! Such an order is stored again from what its session says, and the session is applied to it like any other. Another installation
//! or other software may use the same account. A session is of this installation if its return address is that of the order that it
//! names, under the configured domain, at the handle that the account is or was connected to.

use jiff::Timestamp;

use super::{
    Applied, Fulfilment,
    learnt::{Known, Learnt},
};
use crate::{
    access::{Fact, FactKind, Purchase, Resource, Subject},
    checkout::{CheckoutOrder, FulfilmentError, OrderStatus, order::ORDER_SECONDS},
    clock::plus_seconds,
    creators::Page,
    email::Email,
    id::{CheckoutId, GroupBuyId, HandleId, PageId, VisitorId},
    mail::{MailContent, Mismatch},
    money::{Currency, Money},
    payments::{
        AccountId, OpenedSession, PaymentExtras, PaymentsError, SessionProgress, SessionState,
    },
    store::UnitOfWork,
    store_error::StoreError,
    visitor_auth::ensure_visitor,
};

/// An order that is not stored although this installation opened its session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LostOrder {
    id: CheckoutId,
    /// The handle that the account is or was connected to.
    handle_id: HandleId,
}

impl LostOrder {
    /// Returns the error for a session whose refunds and disputes cannot be read now. If the provider refuses to show them, the session
    /// counts as out of reach and is read again later.
    pub(crate) fn unread(self, error: PaymentsError) -> FulfilmentError {
        match error {
            PaymentsError::Refused { .. } => {
                FulfilmentError::SessionOutOfReach { checkout: self.id, error }
            }
            error => error.into(),
        }
    }

    /// Returns whether the order's own session may still be paid, as far as is known, or was paid since such a time.
    fn is_young(self, state: &SessionState, now: Timestamp) -> bool {
        let since = state.paid_at.unwrap_or_else(|| self.id.made_at());
        now < plus_seconds(since, ORDER_SECONDS)
    }
}

impl Fulfilment {
    /// Returns the order that a session at `account` names, if this installation opened the session, it is paid or being paid, and
    /// the order is not stored.
    pub(crate) async fn lost_order(
        &self,
        account: &AccountId,
        state: &SessionState,
    ) -> Result<Option<LostOrder>, StoreError> {
        let is_begun = matches!(state.progress, SessionProgress::Paid | SessionProgress::Pending);
        let Some(id) = state.checkout_id.filter(|_| is_begun) else { return Ok(None) };
        let reads = &self.ports.checkout;
        let has_order = reads.order(id).await?.is_some()
            || reads.order_of_session(&state.session).await?.is_some();
        if has_order {
            return Ok(None);
        }
        let Some((handle_id, name)) = reads.handle_of_account(account).await? else {
            return Ok(None);
        };
        let is_ours = self.ports.links.returned_from(&name, &state.success_url) == Some(id);
        Ok(is_ours.then_some(LostOrder { id, handle_id }))
    }

    /// Applies a paid session whose order is lost, and of whose payment this was learnt when the provider was asked at `read_at`.
    pub(crate) async fn apply_lost(
        &self,
        account: &AccountId,
        state: &SessionState,
        learnt: &dyn Learnt,
        read_at: Timestamp,
    ) -> Result<Applied, FulfilmentError> {
        self.apply_knowing(account, state, Known::of(learnt, read_at)).await
    }

    /// Returns the payments that open the page of a lost order's session to its buyer.
    pub(crate) async fn paid_beside(
        &self,
        state: &SessionState,
    ) -> Result<Vec<Purchase>, StoreError> {
        let Some((page, email)) = state.page_id.zip(state.customer_email.as_ref()) else {
            return Ok(Vec::new());
        };
        let Some(visitor) = self.ports.checkout.visitor(email).await? else {
            return Ok(Vec::new());
        };
        let mut theirs = self.ports.purchases.purchases_of(visitor, page).await?;
        theirs.retain(|it| it.payment.is_some() && it.holding().is_active());
        Ok(theirs)
    }

    /// Deals with a session that named no order that is stored when it was looked for. Returns `None` if its order is stored now, so
    /// that the session can be applied to it.
    pub(super) async fn without_order(
        &self,
        account: &AccountId,
        state: &SessionState,
        known: Known<'_>,
    ) -> Result<Option<Applied>, FulfilmentError> {
        let Some(lost) = self.lost_order(account, state).await? else {
            // Another process may have stored it again in the meantime.
            let is_stored = self.named_order(state).await?.is_some();
            return Ok((!is_stored).then_some(Applied::Ignored));
        };
        // What an answer lacks says nothing against the payment, as with orders that are stored.
        let is_paid = state.progress == SessionProgress::Paid;
        if is_paid && !state.is_whole && lost.is_young(state, self.runtime.now()) {
            let reason = "a paid session is not shown as a whole".to_owned();
            return Err(PaymentsError::Unavailable(reason).into());
        }
        let mut unit = self.runtime.begin().await?;
        let mut page = None;
        if let Some(id) = state.page_id {
            page = unit.pages().find(id).await?.filter(|page| page.handle_id == lost.handle_id);
        }
        let Some(page) = page else {
            let reason = format!("{} is for a page that is not stored", state.session);
            return Err(FulfilmentError::Unusable(reason));
        };
        match Terms::of(account, state) {
            Ok(terms) => {
                // Which of a visitor's payments for a page is one too many is decided by one unit after the other.
                let visitor = ensure_visitor(&self.runtime, &mut *unit, &terms.email).await?.id;
                unit.visitors().lock(visitor).await?;
                let group_buy_id = terms.group_buy(&mut *unit, page.id).await?;
                let order = terms.order(lost.id, &page, visitor, self.runtime.now());
                let order = CheckoutOrder { group_buy_id, ..order };
                self.store_again(unit, order, state, known).await
            }
            Err(mismatch) if is_paid => {
                self.tell_of_lost(unit, &page, state, mismatch).await.map(Some)
            }
            Err(_) => Ok(Some(Applied::Ignored)),
        }
    }

    /// Stores a lost order again, and its purchase with it if it is paid: what was refunded or lost of the payment is known only now, and
    /// would not be once the order is stored. Returns `None` if the session is to be applied to the order, which another process may
    /// have stored at the same moment.
    async fn store_again(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        order: CheckoutOrder,
        state: &SessionState,
        known: Known<'_>,
    ) -> Result<Option<Applied>, FulfilmentError> {
        if !unit.checkout_orders().insert(&order).await? {
            return Ok(None);
        }
        tracing::warn!(checkout = %order.id, session = %state.session, "an order is stored again");
        if state.progress == SessionProgress::Paid {
            return self.paid(unit, &order, state, known).await.map(Some);
        }
        unit.commit().await?;
        Ok(None)
    }

    /// Tells the creator once of a payment that cannot be given to anybody.
    async fn tell_of_lost(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        page: &Page,
        state: &SessionState,
        mismatch: Mismatch,
    ) -> Result<Applied, FulfilmentError> {
        let subject = Subject {
            handle_id: page.handle_id,
            resource: Resource::Page(page.id),
            visitor_id: None,
            purchase_id: None,
        };
        let kind = FactKind::PaymentQuarantined;
        let fact = Fact::new(&self.runtime, kind, &state.session, subject);
        if !unit.ledger().record(&fact).await? {
            return Ok(Applied::Unchanged);
        }
        if let Some(handle) = unit.handles().find(page.handle_id).await? {
            let content = MailContent::PaymentQuarantined {
                title: page.title.clone(),
                reference: state.session.to_string(),
                mismatch,
                visitor: state.customer_email.clone(),
                ordered: None,
                paid: state.currency.parse().ok().map(|it| Money::new(state.amount, it)),
                shop: handle.title,
                // The payment belongs to no visitor whom the console could show.
                console_url: String::new(),
            };
            self.mail_creator(&mut *unit, handle.id, &content).await?;
        }
        unit.commit().await?;
        tracing::error!(session = %state.session, mismatch = mismatch.as_str(), "a payment is lost");
        Ok(Applied::Quarantined)
    }
}

/// What a session says of the order that it was opened for.
struct Terms<'a> {
    price: Money,
    /// Tollgate passes on the address of the visitor who orders.
    email: Email,
    account: &'a AccountId,
    state: &'a SessionState,
}

impl<'a> Terms<'a> {
    /// Returns what a session at an account says, or what it does not say.
    fn of(account: &'a AccountId, state: &'a SessionState) -> Result<Self, Mismatch> {
        let currency: Currency = state.currency.parse().map_err(|_| Mismatch::Currency)?;
        if state.amount <= 0 {
            return Err(Mismatch::Amount);
        }
        let email = state.customer_email.clone().ok_or(Mismatch::Buyer)?;
        Ok(Self { price: Money::new(state.amount, currency), email, account, state })
    }

    /// Returns the group buy that set the price, if the session names one of the page that has it. Anyone with access to the account
    /// can write another one into a session, and its price may have been another one in the state that was restored.
    async fn group_buy(
        &self,
        unit: &mut dyn UnitOfWork,
        page: PageId,
    ) -> Result<Option<GroupBuyId>, StoreError> {
        let Some(named) = self.state.group_buy_id else { return Ok(None) };
        let is_its = unit.checkout_orders().is_group_price(named, page, self.price).await?;
        Ok(Some(named).filter(|_| is_its))
    }

    /// Returns the order of a visitor for a page at a price of its own, as one that was closed.
    fn order(
        self,
        id: CheckoutId,
        page: &Page,
        visitor: VisitorId,
        now: Timestamp,
    ) -> CheckoutOrder {
        let Self { price, email, account, state } = self;
        let created_at = state.paid_at.map_or(now, |at| at.min(now));
        CheckoutOrder {
            id,
            visitor_id: visitor,
            handle_id: page.handle_id,
            page_id: page.id,
            group_buy_id: None,
            account: account.clone(),
            title: page.title.clone(),
            price,
            fee: state.fee.max(0),
            customer_email: email,
            success_url: None,
            cancel_url: None,
            status: OrderStatus::Expired,
            opened: Some(OpenedSession { session: state.session.clone(), url: String::new() }),
            created_at,
            expires_at: created_at,
            extras: PaymentExtras::default(),
        }
    }
}
