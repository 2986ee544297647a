//! The rules of Tollgate, without a database, a web server or a payment provider.
//!
//! To embed this crate, implement the ports (`*::ports`, [`payments`], [`store`], [`links`], [`limits`],
//! [`idempotency`], [`clock`], [`random`]) or use the adapters that come with Tollgate, and then call the use cases.
//! [`use_cases::UseCases`] builds all of them; each can also be built alone. See `examples/embed.rs` for an example with in-memory adapters.
//!
//! Each folder contains one story of the product. Time and randomness come only from [`clock::Clock`]
//! and [`random::Random`], so every rule can be tested deterministically.

#![warn(missing_docs)]

// Foundations.
pub mod clock;
pub mod device;
pub mod email;
pub mod id;
pub mod idempotency;
pub mod installation;
mod invisible;
pub mod language;
pub mod limits;
pub mod money;
pub mod names;
mod opaque_debug;
pub mod paging;
pub mod random;
pub mod seal;
pub mod store_error;
pub mod text_enum;
mod text_form;
pub mod token;
pub mod validation;
pub mod version;
mod web_address;

// Units of work over the repositories of all stories.
pub mod store;

// Stories. `scripts/check-layers` knows their order and checks that none uses a later one.
pub mod access;
pub mod activity;
pub mod checkout;
pub mod creators;
pub mod disputes;
pub mod files;
pub mod group_buys;
pub mod jobs;
pub mod links;
pub mod mail;
pub mod moves;
pub mod payments;
pub mod reconcile;
pub mod refunds;
pub mod reports;
pub mod visitor_auth;

#[cfg(feature = "testing")]
pub mod mocks;
pub mod use_cases;

pub use jiff::Timestamp;
