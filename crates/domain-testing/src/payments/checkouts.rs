//! What visitors do at the provider's pay pages, and what becomes of their payments.

use super::{
    FakePayments,
    records::{Charge, Session},
};
use tollgate_domain::payments::{
    ChargeId, CheckoutSessionId, EventSubject, PaymentIntentId, SessionProgress, SessionState,
};

impl FakePayments {
    /// Returns the sessions that were opened, oldest first.
    pub fn sessions(&self) -> Vec<CheckoutSessionId> {
        self.records().sessions.keys().cloned().collect()
    }

    /// Returns a session as it is now.
    pub fn session(&self, session: &CheckoutSessionId) -> Option<SessionState> {
        self.records().sessions.get(session).map(|it| it.state.clone())
    }

    /// Returns the session of a pay page's address.
    pub fn session_at(&self, url: &str) -> Option<CheckoutSessionId> {
        let records = self.records();
        records.sessions.values().find(|it| it.url == url).map(|it| it.state.session.clone())
    }

    /// Has the visitor pay at once; `None` if the session is not open.
    pub fn pay(&self, session: &CheckoutSessionId) -> Option<PaymentIntentId> {
        self.checkout_done(session, SessionProgress::Paid)
    }

    /// Has the visitor pay by a method that takes days; `None` if the session is not open.
    pub fn pay_later(&self, session: &CheckoutSessionId) -> Option<PaymentIntentId> {
        self.checkout_done(session, SessionProgress::Pending)
    }

    fn checkout_done(
        &self,
        session: &CheckoutSessionId,
        progress: SessionProgress,
    ) -> Option<PaymentIntentId> {
        let mut records = self.records();
        let payment = records.next_id("pi", PaymentIntentId::new);
        let charge = records.next_id("ch", ChargeId::new);
        let now = records.now;
        let it = records
            .sessions
            .get_mut(session)
            .filter(|it| it.state.progress == SessionProgress::Open)?;
        it.state.progress = progress;
        it.state.payment_intent = Some(payment.clone());
        it.state.paid_at = Some(now);
        it.state.fee = it.fee;
        let Session { account, state: SessionState { amount, currency, .. }, .. } = it.clone();
        let paid = Charge { id: charge, account: account.clone(), amount, currency };
        records.charges.insert(payment.clone(), paid);
        records.tell(EventSubject::CheckoutSession, &account, session.as_str());
        Some(payment)
    }

    /// Has the money arrive that was on its way; `false` if none was.
    pub fn apply(&self, session: &CheckoutSessionId) -> bool {
        self.moved(session, SessionProgress::Pending, SessionProgress::Paid)
    }

    /// Has the money not arrive that was on its way; `false` if none was.
    pub fn fail_payment(&self, session: &CheckoutSessionId) -> bool {
        self.moved(session, SessionProgress::Pending, SessionProgress::Failed)
    }

    /// Has the session end by itself; `false` if it was not open.
    pub fn expire(&self, session: &CheckoutSessionId) -> bool {
        self.moved(session, SessionProgress::Open, SessionProgress::Expired)
    }

    fn moved(
        &self,
        session: &CheckoutSessionId,
        from: SessionProgress,
        to: SessionProgress,
    ) -> bool {
        let mut records = self.records();
        let it = records.sessions.get_mut(session).filter(|it| it.state.progress == from);
        let Some(it) = it else { return false };
        it.state.progress = to;
        let account = it.account.clone();
        records.tell(EventSubject::CheckoutSession, &account, session.as_str());
        true
    }

    /// Makes a session differ from what was ordered, as no honest provider would.
    pub fn tamper(&self, session: &CheckoutSessionId, change: impl FnOnce(&mut SessionState)) {
        if let Some(it) = self.records().sessions.get_mut(session) {
            change(&mut it.state);
        }
    }

    /// Returns the charge of a payment.
    pub fn charge_of(&self, payment: &PaymentIntentId) -> Option<ChargeId> {
        self.records().charges.get(payment).map(|charge| charge.id.clone())
    }
}
