//! Disputes.

use serde_json::{Value, json};

use super::expand::Expand;
use super::payment::{charge_reference, intent_reference};
use super::template::{DISPUTE, fill};
use crate::model::{Dispute, State};
use crate::status::Method;

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
            "is_charge_refundable": dispute.status.is_refundable(),
            "reason": dispute.reason.as_deref().unwrap_or("fraudulent"),
            "status": dispute.status,
        }),
    );
    if let Some(members) = rendered.as_object_mut() {
        if method != Method::Card {
            members.remove("payment_method_details");
        } else if dispute.status.is_inquiry()
            && let Some(case) = members
                .get_mut("payment_method_details")
                .and_then(|details| details.pointer_mut("/card/case_type"))
        {
            *case = json!("inquiry");
        }
        if let Some(Value::Object(details)) = members.get_mut("evidence_details") {
            let due = dispute.created + EVIDENCE_SECONDS;
            if dispute.status.needs_response() {
                details.insert("due_by".to_owned(), json!(due));
                details.insert("past_due".to_owned(), json!(due <= state.now()));
            }
            if dispute.status.is_under_review() {
                details.insert("has_evidence".to_owned(), json!(true));
                details.insert("submission_count".to_owned(), json!(1));
            }
        }
    }
    rendered
}
