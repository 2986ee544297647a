//! What access needs from a store.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{AccessRecord, Fact, Holding, Purchase, Resource, ResourceGate, ResourceType};
use crate::{
    creators::{Handle, Page},
    id::{HandleId, PageId, PurchaseId, VisitorId},
    names::{HandleName, Slug},
    paging::{Listing, PageRequest},
    payments::{AccountId, PaymentIntentId},
    store_error::StoreError,
    token::TokenHash,
    visitor_auth::Visitor,
};

/// Which page or file is asked for, and who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceQuery {
    /// The handle.
    pub handle: HandleName,
    /// The slug of the page or file.
    pub slug: Slug,
    /// The session that the visitor claims to have.
    pub session: Option<TokenHash>,
    /// The instant of the question.
    pub now: Timestamp,
}

/// What the store knows when a decision is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceAccess {
    /// The page or file.
    pub resource: Resource,
    /// Its handle.
    pub handle_id: HandleId,
    /// Its gate.
    pub gate: ResourceGate,
    /// Who holds the session, if it is valid.
    pub visitor_id: Option<VisitorId>,
    /// That visitor's purchases of the page whose gate decides.
    pub holdings: Vec<Holding>,
    /// Whether that visitor's address is on the file's allowlist.
    pub listed: bool,
    /// Whether that visitor's first view of the page whose gate decides is recorded.
    pub visited: bool,
}

/// The same with everything that a page needs to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageWithAccess {
    /// What a decision needs.
    pub access: ResourceAccess,
    /// The handle.
    pub handle: Handle,
    /// The page.
    pub page: Page,
    /// Who holds the session, if it is valid.
    pub visitor: Option<Visitor>,
}

/// The hot path, read outside a unit of work and without a write lock. Each read of a resource MUST be one
/// statement, MUST NOT be answered from memory, and MUST know a session only while it is not revoked and
/// `now` is before its expiry.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AccessReads: Send + Sync {
    /// Returns what is known of a page or file and a visitor.
    async fn access(
        &self,
        resource: ResourceType,
        query: &ResourceQuery,
    ) -> Result<Option<ResourceAccess>, StoreError>;

    /// Returns the same of a page, with the page's content.
    async fn page_with_access(
        &self,
        query: &ResourceQuery,
    ) -> Result<Option<PageWithAccess>, StoreError>;

    /// Returns what a visitor was ever let into, newest first. MUST take the same time for every part of a
    /// long list.
    async fn history(
        &self,
        visitor: VisitorId,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError>;
}

/// Purchases, read outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait PurchaseReads: Send + Sync {
    /// Returns the purchase with this id.
    async fn purchase(&self, id: PurchaseId) -> Result<Option<Purchase>, StoreError>;

    /// Returns the purchase that was paid by this payment.
    async fn purchase_by_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<Purchase>, StoreError>;

    /// Returns a visitor's purchases of a page, newest first.
    async fn purchases_of(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError>;
}

/// First views of pages that are free with login, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Visits: Send {
    /// Records the first view; later ones change nothing.
    async fn record(
        &mut self,
        visitor: VisitorId,
        page: PageId,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}

/// The ledger, inside a unit of work. No fact is ever changed or deleted.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Ledger: Send {
    /// Stores a fact; `false`, and nothing is stored, if a fact of this kind and reference is stored.
    async fn record(&mut self, fact: &Fact) -> Result<bool, StoreError>;

    /// Returns the facts about a purchase, oldest first.
    async fn of_purchase(&mut self, purchase: PurchaseId) -> Result<Vec<Fact>, StoreError>;

    /// Returns the facts about a page or file, oldest first.
    async fn of_resource(&mut self, resource: Resource) -> Result<Vec<Fact>, StoreError>;
}

/// Purchases, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Purchases: Send {
    /// Stores a purchase; `false`, and nothing is stored, if its checkout has one already, or if it is a
    /// gift and the visitor has a living gift of this page. Of parallel calls one MUST be kept.
    async fn insert(&mut self, purchase: &Purchase) -> Result<bool, StoreError>;

    /// The purchase with this id. Until the unit ends, other units that ask for it MUST wait.
    async fn lock(&mut self, id: PurchaseId) -> Result<Option<Purchase>, StoreError>;

    /// A visitor's purchases of a page, newest first; nothing is locked.
    async fn of_visitor(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError>;

    /// Sets `amount` minor units aside for a refund if that much is left of what was paid. MUST be
    /// one conditional statement.
    async fn reserve_refund(&mut self, id: PurchaseId, amount: i64) -> Result<bool, StoreError>;

    /// Gives back what was set aside.
    async fn release_refund(&mut self, id: PurchaseId, amount: i64) -> Result<(), StoreError>;

    /// Stores the fields that are derived from the ledger.
    async fn store_state(&mut self, purchase: &Purchase) -> Result<(), StoreError>;
}
