//! A payment provider in memory.

mod lists;
mod port;
mod records;
mod session_records;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use self::records::{Charge, Dispute, Records, Session};
pub use self::{records::subject_of, session_records::SessionRecord};
use super::{ManualClock, locked, start_of_time};
use tollgate_domain::clock::Clock;
use tollgate_domain::id::RefundId;
use tollgate_domain::payments::{
    AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, DisputeProgress,
    PaymentIntentId, PaymentsError, ProviderEvent, ProviderRefundId, RefundProgress,
    SessionProgress, SessionState,
};

/// The calls of [`tollgate_domain::payments::Payments`], to be counted or to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// `create_account`
    CreateAccount,
    /// `find_account`
    FindAccount,
    /// `account`
    Account,
    /// `onboarding_link`
    OnboardingLink,
    /// `open_checkout`
    OpenCheckout,
    /// `checkout`
    Checkout,
    /// `expire_checkout`
    ExpireCheckout,
    /// `refund`
    Refund,
    /// `refund_state`
    RefundState,
    /// `refunds_of_charge`
    RefundsOfCharge,
    /// `charge_of_payment`
    ChargeOfPayment,
    /// `dispute`
    Dispute,
    /// `checkout_of_payment`
    CheckoutOfPayment,
    /// `checkouts_since`
    CheckoutsSince,
    /// `refunds_since`
    RefundsSince,
    /// `disputes_since`
    DisputesSince,
    /// `find_checkout`
    FindCheckout,
}

/// How a call fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives: nothing happens.
    BeforeEffect(PaymentsError),
    /// It is carried out, and its answer is lost.
    AfterEffect(PaymentsError),
    /// Nothing happens, and the provider keeps its error: the same request fails in the same way until
    /// its attempt changes or a day has passed. For the calls with an idempotency key.
    KeptBeforeEffect(PaymentsError),
    /// It is carried out, and the provider keeps an error as its answer.
    KeptAfterEffect(PaymentsError),
}

impl Fault {
    /// The provider cannot be reached.
    pub fn lost_request() -> Self {
        Self::BeforeEffect(PaymentsError::Unavailable("the request was lost".into()))
    }

    /// Another request with the same idempotency key is under way, so this one is turned away.
    pub fn key_in_use() -> Self {
        Self::BeforeEffect(PaymentsError::Unavailable("409, the key is in use".into()))
    }

    /// The provider did it and could not say so.
    pub fn lost_answer() -> Self {
        Self::AfterEffect(PaymentsError::Unavailable("the answer was lost".into()))
    }

    /// The provider fails before it does anything, and keeps that under the idempotency key.
    pub fn kept_error() -> Self {
        Self::KeptBeforeEffect(PaymentsError::Failed("500, which is kept".into()))
    }

    /// The provider does it, fails afterwards, and keeps that under the idempotency key.
    pub fn kept_error_after_effect() -> Self {
        Self::KeptAfterEffect(PaymentsError::Failed("500, which is kept".into()))
    }
}

/// A payment provider with accounts, hosted sessions, payments, refunds and disputes, all in memory.
///
/// It keeps to what `Payments` asks for: the same order or key gives the same object, and an object
/// is known only at its own account. What people do at the provider is done with the other methods
/// ([`FakePayments::pay`], [`FakePayments::dispute`], …), each of which notes the webhook that the
/// provider would send; [`FakePayments::take_events`] gives them to be delivered, lost, doubled or
/// reordered.
///
/// Like Stripe it keeps the first answer under an idempotency key for a day and repeats it as it was,
/// also when the object has changed. Its pages have at most three objects.
#[derive(Debug, Default)]
pub struct FakePayments {
    records: Mutex<Records>,
    clock: Arc<ManualClock>,
}

impl FakePayments {
    /// Creates a provider without accounts, for which no time passes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a provider without accounts that goes by this clock.
    pub fn with_clock(clock: Arc<ManualClock>) -> Self {
        Self { records: Mutex::default(), clock }
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        let mut records = locked(&self.records);
        records.now = self.clock.now();
        records
    }

    /// Has the next call of this kind fail like this; faults of one kind queue up.
    pub fn fail_next(&self, call: Call, fault: Fault) {
        self.records().faults.entry(call).or_default().push_back(fault);
    }

    /// Sets how many objects the pages of lists have.
    pub fn list_by(&self, per_page: usize) {
        self.records().per_page = Some(per_page);
    }

    /// Returns whether no call is told to fail.
    pub fn is_calm(&self) -> bool {
        let records = self.records();
        !records.down && records.faults.values().all(VecDeque::is_empty)
    }

    /// Works again: forgets what [`FakePayments::fail_next`] and [`FakePayments::set_down`] were told.
    pub fn heal(&self) {
        let mut records = self.records();
        records.faults.clear();
        records.down = false;
    }

    /// Has every call fail before its effect while it is down.
    pub fn set_down(&self, down: bool) {
        self.records().down = down;
    }

    /// Returns how often it was called in this way.
    pub fn calls(&self, call: Call) -> u32 {
        self.records().calls.get(&call).copied().unwrap_or_default()
    }

    /// Returns how often it was called, in any way.
    pub fn all_calls(&self) -> u32 {
        self.records().calls.values().sum()
    }

    /// Returns the webhooks that were sent since the last time, oldest first.
    pub fn take_events(&self) -> Vec<ProviderEvent> {
        std::mem::take(&mut self.records().events)
    }

    /// Creates an account that can do everything, as if its owner had come through onboarding.
    pub fn an_active_account(&self) -> AccountId {
        let mut records = self.records();
        let account = records.next_id("acct", AccountId::new);
        records.accounts.insert(account.clone(), active());
        account
    }

    /// Has the account's owner come through onboarding.
    pub fn activate(&self, account: &AccountId) {
        self.set_account(account, active());
    }

    /// Has the provider change what the account can do.
    pub fn set_account(&self, account: &AccountId, state: AccountState) {
        let mut records = self.records();
        records.accounts.insert(account.clone(), state);
        records.tell("account.updated", account, account.as_str());
    }

    /// Has the account's owner take the platform's access away.
    pub fn deauthorize(&self, account: &AccountId) {
        let mut records = self.records();
        records.accounts.remove(account);
        records.tell("account.application.deauthorized", account, "ca_platform");
    }

    /// Sets whether the account's balance covers refunds.
    pub fn set_balance(&self, account: &AccountId, is_sufficient: bool) {
        let mut records = self.records();
        if is_sufficient {
            records.without_balance.remove(account);
        } else {
            records.without_balance.insert(account.clone());
        }
    }

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
        let Session { account, state: SessionState { amount, currency, .. }, .. } = it.clone();
        let paid = Charge { id: charge, account: account.clone(), amount, currency };
        records.charges.insert(payment.clone(), paid);
        records.tell("checkout.session.completed", &account, session.as_str());
        Some(payment)
    }

    /// Has the money arrive that was on its way; `false` if none was.
    pub fn apply(&self, session: &CheckoutSessionId) -> bool {
        let event = "checkout.session.async_payment_succeeded";
        self.moved(session, SessionProgress::Pending, SessionProgress::Paid, event)
    }

    /// Has the money not arrive that was on its way; `false` if none was.
    pub fn fail_payment(&self, session: &CheckoutSessionId) -> bool {
        let event = "checkout.session.async_payment_failed";
        self.moved(session, SessionProgress::Pending, SessionProgress::Failed, event)
    }

    /// Has the session end by itself; `false` if it was not open.
    pub fn expire(&self, session: &CheckoutSessionId) -> bool {
        let event = "checkout.session.expired";
        self.moved(session, SessionProgress::Open, SessionProgress::Expired, event)
    }

    fn moved(
        &self,
        session: &CheckoutSessionId,
        from: SessionProgress,
        to: SessionProgress,
        event: &str,
    ) -> bool {
        let mut records = self.records();
        let it = records.sessions.get_mut(session).filter(|it| it.state.progress == from);
        let Some(it) = it else { return false };
        it.state.progress = to;
        let account = it.account.clone();
        records.tell(event, &account, session.as_str());
        true
    }

    /// Makes a session differ from what was ordered, as no honest provider would.
    pub fn tamper(&self, session: &CheckoutSessionId, change: impl FnOnce(&mut SessionState)) {
        if let Some(it) = self.records().sessions.get_mut(session) {
            change(&mut it.state);
        }
    }

    /// Sets how far refunds come at first, which is [`RefundProgress::Succeeded`] unless set.
    pub fn set_refund_progress(&self, progress: RefundProgress) {
        self.records().refund_progress = Some(progress);
    }

    /// Has the creator give money back in the provider's own dashboard.
    pub fn refund_in_dashboard(
        &self,
        payment: &PaymentIntentId,
        amount: i64,
    ) -> Result<ProviderRefundId, PaymentsError> {
        self.records().refund(payment, amount, None)
    }

    /// Has the account's owner refund, and write the id of a request of ours into it.
    pub fn refund_naming(
        &self,
        payment: &PaymentIntentId,
        amount: i64,
        request: RefundId,
    ) -> Result<ProviderRefundId, PaymentsError> {
        self.records().refund(payment, amount, Some(request))
    }

    /// Has the money of a refund that was pending reach the buyer.
    pub fn complete_refund(&self, refund: &ProviderRefundId) {
        let mut records = self.records();
        let Some(it) = records.refunds.get_mut(refund) else { return };
        it.progress = RefundProgress::Succeeded;
        let account = it.account.clone();
        records.tell("refund.updated", &account, refund.as_str());
    }

    /// Has a refund fail after it was accepted.
    pub fn fail_refund(&self, refund: &ProviderRefundId) {
        let mut records = self.records();
        let Some(it) = records.refunds.get_mut(refund) else { return };
        it.progress = RefundProgress::Failed;
        let account = it.account.clone();
        records.tell("refund.updated", &account, refund.as_str());
        records.tell("refund.failed", &account, refund.as_str());
    }

    /// Returns the refunds of a payment, oldest first.
    pub fn refunds_of(&self, payment: &PaymentIntentId) -> Vec<(ProviderRefundId, i64)> {
        let records = self.records();
        let of_it = records.refunds.iter().filter(|(_, refund)| refund.payment == *payment);
        of_it.map(|(id, refund)| (id.clone(), refund.amount)).collect()
    }

    /// Has a bank dispute a payment; `None` if there is no such payment.
    pub fn dispute(
        &self,
        payment: &PaymentIntentId,
        progress: DisputeProgress,
    ) -> Option<DisputeId> {
        let mut records = self.records();
        let account = records.charges.get(payment)?.account.clone();
        let dispute = records.next_id("du", DisputeId::new);
        let (created, payment) = (records.now, payment.clone());
        let row = Dispute::new(&account, created, payment, progress);
        records.disputes.insert(dispute.clone(), row);
        records.tell("charge.dispute.created", &account, dispute.as_str());
        Some(dispute)
    }

    /// Has a bank dispute a part of a payment; `None` if there is no such payment.
    pub fn dispute_part(
        &self,
        payment: &PaymentIntentId,
        part: i64,
        progress: DisputeProgress,
    ) -> Option<DisputeId> {
        let dispute = self.dispute(payment, progress)?;
        self.records().disputes.get_mut(&dispute)?.part = Some(part);
        Some(dispute)
    }

    /// Returns the disputes that were opened, oldest first.
    pub fn disputes(&self) -> Vec<DisputeId> {
        self.records().disputes.keys().cloned().collect()
    }

    /// Moves a dispute on.
    pub fn decide_dispute(&self, dispute: &DisputeId, progress: DisputeProgress) {
        let mut records = self.records();
        let Some(it) = records.disputes.get_mut(dispute) else { return };
        it.progress = progress;
        it.is_prevented = false;
        let account = it.account.clone();
        let event = match progress {
            DisputeProgress::Won | DisputeProgress::Lost => "charge.dispute.closed",
            DisputeProgress::Inquiry | DisputeProgress::Open => "charge.dispute.updated",
        };
        records.tell(event, &account, dispute.as_str());
    }

    /// Returns the charge of a payment.
    pub fn charge_of(&self, payment: &PaymentIntentId) -> Option<ChargeId> {
        self.records().charges.get(payment).map(|charge| charge.id.clone())
    }
}

fn active() -> AccountState {
    AccountState { charges_enabled: true, payouts_enabled: true, details_submitted: true }
}
