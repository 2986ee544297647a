//! The ports through which Tollgate uses a payment provider.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, DisputeState, OpenCheckout,
    OpenedSession, PaymentIntentId, PaymentsError, ProviderEvent, ProviderRefundId, RefundOrder,
    RefundState, SessionState,
};
use crate::{email::Email, id::CheckoutId};

/// A payment provider. Every call MUST end within a bounded time and MUST be safe to repeat: calls that
/// change something carry an idempotency key derived from their arguments.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Payments: Send + Sync {
    /// Creates an account for a creator. The same `key` returns the same account.
    async fn create_account(&self, key: &str, email: &Email) -> Result<AccountId, PaymentsError>;

    /// Returns the current capabilities of an account.
    async fn account(&self, account: &AccountId) -> Result<AccountState, PaymentsError>;

    /// Returns a single-use URL where the creator submits the details that the provider requires.
    async fn onboarding_link(
        &self,
        account: &AccountId,
        return_url: &str,
        refresh_url: &str,
    ) -> Result<String, PaymentsError>;

    /// Opens a hosted checkout session. The same order returns the same session.
    async fn open_checkout(&self, order: &OpenCheckout) -> Result<OpenedSession, PaymentsError>;

    /// Returns the current state of a session.
    async fn checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError>;

    /// Closes a session if it is open, and returns its state after that. A session that is not open, for
    /// example because it was paid in the meantime, is returned unchanged, without an error.
    async fn expire_checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError>;

    /// Refunds a payment. The same order returns the same refund.
    async fn refund(&self, order: &RefundOrder) -> Result<RefundState, PaymentsError>;

    /// Returns the current state of a refund.
    async fn refund_state(
        &self,
        account: &AccountId,
        refund: &ProviderRefundId,
    ) -> Result<RefundState, PaymentsError>;

    /// Returns the current state of all refunds of a charge.
    async fn refunds_of_charge(
        &self,
        account: &AccountId,
        charge: &ChargeId,
    ) -> Result<Vec<RefundState>, PaymentsError>;

    /// Returns the charge of a payment, if the payment has one.
    async fn charge_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<ChargeId>, PaymentsError>;

    /// Returns the current state of a dispute.
    async fn dispute(
        &self,
        account: &AccountId,
        dispute: &DisputeId,
    ) -> Result<DisputeState, PaymentsError>;

    /// Returns the order that a payment was made for, if any.
    async fn checkout_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<CheckoutId>, PaymentsError>;
}

/// Verifies that webhooks come from the payment provider.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait WebhookVerifier: Send + Sync {
    /// Reads the envelope of an event from the raw `body`, if `signature` proves that the provider sent
    /// it shortly before or after `now`. MUST compare in constant time.
    fn verify(
        &self,
        body: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<ProviderEvent, WebhookError>;
}

/// The error of a webhook that is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The signature is missing, wrong or too old.
    #[error("the signature is not valid")]
    InvalidSignature,
    /// The body is not an event.
    #[error("the body is not an event")]
    BadRequest,
    /// The event is a test event at a live installation, or a live event at a test installation.
    #[error("the event is of another mode")]
    WrongMode,
}
