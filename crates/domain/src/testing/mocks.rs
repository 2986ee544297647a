//! Mocks of every port, for tests in which one call matters.
pub use crate::{
    access::ports::{MockAccessReads, MockLedger, MockPurchases, MockVisits},
    checkout::ports::{
        MockCheckoutOrders, MockConnectedAccounts, MockEventQueue, MockPayments, MockProviderEvents,
    },
    clock::MockClock,
    creators::ports::{
        MockCreatorReads, MockCreatorSessions, MockCreators, MockHandles, MockPages, MockPasswords,
    },
    idempotency::MockIdempotencyKeys,
    limits::MockRateLimits,
    outbox::{MockMailQueue, MockMailer, MockOutbox},
    random::MockRandom,
    refunds::ports::MockRefundRequests,
    visitor_auth::ports::{
        MockMagicLinks, MockVisitorAuthReads, MockVisitorSessions, MockVisitors,
    },
};
