//! The ports through which access uses the store.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    AccessRecord, Fact, FactKind, Holding, Purchase, Resource, ResourceGate, ResourceType, Seller,
};
use crate::{
    creators::{Handle, Page},
    email::Email,
    id::{HandleId, PageId, PurchaseId, VisitorId},
    names::{HandleName, Slug},
    paging::{Listing, PageRequest},
    payments::{AccountId, PaymentIntentId},
    store_error::StoreError,
    token::TokenHash,
    visitor_auth::Visitor,
};

/// A request for access to a page or file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceQuery {
    /// The name of the handle that the page or file belongs to.
    pub handle: HandleName,
    /// The slug of the page or file.
    pub slug: Slug,
    /// The hash of the visitor's session token, not verified yet.
    pub session: Option<TokenHash>,
    /// The time of the request.
    pub now: Timestamp,
}

/// The stored facts that a decision is based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceAccess {
    /// The page or file that was requested.
    pub resource: Resource,
    /// The handle that it belongs to.
    pub handle_id: HandleId,
    /// How the gate of the page or file is set.
    pub gate: ResourceGate,
    /// The visitor of the session, if the session is valid.
    pub visitor_id: Option<VisitorId>,
    /// That visitor's purchases of the page whose gate decides.
    pub holdings: Vec<Holding>,
    /// Whether that visitor's address is on the file's allowlist.
    pub listed: bool,
    /// Whether that visitor's first view of the page whose gate decides is recorded.
    pub visited: bool,
}

/// The stored facts for a decision, together with the page's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageWithAccess {
    /// The facts for the decision.
    pub access: ResourceAccess,
    /// The handle that the page belongs to.
    pub handle: Handle,
    /// The page with its content.
    pub page: Page,
    /// Whether files are attached to the page.
    pub has_files: bool,
    /// The visitor of the session, if the session is valid.
    pub visitor: Option<Visitor>,
}

/// What a visitor has of a page in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageHoldings {
    /// The visitor's purchases of the page, in any order.
    pub holdings: Vec<Holding>,
    /// When the visitor's newest order for the page was stored whose payment is being processed.
    pub pending_since: Option<Timestamp>,
}

impl PageHoldings {
    /// Returns whether a purchase opens the page to the visitor now.
    pub(crate) fn is_open(&self) -> bool {
        self.holdings.iter().any(Holding::is_active)
    }
}

/// Reads for the hot path, outside a unit of work and without a write lock. Each read of a resource MUST
/// be one statement, MUST NOT be answered from memory, except for a body whose version the statement has confirmed, and
/// MUST accept a session only while it is not revoked and `now` is before its expiry.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AccessReads: Send + Sync {
    /// Returns the stored facts about a page or file and a visitor.
    async fn access(
        &self,
        resource: ResourceType,
        query: &ResourceQuery,
    ) -> Result<Option<ResourceAccess>, StoreError>;

    /// Returns the stored facts about a page and a visitor, with the page's content.
    async fn page_with_access(
        &self,
        query: &ResourceQuery,
    ) -> Result<Option<PageWithAccess>, StoreError>;

    /// Returns the visitor's access history, newest first; with `within` only the part about these handles.
    /// MUST take the same time for every part of a long list.
    async fn history(
        &self,
        visitor: VisitorId,
        within: Option<Vec<HandleId>>,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError>;

    /// Returns what the visitor has of each of these pages that there is, also if that is nothing. MUST be one statement.
    async fn holdings_of(
        &self,
        visitor: VisitorId,
        pages: &[PageId],
    ) -> Result<BTreeMap<PageId, PageHoldings>, StoreError>;
}

/// A purchase with everything that a receipt names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldPurchase {
    /// The payment or grant, with what was refunded or lost of it.
    pub purchase: Purchase,
    /// The visitor's address.
    pub email: Email,
    /// The seller.
    pub handle: Handle,
    /// The slug of the page.
    pub slug: Slug,
    /// The title of the page.
    pub title: String,
    /// The seller when the purchase was made; `None` if it was made before that was stored.
    pub seller: Option<Seller>,
}

impl SoldPurchase {
    /// Returns the handle as the receipt shows it: with the name and the text that it had when the purchase was made.
    pub(crate) fn seller_on_receipt(&self) -> Handle {
        let mut handle = self.handle.clone();
        if let Some(Seller { name, text }) = self.seller.clone() {
            handle.title = name;
            handle.texts.mail_footer = text;
        }
        handle
    }
}

/// Reads purchases, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait PurchaseReads: Send + Sync {
    /// Returns the purchase with this id.
    async fn purchase(&self, id: PurchaseId) -> Result<Option<Purchase>, StoreError>;

    /// Returns the purchase that was paid with this payment.
    async fn purchase_by_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<Purchase>, StoreError>;

    /// Returns a purchase with everything that a receipt names. MUST be one statement.
    async fn sold(&self, id: PurchaseId) -> Result<Option<SoldPurchase>, StoreError>;

    /// Returns a visitor's purchases of a page, newest first.
    async fn purchases_of(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError>;

    /// Returns the facts about a purchase, oldest first. MUST be one statement.
    async fn facts_of(&self, id: PurchaseId) -> Result<Vec<Fact>, StoreError>;

    /// Returns whether the creator was told to decide about this second payment: whether there is a fact
    /// [`FactKind::SecondPaymentHeld`] about it.
    async fn was_held(&self, id: PurchaseId) -> Result<bool, StoreError>;
}

/// Stores first views of pages that are free with login, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Visits: Send {
    /// Records the first view. Later calls change nothing.
    async fn record(
        &mut self,
        visitor: VisitorId,
        page: PageId,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}

/// Stores the ledger, inside a unit of work. Facts are never changed or deleted.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Ledger: Send {
    /// Stores a fact. Returns `false` and stores nothing if a fact with this kind and reference exists.
    async fn record(&mut self, fact: &Fact) -> Result<bool, StoreError>;

    /// Stores facts like [`record`](Self::record), but with a few statements, however many they are.
    async fn record_all(&mut self, facts: &[Fact]) -> Result<(), StoreError>;

    /// Returns whether there is a fact with this kind and reference.
    async fn has(&mut self, kind: FactKind, reference: &str) -> Result<bool, StoreError>;

    /// Returns the facts about a purchase, oldest first.
    async fn of_purchase(&mut self, purchase: PurchaseId) -> Result<Vec<Fact>, StoreError>;

    /// Returns the facts about a page or file, oldest first.
    async fn of_resource(&mut self, resource: Resource) -> Result<Vec<Fact>, StoreError>;
}

/// The result of moving a visitor's purchases to another visitor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MovedPurchases {
    /// The purchases that belong to the other visitor now.
    pub moved: Vec<Purchase>,
    /// The grants that stayed, since the other visitor has one of the same page.
    pub stayed: Vec<Purchase>,
}

/// Stores purchases, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Purchases: Send {
    /// Stores a purchase. Returns `false` and stores nothing if its checkout already has one, or if it
    /// is complimentary and the visitor has an unrevoked grant of this page. Of parallel calls one MUST
    /// be kept.
    async fn insert(&mut self, purchase: &Purchase) -> Result<bool, StoreError>;

    /// Stores the seller of a purchase as it is when the purchase is made.
    async fn note_seller(&mut self, id: PurchaseId, seller: &Seller) -> Result<(), StoreError>;

    /// Returns the seller of a purchase as it was when the purchase was made, if that is stored.
    async fn seller_of(&mut self, id: PurchaseId) -> Result<Option<Seller>, StoreError>;

    /// Returns the purchase with this id and locks it. Until the unit ends, other units that ask for it
    /// MUST wait.
    async fn lock(&mut self, id: PurchaseId) -> Result<Option<Purchase>, StoreError>;

    /// Returns whether a request under this key led to a refund of the purchase, even if that failed later.
    async fn was_refunded_under(&mut self, id: PurchaseId, key: &str) -> Result<bool, StoreError>;

    /// Returns a visitor's purchases of a page, newest first. Locks nothing.
    async fn of_visitor(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError>;

    /// Reserves `amount` minor units for a refund if at least that much of the payment is neither
    /// refunded nor reserved nor lost in a dispute. MUST be one conditional statement.
    async fn reserve_refund(&mut self, id: PurchaseId, amount: i64) -> Result<bool, StoreError>;

    /// Releases an amount that was reserved for a refund.
    async fn release_refund(&mut self, id: PurchaseId, amount: i64) -> Result<(), StoreError>;

    /// Makes a visitor's purchases of a handle those of another visitor, and locks and returns them. An unrevoked grant of a
    /// page that the other visitor has a grant of stays where it is. MUST wait for units that have locked such a purchase,
    /// and return it as they left it.
    async fn move_to(
        &mut self,
        handle: HandleId,
        from: VisitorId,
        to: VisitorId,
    ) -> Result<MovedPurchases, StoreError>;

    /// Stores the fields that are derived from the ledger.
    async fn store_state(&mut self, purchase: &Purchase) -> Result<(), StoreError>;
}
