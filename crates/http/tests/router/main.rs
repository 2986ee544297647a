//! The router over the domain's fakes: what clients see, from the first request to the last refund.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod creator;
mod docs;
mod group_buys;
mod refusals;
mod shapes;
mod site;
mod story;
mod support;
mod visitor;
mod webhook;
mod wire;
