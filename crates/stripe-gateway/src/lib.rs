//! Stripe as Tollgate's payment provider.
//!
//! [`StripeGateway`] implements the payments port. The async-stripe crates build its requests, and
//! an HTTP client of this crate sends them, with one TLS stack, one connection pool and retries
//! that keep their idempotency key. [`StripeWebhooks`] verifies webhooks and reads their envelope.

mod addresses;
mod answers;
mod client;
mod config;
mod failure;
mod gateway;
mod ids;
mod lists;
mod pace;
mod probe;
mod reads;
mod requests;
mod search;
mod values;
mod webhooks;

pub use config::{StripeConfig, StripeConfigError};
pub use gateway::StripeGateway;
pub use probe::{ProbeAnswer, StripeProbe};
pub use webhooks::{REQUIRED_EVENTS, StripeWebhooks};

/// Support for tests that send webhooks.
#[cfg(any(test, feature = "testing"))]
pub mod testing {
    /// Returns the `Stripe-Signature` header of a webhook that is sent at `time`, in Unix seconds.
    pub fn sign(secret: &str, body: &[u8], time: i64) -> String {
        let time = time.to_string();
        format!("t={time},v1={}", hex::encode(crate::webhooks::signature_of(secret, &time, body)))
    }
}
