//! The router over the domain's fakes: what clients see, from the first request to the last refund.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod console;
mod console_account;
mod console_browser;
mod console_files;
mod console_group_buys;
mod console_handle;
mod console_mail;
mod console_pages;
mod console_pages_input;
mod console_people;
mod console_purchases;
mod console_revenue;
mod console_texts;
mod coverage;
mod creator;
mod docs;
mod frontends;
mod group_buys;
mod refusals;
mod reports;
mod shapes;
mod site;
mod site_access;
mod site_addresses;
mod site_browser;
mod site_files;
mod site_gate;
mod site_sign_in;
mod site_store;
mod story;
mod support;
mod texts;
mod visitor;
mod webhook;
mod wire;
