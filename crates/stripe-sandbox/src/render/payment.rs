//! Payment intents, charges and refunds, which refer to each other.

use serde_json::{Value, json};

use super::expand::Expand;
use super::method::{method_details, method_id, method_type, refund_destination};
use super::template::{CHARGE, PAYMENT_INTENT, REFUND, fill, list};
use crate::model::{Payment, Refund, State};
use crate::status::{Method, PaymentStatus, RefundStatus};

/// The application id of the platform, for charges on a connected account.
pub(crate) const APPLICATION: &str = "ca_TollgateSandbox";

pub(crate) fn payment_intent(state: &State, payment: &Payment, expand: &Expand) -> Value {
    let failed = payment.status == PaymentStatus::Failed;
    let error = failed.then(|| {
        json!({
            "type": "invalid_request_error",
            "code": "payment_intent_payment_attempt_failed",
            "message": "The bank debit was returned.",
            "charge": payment.charge_id,
        })
    });
    let (status, received) = match payment.status {
        PaymentStatus::Processing => ("processing", 0),
        PaymentStatus::Succeeded => ("succeeded", payment.amount),
        PaymentStatus::Failed => ("requires_payment_method", 0),
    };
    fill(
        &PAYMENT_INTENT,
        json!({
            "id": payment.intent_id,
            "created": payment.created,
            "amount": payment.amount,
            "amount_received": received,
            "currency": payment.currency,
            "application": payment.owner.as_ref().map(|_| APPLICATION),
            "application_fee_amount": payment.data.application_fee,
            "client_secret": format!("{}_secret_sandbox", payment.intent_id),
            "description": payment.data.description,
            "last_payment_error": error,
            "latest_charge": charge_reference(state, &payment.intent_id, "latest_charge", expand),
            "metadata": payment.data.metadata,
            "payment_method": (!failed).then(|| method_id(payment)),
            "payment_method_types": [method_type(payment.method)],
            "receipt_email": payment.data.receipt_email,
            "statement_descriptor": payment.data.statement_descriptor,
            "statement_descriptor_suffix": payment.data.statement_descriptor_suffix,
            "status": status,
        }),
    )
}

pub(crate) fn charge(state: &State, payment: &Payment, expand: &Expand) -> Value {
    let refunded = state.refunded(&payment.intent_id);
    let (status, captured, failure) = match payment.status {
        PaymentStatus::Processing => ("pending", 0, None),
        PaymentStatus::Succeeded => ("succeeded", payment.amount, None),
        PaymentStatus::Failed => ("failed", 0, Some("The bank debit was returned.")),
    };
    let outcome = json!({
        "advice_code": null,
        "network_advice_code": null,
        "network_decline_code": null,
        "network_status": if failure.is_some() { "declined_by_network" } else { "approved_by_network" },
        "reason": null,
        "risk_level": "normal",
        "seller_message": failure.unwrap_or("Payment complete."),
        "type": if failure.is_some() { "issuer_declined" } else { "authorized" },
    });
    let mut rendered = fill(
        &CHARGE,
        json!({
            "id": payment.charge_id,
            "created": payment.created,
            "amount": payment.amount,
            "amount_captured": captured,
            "amount_refunded": refunded,
            "application": payment.owner.as_ref().map(|_| APPLICATION),
            "application_fee": payment.data.application_fee
                .map(|_| payment.intent_id.replacen("pi_", "fee_", 1)),
            "application_fee_amount": payment.data.application_fee,
            "currency": payment.currency,
            "description": payment.data.description,
            "disputed": state.disputes_of(&payment.intent_id).next().is_some(),
            "failure_code": failure.map(|_| "payment_method_provider_decline"),
            "failure_message": failure,
            "metadata": payment.data.metadata,
            "outcome": outcome,
            "paid": payment.status == PaymentStatus::Succeeded,
            "payment_intent": intent_reference(state, &payment.intent_id, expand),
            "payment_method": method_id(payment),
            "payment_method_details": method_details(payment),
            "receipt_email": payment.data.receipt_email,
            "refunded": refunded == payment.amount,
            "statement_descriptor": payment.data.statement_descriptor,
            "statement_descriptor_suffix": payment.data.statement_descriptor_suffix,
            "status": status,
        }),
    );
    if let Some(Value::Object(details)) = rendered.get_mut("billing_details") {
        details.insert("email".to_owned(), json!(payment.email));
    }
    if let (Some(inner), Some(members)) = (expand.within("refunds"), rendered.as_object_mut()) {
        let mut refunds: Vec<_> = state.refunds_of(&payment.intent_id).collect();
        refunds.sort_by_key(|refund| std::cmp::Reverse((refund.created, refund.id.clone())));
        let refunds: Vec<Value> =
            refunds.into_iter().map(|entry| refund(state, entry, &inner)).collect();
        let url = format!("/v1/charges/{}/refunds", payment.charge_id);
        members.insert("refunds".to_owned(), list(&url, &refunds, false));
    }
    rendered
}

pub(crate) fn refund(state: &State, refund: &Refund, expand: &Expand) -> Value {
    let payment = state.payments.get(&refund.payment);
    let method = payment.map_or(Method::Card, |payment| payment.method);
    let mut rendered = fill(
        &REFUND,
        json!({
            "id": refund.id,
            "created": refund.created,
            "amount": refund.amount,
            "currency": payment.map(|payment| payment.currency.as_str()).unwrap_or_default(),
            "charge": charge_reference(state, &refund.payment, "charge", expand),
            "payment_intent": intent_reference(state, &refund.payment, expand),
            "destination_details": refund_destination(method),
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

/// Returns a payment intent as an object if it is expanded, or else as an id.
pub(super) fn intent_reference(state: &State, id: &str, expand: &Expand) -> Value {
    match (expand.within("payment_intent"), state.payments.get(id)) {
        (Some(inner), Some(payment)) => payment_intent(state, payment, &inner),
        _ => json!(id),
    }
}

/// Returns the charge of a payment as an object if `member` is expanded, or else as an id.
pub(super) fn charge_reference(
    state: &State,
    intent: &str,
    member: &str,
    expand: &Expand,
) -> Value {
    let Some(payment) = state.payments.get(intent) else {
        return Value::Null;
    };
    match expand.within(member) {
        Some(inner) => charge(state, payment, &inner),
        None => json!(payment.charge_id),
    }
}
