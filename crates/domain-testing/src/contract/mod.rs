//! What every adapter of a port has to keep to, as tests.
//!
//! An adapter says how to make an empty store, and gets one test a case:
//!
//! ```no_run
//! use tollgate_domain::store::Stores;
//! use tollgate_domain_testing::MemoryStore;
//!
//! async fn make_store() -> Stores {
//!     Stores::of(MemoryStore::new())
//! }
//!
//! tollgate_domain_testing::store_contract!(#[pollster::test] make_store);
//! # fn main() {}
//! ```
//!
//! Adapters of other ports have macros of their own, such as [`mailer_contract!`](crate::mailer_contract).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "the contract is made of tests; a case that cannot go on has failed"
)]

pub mod access;
pub mod account_tokens;
pub mod accounts;
pub mod allowlists;
pub mod attention;
pub mod cases;
pub mod checkout;
pub mod closed_orders;
pub mod connected_accounts;
pub mod console;
pub mod creator_sessions;
pub mod creators;
pub mod evidence;
pub mod file_store;
pub mod files;
mod fixture;
pub mod forgotten_events;
pub mod group_buy_model;
pub mod group_buy_versions;
pub mod group_buys;
pub mod history;
pub mod history_facts;
pub mod idempotency;
pub mod interests;
pub mod jobs;
pub mod ledger;
pub mod limits;
pub mod links;
mod list;
pub mod logs;
pub mod mailer;
pub mod moves;
pub mod pages;
pub mod passwords;
pub mod payments;
pub mod people;
pub mod purchases;
pub mod refund_requests;
pub mod renewals;
pub mod repeated_moves;
pub mod reports;
pub mod returned_mails;
pub mod settings;
pub mod sweeps;
pub mod told_payments;
pub mod units;
pub mod visitor_auth;
pub mod visitor_sessions;
