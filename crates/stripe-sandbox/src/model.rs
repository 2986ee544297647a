//! The state of the sandbox. [`crate::render`] builds Stripe's objects from it, so that all answers
//! about an object agree.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::batch::Batch;
use crate::clock;
use crate::faults::Faults;
use crate::status::{DisputeStatus, Method, PaymentStatus, RefundStatus, SessionStatus};
use crate::table::{Saved, Table};

/// The connected account that an object belongs to; `None` is the platform itself.
pub(crate) type Owner = Option<String>;
pub(crate) type Metadata = BTreeMap<String, String>;

/// Everything is taxed at one fifth.
const TAX_PART: i64 = 5;

/// All objects and settings of the sandbox.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) accounts: Table<Account>,
    pub(crate) links: Table<Link>,
    pub(crate) sessions: Table<Session>,
    /// Payments by the id of their payment intent. The charge has the same id with another prefix.
    pub(crate) payments: Table<Payment>,
    pub(crate) refunds: Table<Refund>,
    pub(crate) disputes: Table<Dispute>,
    /// Events by [`State::next_key`], oldest first.
    pub(crate) events: Table<Event>,
    /// Deliveries by [`State::next_key`], oldest first.
    pub(crate) deliveries: Table<Delivery>,
    /// Answers by idempotency key; see [`crate::api::idempotency`].
    pub(crate) answers: Table<StoredAnswer>,
    /// `keys`: the last key of [`State::next_key`]; `serials`: the last number of
    /// [`State::next_serial`]; `clock`: the seconds that the clock was advanced by.
    pub(crate) numbers: Table<i64>,

    // The fields below are not saved.
    /// The second of the last [`State::expire_due`] that searched all objects.
    pub(crate) expired_until: i64,
    pub(crate) in_flight: BTreeSet<String>,
    pub(crate) faults: Faults,
    /// The base URL of the sandbox, which URLs in answers start with.
    pub(crate) base_url: String,
    /// Whether events are delivered to a webhook address.
    pub(crate) delivers: bool,
    /// The number of changes so far. A request waits until its version is saved.
    pub(crate) version: u64,
}

impl State {
    /// Returns the saved tables with their names in the state file.
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

    /// Takes the changed rows, or all rows if `complete`, as lines of the state file.
    pub(crate) fn drain(&mut self, complete: bool) -> serde_json::Result<Batch> {
        let mut text = String::new();
        for (name, table) in self.tables() {
            if complete {
                table.mark_all();
            }
            table.drain(name, &mut text)?;
        }
        Ok(Batch { version: self.version, text, complete })
    }

    /// Adds to a saved number, which starts at 0, and returns the sum.
    pub(crate) fn add(&mut self, number: &str, amount: i64) -> i64 {
        let sum = self.numbers.get(number).copied().unwrap_or_default() + amount;
        self.numbers.insert(number.to_owned(), sum);
        sum
    }

    /// Returns a number greater than all earlier ones. It orders objects of the same second.
    pub(crate) fn next_serial(&mut self) -> i64 {
        self.add("serials", 1)
    }

    /// Returns a key that sorts after all earlier ones.
    pub(crate) fn next_key(&mut self) -> String {
        format!("{:012}", self.add("keys", 1))
    }

    /// Returns the seconds since the Unix epoch on the sandbox's clock.
    pub(crate) fn now(&self) -> i64 {
        clock::seconds() + self.numbers.get("clock").copied().unwrap_or_default()
    }

    pub(crate) fn refunds_of(&self, payment: &str) -> impl Iterator<Item = &Refund> {
        self.refunds.values().filter(move |refund| refund.payment == payment)
    }

    pub(crate) fn disputes_of(&self, payment: &str) -> impl Iterator<Item = &Dispute> {
        self.disputes.values().filter(move |dispute| dispute.payment == payment)
    }

    /// Returns the refunded amount of a payment, without failed refunds.
    pub(crate) fn refunded(&self, payment: &str) -> i64 {
        self.refunds_of(payment)
            .filter(|refund| !refund.status.is_undone())
            .map(|refund| refund.amount)
            .sum()
    }
}

#[expect(clippy::struct_excessive_bools, reason = "each is switched by itself")]
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) email: Option<String>,
    pub(crate) country: String,
    /// `standard`, `express`, `custom`, or `none` for an account made with a controller.
    pub(crate) kind: String,
    pub(crate) controller: Option<Controller>,
    pub(crate) metadata: Metadata,
    /// Whether onboarding is complete, so that charges and payouts are enabled.
    pub(crate) enabled: bool,
    /// Whether Stripe has taken the ability to make charges away.
    #[serde(default)]
    pub(crate) without_charges: bool,
    /// Whether Stripe has taken the ability to be paid out away.
    #[serde(default)]
    pub(crate) without_payouts: bool,
    /// Whether its owner has withdrawn the platform's access.
    #[serde(default)]
    pub(crate) disconnected: bool,
    /// Whether its balance covers no refund.
    #[serde(default)]
    pub(crate) without_balance: bool,
    /// Whether Stripe has all details and is checking them.
    #[serde(default)]
    pub(crate) under_review: bool,
}

impl Account {
    pub(crate) fn charges_enabled(&self) -> bool {
        self.enabled && !self.without_charges
    }

    pub(crate) fn payouts_enabled(&self) -> bool {
        self.enabled && !self.without_payouts
    }
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Controller {
    pub(crate) fee_payer: String,
    pub(crate) losses: String,
    pub(crate) requirement_collection: String,
    pub(crate) dashboard: String,
}

/// An account link, which opens the onboarding page once.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Link {
    pub(crate) account: String,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) refresh_url: String,
    pub(crate) return_url: String,
    pub(crate) used: bool,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// The position among all objects of its kind; see [`State::next_serial`].
    #[serde(default)]
    pub(crate) serial: i64,
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
    /// The payment intent, set when the buyer confirms.
    pub(crate) payment: Option<String>,
    #[serde(default)]
    pub(crate) extras: SessionExtras,
    /// Members that are returned as they were sent (`locale`, `submit_type`, …).
    pub(crate) extra: Map<String, Value>,
}

impl Session {
    pub(crate) fn subtotal(&self) -> i64 {
        self.items.iter().fold(0_i64, |sum, item| sum.saturating_add(item.total()))
    }

    /// Returns what the buyer pays.
    pub(crate) fn total(&self) -> i64 {
        if !self.extras.automatic_tax {
            return self.subtotal();
        }
        let on_top = |item: &Item| if item.without_tax { item.total() / TAX_PART } else { 0 };
        self.items.iter().fold(self.subtotal(), |sum, item| sum.saturating_add(on_top(item)))
    }

    /// Returns the tax in the total: a fifth of the price without it.
    pub(crate) fn tax(&self) -> i64 {
        let of = |item: &Item| {
            if item.without_tax { item.total() / TAX_PART } else { item.total() / (TAX_PART + 1) }
        };
        self.items.iter().fold(0_i64, |sum, item| sum.saturating_add(of(item)))
    }

    /// Returns the URL that the buyer returns to after paying, with its placeholder filled in.
    pub(crate) fn success_address(&self) -> String {
        self.success_url.replace("{CHECKOUT_SESSION_ID}", &self.id)
    }
}

/// What Stripe does besides at the payment of a session.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct SessionExtras {
    pub(crate) invoice: bool,
    pub(crate) automatic_tax: bool,
    pub(crate) tax_id: bool,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Item {
    /// Whether tax is added to the price, and not part of it.
    #[serde(default)]
    pub(crate) without_tax: bool,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) unit_amount: i64,
    pub(crate) quantity: i64,
}

impl Item {
    pub(crate) fn total(&self) -> i64 {
        self.unit_amount.saturating_mul(self.quantity)
    }
}

/// The parameters of a session's payment intent.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct IntentData {
    pub(crate) metadata: Metadata,
    pub(crate) description: Option<String>,
    pub(crate) application_fee: Option<i64>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) statement_descriptor_suffix: Option<String>,
}

/// A payment intent with its only charge.
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
    /// Whether the buyer's bank returns refunds some seconds after they were made.
    #[serde(default)]
    pub(crate) refunds_fail: bool,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    /// The position among all objects of its kind; see [`State::next_serial`].
    #[serde(default)]
    pub(crate) serial: i64,
    pub(crate) owner: Owner,
    pub(crate) created: i64,
    pub(crate) payment: String,
    pub(crate) amount: i64,
    pub(crate) status: RefundStatus,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: Metadata,
    /// When the buyer's bank returns it, in seconds of the sandbox's clock.
    #[serde(default)]
    pub(crate) fails_at: Option<i64>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    /// The position among all objects of its kind; see [`State::next_serial`].
    #[serde(default)]
    pub(crate) serial: i64,
    pub(crate) owner: Owner,
    pub(crate) created: i64,
    pub(crate) payment: String,
    pub(crate) amount: i64,
    pub(crate) status: DisputeStatus,
    /// `None` is `fraudulent`.
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) created: i64,
    pub(crate) kind: String,
    /// The object at the time of the event, already rendered.
    pub(crate) object: Value,
    /// The API version of the object, if it is not the current one.
    #[serde(default)]
    pub(crate) version: Option<String>,
    pub(crate) request: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

/// A webhook that is not delivered yet.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Delivery {
    pub(crate) event: String,
    pub(crate) attempts: u32,
    /// The earliest time of the next attempt, in milliseconds of the system clock.
    pub(crate) due: i64,
    /// The key of a delivery that must end before this one starts.
    pub(crate) after: Option<String>,
    /// Whether the delivery waits for a later event to overtake it, for at most a second.
    #[serde(default)]
    pub(crate) held: bool,
    /// Whether an attempt is in progress.
    #[serde(skip)]
    pub(crate) active: bool,
}

/// The answer that is repeated for an idempotency key.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct StoredAnswer {
    /// Identifies the request. A different request with the same key is an error.
    pub(crate) fingerprint: String,
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) created: i64,
}
