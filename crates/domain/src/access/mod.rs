//! The gate: who may see what now, and why.

mod entitlement;
mod gate;
mod grants;
mod history;
mod ledger;
pub mod ports;
mod purchase;

pub use entitlement::{PageGate, Reason, Rule, Viewer, decide, rule};
pub use gate::{AccessError, Gate, PageView, ViewerClaim};
pub use grants::{GrantError, GrantOutcome, Grants};
pub use history::{AccessRecord, AccessStatus, AccessType, ResourceType};
pub use ledger::{Fact, FactKind, PurchaseState};
pub use purchase::{GrantType, Holding, Payment, Purchase};
