//! Checkout through the creator's own payment account, and fulfilment.
//!
//! Every call to the provider is made between two units of work: the order or request is stored first,
//! then the provider is called with a key derived from what was stored, then the result is stored.

mod about;
mod account;
mod connect;
pub mod error;
mod fulfilment;
mod order;
mod orders;
mod page_states;
pub mod ports;
mod quarantine_refund;
mod receipts;
mod return_urls;
mod second_payments;
mod start;
mod sweep_account;

pub(crate) use about::About;
pub use account::{
    AccountTurn, CLOCKS_APART_SECONDS, ConnectStatus, ConnectedAccount, Connection,
    MAX_READ_SECONDS, NoPayments,
};
pub use connect::{Connect, ConnectPorts};
pub use error::{CheckoutError, ConnectError, FulfilmentError, ReceiptError};
pub use fulfilment::{Applied, Fulfilment, FulfilmentPorts};
pub(crate) use fulfilment::{
    KnownPayment, Learnt, ToTell, Untold, is_outdated, lock_quarantined, recompute,
};
pub use order::{CheckoutOrder, OrderStatus, QuarantinedPayment, ReportedStatus};
pub(crate) use order::{may_be_mended, may_be_processed};
pub use orders::CheckoutReturn;
pub use page_states::PageState;
pub(crate) use quarantine_refund::QuarantineRefund;
pub(crate) use receipts::sold_at;
pub use receipts::{Receipt, Receipts, ReceiptsPorts};
pub use return_urls::ReturnUrls;
pub(crate) use second_payments::{Overlap, SECOND_PAYMENT_KEY, SecondPaymentRule, paid_twice};
pub(crate) use start::GroupPrice;
pub use start::{Checkouts, CheckoutsPorts, EarlierPurchase, StartedCheckout};
pub(crate) use sweep_account::sweep_account_of;
