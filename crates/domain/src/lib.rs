//! The rules of Tollgate, without a database, a web server or a payment provider.
//!
//! A program embeds this crate by implementing the ports (`*::ports`, [`store`], [`outbox`]) or by
//! taking the adapters that come with Tollgate, and then calls the use cases: [`visitor_auth::SignIn`],
//! [`access::Gate`], [`checkout::Checkouts`], [`refunds::Refunds`], [`group_buys::GroupOffers`],
//! [`creators::Accounts`], [`files::Files`].
//! `examples/embed.rs` does so with the fakes of the feature `testing`.
//!
//! One folder is one story of the product. Time and randomness come in through [`clock::Clock`] and
//! [`random::Random`] only, so every rule can be replayed.

pub mod access;
pub mod checkout;
pub mod clock;
pub mod creators;
pub mod email;
pub mod files;
pub mod group_buys;
pub mod id;
pub mod idempotency;
pub mod installation;
pub mod limits;
#[cfg(feature = "testing")]
pub mod mocks;
pub mod money;
pub mod outbox;
pub mod paging;
pub mod random;
pub mod refunds;
pub mod reports;
pub mod seal;
pub mod store;
pub mod token;
pub mod validation;
pub mod visitor_auth;

pub use jiff::Timestamp;
