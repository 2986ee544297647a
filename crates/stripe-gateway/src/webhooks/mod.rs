//! The verification of webhooks, and the envelope of their events.
//!
//! Events have the API version of their account, which may differ from this crate's, so only the
//! envelope is read. The changed object is requested from the API. Source:
//! docs.stripe.com/webhooks.

mod signature;

use std::fmt;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tollgate_domain::payments::{
    AccountId, EventSubject, ProviderEvent, WebhookError, WebhookVerifier,
};

use self::signature::Header;
use crate::{
    config,
    ids::{MAX_ID_BYTES, is_stripe_id},
};

#[cfg(any(test, feature = "testing"))]
pub(crate) use self::signature::signature_of;

/// The largest difference between the time in a signature and now, in seconds.
const TOLERANCE: u64 = 300;

/// Verifies webhooks with the secrets of their endpoints. An endpoint has two while its secret is
/// being replaced.
pub struct StripeWebhooks {
    secrets: Vec<SecretString>,
    live: Option<bool>,
}

impl StripeWebhooks {
    /// Accepts webhooks that are signed with any of `secrets` and have the mode of `secret_key`.
    /// Blank secrets are ignored; without any secret, all webhooks are refused.
    pub fn new(secrets: impl IntoIterator<Item = SecretString>, secret_key: &SecretString) -> Self {
        let is_set = |secret: &SecretString| !secret.expose_secret().trim().is_empty();
        Self {
            secrets: secrets.into_iter().filter(is_set).collect(),
            live: config::is_live(secret_key.expose_secret()),
        }
    }

    fn is_signed(&self, body: &[u8], signature: &str, now: Timestamp) -> bool {
        current_header(signature, now).is_some_and(|header| {
            self.secrets.iter().any(|secret| header.proves(secret.expose_secret(), body))
        })
    }
}

/// Returns the header if it is well-formed and its time is close to `now`.
fn current_header(signature: &str, now: Timestamp) -> Option<Header<'_>> {
    let header = Header::parse(signature)?;
    (header.time.abs_diff(now.as_second()) <= TOLERANCE).then_some(header)
}

impl WebhookVerifier for StripeWebhooks {
    fn check_header(&self, signature: &str, now: Timestamp) -> Result<(), WebhookError> {
        match current_header(signature, now) {
            Some(_) if !self.secrets.is_empty() => Ok(()),
            _ => Err(WebhookError::InvalidSignature),
        }
    }

    fn verify(
        &self,
        body: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<ProviderEvent, WebhookError> {
        if !self.is_signed(body, signature, now) {
            return Err(WebhookError::InvalidSignature);
        }
        let envelope: Envelope =
            serde_json::from_slice(body).map_err(|_| WebhookError::BadRequest)?;
        // A live endpoint for connected accounts also receives their test events.
        if self.live.is_some_and(|live| live != envelope.livemode) {
            return Err(WebhookError::WrongMode);
        }
        envelope.event(now).ok_or(WebhookError::BadRequest)
    }
}

#[derive(Deserialize)]
struct Envelope {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    account: Option<String>,
    livemode: bool,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    object: Option<Object>,
}

#[derive(Deserialize)]
struct Object {
    id: Option<Value>,
}

impl Envelope {
    fn event(self, now: Timestamp) -> Option<ProviderEvent> {
        if !is_stripe_id(&self.id)
            || !is_kind(&self.kind)
            || !self.account.as_deref().is_none_or(is_stripe_id)
        {
            return None;
        }
        let object = self.data.and_then(|data| data.object).and_then(|object| object.id);
        Some(ProviderEvent {
            id: self.id,
            subject: subject_of(&self.kind),
            kind: self.kind,
            account: self.account.map(AccountId::new),
            // Some objects have no id (a balance) or one of any form (a coupon). Tollgate does not
            // use their events, but accepts them so that Stripe does not send them again.
            object_id: match object {
                Some(Value::String(id)) if is_stripe_id(&id) => id,
                _ => String::new(),
            },
            received_at: now,
        })
    }
}

/// The types of the events that an endpoint has to be sent. Without them Tollgate learns of payments later, by asking.
pub const REQUIRED_EVENTS: [&str; 12] = [
    "account.application.deauthorized",
    "account.updated",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.refunded",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "refund.failed",
    "refund.updated",
];

/// Returns what an event of this type is about.
fn subject_of(kind: &str) -> EventSubject {
    match kind {
        "checkout.session.completed"
        | "checkout.session.expired"
        | "checkout.session.async_payment_succeeded"
        | "checkout.session.async_payment_failed" => EventSubject::CheckoutSession,
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            EventSubject::Refund
        }
        "charge.refunded" => EventSubject::Charge,
        "account.updated" => EventSubject::Account,
        "account.application.deauthorized" => EventSubject::Deauthorization,
        kind if kind.starts_with("charge.dispute.") => EventSubject::Dispute,
        _ => EventSubject::Other,
    }
}

fn is_kind(text: &str) -> bool {
    (1..=MAX_ID_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl fmt::Debug for StripeWebhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeWebhooks")
            .field("secrets", &self.secrets.len())
            .field("live", &self.live)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_required_event_is_about_something() {
        for kind in REQUIRED_EVENTS {
            assert_ne!(subject_of(kind), EventSubject::Other, "{kind}");
        }
    }
}
