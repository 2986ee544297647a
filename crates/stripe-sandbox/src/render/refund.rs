//! Refunds and disputes.

use serde_json::{Value, json};

use super::{DISPUTE, Expand, REFUND, charge_reference, fill, intent_reference};
use crate::model::{Dispute, DisputeStatus, Method, Refund, RefundStatus, State};

/// How long the account has to answer a dispute.
const EVIDENCE_SECONDS: i64 = 7 * 24 * 3600;

pub(crate) fn refund(state: &State, refund: &Refund, expand: &Expand) -> Value {
    let payment = state.payments.get(&refund.payment);
    let method = payment.map_or(Method::Card, |payment| payment.method);
    let destination = match method {
        Method::Card => json!({"type": "card", "card": {"type": "refund"}}),
        Method::BankDebit => json!({
            "type": "us_bank_transfer",
            "us_bank_transfer": {"reference": null, "reference_status": null},
        }),
    };
    let mut rendered = fill(
        &REFUND,
        json!({
            "id": refund.id,
            "created": refund.created,
            "amount": refund.amount,
            "currency": payment.map(|payment| payment.currency.as_str()).unwrap_or_default(),
            "charge": charge_reference(state, &refund.payment, "charge", expand),
            "payment_intent": intent_reference(state, &refund.payment, expand),
            "destination_details": destination,
            "metadata": refund.metadata,
            "reason": refund.reason,
            "status": refund.status,
        }),
    );
    if let (RefundStatus::Failed, Some(members)) = (refund.status, rendered.as_object_mut()) {
        members.insert("failure_reason".to_owned(), json!("declined"));
    }
    rendered
}

pub(crate) fn dispute(state: &State, dispute: &Dispute, expand: &Expand) -> Value {
    let payment = state.payments.get(&dispute.payment);
    let method = payment.map_or(Method::Card, |payment| payment.method);
    let mut rendered = fill(
        &DISPUTE,
        json!({
            "id": dispute.id,
            "created": dispute.created,
            "amount": dispute.amount,
            "currency": payment.map(|payment| payment.currency.as_str()).unwrap_or_default(),
            "charge": charge_reference(state, &dispute.payment, "charge", expand),
            "payment_intent": intent_reference(state, &dispute.payment, expand),
            "status": dispute.status,
        }),
    );
    if let Some(members) = rendered.as_object_mut() {
        if method != Method::Card {
            members.remove("payment_method_details");
        }
        if dispute.status == DisputeStatus::NeedsResponse
            && let Some(Value::Object(details)) = members.get_mut("evidence_details")
        {
            let due = dispute.created + EVIDENCE_SECONDS;
            details.insert("due_by".to_owned(), json!(due));
        }
    }
    rendered
}
