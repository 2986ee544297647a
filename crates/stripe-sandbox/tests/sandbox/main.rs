//! Tests of the sandbox over HTTP. The helpers check every answer against Stripe's contract.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod api;
mod faults;
mod objects;
mod pages;
mod refunds;
mod state;
mod support;
mod webhooks;
