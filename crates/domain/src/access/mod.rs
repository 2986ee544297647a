//! The gate, which decides who may see a page or download a file, and why.

mod entitlement;
mod fact;
mod gate;
mod grants;
mod history;
mod ledger;
mod left;
mod locked;
pub mod ports;
mod purchase;
mod resource;
mod told;
mod views;

pub use entitlement::{PageTerms, Reason, ResourceGate, Rule, Terms, Viewer, decide, rule};
pub use fact::{Fact, FactKind};
pub use gate::{AccessError, Gate, PageView, Recording, ViewerClaim};
pub(crate) use grants::revoke_gift;
pub use grants::{GrantError, GrantOutcome, Grants};
pub use history::{AccessRecord, AccessStatus, AccessType};
pub use ledger::PurchaseState;
pub(crate) use left::{held_alone_beside, tell_of_held_beside};
pub(crate) use locked::begin_with_purchase;
pub(crate) use purchase::NewPurchase;
pub use purchase::{GrantType, Holding, Payment, Purchase, Seller};
pub use resource::{Resource, ResourceType, Subject};
pub(crate) use told::in_order_of_events;
pub use views::Views;
