//! The oracle accepts valid requests and answers, and reports problems in invalid ones.

use serde_json::{Value, json};
use tollgate_stripe_contract::{Contract, fixture};

/// Known problems of the published examples: members that are newer than the examples, and accounts
/// that are only stubs there.
const KNOWN_GAPS: &[(&str, &[&str])] = &[
    ("account", &["\"specified_commercial_transactions_act_url\" is a required"]),
    (
        "charge",
        &["\"electronic_commerce_indicator\" is a required", "charge/transfer_data/destination: "],
    ),
    ("checkout.session", &["\"allowed_payment_method_types\" is a required"]),
    (
        "dispute",
        &["\"intended_submission_method\" is a required", "\"submission_method\" is a required"],
    ),
    (
        "payment_intent",
        &[
            "\"allowed_payment_method_types\" is a required",
            "\"payment_record\" is a required",
            "payment_intent/transfer_data/destination: ",
        ],
    ),
];

#[test]
fn the_published_examples_pass() {
    let contract = Contract::load();
    for name in [
        "account",
        "account_link",
        "charge",
        "checkout.session",
        "dispute",
        "event",
        "payment_intent",
        "refund",
    ] {
        let known = KNOWN_GAPS
            .iter()
            .find(|(fixture, _)| *fixture == name)
            .map_or(&[][..], |(_, gaps)| gaps);
        let problems = contract.check_object(name, &fixture(name)).err().unwrap_or_default();
        let unexpected: Vec<&String> = problems
            .iter()
            .filter(|problem| !known.iter().any(|gap| problem.contains(gap)))
            .collect();
        assert!(unexpected.is_empty(), "{name}: {unexpected:#?}");
    }
}

#[test]
fn a_checkout_as_tollgate_sends_it_passes() {
    let body = "mode=payment&line_items[0][price_data][currency]=usd\
        &line_items[0][price_data][unit_amount]=1200\
        &line_items[0][price_data][product_data][name]=A+page&line_items[0][quantity]=1\
        &payment_intent_data[metadata][purchase]=pur_1\
        &payment_intent_data[application_fee_amount]=12&success_url=https%3A%2F%2Fexample.com\
        &expires_at=1234567890&expand[]=payment_intent&metadata[order]=7";
    assert_eq!(check("POST", "/v1/checkout/sessions", body), Ok(()));
    assert_eq!(
        Contract::load().check_request(
            "GET",
            "/v1/events",
            "",
            "types[]=refund.created&limit=100&created[gte]=12&starting_after=evt_1",
        ),
        Ok(())
    );
}

#[test]
fn lists_are_described() {
    let contract = Contract::load();
    for (path, listed) in [
        ("/v1/checkout/sessions", "checkout.session"),
        ("/v1/accounts", "account"),
        ("/v1/disputes", "dispute"),
        ("/v1/refunds", "refund"),
        ("/v1/events", "event"),
    ] {
        let query =
            "created[gte]=12&created[lt]=14&limit=100&starting_after=x_1&expand[]=data.charge";
        assert_eq!(contract.check_request("GET", path, "", query), Ok(()), "{path}");
        let unknown = contract.check_request("GET", path, "", "created[since]=12");
        assert!(unknown.is_err(), "{path}");
        let list =
            |data: Value| json!({"object": "list", "url": path, "has_more": false, "data": data});
        assert_eq!(contract.check_response("GET", path, &list(json!([]))), Ok(()), "{path}");
        let wrong = list(json!([{"id": "x_1", "object": listed}]));
        assert!(contract.check_response("GET", path, &wrong).is_err(), "{path}");
    }
    let refunds = json!({
        "object": "list", "url": "/v1/refunds", "has_more": true, "data": [fixture("refund")],
    });
    assert_eq!(contract.check_response("GET", "/v1/refunds", &refunds), Ok(()));
    let of_payment = "payment_intent=pi_1&charge=ch_1";
    assert_eq!(contract.check_request("GET", "/v1/refunds", "", of_payment), Ok(()));
    let paid = "status=complete&customer_details[email]=a@b.test";
    assert_eq!(contract.check_request("GET", "/v1/checkout/sessions", "", paid), Ok(()));
    let unknown = contract.check_request("GET", "/v1/checkout/sessions", "", "status=paid");
    assert!(unknown.is_err());
}

#[test]
fn an_unknown_parameter_fails() {
    for (body, name) in [
        ("account=acct_1&type=account_onboarding&colour=red", "colour"),
        ("account=acct_1&type=account_onboarding&collection_options[x]=1", "x"),
    ] {
        let problems = check("POST", "/v1/account_links", body).unwrap_err();
        assert!(problems[0].contains(name), "{problems:?}");
    }
    // Not a parameter since 2026-09-30.
    let problems = check("POST", "/v1/checkout/sessions", "payment_method_types[0]=card");
    assert!(problems.unwrap_err()[0].contains("payment_method_types"));
    let query = Contract::load().check_request("GET", "/v1/refunds/re_1", "", "page=2");
    assert!(query.unwrap_err()[0].starts_with("query"));
}

#[test]
fn a_wrong_type_fails() {
    for (body, path) in [
        ("amount=much", "body/amount"),
        ("amount=1.5", "body/amount"),
        ("refund_application_fee=1", "body/refund_application_fee"),
        ("reason=because", "body/reason"),
        ("metadata=x", "body/metadata"),
        ("charge[id]=ch_1", "body/charge"),
    ] {
        let problems = check("POST", "/v1/refunds", body).unwrap_err();
        assert!(problems[0].starts_with(path), "{problems:?}");
    }
}

#[test]
fn a_missing_parameter_and_an_unknown_call_fail() {
    let problems = check("POST", "/v1/account_links", "account=acct_1").unwrap_err();
    assert!(problems[0].contains("type"), "{problems:?}");
    assert!(check("POST", "/v1/customers", "").is_err());
    assert!(check("DELETE", "/v1/accounts/acct_1", "").is_err());
}

#[test]
fn answers_are_checked() {
    let contract = Contract::load();
    let mut refund = fixture("refund");
    assert_eq!(contract.check_response("GET", "/v1/refunds/re_1", &refund), Ok(()));
    refund["amount"] = json!("100");
    let problems = contract.check_response("GET", "/v1/refunds/re_1", &refund);
    assert!(problems.unwrap_err()[0].starts_with("answer/amount: "));
    refund.as_object_mut().unwrap().remove("amount");
    assert!(contract.check_object("refund", &refund).is_err());
    let error = json!({"error": {"type": "invalid_request_error", "message": "No."}});
    assert_eq!(contract.check_response("GET", "/v1/refunds/re_1", &error), Ok(()));
    let error = json!({"error": {"type": "bad"}});
    assert!(contract.check_response("GET", "/v1/refunds/re_1", &error).is_err());
    assert!(contract.check_object("nonsense", &Value::Null).is_err());
}

fn check(method: &str, path: &str, body: &str) -> Result<(), Vec<String>> {
    Contract::load().check_request(method, path, body, "")
}
