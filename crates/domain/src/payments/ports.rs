//! The ports through which Tollgate uses a payment provider.

#![cfg_attr(
    feature = "testing",
    expect(
        clippy::ref_option_ref,
        reason = "how mockall hands an optional reference to an expectation"
    )
)]

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    AccountId, AccountReport, ChargeId, CheckoutSessionId, DisputeId, DisputeState, OpenCheckout,
    OpenedSession, PaymentIntentId, PaymentsError, ProviderEvent, ProviderPage, ProviderRefundId,
    RefundOrder, RefundState, SessionState,
};
use crate::{email::Email, id::CheckoutId};

/// A payment provider. Every call MUST end within a bounded time and MUST be safe to repeat: calls that
/// change something carry an idempotency key derived from their arguments. A provider may forget a key
/// after a day (Stripe: <https://docs.stripe.com/api/idempotent_requests>), so what was asked earlier is looked for
/// and not asked again.
///
/// Every call on an account that the platform has no access to MUST be refused with
/// [`Refusal::AccountDisconnected`](super::Refusal::AccountDisconnected), and one that names an object
/// that the account does not have with [`Refusal::NotFound`](super::Refusal::NotFound).
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Payments: Send + Sync {
    /// Creates an account for a creator, and labels it. The same label with the same attempt returns the same
    /// account, or fails in the same way if the provider keeps its error. Another attempt creates another
    /// account.
    async fn create_account(
        &self,
        label: &str,
        attempt: &str,
        email: &Email,
    ) -> Result<AccountId, PaymentsError>;

    /// Returns an account with this label that was created at or after `since`, for the case that the answer
    /// to creating it was lost. MUST fail, and not return `None`, if it cannot look through all of the accounts.
    async fn find_account(
        &self,
        label: &str,
        since: Timestamp,
    ) -> Result<Option<AccountId>, PaymentsError>;

    /// Returns the current capabilities of an account, and what it lacks.
    async fn account(&self, account: &AccountId) -> Result<AccountReport, PaymentsError>;

    /// Returns a single-use URL where the creator submits the details that the provider requires.
    async fn onboarding_link(
        &self,
        account: &AccountId,
        return_url: &str,
        refresh_url: &str,
    ) -> Result<String, PaymentsError>;

    /// Opens a hosted checkout session. The same order with the same attempt returns the same session, or
    /// fails in the same way if the provider keeps its error. Another attempt opens another session. The same
    /// attempt with anything of the order changed is refused.
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

    /// Refunds a payment. The same order with the same attempt returns the same refund, as it was when it
    /// was made, or fails in the same way if the provider keeps its error. Another attempt makes another
    /// refund. The same attempt with anything of the order changed is refused, and so is a payment whose money has
    /// not arrived.
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

    /// Lists the sessions of an account that were created at or after `since`, newest first, in their
    /// current state. The account may have sessions that are not Tollgate's; they name no order.
    ///
    /// `after` is the `next` of the page before, or `None` for the first page. A page MUST have at most
    /// 100 sessions. All pages together MUST have every session that existed when the first page was
    /// read, except one whose state is not understood, which is left out so that it does not hide the
    /// others. A session that is created in the meantime need not appear, and one within a second before
    /// `since` may appear.
    async fn checkouts_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<SessionState>, PaymentsError>;

    /// Lists the refunds of an account that were created at or after `since`, newest first, in their
    /// current state. The pages are those of [`checkouts_since`](Self::checkouts_since).
    async fn refunds_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<RefundState>, PaymentsError>;

    /// Lists the disputes of an account that were opened at or after `since`, newest first, in their
    /// current state. The pages are those of [`checkouts_since`](Self::checkouts_since).
    async fn disputes_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<DisputeState>, PaymentsError>;

    /// Returns the session that was opened for an order, for the case that the answer to opening it was
    /// lost. It is found by the order's id in it, among the sessions that were created from ten minutes
    /// before `created_at` until two hours after it.
    ///
    /// If there are several, an open one MUST be preferred to one that was completed. Expired sessions are
    /// left out, since they cannot be paid. The `url` of a session that was completed is empty. MUST fail, and
    /// not return `None`, if it cannot look through all of the sessions.
    async fn find_checkout(
        &self,
        account: &AccountId,
        checkout: CheckoutId,
        created_at: Timestamp,
    ) -> Result<Option<OpenedSession>, PaymentsError>;
}

/// Reads what an account can do; `None` if the platform has no access to it any more. The provider is asked a second time
/// before that is believed, since much follows from it.
pub(crate) async fn read_account(
    payments: &dyn Payments,
    account: &AccountId,
) -> Result<Option<AccountReport>, PaymentsError> {
    for _ in 0..2 {
        match payments.account(account).await {
            Ok(told) => return Ok(Some(told)),
            Err(error) if error.is_out_of_reach() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Reads all refunds of a payment; `None` if the payment has no charge, and so nothing that could be refunded.
pub(crate) async fn refunds_of_payment(
    payments: &dyn Payments,
    account: &AccountId,
    payment: &PaymentIntentId,
) -> Result<Option<Vec<RefundState>>, PaymentsError> {
    match payments.charge_of_payment(account, payment).await? {
        Some(charge) => payments.refunds_of_charge(account, &charge).await.map(Some),
        None => Ok(None),
    }
}

/// Verifies that webhooks come from the payment provider.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait WebhookVerifier: Send + Sync {
    /// Checks whether `signature` can be valid at `now`: its form and its time, which are known before
    /// the body has arrived.
    fn check_header(&self, signature: &str, now: Timestamp) -> Result<(), WebhookError>;

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
