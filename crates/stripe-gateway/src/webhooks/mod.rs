//! Webhooks: whether one comes from Stripe, and the envelope of its event.
//!
//! Events are rendered with the account's API version, not ours, so nothing but the envelope is read;
//! what changed is asked of the API. Source: docs.stripe.com/webhooks.

mod signature;

use std::fmt;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tollgate_domain::checkout::{
    AccountId, ProviderEvent,
    ports::{WebhookError, WebhookVerifier},
};

use self::signature::Header;
use crate::config;

#[cfg(any(test, feature = "testing"))]
pub(crate) use self::signature::signature_of;

/// How far the time in a signature may be from now, in seconds.
const TOLERANCE: u64 = 300;
const MAX_ID: usize = 255;

/// Checks webhooks against the secrets of their endpoints. While a secret is being replaced, there
/// are two.
pub struct StripeWebhooks {
    secrets: Vec<SecretString>,
    live: Option<bool>,
}

impl StripeWebhooks {
    /// Believes what is signed with any of `secrets` and is of the same mode as `secret_key`. Blank
    /// secrets are left out; without any, nothing is believed.
    pub fn new(secrets: impl IntoIterator<Item = SecretString>, secret_key: &SecretString) -> Self {
        let sound = |secret: &SecretString| !secret.expose_secret().trim().is_empty();
        Self {
            secrets: secrets.into_iter().filter(sound).collect(),
            live: config::is_live(secret_key.expose_secret()),
        }
    }

    fn is_signed(&self, body: &[u8], signature: &str, now: Timestamp) -> bool {
        let Some(header) = Header::parse(signature) else { return false };
        header.time.abs_diff(now.as_second()) <= TOLERANCE
            && self.secrets.iter().any(|secret| header.proves(secret.expose_secret(), body))
    }
}

impl WebhookVerifier for StripeWebhooks {
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
        // An endpoint for live events of connected accounts gets their test events too.
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
        if !is_id(&self.id) || !is_kind(&self.kind) || !self.account.as_deref().is_none_or(is_id) {
            return None;
        }
        let object = self.data.and_then(|data| data.object).and_then(|object| object.id);
        Some(ProviderEvent {
            id: self.id,
            kind: self.kind,
            account: self.account.map(AccountId::new),
            // A balance, for one, has no id, and a coupon has the one that its maker liked. Events
            // about such things are of no use here, but no reason to be sent again either.
            object_id: match object {
                Some(Value::String(id)) if is_id(&id) => id,
                _ => String::new(),
            },
            received_at: now,
            attempts: 0,
        })
    }
}

fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn is_kind(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl fmt::Debug for StripeWebhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeWebhooks")
            .field("secrets", &self.secrets.len())
            .field("live", &self.live)
            .finish()
    }
}
