//! What selling needs from a store and from a payment provider.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    AccountId, AccountState, ChargeId, CheckoutOrder, CheckoutSessionId, ConnectedAccount,
    DisputeId, DisputeState, OpenCheckout, OpenedSession, OrderStatus, PaymentIntentId,
    PaymentsError, ProviderEvent, ProviderRefundId, RefundOrder, RefundState, SessionState,
};
use crate::{
    email::Email,
    id::{CheckoutId, HandleId, PageId, VisitorId},
    store::StoreError,
};

/// The payment provider. Every call MUST end within a bounded time and MUST be safe to repeat: calls
/// that change something carry an idempotency key derived from what they are given.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Payments: Send + Sync {
    /// Makes an account for a creator. The same `key` gives the same account.
    async fn create_account(&self, key: &str, email: &Email) -> Result<AccountId, PaymentsError>;

    /// What an account can do now.
    async fn account(&self, account: &AccountId) -> Result<AccountState, PaymentsError>;

    /// A single-use address where the creator tells the provider what it wants to know.
    async fn onboarding_link(
        &self,
        account: &AccountId,
        return_url: &str,
        refresh_url: &str,
    ) -> Result<String, PaymentsError>;

    /// Opens a hosted checkout session. The same order gives the same session.
    async fn open_checkout(&self, order: &OpenCheckout) -> Result<OpenedSession, PaymentsError>;

    /// A session as it is now.
    async fn checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError>;

    /// Closes a session that is open, and gives it as it is then: one that is not open, perhaps since
    /// it was paid meanwhile, stays as it is, which is no error.
    async fn expire_checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError>;

    /// Gives money back. The same order gives the same refund.
    async fn refund(&self, order: &RefundOrder) -> Result<RefundState, PaymentsError>;

    /// A refund as it is now.
    async fn refund_state(
        &self,
        account: &AccountId,
        refund: &ProviderRefundId,
    ) -> Result<RefundState, PaymentsError>;

    /// The refunds of a charge as they are now.
    async fn refunds_of_charge(
        &self,
        account: &AccountId,
        charge: &ChargeId,
    ) -> Result<Vec<RefundState>, PaymentsError>;

    /// The charge that a payment was made by, if it was made.
    async fn charge_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<ChargeId>, PaymentsError>;

    /// A dispute as it is now.
    async fn dispute(
        &self,
        account: &AccountId,
        dispute: &DisputeId,
    ) -> Result<DisputeState, PaymentsError>;

    /// The order that a payment was made for, if it was made for one.
    async fn checkout_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<CheckoutId>, PaymentsError>;
}

/// Checkout orders, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait CheckoutOrders: Send {
    /// Stores a new order; `false`, and nothing is stored, if the visitor has one for this page that
    /// is not closed.
    async fn insert(&mut self, order: &CheckoutOrder) -> Result<bool, StoreError>;

    /// The visitor's order for this page that is not closed.
    async fn open_of(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError>;

    /// The order with this id.
    async fn find(&mut self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError>;

    /// The order that this session was opened for.
    async fn by_session(
        &mut self,
        session: &CheckoutSessionId,
    ) -> Result<Option<CheckoutOrder>, StoreError>;

    /// Notes the session that was opened, if the order is new or has this very session; `false` if
    /// it was closed meanwhile. MUST be one conditional statement.
    async fn opened(&mut self, id: CheckoutId, session: &OpenedSession)
    -> Result<bool, StoreError>;

    /// Moves the order on from one of the states `from`; `false` if it is in none of them. Once
    /// `to` is a closed state, the visitor may have a new order. MUST be one conditional statement.
    async fn advance(
        &mut self,
        id: CheckoutId,
        from: &[OrderStatus],
        to: OrderStatus,
    ) -> Result<bool, StoreError>;

    /// Closes all open orders of a page as expired and gives them back.
    async fn close_open_of_page(
        &mut self,
        page: PageId,
        now: Timestamp,
    ) -> Result<Vec<CheckoutOrder>, StoreError>;
}

/// Connected accounts, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ConnectedAccounts: Send {
    /// Connects an account; `false`, and nothing is stored, if the handle has one.
    async fn insert(&mut self, account: &ConnectedAccount) -> Result<bool, StoreError>;

    /// The account that the handle has now.
    async fn of_handle(&mut self, handle: HandleId)
    -> Result<Option<ConnectedAccount>, StoreError>;

    /// How many accounts the handle ever had.
    async fn count_of_handle(&mut self, handle: HandleId) -> Result<u64, StoreError>;

    /// Notes what the account can do.
    async fn set_state(
        &mut self,
        account: &AccountId,
        state: AccountState,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Disconnects the account from its handle.
    async fn disconnect(&mut self, account: &AccountId, now: Timestamp) -> Result<(), StoreError>;
}

/// Received webhook events, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ProviderEvents: Send {
    /// Stores an event; `false`, and nothing is stored, if one with its id was received before.
    async fn insert(&mut self, event: &ProviderEvent) -> Result<bool, StoreError>;
}

/// Received webhook events as their worker sees them. Several workers may run on several replicas.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait EventQueue: Send + Sync {
    /// Takes the event that has been due longest and counts the attempt. Until `leased_until` no
    /// other worker MUST get it. `None` when nothing is due.
    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<ProviderEvent>, StoreError>;

    /// The event was dealt with.
    async fn done(&self, id: &str, outcome: &str, now: Timestamp) -> Result<(), StoreError>;

    /// The event was not dealt with and is due again at `again_at`.
    async fn failed(&self, id: &str, reason: &str, again_at: Timestamp) -> Result<(), StoreError>;
}

/// Checks that a webhook comes from the payment provider.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait WebhookVerifier: Send + Sync {
    /// Reads the envelope of an event out of the raw `body`, if `signature` proves that the provider
    /// sent it not long before or after `now`. MUST compare in constant time.
    fn verify(
        &self,
        body: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<ProviderEvent, WebhookError>;
}

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The signature is missing, wrong or too old.
    #[error("the signature is not valid")]
    InvalidSignature,
    /// The body is not an event.
    #[error("the body is not an event")]
    BadRequest,
    /// A test event at a live installation, or the other way round.
    #[error("the event is of another mode")]
    WrongMode,
}
