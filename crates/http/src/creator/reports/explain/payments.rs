//! Payments that decide nothing yet, or never did.

use serde::Serialize;
use tollgate_domain::{
    Timestamp,
    reports::ports::{PendingPayment, UnpaidOrder},
};

use crate::{dto::MoneyBody, openapi::schemas};

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PendingPayment)]
pub(crate) struct PendingBody {
    #[schema(example = "chk_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    checkout_id: String,
    amount: MoneyBody,
    #[schema(value_type = schemas::Instant)]
    since: Timestamp,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UnpaidCheckout)]
pub(crate) struct UnpaidBody {
    #[schema(example = "chk_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    checkout_id: String,
    amount: MoneyBody,
    /// When it was opened.
    #[schema(value_type = schemas::Instant)]
    since: Timestamp,
    /// Whether the pay page is closed.
    #[schema(example = false)]
    closed: bool,
}

impl PendingBody {
    pub(super) fn of(payment: &PendingPayment) -> Self {
        Self {
            checkout_id: payment.checkout_id.to_string(),
            amount: MoneyBody::of(payment.amount),
            since: payment.since,
        }
    }
}

impl UnpaidBody {
    pub(super) fn of(order: &UnpaidOrder) -> Self {
        Self {
            checkout_id: order.payment.checkout_id.to_string(),
            amount: MoneyBody::of(order.payment.amount),
            since: order.payment.since,
            closed: order.is_over,
        }
    }
}
