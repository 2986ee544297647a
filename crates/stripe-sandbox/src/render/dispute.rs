//! Disputes.

use serde_json::{Value, json};

use super::expand::Expand;
use super::payment::{charge_reference, intent_reference};
use super::template::{DISPUTE, fill};
use crate::model::{Dispute, DisputeStatus, Method, State};

/// The time that the account has to answer a dispute.
const EVIDENCE_SECONDS: i64 = 7 * 24 * 3600;

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
