//! Keeping Tollgate's records in line with the provider's: everything that the provider says is applied
//! here, whether it was learnt from webhooks, the return page or sweeps.

mod events;
pub mod ports;
mod sweep;
mod updates;

pub use events::ProviderEvents;
pub use sweep::{Finding, FindingKind, Reconciler, SweepOutcome, SweepPause, SweepRequest};
pub use updates::{ProviderUpdate, ProviderUpdates};
