//! Tests of the sandbox over HTTP. The helpers check every answer against Stripe's contract.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod accounts;
mod api;
mod disputes;
mod faults;
mod lists;
mod objects;
mod pages;
mod refunds;
mod state;
mod support;
mod trouble;
mod webhooks;
