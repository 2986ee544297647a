//! Checkout sessions, and the orders that they were opened for.

use std::{collections::BTreeSet, slice};

use jiff::Timestamp;

use super::{
    FindingKind, Sweep, is_busy, is_known,
    orders::{is_full, session_or_order},
    outcome::FindingState,
    places::Part,
};
use crate::{
    access::FactKind,
    checkout::{CheckoutOrder, FulfilmentError, OrderStatus},
    clock::{DAY_SECONDS, plus_seconds},
    id::CheckoutId,
    payments::{PaymentsError, ProviderPage, SessionProgress, SessionState},
    reconcile::{ProviderUpdate, ports::OrderState},
    store_error::StoreError,
};

/// An order without a session is left to the request that opens it for this long, in seconds.
const OPENING_SECONDS: i64 = 120;
/// How many orders without a session one sweep looks for.
const LOST_AT_ONCE: u32 = 100;

impl Sweep<'_> {
    /// Finds the sessions of orders whose opening was never answered. If there are many, or the provider ends the part, the next
    /// sweep begins with those that were not looked for yet.
    pub(super) async fn lost_answers(&mut self, now: Timestamp) -> Result<(), FulfilmentError> {
        let after = self.order_place(Part::LostAnswers);
        let orders = self.unanswered_orders(plus_seconds(now, -OPENING_SECONDS), after).await?;
        let is_more = is_full(&orders, LOST_AT_ONCE);
        let mut tried = after.map(|id| id.to_string());
        for order in orders {
            let id = order.id.to_string();
            if let Err(error) = self.lost_answer(order, now).await {
                self.note_place(Part::LostAnswers, tried);
                return Err(error);
            }
            tried = Some(id);
        }
        self.note_place(Part::LostAnswers, tried.filter(|_| is_more));
        Ok(())
    }

    /// Returns the orders whose opening was not answered that are looked for now: those after the last one that was looked for,
    /// and then those that come before.
    async fn unanswered_orders(
        &self,
        before: Timestamp,
        after: Option<CheckoutId>,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let (account, reads) = (&self.account.account, &self.on.reads);
        let mut orders = reads.orders_without_session(account, before, after, LOST_AT_ONCE).await?;
        let count = u32::try_from(orders.len()).unwrap_or(LOST_AT_ONCE);
        let places = LOST_AT_ONCE.saturating_sub(count);
        if let Some(after) = after
            && places > 0
        {
            let first = reads.orders_without_session(account, before, None, places).await?;
            orders.extend(first.into_iter().take_while(|order| order.id <= after));
        }
        Ok(orders)
    }

    async fn lost_answer(
        &mut self,
        order: CheckoutOrder,
        now: Timestamp,
    ) -> Result<(), FulfilmentError> {
        self.look();
        // Its session, if there is one, has ended, and was listed if it was paid. A search may fail each time, such as
        // among too many sessions.
        if now >= plus_seconds(order.expires_at, DAY_SECONDS) {
            return Ok(self.give_up(&order, false).await?);
        }
        let (payments, account, id) = (&self.on.payments, &self.account.account, order.id);
        let opened = match payments.find_checkout(account, id, order.created_at).await {
            Ok(Some(opened)) => opened,
            Ok(None) => {
                self.unanswered = 0;
                return Ok(());
            }
            Err(error) => {
                return self.leave_out(FindingKind::LostAnswer, id.to_string(), error.into());
            }
        };
        let mut is_mended = false;
        if !self.dry_run {
            let mut unit = self.on.runtime.begin().await?;
            is_mended = unit.checkout_orders().opened(id, &opened).await?;
            unit.commit().await?;
        }
        self.note(FindingKind::LostAnswer, id.to_string(), FindingState::of(is_mended));
        if self.dry_run {
            self.unanswered = 0;
            return Ok(());
        }
        match self.on.fulfilment.apply_session(account, &opened.session).await {
            Ok(_) => self.unanswered = 0,
            Err(error) => {
                self.leave_out(FindingKind::Session, opened.session.to_string(), error)?;
            }
        }
        Ok(())
    }

    /// Expires an order for which no payment is expected any more. If the end of its session `is_awaited`, that is recorded in the same
    /// unit, since the end might never be learnt otherwise.
    async fn give_up(&self, order: &CheckoutOrder, is_awaited: bool) -> Result<(), StoreError> {
        if self.dry_run {
            return Ok(());
        }
        let mut unit = self.on.runtime.begin().await?;
        let (from, to) = ([order.status], OrderStatus::Expired);
        if unit.checkout_orders().advance(order.id, &from, to).await? {
            unit.checkout_orders().await_end(order.id, is_awaited).await?;
        }
        unit.commit().await
    }

    pub(super) async fn sessions(&mut self, since: Timestamp) -> Result<(), FulfilmentError> {
        let mut walk = self.walk();
        loop {
            let account = &self.account.account;
            let page = self.on.payments.checkouts_since(account, since, walk.after()).await?;
            let ProviderPage { items, unreadable, next } = page;
            self.leave_out_unreadable(FindingKind::Session, unreadable);
            self.compare_sessions(items).await?;
            if !self.next_page(&mut walk, next)? {
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
            let Some(order) = order_of(&orders, &session) else {
                self.compare_without_order(session).await?;
                continue;
            };
            // Anyone can write our ids into a session of an account of their own.
            if order.account == self.account.account {
                self.compare_session(order, session, &known).await?;
            }
        }
        Ok(())
    }

    /// Looks at a session whose order is not stored. That is a difference if this installation opened it, as after an older state
    /// of the database was restored.
    async fn compare_without_order(
        &mut self,
        session: SessionState,
    ) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        if self.on.fulfilment.lost_order(account, &session).await?.is_none() {
            return self.compare_with_restored(session).await;
        }
        let id = session.session.to_string();
        // A sweep that applies the session learns there whether the creator was told of it.
        if self.dry_run {
            let known = self.on.reads.known_facts(slice::from_ref(&id)).await?;
            if is_known(&known, &id, &[FactKind::PaymentQuarantined]) {
                return Ok(());
            }
        }
        self.found_session(id, session).await
    }

    /// Looks at a session whose order was stored again a moment ago, for another session that names it.
    async fn compare_with_restored(
        &mut self,
        session: SessionState,
    ) -> Result<(), FulfilmentError> {
        let Some(id) = session.checkout_id else { return Ok(()) };
        let orders = self.on.reads.order_states(&[id]).await?;
        let order = order_of(&orders, &session);
        let own = order.filter(|order| order.account == self.account.account);
        let Some(order) = own else { return Ok(()) };
        let known = self.known_of(slice::from_ref(&session), &orders).await?;
        self.compare_session(order, session, &known).await
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
            // The earlier read may have been wrong, so the payment is compared again, unless the order has a purchase or the payment
            // was refunded.
            if !order.is_quarantine_refunded
                && order.status != OrderStatus::Paid
                && !is_stray(order, &session)
                && self.on.fulfilment.matches(&session).await?
            {
                self.found_session(id, session).await?;
            }
        } else if session.progress == SessionProgress::Paid
            && (is_stray(order, &session) || is_second(order, &id, known))
        {
            self.found(FindingKind::Session, id, ProviderUpdate::Session(session)).await?;
        } else if !is_stray(order, &session)
            && differs(order.status, order.session.is_some(), session.progress)
        {
            // A stray session matters only once it is paid.
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
        self.note(FindingKind::LeftOpen, id, FindingState::of(is_mended));
        Ok(())
    }

    /// Reads the session of a payment that is being processed. The order is given up once nothing is expected any more.
    pub(super) async fn slow_payment(
        &mut self,
        order: &CheckoutOrder,
    ) -> Result<(), FulfilmentError> {
        self.look();
        match self.session_of(order).await {
            Ok(Some(state)) if differs(order.status, order.opened.is_some(), state.progress) => {
                self.found_session(state.session.to_string(), state).await?;
            }
            // The payment began so long ago that it is given up, even if its session could not be read.
            read if !order.is_processed_at(self.on.runtime.now())
                && !matches!(read, Err(PaymentsError::Busy { .. })) =>
            {
                self.give_up(order, read.is_err()).await?;
            }
            Ok(_) => self.unanswered = 0,
            Err(error) => {
                self.leave_out(FindingKind::Session, session_or_order(order), error.into())?;
            }
        }
        Ok(())
    }

    /// Returns the last object of a part that the sweep before has read, or an unfinished dry run; `None` to begin with the first one.
    pub(super) fn place(&self, part: Part) -> Option<String> {
        let own = self.unfinished.after.clone().filter(|_| self.dry_run);
        own.or_else(|| self.ends.get(&part).cloned())
    }

    /// Returns the same as [`place`](Self::place) for a part that reads orders.
    pub(super) fn order_place(&self, part: Part) -> Option<CheckoutId> {
        self.place(part)?.parse().ok()
    }

    /// Records the last object of a part that was read, for the next sweep. A dry run keeps it to itself, so that the next sweep misses
    /// nothing.
    pub(super) fn note_place(&mut self, part: Part, until: Option<String>) {
        if self.dry_run {
            self.unfinished.after = until;
            return;
        }
        match until {
            Some(until) => self.ends.insert(part, until),
            None => self.ends.remove(&part),
        };
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
            self.unfinished.expected.extend(session.payment_intent.clone());
        }
        self.found(FindingKind::Session, id, ProviderUpdate::Session(session)).await
    }
}

/// Returns the order that a session names.
fn order_of<'a>(orders: &'a [OrderState], session: &SessionState) -> Option<&'a OrderState> {
    orders.iter().find(|order| Some(order.id) == session.checkout_id)
}

/// Returns whether a session names an order that has another session. Somebody made it with the id of the order, and a payment in it
/// becomes no purchase.
fn is_stray(order: &OrderState, session: &SessionState) -> bool {
    order.session.as_ref().is_some_and(|own| *own != session.session)
}

/// Returns whether an order has a purchase by another session than this one. Its own session is not known, since the answer to opening it
/// was lost.
fn is_second(order: &OrderState, session: &str, known: &BTreeSet<(&'static str, String)>) -> bool {
    let has_made = |kind: FactKind| is_known(known, session, &[kind]);
    order.status == OrderStatus::Paid
        && order.session.is_none()
        && !has_made(FactKind::Purchased)
        && !has_made(FactKind::GroupPurchased)
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
