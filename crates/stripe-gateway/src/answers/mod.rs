//! Stripe's answers, and their conversion to the port's types.
//!
//! Only the members that Tollgate uses are read. The types of async-stripe read the whole object
//! and fail on any unexpected member, which must not keep a buyer from what they have paid for.

mod account;
mod dispute;
mod list;
mod refund;
mod session;

use std::{collections::HashMap, str::FromStr};

use miniserde::{Deserialize, json::Value};
use tollgate_domain::{
    id::CheckoutId,
    payments::{ChargeId, PaymentIntentId},
};

pub(crate) use account::{Account, AccountLink};
pub(crate) use dispute::Dispute;
pub(crate) use list::{Page, id_in, read};
pub(crate) use refund::{Charge, Refund};
pub(crate) use session::{Session, order_noted_in};

/// The metadata keys that hold Tollgate's ids in Stripe's objects.
pub(crate) const ACCOUNT: &str = "tollgate_account";
pub(crate) const CHECKOUT: &str = "tollgate_checkout";
pub(crate) const PAGE: &str = "tollgate_page";
pub(crate) const REFUND: &str = "tollgate_refund";

type Metadata = Option<HashMap<String, String>>;

/// Parses an id in the metadata.
fn noted<T: FromStr>(metadata: &Metadata, key: &str) -> Option<T> {
    metadata.as_ref()?.get(key)?.parse().ok()
}

/// Returns the id in a reference, which is the id itself or an expanded object.
fn id_of(reference: Option<&Value>) -> Option<&str> {
    match reference? {
        Value::String(id) => Some(id),
        object @ Value::Object(_) => text_of(object, "id"),
        _ => None,
    }
}

fn text_of<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    match object {
        Value::Object(members) => match members.get(key)? {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn payment_intent(reference: Option<&Value>) -> Option<PaymentIntentId> {
    id_of(reference).map(PaymentIntentId::new)
}

/// Returns the payment that an object names, or else the one that its charge does, if the charge was expanded.
fn payment_by(reference: Option<&Value>, charge: Option<&Value>) -> Option<PaymentIntentId> {
    let of_charge = || match charge? {
        Value::Object(members) => payment_intent(members.get("payment_intent")),
        _ => None,
    };
    payment_intent(reference).or_else(of_charge)
}

#[derive(Deserialize)]
pub(crate) struct PaymentIntent {
    latest_charge: Option<Value>,
    metadata: Metadata,
}

impl PaymentIntent {
    pub(crate) fn charge(&self) -> Option<ChargeId> {
        id_of(self.latest_charge.as_ref()).map(ChargeId::new)
    }

    pub(crate) fn checkout_id(&self) -> Option<CheckoutId> {
        noted(&self.metadata, CHECKOUT)
    }
}
