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
pub use grants::{Given, GrantError, Grants};
pub use history::{AccessRecord, AccessStatus, AccessType, ResourceType};
pub use ledger::{Fact, FactKind, Standing};
pub use purchase::{GrantType, Holding, Payment, Purchase};
