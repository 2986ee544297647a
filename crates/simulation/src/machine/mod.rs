//! The machine that histories run on: adapters that can be interrupted at every remote call and every unit
//! of work, and a scheduler that decides which operation goes on.

mod clock;
mod driver;
mod gates;
mod network;
mod payments;
mod store;
mod tasks;

pub(crate) use clock::SkewedClock;
pub(crate) use driver::Driver;
pub(crate) use gates::{CommitFault, Gates, REPLICAS, ReplicaId};
pub(crate) use network::Network;
pub(crate) use payments::GatedPayments;
pub(crate) use store::gated;
pub(crate) use tasks::{Done, Owner, Tasks};
