//! The router over the domain's fakes: what clients see, from the first request to the last refund.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod coverage;
mod creator;
mod docs;
mod frontends;
mod group_buys;
mod refusals;
mod reports;
mod shapes;
mod site;
mod story;
mod support;
mod visitor;
mod webhook;
mod wire;
