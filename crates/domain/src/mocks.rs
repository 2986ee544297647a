//! Mocks of all ports, for tests of single calls. For tests with several steps, use the stateful fakes
//! of `tollgate-domain-testing`.

#![expect(
    clippy::ref_option_ref,
    reason = "how mockall hands an optional reference to an expectation"
)]

use async_trait::async_trait;

pub use crate::{
    access::ports::{MockAccessReads, MockLedger, MockPurchaseReads, MockPurchases, MockVisits},
    activity::ports::{MockActivityLog, MockActivityReads},
    checkout::ports::{MockCheckoutOrders, MockCheckoutReads, MockConnectedAccounts},
    clock::MockClock,
    creators::ports::{
        MockAccountTokens, MockCreatorReads, MockCreatorSessions, MockCreators,
        MockHandleRepository, MockPageRepository,
    },
    disputes::ports::{MockDisputeReads, MockDisputeRepository},
    files::ports::{MockAllowlists, MockFileReads, MockFileRepository, MockFileStore},
    group_buys::ports::{MockGroupBuyReads, MockGroupBuyRepository, MockInterests},
    idempotency::MockIdempotencyKeys,
    jobs::ports::{MockJobClaims, MockJobQueue},
    limits::MockRateLimits,
    links::MockLinks,
    mail::ports::{
        MockLanguages, MockMailCausers, MockMailStops, MockMailer, MockOutbox, MockOutboxReads,
        MockReturnedMails,
    },
    moves::ports::{MockAddressMoves, MockMoveReads},
    payments::{MockPayPages, MockPayments, MockWebhookVerifier},
    random::MockRandom,
    reconcile::ports::{MockEventLog, MockEventReads, MockSweepReads, MockSweeps},
    refunds::ports::{MockRefundReads, MockRefundRequests},
    reports::ports::MockReportReads,
    visitor_auth::ports::{
        MockDestinations, MockMagicLinks, MockVisitorAuthReads, MockVisitorSessions, MockVisitors,
    },
};
use crate::{
    creators::{
        Password,
        ports::{PasswordCheck, Passwords, PasswordsError},
    },
    opaque_debug::opaque_debug,
    store::{Store, UnitOfWork},
    store_error::StoreError,
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
    /// A mock of [`Store`]. Set its `begin` to return [`MockUnit`]s.
    #[derive(Debug)]
    pub Store {}
    #[async_trait]
    impl Store for Store {
        async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;
        async fn ready(&self) -> Result<(), StoreError>;
    }
}

/// The commit of a [`MockUnit`].
#[mockall::automock]
pub trait Commit {
    /// Mocks [`UnitOfWork::commit`].
    fn commit(&mut self) -> Result<(), StoreError>;
}

macro_rules! mock_unit {
    ($($(#[$doc:meta])* $name:ident: $port:path, $mock:path;)*) => {
        /// A unit of work made of mocks. A test fails on an unexpected call, and on an expectation that
        /// is not met when the unit is dropped.
        #[derive(Default)]
        pub struct MockUnit {
            $($(#[$doc])* pub $name: $mock,)*
            /// The expectations for `commit`.
            pub commit: MockCommit,
        }

        #[async_trait]
        impl UnitOfWork for MockUnit {
            $(fn $name(&mut self) -> &mut dyn $port {
                &mut self.$name
            })*

            async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
                self.commit.commit()
            }
        }
    };
}

crate::repositories!(mock_unit);

impl MockUnit {
    /// Creates a unit without expectations, including for `commit`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a store whose `begin` returns this unit once.
    pub fn into_store(self) -> MockStore {
        let mut store = MockStore::new();
        store.expect_begin().times(1).return_once(move || Ok(Box::new(self)));
        store
    }
}

opaque_debug!(MockUnit);
