//! Whether a payment that does not match its order was refunded.

use super::CheckoutOrder;
use crate::{
    access::{Fact, FactKind},
    payments::{CheckoutSessionId, RefundProgress, RefundState},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
};

/// Whether a payment that does not match its order was refunded, as it is stored. A loss of what was left of it counts as its refund.
/// Its refund may fail to arrive any number of times.
pub(crate) struct QuarantineRefund {
    /// The reference of the newest fact that the payment was refunded or, if it is not refunded, of the next such fact.
    reference: String,
    /// Whether the payment is refunded.
    pub(crate) is_refunded: bool,
}

impl QuarantineRefund {
    /// Reads it for the payment in a session. The order of the session MUST be locked.
    pub(crate) async fn of(
        unit: &mut dyn UnitOfWork,
        session: &CheckoutSessionId,
    ) -> Result<Self, StoreError> {
        let mut failed = 0_u32;
        loop {
            let reference = Fact::quarantine_refund(session, failed);
            if !unit.ledger().has(FactKind::QuarantineRefunded, &reference).await? {
                return Ok(Self { reference, is_refunded: false });
            }
            if !unit.ledger().has(FactKind::QuarantineRefundFailed, &reference).await? {
                return Ok(Self { reference, is_refunded: true });
            }
            failed = failed.saturating_add(1);
        }
    }

    /// Returns whether `refunds` were read too early: one of them is shown as arrived although it is known to have failed. Then they do not
    /// tell what is refunded now.
    pub(crate) async fn is_late(
        unit: &mut dyn UnitOfWork,
        session: &CheckoutSessionId,
        refunds: &[RefundState],
    ) -> Result<bool, StoreError> {
        for refund in refunds.iter().filter(|it| it.progress == RefundProgress::Succeeded) {
            let reference = Fact::refund_of(session, &refund.refund);
            if unit.ledger().has(FactKind::RefundFailed, &reference).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Records whether the payment of an order is refunded now. Returns `false` if that was recorded before.
    pub(crate) async fn note(
        self,
        runtime: &Runtime,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
        is_refunded: bool,
    ) -> Result<bool, StoreError> {
        if self.is_refunded == is_refunded {
            return Ok(false);
        }
        let kind = if is_refunded {
            FactKind::QuarantineRefunded
        } else {
            FactKind::QuarantineRefundFailed
        };
        let fact = Fact::new(runtime, kind, &self.reference, order.subject());
        unit.ledger().record(&fact).await
    }
}
