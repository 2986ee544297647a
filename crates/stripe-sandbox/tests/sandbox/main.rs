//! The sandbox over real HTTP. Every answer is held against Stripe's contract by the helpers.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod api;
mod faults;
mod objects;
mod pages;
mod refunds;
mod state;
mod support;
mod webhooks;
