//! Refunds, requested by the creator in Tollgate or made at the payment provider. In both cases access
//! ends as soon as the provider has accepted the refund, and is restored if the refund fails later.

mod apply;
mod choice;
pub mod error;
mod given_up;
mod learnt;
mod next;
mod others;
pub mod ports;
mod provider;
mod quarantined;
mod receipt;
mod refund;
mod request;
mod ruling;
mod unattended;
mod wish;

use std::sync::Arc;

pub(crate) use apply::is_refunded_in_whole;
pub use error::{RefundError, RefusalReason};
pub use given_up::{OPEN_TOLD_KEY, REFUSED_KEY, RELEASED_TOLD_KEY};
pub use request::{AcceptedRefund, RefundRequest};
pub use unattended::PAID_TWICE;
pub use wish::RefundWish;

use crate::{
    checkout::Fulfilment,
    creators::Ownership,
    disputes::Disputes,
    id::PurchaseId,
    money::Money,
    opaque_debug::opaque_debug,
    payments::{Payments, ProviderRefundId, RefundProgress},
    store::Runtime,
};

/// A refund that the provider has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundReceipt {
    /// The refunded purchase.
    pub purchase_id: PurchaseId,
    /// The provider's id, by which the creator can find the refund there.
    pub refund: ProviderRefundId,
    /// Whether the buyer has received the money.
    pub progress: RefundProgress,
    /// The refunded amount.
    pub amount: Money,
}

/// The use cases for refunding purchases.
#[derive(Clone)]
pub struct Refunds {
    fulfilment: Fulfilment,
    disputes: Disputes,
    reads: Arc<dyn ports::RefundReads>,
    ownership: Ownership,
}

impl Refunds {
    /// Creates the use cases.
    pub fn new(
        fulfilment: Fulfilment,
        disputes: Disputes,
        reads: Arc<dyn ports::RefundReads>,
        ownership: Ownership,
    ) -> Self {
        Self { fulfilment, disputes, reads, ownership }
    }

    fn runtime(&self) -> &Runtime {
        &self.fulfilment.runtime
    }

    fn payments(&self) -> &dyn Payments {
        &*self.fulfilment.ports.payments
    }
}

opaque_debug!(Refunds);
