//! Where sweeps go on that were not done with everything.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use crate::payments::{AccountId, CheckoutSessionId, PaymentIntentId};

/// What a sweep compares after the account itself, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    LostAnswers,
    Sessions,
    SlowPayments,
    AwaitedEnds,
    UnreadOrders,
    Refunds,
    QuarantinedPayments,
    Disputes,
    OpenDisputes,
}

impl Part {
    /// All parts, in the order in which they are compared.
    pub(super) const ALL: [Self; 9] = [
        Self::LostAnswers,
        Self::Sessions,
        Self::SlowPayments,
        Self::AwaitedEnds,
        Self::UnreadOrders,
        Self::Refunds,
        Self::QuarantinedPayments,
        Self::Disputes,
        Self::OpenDisputes,
    ];
}

/// A sweep that the provider asked not to call it for a while, and with which the next one goes on: together they are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unfinished {
    /// When it began.
    pub(super) started: Timestamp,
    /// The first part that was not compared as a whole.
    pub(super) part: Part,
    /// Where the list of that part is read on. In a dry run, also where objects are read on that are read one by one.
    pub(super) after: Option<String>,
    /// Why the first object was left out, if one was.
    pub(super) left_out: Option<String>,
    /// The payments that do not match their orders, as far as they were read, with their sessions.
    pub(super) quarantined: BTreeMap<PaymentIntentId, CheckoutSessionId>,
    /// The payments that a dry run found, which may make purchases.
    pub(super) expected: Vec<PaymentIntentId>,
}

impl Unfinished {
    /// Returns what a sweep begins with.
    pub(super) fn new(started: Timestamp) -> Self {
        Self {
            started,
            part: Part::LostAnswers,
            after: None,
            left_out: None,
            quarantined: BTreeMap::new(),
            expected: Vec::new(),
        }
    }
}

/// What a sweep reads one by one, and the next one goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// The orders whose opening was never answered.
    Lost,
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

/// Where the sweeps of each account ended. It is not stored: a process that starts begins with the oldest.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadUntil(Arc<Mutex<Places>>);

#[derive(Debug, Default)]
struct Places {
    /// The id at which the reading of a step ended.
    steps: HashMap<(AccountId, Step), String>,
    /// The sweeps that are to be finished.
    unfinished: HashMap<AccountId, Unfinished>,
}

impl ReadUntil {
    pub(super) fn of(&self, account: &AccountId, step: Step) -> Option<String> {
        self.places().steps.get(&(account.clone(), step)).cloned()
    }

    pub(super) fn note(&self, account: &AccountId, step: Step, until: Option<String>) {
        let place = (account.clone(), step);
        let mut places = self.places();
        match until {
            Some(until) => places.steps.insert(place, until),
            None => places.steps.remove(&place),
        };
    }

    /// Returns the sweep of an account that is to be finished, which then is not to be any more.
    pub(super) fn take_unfinished(&self, account: &AccountId) -> Option<Unfinished> {
        self.places().unfinished.remove(account)
    }

    /// Has the next sweep of an account go on with this one.
    pub(super) fn keep_unfinished(&self, account: &AccountId, sweep: Unfinished) {
        self.places().unfinished.insert(account.clone(), sweep);
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
