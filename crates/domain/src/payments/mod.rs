//! The payment provider's types and the port to it. This module contains no rules of Tollgate.

mod event;
mod lanes;
mod ports;
mod provider;

pub use event::{EventSubject, ProviderEvent};
pub use lanes::{AccountLanes, Lane, MAX_PER_ACCOUNT};
pub(crate) use ports::read_account;
#[cfg(feature = "testing")]
pub use ports::{MockPayments, MockWebhookVerifier};
pub use ports::{Payments, WebhookError, WebhookVerifier};
pub use provider::{
    AccountId, AccountReport, AccountState, ChargeId, CheckoutSessionId, DisputeId,
    DisputeProgress, DisputeStage, DisputeState, OpenCheckout, OpenedSession, PaymentExtras,
    PaymentIntentId, PaymentsError, ProviderPage, ProviderRefundId, RefundOrder, RefundProgress,
    RefundState, Refusal, SessionProgress, SessionState,
};
