//! Refunds, and the charges that list them.

use miniserde::{Deserialize, json::Value};
use tollgate_domain::payments::{
    ChargeId, PaymentIntentId, ProviderRefundId, RefundProgress, RefundState,
};

use super::{Page, REFUND, id_of, noted, payment_by, payment_intent};
use crate::{failure::CallError, ids::given, values::text};

#[derive(Deserialize)]
pub(crate) struct Refund {
    pub(super) id: String,
    amount: i64,
    currency: String,
    status: Option<Value>,
    metadata: Option<Value>,
    payment_intent: Option<Value>,
    charge: Option<Value>,
}

impl Refund {
    /// Returns the charge that is refunded.
    pub(crate) fn charge(&self) -> Option<ChargeId> {
        id_of(self.charge.as_ref()).map(ChargeId::new)
    }

    pub(crate) fn state(self) -> Result<RefundState, CallError> {
        if self.amount < 0 {
            return Err(CallError::bad_answer("a refund has an amount below zero"));
        }
        Ok(RefundState {
            refund_id: noted(self.metadata.as_ref(), REFUND),
            payment_intent: payment_by(self.payment_intent.as_ref(), self.charge.as_ref()),
            amount: self.amount,
            currency: self.currency.to_ascii_lowercase(),
            progress: match self.status.as_ref().and_then(text) {
                Some("succeeded") => RefundProgress::Succeeded,
                Some("failed" | "canceled") => RefundProgress::Failed,
                // `pending`, `requires_action`, and statuses that Stripe adds later.
                _ => RefundProgress::Pending,
            },
            refund: ProviderRefundId::new(given(self.id)?),
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct Charge {
    pub(super) id: String,
    /// `None` unless it was expanded.
    pub(crate) refunds: Option<Page>,
    payment_intent: Option<Value>,
}

impl Charge {
    /// Returns the payment that the charge was made for.
    pub(crate) fn payment_intent(&self) -> Option<PaymentIntentId> {
        payment_intent(self.payment_intent.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refund_status_has_its_meaning() {
        use RefundProgress::{Failed, Pending, Succeeded};
        for (status, expected) in [
            (Some("succeeded"), Succeeded),
            (Some("pending"), Pending),
            (Some("requires_action"), Pending),
            (Some("something_new"), Pending),
            (None, Pending),
            (Some("failed"), Failed),
            (Some("canceled"), Failed),
        ] {
            let refund = Refund {
                id: "re_1".into(),
                amount: 5,
                currency: "usd".into(),
                status: status.map(|status| Value::String(status.to_owned())),
                metadata: None,
                payment_intent: None,
                charge: None,
            };
            assert_eq!(refund.state().unwrap().progress, expected, "{status:?}");
        }
    }
}
