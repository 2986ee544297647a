//! Work that is done later or again: mails, provider events, sessions to close, recurring sweeps.
//!
//! A job is stored in the same unit of work as the fact that makes it necessary. A [`Runner`] claims due
//! jobs, hands each to a [`JobHandler`], and records the outcome. Any number of runners on any number of
//! replicas may work on one store.
//!
//! To add a kind of job, add an entry to the table of `kinds.rs`, an arm to the handler in
//! [`UseCases`](crate::use_cases::UseCases), and its stored form to the list that `domain-testing` has for tests.

mod job;
mod key;
mod kinds;
mod policy;
pub mod ports;
mod runner;

pub use job::{ClaimedJob, LEASE_SECONDS, NewJob, Priority};
pub use kinds::{Job, JobKind};
pub use policy::Policy;
pub use runner::{Finish, HandlerError, JobHandler, Outcome, Runner, RunningJob, Step};
