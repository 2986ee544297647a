//! Tests of the gateway against the sandbox over HTTP. At the end of a test, every request is
//! checked against Stripe's published contract.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod contract;
mod fixture;
mod stripe_alone;
mod webhooks;
