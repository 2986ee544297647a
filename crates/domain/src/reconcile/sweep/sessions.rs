//! Checkout sessions, and the orders that they were opened for.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use super::{DAY, FindingKind, Sweep, is_known};
use crate::{
    access::FactKind,
    checkout::{CheckoutOrder, FulfilmentError, OrderStatus},
    clock::plus_seconds,
    id::CheckoutId,
    payments::{AccountId, CheckoutSessionId, ProviderPage, SessionProgress, SessionState},
    reconcile::ProviderUpdate,
    store_error::StoreError,
};

/// An order without a session is left to the request that opens it for this long, in seconds.
const OPENING_SECONDS: i64 = 120;
/// How many payments that are being processed one sweep reads.
const SLOW_AT_ONCE: u32 = 200;

/// Where the reading of the payments that are being processed ended at each account. It is not stored: a process that starts
/// begins with the oldest.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadUntil(Arc<Mutex<HashMap<AccountId, CheckoutId>>>);

impl ReadUntil {
    fn of(&self, account: &AccountId) -> Option<CheckoutId> {
        self.places().get(account).copied()
    }

    fn note(&self, account: &AccountId, until: Option<CheckoutId>) {
        match until {
            Some(until) => self.places().insert(account.clone(), until),
            None => self.places().remove(account),
        };
    }

    fn places(&self) -> MutexGuard<'_, HashMap<AccountId, CheckoutId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sweep<'_> {
    /// Finds the sessions of orders whose opening was never answered.
    pub(super) async fn lost_answers(&mut self, now: Timestamp) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let before = plus_seconds(now, -OPENING_SECONDS);
        for order in self.on.reads.orders_without_session(account, before).await? {
            self.looked_at += 1;
            let (payments, id) = (&self.on.payments, order.id);
            let opened = match payments.find_checkout(account, id, order.created_at).await {
                Ok(Some(opened)) => opened,
                Ok(None) => {
                    self.unanswered = 0;
                    self.give_up(&order, now).await?;
                    continue;
                }
                Err(error) => {
                    self.leave_out(FindingKind::LostAnswer, id.to_string(), error.into())?;
                    continue;
                }
            };
            let mut is_mended = false;
            if !self.dry_run {
                let mut unit = self.on.runtime.begin().await?;
                is_mended = unit.checkout_orders().opened(id, &opened).await?;
                unit.commit().await?;
            }
            self.note(FindingKind::LostAnswer, id.to_string(), is_mended);
            if self.dry_run {
                self.unanswered = 0;
                continue;
            }
            match self.on.fulfilment.apply_session(account, &opened.session).await {
                Ok(_) => self.unanswered = 0,
                Err(error) => {
                    self.leave_out(FindingKind::Session, opened.session.to_string(), error)?;
                }
            }
        }
        Ok(())
    }

    /// Gives up an order that has no session and whose time to pay is over, so that it is not looked for again.
    async fn give_up(&self, order: &CheckoutOrder, now: Timestamp) -> Result<(), StoreError> {
        if self.dry_run || now < plus_seconds(order.expires_at, DAY) {
            return Ok(());
        }
        let mut unit = self.on.runtime.begin().await?;
        let from = [OrderStatus::Creating];
        unit.checkout_orders().advance(order.id, &from, OrderStatus::Expired).await?;
        unit.commit().await
    }

    pub(super) async fn sessions(&mut self, since: Timestamp) -> Result<(), FulfilmentError> {
        let mut after: Option<String> = None;
        loop {
            let account = &self.account.account;
            let page = self.on.payments.checkouts_since(account, since, after.as_deref()).await?;
            let ProviderPage { items, unreadable, next } = page;
            self.leave_out_unreadable(FindingKind::Session, unreadable);
            self.compare_sessions(items).await?;
            let Some(next) = next else { return Ok(()) };
            after = Some(next);
        }
    }

    async fn compare_sessions(
        &mut self,
        sessions: Vec<SessionState>,
    ) -> Result<(), FulfilmentError> {
        let ids: Vec<_> = sessions.iter().filter_map(|session| session.checkout_id).collect();
        let orders = self.on.reads.order_states(&ids).await?;
        let order_of = |session: &SessionState| {
            orders.iter().find(|order| Some(order.id) == session.checkout_id)
        };
        // Payments that somebody made in another session with the id of the order. They become no purchase.
        let is_stray = |session: &SessionState| {
            let own = order_of(session).and_then(|order| order.session.as_ref());
            own.is_some_and(|own| *own != session.session)
        };
        // Only their facts say whether such payments, and those that did not match, are known.
        let is_doubtful = |session: &&SessionState| {
            let is_unmatched = order_of(session).is_some_and(|order| {
                order.status == OrderStatus::Quarantined || order.session.is_none()
            });
            session.progress == SessionProgress::Paid && (is_unmatched || is_stray(session))
        };
        let doubtful = sessions.iter().filter(is_doubtful);
        let doubtful: Vec<_> = doubtful.map(|session| session.session.to_string()).collect();
        let known = if doubtful.is_empty() {
            BTreeSet::new()
        } else {
            self.on.reads.known_facts(&doubtful).await?
        };
        for session in sessions {
            self.looked_at += 1;
            let order = order_of(&session);
            // Anyone can write our ids into a session of an account of their own.
            let Some(order) = order.filter(|order| order.account == self.account.account) else {
                continue;
            };
            let id = session.session.to_string();
            if session.progress == SessionProgress::Open {
                let is_closed = order.status == OrderStatus::Closing || !order.status.is_live();
                if is_stray(&session) || (is_closed && order.status != OrderStatus::Paid) {
                    self.close(id, &session).await?;
                }
            } else if is_known(&known, &id, &[FactKind::PaymentQuarantined]) {
                let is_refunded = is_known(&known, &id, &[FactKind::QuarantineRefunded]);
                // What was read before may have been wrong.
                if !is_refunded
                    && !is_stray(&session)
                    && self.on.fulfilment.matches(&session).await?
                {
                    self.found_session(id, session).await?;
                }
            } else if is_stray(&session) && session.progress == SessionProgress::Paid {
                self.found(FindingKind::Session, id, ProviderUpdate::Session(session)).await?;
            } else if differs(order.status, session.progress) {
                self.found_session(id, session).await?;
            }
        }
        Ok(())
    }

    /// Closes a session that can be paid although its order is closed.
    async fn close(&mut self, id: String, session: &SessionState) -> Result<(), FulfilmentError> {
        let mut is_mended = false;
        if !self.dry_run {
            let fulfilment = &self.on.fulfilment;
            match fulfilment.close_session(&self.account.account, &session.session).await {
                Ok(_) => is_mended = true,
                // Other sessions, refunds and disputes do not wait for this one.
                Err(FulfilmentError::Payments(error)) => {
                    tracing::warn!(session = id, %error, "a session could not be closed");
                }
                Err(error) => return Err(error),
            }
        }
        self.note(FindingKind::LeftOpen, id, is_mended);
        Ok(())
    }

    /// Reads the payments that are being processed, which may take longer than the list goes back. If there are many, the
    /// next sweep goes on where this one ends.
    pub(super) async fn slow_payments(&mut self) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let after = self.on.read_until.of(account);
        let orders = self.on.reads.pending_orders_at(account, after, SLOW_AT_ONCE).await?;
        let is_more = u32::try_from(orders.len()).is_ok_and(|count| count == SLOW_AT_ONCE);
        let until = orders.last().filter(|_| is_more).map(|last| last.id);
        for order in orders {
            self.looked_at += 1;
            let Some(session) = self.session_of(&order).await? else { continue };
            let id = session.to_string();
            match self.on.payments.checkout(account, &session).await {
                Ok(state) if differs(order.status, state.progress) => {
                    self.found_session(id, state).await?;
                }
                Ok(_) => self.unanswered = 0,
                Err(error) => self.leave_out(FindingKind::Session, id, error.into())?,
            }
        }
        self.on.read_until.note(account, until);
        Ok(())
    }

    /// Returns the session of an order whose payment is being processed. If the answer to opening it was lost, the event
    /// about the payment does not make the session the order's, so that it is looked for.
    async fn session_of(
        &mut self,
        order: &CheckoutOrder,
    ) -> Result<Option<CheckoutSessionId>, FulfilmentError> {
        if let Some(opened) = &order.opened {
            return Ok(Some(opened.session.clone()));
        }
        let payments = &self.on.payments;
        match payments.find_checkout(&order.account, order.id, order.created_at).await {
            Ok(found) => {
                self.unanswered = 0;
                Ok(found.map(|found| found.session))
            }
            Err(error) => {
                self.leave_out(FindingKind::Session, order.id.to_string(), error.into())?;
                Ok(None)
            }
        }
    }

    /// Notes a session of an order that differs, and applies it.
    async fn found_session(
        &mut self,
        id: String,
        session: SessionState,
    ) -> Result<(), FulfilmentError> {
        if self.dry_run && session.progress == SessionProgress::Paid {
            self.expected.extend(session.payment_intent.clone());
        }
        self.found(FindingKind::Session, id, ProviderUpdate::Session(session)).await
    }
}

/// Returns whether what the provider says of a session is news for an order in this state.
fn differs(status: OrderStatus, progress: SessionProgress) -> bool {
    match progress {
        SessionProgress::Open => false,
        SessionProgress::Pending => OrderStatus::PAYABLE.contains(&status),
        SessionProgress::Paid => !matches!(status, OrderStatus::Paid | OrderStatus::Quarantined),
        SessionProgress::Expired | SessionProgress::Failed => status.is_live(),
    }
}
