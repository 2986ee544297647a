//! Checkout sessions, and the orders that they were opened for.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use super::{DAY, FindingKind, Sweep, is_busy, is_known, walk::Walk};
use crate::{
    access::FactKind,
    checkout::{CheckoutOrder, FulfilmentError, OrderStatus, may_be_processed},
    clock::plus_seconds,
    id::CheckoutId,
    payments::{AccountId, PaymentsError, ProviderPage, Refusal, SessionProgress, SessionState},
    reconcile::{ProviderUpdate, ports::OrderState},
    store_error::StoreError,
};

/// An order without a session is left to the request that opens it for this long, in seconds.
const OPENING_SECONDS: i64 = 120;
/// How many payments that are being processed one sweep reads.
const SLOW_AT_ONCE: u32 = 200;
/// How many sessions of closed orders one sweep reads.
const AWAITED_AT_ONCE: u32 = 200;

/// What a sweep reads one by one, and the next one goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// The payments that are being processed.
    Slow,
    /// The sessions of orders that were closed without the provider's word for it.
    Awaited,
    /// The orders whose sessions the provider did not show for days.
    Unread,
    /// The payments that do not match their orders.
    Quarantined,
    /// The disputes of suspended purchases.
    Disputes,
}

/// The id at which the reading of a step ended at each account. It is not stored: a process that starts begins with the oldest.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadUntil(Arc<Mutex<HashMap<(AccountId, Step), String>>>);

impl ReadUntil {
    pub(super) fn of(&self, account: &AccountId, step: Step) -> Option<String> {
        self.places().get(&(account.clone(), step)).cloned()
    }

    /// Returns the place of a step that reads orders.
    pub(super) fn order(&self, account: &AccountId, step: Step) -> Option<CheckoutId> {
        self.of(account, step)?.parse().ok()
    }

    fn note(&self, account: &AccountId, step: Step, until: Option<String>) {
        let place = (account.clone(), step);
        match until {
            Some(until) => self.places().insert(place, until),
            None => self.places().remove(&place),
        };
    }

    fn places(&self) -> MutexGuard<'_, HashMap<(AccountId, Step), String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sweep<'_> {
    /// Finds the sessions of orders whose opening was never answered.
    pub(super) async fn lost_answers(&mut self, now: Timestamp) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let before = plus_seconds(now, -OPENING_SECONDS);
        for order in self.on.reads.orders_without_session(account, before).await? {
            self.look();
            // Its session, if there is one, has ended, and was listed if it was paid. A search may fail each time, such as
            // among too many sessions.
            if now >= plus_seconds(order.expires_at, DAY) {
                self.give_up(&order).await?;
                continue;
            }
            let (payments, id) = (&self.on.payments, order.id);
            let opened = match payments.find_checkout(account, id, order.created_at).await {
                Ok(Some(opened)) => opened,
                Ok(None) => {
                    self.unanswered = 0;
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

    /// Gives up an order of which nothing is expected any more, so that it is not read or looked for again.
    async fn give_up(&self, order: &CheckoutOrder) -> Result<(), StoreError> {
        if self.dry_run {
            return Ok(());
        }
        let mut unit = self.on.runtime.begin().await?;
        let (from, to) = ([order.status], OrderStatus::Expired);
        unit.checkout_orders().advance(order.id, &from, to).await?;
        unit.commit().await
    }

    /// Notes whether the end of the session of a closed order is still to be learnt.
    async fn await_end(&self, order: &CheckoutOrder, is_awaited: bool) -> Result<(), StoreError> {
        if self.dry_run {
            return Ok(());
        }
        let mut unit = self.on.runtime.begin().await?;
        unit.checkout_orders().await_end(order.id, is_awaited).await?;
        unit.commit().await
    }

    pub(super) async fn sessions(&mut self, since: Timestamp) -> Result<(), FulfilmentError> {
        let mut walk = Walk::default();
        loop {
            let account = &self.account.account;
            let page = self.on.payments.checkouts_since(account, since, walk.after()).await?;
            let ProviderPage { items, unreadable, next } = page;
            self.leave_out_unreadable(FindingKind::Session, unreadable);
            self.compare_sessions(items).await?;
            if !walk.go_on(next)? {
                return Ok(());
            }
        }
    }

    async fn compare_sessions(
        &mut self,
        sessions: Vec<SessionState>,
    ) -> Result<(), FulfilmentError> {
        let ids: Vec<_> = sessions.iter().filter_map(|session| session.checkout_id).collect();
        let orders = self.on.reads.order_states(&ids).await?;
        let known = self.known_of(&sessions, &orders).await?;
        for session in sessions {
            self.look();
            let order = order_of(&orders, &session);
            // Anyone can write our ids into a session of an account of their own.
            if let Some(order) = order.filter(|order| order.account == self.account.account) {
                self.compare_session(order, session, &known).await?;
            }
        }
        Ok(())
    }

    /// Returns the facts about payments that do not match their orders, and about those that were made in other sessions. Only
    /// their facts say whether they are known.
    async fn known_of(
        &self,
        sessions: &[SessionState],
        orders: &[OrderState],
    ) -> Result<BTreeSet<(&'static str, String)>, StoreError> {
        let is_doubtful = |session: &&SessionState| {
            let is_unmatched = order_of(orders, session).is_some_and(|order| {
                order.status == OrderStatus::Quarantined
                    || order.session.is_none()
                    || is_stray(order, session)
            });
            session.progress == SessionProgress::Paid && is_unmatched
        };
        let doubtful = sessions.iter().filter(is_doubtful);
        let doubtful: Vec<_> = doubtful.map(|session| session.session.to_string()).collect();
        if doubtful.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.on.reads.known_facts(&doubtful).await
    }

    /// Compares a session with the order that it names.
    async fn compare_session(
        &mut self,
        order: &OrderState,
        session: SessionState,
        known: &BTreeSet<(&'static str, String)>,
    ) -> Result<(), FulfilmentError> {
        let id = session.session.to_string();
        if session.progress == SessionProgress::Open {
            let is_closed = order.status == OrderStatus::Closing || !order.status.is_live();
            if is_stray(order, &session) || (is_closed && order.status != OrderStatus::Paid) {
                self.close(id, &session).await?;
            }
        } else if is_known(known, &id, &[FactKind::PaymentQuarantined]) {
            let is_refunded = is_known(known, &id, &[FactKind::QuarantineRefunded]);
            // What was read before may have been wrong.
            if !is_refunded
                && !is_stray(order, &session)
                && self.on.fulfilment.matches(&session).await?
            {
                self.found_session(id, session).await?;
            }
        } else if is_stray(order, &session) && session.progress == SessionProgress::Paid {
            self.found(FindingKind::Session, id, ProviderUpdate::Session(session)).await?;
        } else if differs(order.status, order.session.is_some(), session.progress) {
            self.found_session(id, session).await?;
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
                Err(error) if is_busy(&error) => return Err(error),
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

    /// Reads the payments that are being processed, which may take longer than the list goes back. If there are many, or the
    /// provider ends the step, the next sweep goes on where this one ends.
    pub(super) async fn slow_payments(&mut self) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let after = self.on.read_until.order(account, Step::Slow);
        let orders = self.on.reads.pending_orders_at(account, after, SLOW_AT_ONCE).await?;
        let is_more = is_full(&orders, SLOW_AT_ONCE);
        let (mut tried, mut read) = (None, Ok(()));
        for order in orders {
            tried = Some(order.id.to_string());
            read = self.slow_payment(order).await;
            if read.is_err() {
                break;
            }
        }
        self.note_place(Step::Slow, tried.filter(|_| is_more || read.is_err()));
        read
    }

    async fn slow_payment(&mut self, order: CheckoutOrder) -> Result<(), FulfilmentError> {
        self.look();
        match self.session_of(&order).await {
            Ok(Some(state)) if differs(order.status, order.opened.is_some(), state.progress) => {
                self.found_session(state.session.to_string(), state).await?;
            }
            // It began so long ago that nothing is expected any more, also if it can never be read.
            read if !order.is_processed_at(self.on.runtime.now()) => {
                self.give_up(&order).await?;
                self.await_end(&order, read.is_err()).await?;
            }
            Ok(_) => self.unanswered = 0,
            Err(error) => {
                let session = order.opened.map(|opened| opened.session.to_string());
                let id = session.unwrap_or_else(|| order.id.to_string());
                self.leave_out(FindingKind::Session, id, error.into())?;
            }
        }
        Ok(())
    }

    /// Reads the sessions of orders that were closed here while these could not be read, until their end is known: what became of
    /// them may be older than the list goes back. Sessions that can be paid are in the list, and are closed there. If there are
    /// many, or the provider ends the step, the next sweep goes on where this one ends.
    pub(super) async fn awaited_ends(&mut self) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let after = self.on.read_until.order(account, Step::Awaited);
        let orders = self.on.reads.awaited_orders_at(account, after, AWAITED_AT_ONCE).await?;
        let is_more = is_full(&orders, AWAITED_AT_ONCE);
        let (mut tried, mut read) = (None, Ok(()));
        for order in orders {
            tried = Some(order.id.to_string());
            read = self.awaited_end(order).await;
            if read.is_err() {
                break;
            }
        }
        self.note_place(Step::Awaited, tried.filter(|_| is_more || read.is_err()));
        read
    }

    async fn awaited_end(&mut self, order: CheckoutOrder) -> Result<(), FulfilmentError> {
        self.looked_at += 1;
        let may_come = may_be_processed(order.created_at, self.on.runtime.now());
        match self.session_of(&order).await {
            Ok(Some(state)) if state.progress == SessionProgress::Open => self.unanswered = 0,
            // One that is still being processed after so long is not expected to be paid.
            Ok(Some(state))
                if state.progress == SessionProgress::Paid
                    || (may_come && state.progress == SessionProgress::Pending) =>
            {
                self.found_session(state.session.to_string(), state).await?;
            }
            Ok(_) => {
                self.unanswered = 0;
                self.await_end(&order, false).await?;
            }
            // One that is not there may only be missing for a while.
            Err(PaymentsError::Refused { refusal: Refusal::NotFound, .. }) => {
                self.unanswered = 0;
                if !may_come {
                    self.await_end(&order, false).await?;
                }
            }
            // What can never be read does not keep every sweep from being complete.
            Err(error) if !may_come => {
                tracing::warn!(checkout = %order.id, %error, "the end of a session is not known");
            }
            Err(error) => {
                let session = order.opened.map(|opened| opened.session.to_string());
                let id = session.unwrap_or_else(|| order.id.to_string());
                self.leave_out(FindingKind::Session, id, error.into())?;
            }
        }
        Ok(())
    }

    /// Notes what a step read last, for the next sweep. A dry run takes nothing from it.
    pub(super) fn note_place(&self, step: Step, until: Option<String>) {
        if !self.dry_run {
            self.on.read_until.note(&self.account.account, step, until);
        }
    }

    /// Reads the session of an order whose payment is being processed. If the answer to opening it was lost, the event about
    /// the payment does not make the session the order's, so that it is looked for.
    pub(super) async fn session_of(
        &self,
        order: &CheckoutOrder,
    ) -> Result<Option<SessionState>, PaymentsError> {
        let (payments, account) = (&self.on.payments, &order.account);
        let session = match &order.opened {
            Some(opened) => opened.session.clone(),
            None => match payments.find_checkout(account, order.id, order.created_at).await? {
                Some(found) => found.session,
                None => return Ok(None),
            },
        };
        payments.checkout(account, &session).await.map(Some)
    }

    /// Notes a session of an order that differs, and applies it.
    pub(super) async fn found_session(
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

/// Returns the order that a session names.
fn order_of<'a>(orders: &'a [OrderState], session: &SessionState) -> Option<&'a OrderState> {
    orders.iter().find(|order| Some(order.id) == session.checkout_id)
}

/// Returns whether a session is not the one of the order that it names. Somebody made it with the id of the order, and a payment
/// in it becomes no purchase.
fn is_stray(order: &OrderState, session: &SessionState) -> bool {
    order.session.as_ref().is_some_and(|own| *own != session.session)
}

/// Returns whether there may be more than what was read, of which at most `limit` were asked for.
pub(super) fn is_full<T>(read: &[T], limit: u32) -> bool {
    u32::try_from(read.len()).is_ok_and(|count| count == limit)
}

/// Returns whether what the provider says of a session is news for an order in this state, whose session may be known.
pub(super) fn differs(status: OrderStatus, has_session: bool, progress: SessionProgress) -> bool {
    match progress {
        SessionProgress::Open => false,
        SessionProgress::Pending => {
            OrderStatus::PAYABLE.contains(&status) || status.may_come_back(has_session)
        }
        SessionProgress::Paid => !matches!(status, OrderStatus::Paid | OrderStatus::Quarantined),
        SessionProgress::Expired | SessionProgress::Failed => status.is_live(),
    }
}
