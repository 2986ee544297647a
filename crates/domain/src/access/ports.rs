//! What deciding about access needs from a store.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{AccessRecord, Fact, Holding, PageGate, Purchase};
use crate::{
    checkout::{AccountId, PaymentIntentId},
    creators::{Handle, HandleName, Page, Slug},
    id::{PageId, PurchaseId, VisitorId},
    paging::{Listing, PageRequest},
    store::StoreError,
    token::TokenHash,
    visitor_auth::Visitor,
};

/// Which page, and who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery {
    /// The handle.
    pub handle: HandleName,
    /// The page's slug.
    pub slug: Slug,
    /// The session that the visitor claims to have.
    pub session: Option<TokenHash>,
    /// The instant of the question.
    pub now: Timestamp,
}

/// What the store knows when a decision is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageAccess {
    /// The page's gate.
    pub gate: PageGate,
    /// Who holds the session, if it is valid.
    pub visitor_id: Option<VisitorId>,
    /// That visitor's purchases of this page.
    pub holdings: Vec<Holding>,
    /// Whether that visitor's first view of this page is recorded.
    pub visited: bool,
}

/// The same with everything that a page needs to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageAccessWithContent {
    /// What a decision needs.
    pub access: PageAccess,
    /// The handle.
    pub handle: Handle,
    /// The page.
    pub page: Page,
    /// Who holds the session, if it is valid.
    pub visitor: Option<Visitor>,
}

/// The hot path, read outside a unit of work and without a write lock.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AccessReads: Send + Sync {
    /// What is known about a page and a visitor. MUST be one statement, MUST NOT be answered from
    /// memory, and MUST know a session only while it is not revoked and `now` is before its expiry.
    async fn page_access(&self, query: &PageQuery) -> Result<Option<PageAccess>, StoreError>;

    /// The same with the page's content; one statement as well.
    async fn page_with_content(
        &self,
        query: &PageQuery,
    ) -> Result<Option<PageAccessWithContent>, StoreError>;

    /// What a visitor was ever let into, newest first. MUST take the same time for every part of a
    /// long list.
    async fn history(
        &self,
        visitor: VisitorId,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError>;
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

/// The ledger, inside a unit of work. There is no way to change or delete a fact.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Ledger: Send {
    /// Adds a fact; `false`, and nothing is stored, if a fact of this kind and reference is there.
    async fn append(&mut self, fact: &Fact) -> Result<bool, StoreError>;

    /// The facts about a purchase, oldest first.
    async fn of_purchase(&mut self, purchase: PurchaseId) -> Result<Vec<Fact>, StoreError>;
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

    /// The purchase that was paid by this payment; nothing is locked.
    async fn by_payment(
        &mut self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<Purchase>, StoreError>;

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
