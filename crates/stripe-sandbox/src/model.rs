//! What the sandbox remembers. Objects are kept as facts; what Stripe would show is made from them in
//! [`crate::render`], so that an answer can never disagree with another.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::faults::Faults;

/// The connected account that an object lives in; none is the platform itself.
pub(crate) type Owner = Option<String>;
pub(crate) type Metadata = BTreeMap<String, String>;

/// Everything, in the form in which it is saved.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct State {
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) links: BTreeMap<String, Link>,
    pub(crate) sessions: BTreeMap<String, Session>,
    /// By payment intent; the charge has the same id with another prefix.
    pub(crate) payments: BTreeMap<String, Payment>,
    pub(crate) refunds: BTreeMap<String, Refund>,
    pub(crate) disputes: BTreeMap<String, Dispute>,
    /// Oldest first.
    pub(crate) events: VecDeque<Event>,
    pub(crate) deliveries: VecDeque<Delivery>,
    pub(crate) last_delivery: u64,
    /// Answers by idempotency key, see [`crate::api::idempotency`].
    pub(crate) answers: BTreeMap<String, StoredAnswer>,
    /// Seconds by which the sandbox's clock was moved forward.
    pub(crate) clock_offset: i64,
    #[serde(skip)]
    pub(crate) in_flight: BTreeSet<String>,
    #[serde(skip)]
    pub(crate) faults: Faults,
    /// Where the sandbox is reached; addresses in answers are made from it.
    #[serde(skip)]
    pub(crate) base_url: String,
    #[serde(skip)]
    pub(crate) delivers: bool,
    /// Counts changes, so that a change can be waited for until it is saved.
    #[serde(skip)]
    pub(crate) version: u64,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) email: Option<String>,
    pub(crate) country: String,
    /// `standard`, `express`, `custom`, or `none` when a controller was described.
    pub(crate) kind: String,
    pub(crate) controller: Option<Controller>,
    pub(crate) metadata: Metadata,
    /// Onboarding was completed: charges and payouts are enabled.
    pub(crate) enabled: bool,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Controller {
    pub(crate) fee_payer: String,
    pub(crate) losses: String,
    pub(crate) requirement_collection: String,
    pub(crate) dashboard: String,
}

/// An account link: opens the onboarding page once.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Link {
    pub(crate) account: String,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) refresh_url: String,
    pub(crate) return_url: String,
    pub(crate) used: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionStatus {
    Open,
    Complete,
    Expired,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) status: SessionStatus,
    pub(crate) currency: String,
    pub(crate) items: Vec<Item>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: Option<String>,
    pub(crate) client_reference_id: Option<String>,
    pub(crate) customer_email: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) intent: IntentData,
    /// Set when the buyer confirms.
    pub(crate) payment: Option<String>,
    /// Members that are answered as they were sent (`locale`, `submit_type`, …).
    pub(crate) extra: Map<String, Value>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) unit_amount: i64,
    pub(crate) quantity: i64,
}

/// What the payment intent of a session will have.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct IntentData {
    pub(crate) metadata: Metadata,
    pub(crate) description: Option<String>,
    pub(crate) application_fee: Option<i64>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) statement_descriptor_suffix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    Card,
    /// Money arrives, or does not, some time after the session was completed.
    BankDebit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentStatus {
    Processing,
    Succeeded,
    Failed,
}

/// A payment intent and its one charge.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Payment {
    pub(crate) intent_id: String,
    pub(crate) charge_id: String,
    pub(crate) owner: Owner,
    pub(crate) created: i64,
    pub(crate) session: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) data: IntentData,
    pub(crate) email: Option<String>,
    pub(crate) method: Method,
    pub(crate) status: PaymentStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) created: i64,
    pub(crate) payment: String,
    pub(crate) amount: i64,
    pub(crate) status: RefundStatus,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: Metadata,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DisputeStatus {
    NeedsResponse,
    Won,
    Lost,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) created: i64,
    pub(crate) payment: String,
    pub(crate) amount: i64,
    pub(crate) status: DisputeStatus,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) created: i64,
    pub(crate) kind: String,
    /// The object as it was then; an event is never rendered again.
    pub(crate) object: Value,
    pub(crate) request: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

/// A webhook that still has to arrive.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Delivery {
    pub(crate) id: u64,
    pub(crate) event: String,
    pub(crate) attempts: u32,
    /// Milliseconds of the real clock, not before which it is tried.
    pub(crate) due: i64,
    /// Waits until this delivery is over.
    pub(crate) after: Option<u64>,
    /// Waits, a moment at most, for a later event to overtake it.
    #[serde(default)]
    pub(crate) held: bool,
    #[serde(skip)]
    pub(crate) active: bool,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct StoredAnswer {
    /// The request that the answer belongs to; another one with the same key is an error.
    pub(crate) fingerprint: String,
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) created: i64,
}
