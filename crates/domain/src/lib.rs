//! The rules of Tollgate, without a database, a web server or a payment provider.
//!
//! A program embeds this crate by implementing the ports (`*::ports`, [`store`], [`links`]) or by taking
//! the adapters that come with Tollgate, and then calls the use cases. [`use_cases::UseCases`] builds all
//! of them; each can also be built alone. `examples/embed.rs` shows it with in-memory adapters.
//!
//! One folder is one story of the product. Time and randomness come in through [`clock::Clock`] and
//! [`random::Random`] only, so every rule can be replayed.

// Foundations.
pub mod clock;
pub mod email;
pub mod id;
pub mod idempotency;
pub mod installation;
pub mod limits;
pub mod money;
pub mod names;
mod opaque_debug;
pub mod paging;
pub mod random;
pub mod seal;
pub mod store_error;
pub mod text_enum;
pub mod token;
pub mod validation;

// Units of work over the repositories of every story.
pub mod store;

// Stories. `scripts/check-layers` knows their order and checks that none uses a later one.
pub mod access;
pub mod checkout;
pub mod creators;
pub mod disputes;
pub mod files;
pub mod group_buys;
pub mod jobs;
pub mod links;
pub mod mail;
pub mod payments;
pub mod reconcile;
pub mod refunds;
pub mod reports;
pub mod visitor_auth;

#[cfg(feature = "testing")]
pub mod mocks;
pub mod use_cases;

pub use jiff::Timestamp;
