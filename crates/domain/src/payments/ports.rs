//! What Tollgate needs from a payment provider.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, DisputeState, OpenCheckout,
    OpenedSession, PaymentIntentId, PaymentsError, ProviderEvent, ProviderRefundId, RefundOrder,
    RefundState, SessionState,
};
use crate::{email::Email, id::CheckoutId};

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
