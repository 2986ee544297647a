//! Webhook events.

use jiff::Timestamp;

use super::AccountId;
use crate::{clock::DAY_SECONDS, text_enum::text_enum};

/// What an event is about. What happened to it is read from the provider, never from the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventSubject {
    /// A checkout session that is not open any more: it was completed or has expired, or its payment was decided.
    CheckoutSession,
    /// A refund, which was made or changed.
    Refund,
    /// A charge, whose refunds have changed.
    Charge,
    /// A dispute or an inquiry, which was opened or changed.
    Dispute,
    /// A connected account, which has changed.
    Account,
    /// A connected account whose owner has withdrawn the platform's access.
    Deauthorization,
    /// Something that Tollgate does not use.
    Other,
}

text_enum!(
    EventSubject,
    CheckoutSession = "checkout_session",
    Refund = "refund",
    Charge = "charge",
    Dispute = "dispute",
    Account = "account",
    Deauthorization = "deauthorization",
    Other = "other"
);

/// The envelope of a webhook event. The body is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The provider's id, `evt_…`.
    pub id: String,
    /// The provider's own name of the event's type, for people who read the event log.
    pub kind: String,
    /// What the event is about.
    pub subject: EventSubject,
    /// The connected account that the event is about, if the provider names one.
    pub account: Option<AccountId>,
    /// The id of the object that the event names.
    pub object_id: String,
    /// When the event was received.
    pub received_at: Timestamp,
}

impl ProviderEvent {
    /// Seconds for which an event is kept after it was applied, so that it is known when it comes again. The provider
    /// delivers one for three days, and again by hand for 30.
    pub const KEPT_SECONDS: i64 = 90 * DAY_SECONDS;
}
