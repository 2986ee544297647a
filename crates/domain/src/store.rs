//! The store: units of work, and what can go wrong with them.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    access::ports::{AccessReads, Ledger, Purchases, Visits},
    checkout::ports::{CheckoutOrders, ConnectedAccounts, EventQueue, ProviderEvents},
    creators::ports::{CreatorReads, CreatorSessions, Creators, HandleRepository, PageRepository},
    files::ports::{Allowlists, FileLedger, FileQueue, FileReads, FileRepository},
    group_buys::ports::{GroupBuyReads, GroupBuyRepository, Interests},
    idempotency::IdempotencyKeys,
    limits::RateLimits,
    outbox::{MailQueue, Outbox},
    refunds::ports::RefundRequests,
    reports::ports::ReportReads,
    visitor_auth::ports::{MagicLinks, VisitorAuthReads, VisitorSessions, Visitors},
};

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A unique constraint, or a concurrent unit of work, stood against the change. Nothing was kept.
    #[error("the change conflicts with another one")]
    Conflict,
    /// A stored value cannot be read; the text names the column, never the value.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// The store cannot be reached or did not answer in time. Whether a commit that was under way
    /// took effect is unknown.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

/// Begins units of work.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a unit of work. A task MUST NOT hold two, and MUST NOT call anything remote in between.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// Whether the store answers and its schema is the one that this program needs.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// Changes that are kept together or not at all. Dropping the unit rolls it back; the adapter MUST
/// see to it that nothing of a dropped unit survives, not even an open transaction.
#[async_trait]
pub trait UnitOfWork: Send {
    /// Visitors of the installation.
    fn visitors(&mut self) -> &mut dyn Visitors;
    /// Magic links.
    fn magic_links(&mut self) -> &mut dyn MagicLinks;
    /// Sessions of visitors.
    fn visitor_sessions(&mut self) -> &mut dyn VisitorSessions;
    /// First views of pages that are free with login.
    fn visits(&mut self) -> &mut dyn Visits;
    /// The append-only list of facts.
    fn ledger(&mut self) -> &mut dyn Ledger;
    /// Creators.
    fn creators(&mut self) -> &mut dyn Creators;
    /// Sessions of creators.
    fn creator_sessions(&mut self) -> &mut dyn CreatorSessions;
    /// Handles.
    fn handles(&mut self) -> &mut dyn HandleRepository;
    /// Pages.
    fn pages(&mut self) -> &mut dyn PageRepository;
    /// Connected payment accounts of handles.
    fn connected_accounts(&mut self) -> &mut dyn ConnectedAccounts;
    /// Intents to buy.
    fn checkout_orders(&mut self) -> &mut dyn CheckoutOrders;
    /// Purchases.
    fn purchases(&mut self) -> &mut dyn Purchases;
    /// Refunds.
    fn refund_requests(&mut self) -> &mut dyn RefundRequests;
    /// Webhook events that were received.
    fn provider_events(&mut self) -> &mut dyn ProviderEvents;
    /// Group buys.
    fn group_buys(&mut self) -> &mut dyn GroupBuyRepository;
    /// Who wants what in group buys.
    fn interests(&mut self) -> &mut dyn Interests;
    /// Mails to be sent.
    fn outbox(&mut self) -> &mut dyn Outbox;
    /// Files.
    fn files(&mut self) -> &mut dyn FileRepository;
    /// Who may have files that are given by list.
    fn allowlists(&mut self) -> &mut dyn Allowlists;
    /// The part of the ledger that is about files.
    fn file_ledger(&mut self) -> &mut dyn FileLedger;

    /// Keeps everything that was done in this unit, durably, before it returns.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// All ports that a database stands behind, over the same data.
#[derive(Clone)]
pub struct Stores {
    /// Units of work.
    pub store: Arc<dyn Store>,
    /// Reads for signing in.
    pub visitor_auth: Arc<dyn VisitorAuthReads>,
    /// Reads for deciding about access.
    pub access: Arc<dyn AccessReads>,
    /// Reads for creators.
    pub creators: Arc<dyn CreatorReads>,
    /// Reads of group buys.
    pub group_buys: Arc<dyn GroupBuyReads>,
    /// The creators' books.
    pub reports: Arc<dyn ReportReads>,
    /// Limits.
    pub limits: Arc<dyn RateLimits>,
    /// The outbox, for its worker.
    pub mails: Arc<dyn MailQueue>,
    /// Webhook events, for their worker.
    pub events: Arc<dyn EventQueue>,
    /// Remembered answers.
    pub idempotency: Arc<dyn IdempotencyKeys>,
    /// Reads of files.
    pub files: Arc<dyn FileReads>,
    /// Objects to be cleared away, for their worker.
    pub file_queue: Arc<dyn FileQueue>,
}

impl Stores {
    /// All ports of one adapter.
    pub fn of<S>(store: S) -> Self
    where
        S: Store
            + VisitorAuthReads
            + AccessReads
            + CreatorReads
            + GroupBuyReads
            + ReportReads
            + RateLimits
            + MailQueue
            + EventQueue
            + IdempotencyKeys
            + FileReads
            + FileQueue
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            store: store.clone(),
            visitor_auth: store.clone(),
            access: store.clone(),
            creators: store.clone(),
            group_buys: store.clone(),
            reports: store.clone(),
            limits: store.clone(),
            mails: store.clone(),
            events: store.clone(),
            idempotency: store.clone(),
            files: store.clone(),
            file_queue: store,
        }
    }
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stores")
    }
}
