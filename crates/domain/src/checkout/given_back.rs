//! Whether a payment that does not match its order was given back.

use super::CheckoutOrder;
use crate::{
    access::{Fact, FactKind},
    payments::{CheckoutSessionId, RefundProgress, RefundState},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
};

/// What is noted of a payment that does not match its order. It may go back and fail to arrive, any number of times.
pub(crate) struct GivenBack {
    /// The reference of the fact that it went back last, or of the next one if it is not given back.
    reference: String,
    /// Whether it is given back.
    pub(crate) is_so: bool,
}

impl GivenBack {
    /// Returns what is noted of the payment in a session, whose order has to be locked.
    pub(crate) async fn of(
        unit: &mut dyn UnitOfWork,
        session: &CheckoutSessionId,
    ) -> Result<Self, StoreError> {
        let mut failed = 0_u32;
        loop {
            let reference = Fact::given_back(session, failed);
            if !unit.ledger().has(FactKind::QuarantineRefunded, &reference).await? {
                return Ok(Self { reference, is_so: false });
            }
            if !unit.ledger().has(FactKind::QuarantineRefundFailed, &reference).await? {
                return Ok(Self { reference, is_so: true });
            }
            failed = failed.saturating_add(1);
        }
    }

    /// Returns whether one of these refunds of the payment in a session is known to have failed that is shown as one that has arrived:
    /// they were read before it did, and say nothing of what is given back now.
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

    /// Notes whether the payment of an order is given back now. Returns `false` if that was noted before.
    pub(crate) async fn note(
        self,
        runtime: &Runtime,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
        is_so: bool,
    ) -> Result<bool, StoreError> {
        if self.is_so == is_so {
            return Ok(false);
        }
        let kind =
            if is_so { FactKind::QuarantineRefunded } else { FactKind::QuarantineRefundFailed };
        let fact = Fact::new(runtime, kind, &self.reference, order.subject());
        unit.ledger().record(&fact).await
    }
}
