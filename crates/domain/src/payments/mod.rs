//! The payment provider's types and the port to it, and how pay pages are closed. This module contains no rules of
//! Tollgate about who pays what.

mod event;
mod lanes;
mod pay_pages;
mod ports;
mod provider;

pub use event::{EventSubject, ProviderEvent};
pub use lanes::{AccountLanes, Lane, MAX_PER_ACCOUNT};
#[cfg(feature = "testing")]
pub use pay_pages::MockPayPages;
pub use pay_pages::PayPages;
pub(crate) use pay_pages::{close_open_order, close_orders, close_orders_of_page};
#[cfg(feature = "testing")]
pub use ports::{MockPayments, MockWebhookVerifier};
pub use ports::{Payments, WebhookError, WebhookVerifier};
pub(crate) use ports::{read_account, refunds_of_payment};
pub use provider::{
    AccountId, AccountReport, AccountState, ChargeId, CheckoutSessionId, DisputeId,
    DisputeProgress, DisputeStage, DisputeState, MAX_PAUSE_SECONDS, OpenCheckout, OpenedSession,
    PaymentExtras, PaymentIntentId, PaymentsError, ProviderPage, ProviderRefundId, RefundOrder,
    RefundProgress, RefundState, Refusal, SessionProgress, SessionState,
};
