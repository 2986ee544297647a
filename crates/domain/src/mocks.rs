//! Mocks of every port, for tests in which one call matters. For stories of several steps the
//! stateful fakes of [`super`] read better.

#![expect(
    clippy::ref_option_ref,
    reason = "how mockall hands an optional reference to an expectation"
)]

use async_trait::async_trait;

use crate::{
    access::ports::{Ledger, Purchases, Visits},
    checkout::ports::{CheckoutOrders, ConnectedAccounts, ProviderEvents},
    creators::{
        Password,
        ports::{
            CreatorSessions, Creators, HandleRepository, PageRepository, PasswordCheck, Passwords,
            PasswordsError,
        },
    },
    files::ports::{Allowlists, FileLedger, FileRepository},
    group_buys::ports::{GroupBuyRepository, Interests},
    outbox::Outbox,
    refunds::ports::RefundRequests,
    store::{Store, StoreError, UnitOfWork},
    visitor_auth::ports::{MagicLinks, VisitorSessions, Visitors},
};
pub use crate::{
    access::ports::{MockAccessReads, MockLedger, MockPurchases, MockVisits},
    checkout::ports::{
        MockCheckoutOrders, MockConnectedAccounts, MockEventQueue, MockPayments, MockProviderEvents,
    },
    clock::MockClock,
    creators::ports::{
        MockCreatorReads, MockCreatorSessions, MockCreators, MockHandleRepository,
        MockPageRepository,
    },
    files::ports::{
        MockAllowlists, MockFileLedger, MockFileQueue, MockFileReads, MockFileRepository,
        MockFileStore,
    },
    group_buys::ports::{MockGroupBuyReads, MockGroupBuyRepository, MockInterests},
    idempotency::MockIdempotencyKeys,
    limits::MockRateLimits,
    outbox::{MockMailQueue, MockMailer, MockOutbox},
    random::MockRandom,
    refunds::ports::MockRefundRequests,
    reports::ports::MockReportReads,
    visitor_auth::ports::{
        MockMagicLinks, MockVisitorAuthReads, MockVisitorSessions, MockVisitors,
    },
};

mockall::mock! {
    /// A mock of [`Passwords`].
    #[derive(Debug)]
    pub Passwords {}
    #[async_trait]
    impl Passwords for Passwords {
        async fn hash(&self, password: &Password) -> Result<String, PasswordsError>;
        async fn verify<'a>(
            &self,
            password: &Password,
            hash: Option<&'a str>,
        ) -> Result<PasswordCheck, PasswordsError>;
    }
}

mockall::mock! {
    /// A mock of [`Store`]; its `begin` is told to give [`MockUnit`]s.
    #[derive(Debug)]
    pub Store {}
    #[async_trait]
    impl Store for Store {
        async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;
        async fn ready(&self) -> Result<(), StoreError>;
    }
}

/// The end of a [`MockUnit`].
#[mockall::automock]
pub trait Commit {
    /// Stands for [`UnitOfWork::commit`].
    fn commit(&mut self) -> Result<(), StoreError>;
}

/// A unit of work made of mocks. A call that nobody expected fails the test, and so does an
/// expectation that was not met when the unit is dropped.
#[derive(Default)]
pub struct MockUnit {
    /// Visitors.
    pub visitors: MockVisitors,
    /// Magic links.
    pub magic_links: MockMagicLinks,
    /// Sessions of visitors.
    pub visitor_sessions: MockVisitorSessions,
    /// First views.
    pub visits: MockVisits,
    /// The ledger.
    pub ledger: MockLedger,
    /// Creators.
    pub creators: MockCreators,
    /// Sessions of creators.
    pub creator_sessions: MockCreatorSessions,
    /// Handles.
    pub handles: MockHandleRepository,
    /// Pages.
    pub pages: MockPageRepository,
    /// Connected accounts.
    pub connected_accounts: MockConnectedAccounts,
    /// Checkout orders.
    pub checkout_orders: MockCheckoutOrders,
    /// Purchases.
    pub purchases: MockPurchases,
    /// Refund requests.
    pub refund_requests: MockRefundRequests,
    /// Webhook events.
    pub provider_events: MockProviderEvents,
    /// Group buys.
    pub group_buys: MockGroupBuyRepository,
    /// Interests in them.
    pub interests: MockInterests,
    /// The outbox.
    pub outbox: MockOutbox,
    /// Files.
    pub files: MockFileRepository,
    /// Lists of those who may have files.
    pub allowlists: MockAllowlists,
    /// Facts about files.
    pub file_ledger: MockFileLedger,
    /// What `commit` is expected to do.
    pub commit: MockCommit,
}

impl MockUnit {
    /// A unit that expects nothing, not even to be committed.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store that gives this unit once.
    pub fn into_store(self) -> MockStore {
        let mut store = MockStore::new();
        store.expect_begin().times(1).return_once(move || Ok(Box::new(self)));
        store
    }
}

#[async_trait]
impl UnitOfWork for MockUnit {
    fn visitors(&mut self) -> &mut dyn Visitors {
        &mut self.visitors
    }
    fn magic_links(&mut self) -> &mut dyn MagicLinks {
        &mut self.magic_links
    }
    fn visitor_sessions(&mut self) -> &mut dyn VisitorSessions {
        &mut self.visitor_sessions
    }
    fn visits(&mut self) -> &mut dyn Visits {
        &mut self.visits
    }
    fn ledger(&mut self) -> &mut dyn Ledger {
        &mut self.ledger
    }
    fn creators(&mut self) -> &mut dyn Creators {
        &mut self.creators
    }
    fn creator_sessions(&mut self) -> &mut dyn CreatorSessions {
        &mut self.creator_sessions
    }
    fn handles(&mut self) -> &mut dyn HandleRepository {
        &mut self.handles
    }
    fn pages(&mut self) -> &mut dyn PageRepository {
        &mut self.pages
    }
    fn connected_accounts(&mut self) -> &mut dyn ConnectedAccounts {
        &mut self.connected_accounts
    }
    fn checkout_orders(&mut self) -> &mut dyn CheckoutOrders {
        &mut self.checkout_orders
    }
    fn purchases(&mut self) -> &mut dyn Purchases {
        &mut self.purchases
    }
    fn refund_requests(&mut self) -> &mut dyn RefundRequests {
        &mut self.refund_requests
    }
    fn provider_events(&mut self) -> &mut dyn ProviderEvents {
        &mut self.provider_events
    }
    fn group_buys(&mut self) -> &mut dyn GroupBuyRepository {
        &mut self.group_buys
    }
    fn interests(&mut self) -> &mut dyn Interests {
        &mut self.interests
    }
    fn outbox(&mut self) -> &mut dyn Outbox {
        &mut self.outbox
    }
    fn files(&mut self) -> &mut dyn FileRepository {
        &mut self.files
    }
    fn allowlists(&mut self) -> &mut dyn Allowlists {
        &mut self.allowlists
    }
    fn file_ledger(&mut self) -> &mut dyn FileLedger {
        &mut self.file_ledger
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.commit.commit()
    }
}

impl std::fmt::Debug for MockUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MockUnit")
    }
}
