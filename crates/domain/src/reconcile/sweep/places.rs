//! Where sweeps go on that were not done with everything.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use crate::{
    id::CheckoutId,
    payments::{AccountId, CheckoutSessionId, PaymentIntentId},
};

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
#[derive(Debug, Clone)]
pub(super) struct Unfinished {
    /// When it began.
    pub(super) started: Timestamp,
    /// The first part that was not compared as a whole.
    pub(super) part: Part,
    /// Where the list of that part is read on.
    pub(super) after: Option<String>,
    /// Why the first object was left out, if one was.
    pub(super) left_out: Option<String>,
    /// The payments that do not match their orders, as far as they were read, with their sessions.
    pub(super) quarantined: BTreeMap<PaymentIntentId, CheckoutSessionId>,
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
        }
    }
}

/// What a sweep reads one by one, and the next one goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// The orders whose opening was never answered.
    Lost,
    /// Orders that are read one by one.
    Orders(OrderStep),
    /// The disputes of suspended purchases.
    Disputes,
}

/// A step that reads stored orders one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum OrderStep {
    /// The payments that are being processed, which may take longer than the list goes back.
    Slow,
    /// The sessions of orders that were closed here while these could not be read, until their end is known. Sessions that can
    /// be paid are in the list, and are closed there.
    Awaited,
    /// The orders whose sessions the provider told of and did not show for days, which no event asks for any more.
    Unread,
    /// The refunds of payments that do not match their orders, which lists do not tell apart from those of foreign payments:
    /// the seller may have given one back, so that its buyer can buy again.
    Quarantined,
}

impl OrderStep {
    /// Returns how many orders one sweep reads.
    pub(super) fn limit(self) -> u32 {
        match self {
            Self::Slow | Self::Awaited => 200,
            Self::Unread | Self::Quarantined => 50,
        }
    }
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

    /// Returns the place of a step that reads orders.
    pub(super) fn order(&self, account: &AccountId, step: Step) -> Option<CheckoutId> {
        self.of(account, step)?.parse().ok()
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
