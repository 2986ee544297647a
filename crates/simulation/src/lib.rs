//! Simulation: seeded histories of several replicas over one store and one payment provider, with crashes,
//! faults and lost messages, checked against the provider's own books.
//!
//! A [`History`] is a list of steps that follows from a seed. [`run`] carries it out: it polls the operations
//! itself, so that the history decides which replica goes on at each remote call and each unit of work, and
//! where a process dies. Then the faults stop, the jobs that are left are done, one sweep runs, and
//! everything is compared with what was paid, refunded, disputed and given. `docs/strength.md` says what is
//! covered, and how the checks themselves are proved.

mod backend;
mod checks;
mod history;
mod machine;
mod model;
mod operations;
mod run;
mod simulation;
mod violation;

pub use backend::Storage;
pub use history::{CallFault, History, Op, Paying, Ruling, Showing, Step, Turns, generate, shrink};
pub use run::{Failure, run, search};
pub use violation::{Rule, Violation};
