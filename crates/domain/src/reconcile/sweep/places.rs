//! The parts of a sweep, and the state of a sweep that has not compared all of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::payments::{CheckoutSessionId, PaymentIntentId};

/// What a sweep compares after the account itself, in this order. Some parts are lists of the provider's; the objects of the others
/// are known here, and read one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    /// The orders whose opening was never answered, one by one.
    LostAnswers,
    /// The list of sessions.
    Sessions,
    /// The payments that are being processed, one by one.
    SlowPayments,
    /// The sessions of orders that were closed without the provider's confirmation, one by one.
    AwaitedEnds,
    /// The orders whose sessions the provider did not show for days, one by one.
    UnreadOrders,
    /// The list of refunds.
    Refunds,
    /// The pending refunds that the list does not go back to, one by one.
    PendingRefunds,
    /// The payments that do not match their orders and were refunded, one by one.
    // Earlier versions stored it under this name.
    #[serde(rename = "given_back_payments")]
    QuarantineRefunds,
    /// The payments that do not match their orders, one by one.
    QuarantinedPayments,
    /// The list of disputes.
    Disputes,
    /// The disputes of suspended purchases, one by one.
    OpenDisputes,
}

impl Part {
    /// All parts, in the order in which they are compared.
    pub(super) const ALL: [Self; 11] = [
        Self::LostAnswers,
        Self::Sessions,
        Self::SlowPayments,
        Self::AwaitedEnds,
        Self::UnreadOrders,
        Self::Refunds,
        Self::PendingRefunds,
        Self::QuarantineRefunds,
        Self::QuarantinedPayments,
        Self::Disputes,
        Self::OpenDisputes,
    ];
}

/// A sweep that the provider asked to pause, and what goes on with it: together they are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Until when the provider asked to pause last, if it did.
    #[serde(default)]
    pub(super) paused_until: Option<Timestamp>,
    /// The payments that a dry run found, which may make purchases. It is not stored.
    #[serde(skip)]
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
            paused_until: None,
            expected: Vec::new(),
        }
    }
}

/// A part of which the stored orders are read one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum OrderPart {
    /// The payments that are being processed, which may take longer than the list goes back.
    Slow,
    /// The sessions of orders that were closed here while these could not be read, until their end is known. Sessions that can
    /// be paid are in the list, and are closed there.
    Awaited,
    /// The orders whose sessions the provider told of and did not show for days, which no event asks for any more.
    Unread,
    /// The payments that do not match their orders and were refunded lately: their refunds may fail weeks after they were thought to
    /// have arrived.
    QuarantineRefunded,
    /// The refunds of payments that do not match their orders, which lists do not tell apart from those of foreign payments:
    /// the seller may have refunded one, so that its buyer can buy again.
    Quarantined,
}

impl OrderPart {
    /// Returns how many orders one sweep reads.
    pub(super) fn limit(self) -> u32 {
        match self {
            Self::Slow | Self::Awaited => 200,
            Self::Unread | Self::QuarantineRefunded | Self::Quarantined => 50,
        }
    }

    pub(super) fn part(self) -> Part {
        match self {
            Self::Slow => Part::SlowPayments,
            Self::Awaited => Part::AwaitedEnds,
            Self::Unread => Part::UnreadOrders,
            Self::QuarantineRefunded => Part::QuarantineRefunds,
            Self::Quarantined => Part::QuarantinedPayments,
        }
    }
}
