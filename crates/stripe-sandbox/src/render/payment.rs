//! Payment intents and their charges.

use serde_json::{Value, json};

use super::{
    CHARGE, Expand, PAYMENT_INTENT, charge_reference, fill, intent_reference, list, refund,
};
use crate::model::{Method, Payment, PaymentStatus, State};

/// The sandbox's platform, as the application that made a charge on a connected account.
const APPLICATION: &str = "ca_TollgateSandbox";

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

fn method_type(method: Method) -> &'static str {
    match method {
        Method::Card => "card",
        Method::BankDebit => "us_bank_account",
    }
}

fn method_id(payment: &Payment) -> String {
    payment.intent_id.replacen("pi_", "pm_", 1)
}

fn method_details(payment: &Payment) -> Value {
    match payment.method {
        Method::Card => json!({
            "type": "card",
            "card": {
                "amount_authorized": payment.amount,
                "authorization_code": null,
                "brand": "visa",
                "checks": {
                    "address_line1_check": null,
                    "address_postal_code_check": null,
                    "cvc_check": "pass",
                },
                "country": "US",
                "electronic_commerce_indicator": null,
                "exp_month": 12,
                "exp_year": 2040,
                "fingerprint": "TollgateSandbox1",
                "funding": "credit",
                "installments": null,
                "last4": "4242",
                "mandate": null,
                "network": "visa",
                "network_token": {"used": false},
                "network_transaction_id": null,
                "regulated_status": "unregulated",
                "three_d_secure": null,
                "transaction_link_id": null,
                "wallet": null,
            },
        }),
        Method::BankDebit => json!({
            "type": "us_bank_account",
            "us_bank_account": {
                "account_holder_type": "individual",
                "account_type": "checking",
                "bank_name": "STRIPE TEST BANK",
                "fingerprint": "TollgateSandbox2",
                "last4": "6789",
                "payment_reference": null,
                "routing_number": "110000000",
            },
        }),
    }
}
