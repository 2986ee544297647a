//! Selling: checkout through the creator's own payment account, and what becomes of it.
//!
//! Every remote call stands between two units of work: the intent is stored first, then the provider
//! is asked with a key derived from what was stored, then the outcome is stored.

mod connect;
pub mod error;
mod events;
mod fulfilment;
mod order;
pub mod ports;
mod provider;
mod return_urls;
mod start;

pub use connect::{Connect, ConnectStatus, ConnectedAccount};
pub use error::{CheckoutError, ConnectError, FulfilmentError};
pub use events::{EventStep, ProviderEvent, ProviderEvents};
pub use fulfilment::{Applied, Fulfilment, ProviderUpdate};
pub use order::{CheckoutOrder, OrderStatus};
pub use provider::{
    AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, DisputeProgress, DisputeState,
    OpenCheckout, OpenedSession, PaymentIntentId, PaymentsError, ProviderRefundId, RefundOrder,
    RefundProgress, RefundState, Refusal, SessionProgress, SessionState,
};
pub use return_urls::ReturnUrls;
pub(crate) use start::GroupPrice;
pub use start::{CheckoutReturn, Checkouts, StartedCheckout};
