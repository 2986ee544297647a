//! The machine that histories run on: adapters that can be interrupted at every remote call and every unit
//! of work, and what polls their operations.

mod clock;
mod driver;
mod gates;
mod network;
mod payments;
mod store;

pub(crate) use clock::SkewedClock;
pub(crate) use driver::Driver;
pub(crate) use gates::{CommitFault, Gates, REPLICAS, ReplicaId};
pub(crate) use network::{Network, Request};
pub(crate) use payments::GatedPayments;
pub(crate) use store::gated;
