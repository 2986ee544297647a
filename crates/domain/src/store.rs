//! The store: units of work over all repositories, and the ports of one adapter together.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    access::ports::{AccessReads, PurchaseReads},
    activity::ports::ActivityReads,
    checkout::ports::CheckoutReads,
    clock::Clock,
    creators::ports::CreatorReads,
    disputes::ports::DisputeReads,
    files::ports::FileReads,
    group_buys::ports::GroupBuyReads,
    idempotency::IdempotencyKeys,
    jobs::ports::JobClaims,
    limits::RateLimits,
    mail::ports::OutboxReads,
    moves::ports::MoveReads,
    opaque_debug::opaque_debug,
    random::Random,
    reconcile::ports::{EventReads, SweepReads},
    refunds::ports::RefundReads,
    reports::ports::ReportReads,
    store_error::StoreError,
    visitor_auth::ports::VisitorAuthReads,
};

/// Begins units of work.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a unit of work. A task MUST NOT hold two, and MUST NOT call anything remote while it holds
    /// one. The store may be waited for here, or when the unit first needs it.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// Checks that the store answers and that its schema is the one that this program needs.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// Calls the macro `$with` with the repositories of a unit of work: the name of the method, the port, and
/// the mock of the port. A new repository is one line here and its implementations.
#[macro_export]
macro_rules! repositories {
    ($with:ident) => {
        $with! {
            /// Visitors of the installation.
            visitors: $crate::visitor_auth::ports::Visitors, $crate::visitor_auth::ports::MockVisitors;
            /// Sign-in links of visitors, with their codes.
            magic_links: $crate::visitor_auth::ports::MagicLinks, $crate::visitor_auth::ports::MockMagicLinks;
            /// The sessions that visitors are signed in with.
            visitor_sessions: $crate::visitor_auth::ports::VisitorSessions, $crate::visitor_auth::ports::MockVisitorSessions;
            /// First views of pages that are free with login.
            visits: $crate::access::ports::Visits, $crate::access::ports::MockVisits;
            /// What visitors did at a handle, by day.
            activity: $crate::activity::ports::ActivityLog, $crate::activity::ports::MockActivityLog;
            /// The append-only list of facts.
            ledger: $crate::access::ports::Ledger, $crate::access::ports::MockLedger;
            /// The accounts of creators.
            creators: $crate::creators::ports::Creators, $crate::creators::ports::MockCreators;
            /// Creators, as those whose mails are limited.
            mail_causers: $crate::mail::ports::MailCausers, $crate::mail::ports::MockMailCausers;
            /// The languages that people read.
            languages: $crate::mail::ports::Languages, $crate::mail::ports::MockLanguages;
            /// The sessions that creators are signed in with.
            creator_sessions: $crate::creators::ports::CreatorSessions, $crate::creators::ports::MockCreatorSessions;
            /// Tokens mailed to creators, which prove an address or set a password.
            account_tokens: $crate::creators::ports::AccountTokens, $crate::creators::ports::MockAccountTokens;
            /// Handles with their settings.
            handles: $crate::creators::ports::HandleRepository, $crate::creators::ports::MockHandleRepository;
            /// Pages with their texts and terms.
            pages: $crate::creators::ports::PageRepository, $crate::creators::ports::MockPageRepository;
            /// Connected payment accounts of handles.
            connected_accounts: $crate::checkout::ports::ConnectedAccounts, $crate::checkout::ports::MockConnectedAccounts;
            /// Pay pages that are closed because of what happens elsewhere.
            pay_pages: $crate::payments::PayPages, $crate::payments::MockPayPages;
            /// The orders that visitors place, each with its session at the provider.
            checkout_orders: $crate::checkout::ports::CheckoutOrders, $crate::checkout::ports::MockCheckoutOrders;
            /// What visitors have bought or were given.
            purchases: $crate::access::ports::Purchases, $crate::access::ports::MockPurchases;
            /// Refunds that were asked for, with what became of them.
            refund_requests: $crate::refunds::ports::RefundRequests, $crate::refunds::ports::MockRefundRequests;
            /// Disputes, as they were last read from the provider.
            disputes: $crate::disputes::ports::DisputeRepository, $crate::disputes::ports::MockDisputeRepository;
            /// The log of received webhook events.
            event_log: $crate::reconcile::ports::EventLog, $crate::reconcile::ports::MockEventLog;
            /// Sweeps of connected accounts.
            sweeps: $crate::reconcile::ports::Sweeps, $crate::reconcile::ports::MockSweeps;
            /// Group buys with their targets and offers.
            group_buys: $crate::group_buys::ports::GroupBuyRepository, $crate::group_buys::ports::MockGroupBuyRepository;
            /// How many each visitor wants of a group buy.
            interests: $crate::group_buys::ports::Interests, $crate::group_buys::ports::MockInterests;
            /// The mail log.
            outbox: $crate::mail::ports::Outbox, $crate::mail::ports::MockOutbox;
            /// Recipients who stopped mails from a handle.
            mail_stops: $crate::mail::ports::MailStops, $crate::mail::ports::MockMailStops;
            /// Addresses that mails came back from, and recipients who complained.
            returned_mails: $crate::mail::ports::ReturnedMails, $crate::mail::ports::MockReturnedMails;
            /// Files with their state, without their content.
            files: $crate::files::ports::FileRepository, $crate::files::ports::MockFileRepository;
            /// The addresses for which a file is open.
            allowlists: $crate::files::ports::Allowlists, $crate::files::ports::MockAllowlists;
            /// Changes of address that were asked for or confirmed.
            address_moves: $crate::moves::ports::AddressMoves, $crate::moves::ports::MockAddressMoves;
            /// What is done later or again.
            jobs: $crate::jobs::ports::JobQueue, $crate::jobs::ports::MockJobQueue;
        }
    };
}

macro_rules! unit_of_work {
    ($($(#[$doc:meta])* $name:ident: $port:path, $mock:path;)*) => {
        /// Changes that are stored together or not at all. Dropping the unit rolls it back; the adapter
        /// MUST ensure that nothing of a dropped unit survives, not even an open transaction.
        ///
        /// A change that returns nothing may be made later than it is asked for, together with the next one that returns
        /// something or with the end. Its error is then returned there, and nothing of the unit can be stored any more.
        #[async_trait]
        pub trait UnitOfWork: Send {
            $($(#[$doc])* fn $name(&mut self) -> &mut dyn $port;)*

            /// Stores everything that was done in this unit, durably, before it returns.
            async fn commit(self: Box<Self>) -> Result<(), StoreError>;
        }
    };
}

repositories!(unit_of_work);

macro_rules! stores {
    ($($(#[$doc:meta])* $name:ident: $port:ident;)*) => {
        /// All ports that one database adapter implements.
        #[derive(Clone)]
        pub struct Stores {
            $($(#[$doc])* pub $name: Arc<dyn $port>,)*
        }

        impl Stores {
            /// Returns all ports of one adapter.
            pub fn of<S>(store: S) -> Self
            where
                S: $($port +)* 'static,
            {
                let store = Arc::new(store);
                Self { $($name: store.clone(),)* }
            }
        }
    };
}

stores! {
    /// Units of work.
    store: Store;
    /// Reads for signing in.
    visitor_auth: VisitorAuthReads;
    /// Reads for access decisions.
    access: AccessReads;
    /// Reads what visitors have bought or were given.
    purchases: PurchaseReads;
    /// Reads of creators, handles and pages.
    creators: CreatorReads;
    /// Reads of orders and connected accounts.
    checkout: CheckoutReads;
    /// Reads of refund requests.
    refunds: RefundReads;
    /// Reads disputes, as they were last read from the provider.
    disputes: DisputeReads;
    /// Reads of what visitors did.
    activity: ActivityReads;
    /// Reads of received webhook events.
    events: EventReads;
    /// Reads the accounts and orders that a sweep compares.
    sweeps: SweepReads;
    /// Reads group buys and their interests.
    group_buys: GroupBuyReads;
    /// Reads files and their allowlists.
    files: FileReads;
    /// Reads sales, people and revenue.
    reports: ReportReads;
    /// Reads of changes of address.
    moves: MoveReads;
    /// Reads of the mail log.
    outbox: OutboxReads;
    /// Counts requests and mails against limits.
    limits: RateLimits;
    /// Jobs, for their runner.
    jobs: JobClaims;
    /// The answers to requests with an idempotency key.
    idempotency: IdempotencyKeys;
}

/// What every use case needs: a store, the time, and randomness.
#[derive(Clone)]
pub struct Runtime {
    /// Begins units of work.
    pub store: Arc<dyn Store>,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub random: Arc<dyn Random>,
}

impl Runtime {
    /// Opens a unit of work.
    pub async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.store.begin().await
    }

    /// Returns the current instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

opaque_debug!(Stores, Runtime);
