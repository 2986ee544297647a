//! The port's promises, kept against the sandbox over real HTTP. Every request that was sent is held
//! against Stripe's published contract when a test ends.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod accounts;
mod fixture;
mod refunds;
mod sessions;
mod webhooks;
