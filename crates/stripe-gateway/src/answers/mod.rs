//! Stripe's answers, and their conversion to the port's types.
//!
//! Only the members that Tollgate uses are read. The types of async-stripe read the whole object
//! and fail on any unexpected member, which must not keep a buyer from what they have paid for.

mod account;
mod dispute;
mod list;
mod refund;
mod session;

use std::str::FromStr;

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

use crate::{
    failure::CallError,
    ids::is_stripe_id,
    values::{member, text_of},
};

/// The metadata keys that hold Tollgate's ids in Stripe's objects.
pub(crate) const ACCOUNT: &str = "tollgate_account";
pub(crate) const CHECKOUT: &str = "tollgate_checkout";
pub(crate) const PAGE: &str = "tollgate_page";
pub(crate) const GROUP_BUY: &str = "tollgate_group_buy";
pub(crate) const REFUND: &str = "tollgate_refund";

/// An object that is read by its id.
pub(crate) trait Identified: Sized {
    fn id(&self) -> &str;

    /// Returns the object, or an error if it has another id than the one that was asked for.
    fn asked_for(self, id: &str) -> Result<Self, CallError> {
        if self.id() == id {
            Ok(self)
        } else {
            Err(CallError::bad_answer("it is another object than the one that was asked for"))
        }
    }
}

macro_rules! identified {
    ($($object:ident)*) => {$(
        impl Identified for $object {
            fn id(&self) -> &str {
                &self.id
            }
        }
    )*};
}

identified!(Account Charge Dispute PaymentIntent Refund Session);

/// Parses an id in the metadata.
fn noted<T: FromStr>(metadata: Option<&Value>, key: &str) -> Option<T> {
    text_of(metadata?, key)?.parse().ok()
}

/// Returns the id in a reference, which is the id itself or an expanded object. What cannot be an id of Stripe's is none.
fn id_of(reference: Option<&Value>) -> Option<&str> {
    let id = match reference? {
        Value::String(id) => Some(id.as_str()),
        object @ Value::Object(_) => text_of(object, "id"),
        _ => None,
    };
    id.filter(|id| is_stripe_id(id))
}

fn payment_intent(reference: Option<&Value>) -> Option<PaymentIntentId> {
    id_of(reference).map(PaymentIntentId::new)
}

/// Returns the payment that an object names, or else the one that its charge does, if the charge was expanded.
fn payment_by(reference: Option<&Value>, charge: Option<&Value>) -> Option<PaymentIntentId> {
    let of_charge = || payment_intent(member(charge?, "payment_intent"));
    payment_intent(reference).or_else(of_charge)
}

#[derive(Deserialize)]
pub(crate) struct PaymentIntent {
    id: String,
    latest_charge: Option<Value>,
    metadata: Option<Value>,
}

impl PaymentIntent {
    pub(crate) fn charge(&self) -> Result<Option<ChargeId>, CallError> {
        let Some(charge) = &self.latest_charge else { return Ok(None) };
        let id = id_of(Some(charge));
        let id = id.ok_or_else(|| CallError::bad_answer("a payment's charge has no id"))?;
        Ok(Some(ChargeId::new(id)))
    }

    pub(crate) fn checkout_id(&self) -> Option<CheckoutId> {
        noted(self.metadata.as_ref(), CHECKOUT)
    }
}
