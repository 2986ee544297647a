//! What the sandbox remembers. Objects are kept as facts; what Stripe would show is made from them in
//! [`crate::render`], so that an answer can never disagree with another.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::faults::Faults;
use crate::store::Lines;
use crate::table::{Saved, Table};

/// The connected account that an object lives in; none is the platform itself.
pub(crate) type Owner = Option<String>;
pub(crate) type Metadata = BTreeMap<String, String>;

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) accounts: Table<Account>,
    pub(crate) links: Table<Link>,
    pub(crate) sessions: Table<Session>,
    /// By payment intent; the charge has the same id with another prefix.
    pub(crate) payments: Table<Payment>,
    pub(crate) refunds: Table<Refund>,
    pub(crate) disputes: Table<Dispute>,
    /// By [`State::next_key`], so the oldest comes first.
    pub(crate) events: Table<Event>,
    /// By [`State::next_key`] too.
    pub(crate) deliveries: Table<Delivery>,
    /// Answers by idempotency key, see [`crate::api::idempotency`].
    pub(crate) answers: Table<StoredAnswer>,
    /// `keys`: the last of [`State::next_key`]; `clock`: seconds by which the clock was moved forward.
    pub(crate) numbers: Table<i64>,

    // What follows is not saved.
    /// The second up to which what falls due by itself has happened.
    pub(crate) settled_until: i64,
    pub(crate) in_flight: BTreeSet<String>,
    pub(crate) faults: Faults,
    /// Where the sandbox is reached; addresses in answers are made from it.
    pub(crate) base_url: String,
    pub(crate) delivers: bool,
    /// Counts changes, so that a change can be waited for until it is saved.
    pub(crate) version: u64,
}

impl State {
    /// What is saved, by the names in the file.
    pub(crate) fn tables(&mut self) -> [(&'static str, &mut dyn Saved); 10] {
        [
            ("accounts", &mut self.accounts),
            ("links", &mut self.links),
            ("sessions", &mut self.sessions),
            ("payments", &mut self.payments),
            ("refunds", &mut self.refunds),
            ("disputes", &mut self.disputes),
            ("events", &mut self.events),
            ("deliveries", &mut self.deliveries),
            ("answers", &mut self.answers),
            ("numbers", &mut self.numbers),
        ]
    }

    /// The changed rows as lines of the file, or all of them.
    pub(crate) fn drain(&mut self, complete: bool) -> serde_json::Result<Lines> {
        let mut text = String::new();
        for (name, table) in self.tables() {
            if complete {
                table.mark_all();
            }
            table.drain(name, &mut text)?;
        }
        Ok(Lines { version: self.version, text, complete })
    }

    /// Changes a number that is kept, and answers what it is then. It starts at 0.
    pub(crate) fn add(&mut self, number: &str, amount: i64) -> i64 {
        let sum = self.numbers.get(number).copied().unwrap_or_default() + amount;
        self.numbers.insert(number.to_owned(), sum);
        sum
    }

    /// A key that sorts after all before it.
    pub(crate) fn next_key(&mut self) -> String {
        format!("{:012}", self.add("keys", 1))
    }
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
    pub(crate) event: String,
    pub(crate) attempts: u32,
    /// Milliseconds of the real clock, not before which it is tried.
    pub(crate) due: i64,
    /// Waits until the delivery with this key is over.
    pub(crate) after: Option<String>,
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
