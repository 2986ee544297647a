//! Tests of the gateway against the sandbox over HTTP. At the end of a test, every request is
//! checked against Stripe's published contract.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod accounts;
mod fixture;
mod lists;
mod refunds;
mod sessions;
mod webhooks;
