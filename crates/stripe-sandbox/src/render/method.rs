//! Payment methods.

use serde_json::{Value, json};

use crate::model::Payment;
use crate::status::Method;

pub(super) fn method_type(method: Method) -> &'static str {
    match method {
        Method::Card => "card",
        Method::BankDebit => "us_bank_account",
    }
}

pub(super) fn method_id(payment: &Payment) -> String {
    payment.intent_id.replacen("pi_", "pm_", 1)
}

pub(super) fn method_details(payment: &Payment) -> Value {
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

pub(super) fn refund_destination(method: Method) -> Value {
    match method {
        Method::Card => json!({"type": "card", "card": {"type": "refund"}}),
        Method::BankDebit => json!({
            "type": "us_bank_transfer",
            "us_bank_transfer": {"reference": null, "reference_status": null},
        }),
    }
}
