//! The calls of the provider, counted, and those that fail.

use std::iter;

use super::FakePayments;
use tollgate_domain::payments::PaymentsError;

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
    /// The request never arrives, so that nothing happens.
    BeforeEffect(PaymentsError),
    /// The request is carried out, and its answer is lost.
    AfterEffect(PaymentsError),
    /// Nothing happens, and the provider keeps its error: the same request fails in the same way until
    /// its attempt changes or a day has passed. For the calls with an idempotency key.
    KeptBeforeEffect(PaymentsError),
    /// The request is carried out, and the provider keeps an error as its answer.
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

impl FakePayments {
    /// Has the next call of this kind fail like this; faults of one kind queue up.
    pub fn fail_next(&self, call: Call, fault: Fault) {
        self.fail_later(call, 0, fault);
    }

    /// Has a call of this kind fail like this after `passes` others, which do not.
    pub fn fail_later(&self, call: Call, passes: usize, fault: Fault) {
        let mut records = self.records();
        let faults = records.faults.entry(call).or_default();
        faults.extend(iter::repeat_n(None, passes));
        faults.push_back(Some(fault));
    }

    /// Returns whether no call is told to fail.
    pub fn is_calm(&self) -> bool {
        let records = self.records();
        !records.down && records.faults.values().flatten().all(Option::is_none)
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
}
