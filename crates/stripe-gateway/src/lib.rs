//! Stripe behind Tollgate's ports.
//!
//! [`StripeGateway`] is the payments port: requests are built by the async-stripe crates and sent by a
//! client of our own (one TLS stack, one connection pool, retries that keep their idempotency key).
//! [`StripeWebhooks`] checks that a webhook comes from Stripe and reads its envelope.

mod answers;
mod client;
mod config;
mod failure;
mod gateway;
mod requests;
mod webhooks;

pub use config::{StripeConfig, StripeConfigError};
pub use gateway::StripeGateway;
pub use webhooks::StripeWebhooks;

/// What a test needs to play Stripe's part.
#[cfg(any(test, feature = "testing"))]
pub mod testing {
    use std::fmt::Write;

    /// The `Stripe-Signature` header of a webhook that Stripe sends at `time`, in Unix seconds.
    pub fn sign(secret: &str, body: &[u8], time: i64) -> String {
        let time = time.to_string();
        let mut header = format!("t={time},v1=");
        for byte in crate::webhooks::signature_of(secret, &time, body) {
            // Writing to a string does not fail.
            let _ = write!(header, "{byte:02x}");
        }
        header
    }
}
