//! Checkout sessions: how they are created, and how they end.

use std::collections::BTreeSet;

use tollgate_domain::payments::{
    CheckoutSessionId, OpenCheckout, PaymentExtras, Payments, PaymentsError, RefundOrder, Refusal,
    SessionProgress,
};

use super::{
    CHECKOUT, GROUP_BUY, MADE, PAGE, SESSION, account, gateway, order, refund_order, refusal,
};
use crate::stub::{Reply, Stub};

#[tokio::test]
async fn a_session_is_created_with_the_ids_of_its_checkout() {
    let stub = Stub::start([Reply::json(200, SESSION)]).await;
    let opened = gateway(&stub).open_checkout(&order()).await.unwrap();
    assert_eq!(opened.session.as_str(), "cs_1");
    assert_eq!(opened.url, "https://pay.test/cs_1");

    let sent = &stub.received()[0];
    assert_eq!(sent.line, "POST /v1/checkout/sessions");
    assert_eq!(sent.header("authorization"), Some("Bearer sk_test_gateway"));
    assert_eq!(sent.header("stripe-version"), Some("2026-10-28.endive"));
    assert_eq!(sent.header("stripe-account"), Some("acct_1"));
    assert_eq!(sent.header("idempotency-key"), Some(format!("checkout-{CHECKOUT}").as_str()));
    assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
    let mut fields: Vec<_> = sent.fields().into_iter().collect();
    fields.sort();
    let fields: Vec<_> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        fields,
        [
            ("cancel_url", "https://a.test/p"),
            ("client_reference_id", CHECKOUT),
            ("customer_email", "bob+x@example.com"),
            ("expires_at", "1795000000"),
            ("line_items[0][price_data][currency]", "usd"),
            ("line_items[0][price_data][product_data][name]", "Ten & more [things]"),
            ("line_items[0][price_data][unit_amount]", "1200"),
            ("line_items[0][quantity]", "1"),
            ("metadata[tollgate_checkout]", CHECKOUT),
            ("metadata[tollgate_page]", PAGE),
            ("mode", "payment"),
            ("payment_intent_data[application_fee_amount]", "30"),
            ("payment_intent_data[metadata][tollgate_checkout]", CHECKOUT),
            ("payment_intent_data[metadata][tollgate_page]", PAGE),
            ("success_url", "https://a.test/p/return?session={CHECKOUT_SESSION_ID}&a=ü"),
        ]
    );
}

#[tokio::test]
async fn a_session_is_created_with_the_group_buy_of_its_price() {
    let group_buy_id = Some(GROUP_BUY.parse().unwrap());
    let stub = Stub::start([Reply::json(200, SESSION)]).await;
    gateway(&stub).open_checkout(&OpenCheckout { group_buy_id, ..order() }).await.unwrap();
    let fields = stub.received()[0].fields();
    for object in ["metadata", "payment_intent_data[metadata]"] {
        let name = format!("{object}[tollgate_group_buy]");
        assert_eq!(fields.get(&name).map(String::as_str), Some(GROUP_BUY), "{name}");
    }
}

#[tokio::test]
async fn what_the_seller_wishes_besides_is_asked_for() {
    let extras = PaymentExtras { invoice: true, automatic_tax: true, tax_id: true };
    let stub = Stub::start([Reply::json(200, SESSION)]).await;
    gateway(&stub).open_checkout(&OpenCheckout { extras, ..order() }).await.unwrap();
    let fields = stub.received()[0].fields();
    for (name, value) in [
        ("invoice_creation[enabled]", "true"),
        ("automatic_tax[enabled]", "true"),
        ("tax_id_collection[enabled]", "true"),
        ("line_items[0][price_data][tax_behavior]", "inclusive"),
    ] {
        assert_eq!(fields.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[tokio::test]
async fn no_fee_is_sent_when_there_is_none() {
    let stub = Stub::start([Reply::json(200, SESSION), Reply::json(200, MADE)]).await;
    let gateway = gateway(&stub);
    gateway.open_checkout(&OpenCheckout { fee: 0, ..order() }).await.unwrap();
    gateway.refund(&RefundOrder { with_fee: false, ..refund_order() }).await.unwrap();
    let sent = stub.received();
    assert!(!sent[0].body.contains("application_fee"), "{}", sent[0].body);
    assert!(!sent[1].body.contains("application_fee"), "{}", sent[1].body);
}

#[tokio::test]
async fn an_email_address_that_stripe_refuses_is_left_out() {
    let refused = r#"{"error":{"type":"invalid_request_error","code":"email_invalid",
        "param":"customer_email","message":"Invalid email address: bob+x@example.com"}}"#;
    let stub = Stub::start([Reply::json(400, refused), Reply::json(200, SESSION)]).await;
    gateway(&stub).open_checkout(&order()).await.unwrap();
    let sent = stub.received();
    assert_eq!(sent.len(), 2);
    assert!(sent[0].fields().contains_key("customer_email"));
    assert!(!sent[1].fields().contains_key("customer_email"));
    // The same key with other parameters would be refused.
    let key = format!("checkout-plain-{}", order().checkout_id);
    assert_eq!(sent[1].header("idempotency-key"), Some(key.as_str()));
    for request in &sent {
        assert!(
            request.body.split('&').is_sorted(),
            "each repetition is the same: {}",
            request.body
        );
    }

    let another = refused.replace("customer_email", "success_url");
    let stub = Stub::start([Reply::json(400, another), Reply::json(200, SESSION)]).await;
    let opened = gateway(&stub).open_checkout(&order()).await;
    assert_eq!(refusal(&opened.unwrap_err()), Some(Refusal::WithMessage));
}

#[tokio::test]
async fn expiring_a_closed_session_returns_its_state() {
    let session = CheckoutSessionId::new("cs_1");
    let refused =
        Reply::json(400, r#"{"error":{"type":"invalid_request_error","param":"session"}}"#);
    let mut keys = BTreeSet::new();
    for (status, payment, progress) in [
        ("complete", "paid", SessionProgress::Paid),
        ("expired", "unpaid", SessionProgress::Expired),
        ("expired", "paid", SessionProgress::Paid),
        ("open", "paid", SessionProgress::Paid),
    ] {
        let now = format!(r#"{{"id":"cs_1","status":"{status}","payment_status":"{payment}"}}"#);
        let stub = Stub::start([refused.clone(), Reply::json(200, now)]).await;
        let found = gateway(&stub).expire_checkout(&account(), &session).await.unwrap();
        assert_eq!(found.progress, progress);
        let sent = stub.received();
        assert_eq!(sent[0].line, "POST /v1/checkout/sessions/cs_1/expire");
        let key = sent[0].header("idempotency-key").unwrap();
        assert!(key.starts_with("expire-cs_1-"), "{key}");
        keys.insert(key.to_owned());
        assert_eq!(sent[0].header("stripe-account"), Some("acct_1"));
        assert_eq!(sent[1].line.split('?').next(), Some("GET /v1/checkout/sessions/cs_1"));
    }

    assert_eq!(keys.len(), 4, "an error that is kept under a key ends with the call");

    let stub = Stub::start([refused, Reply::json(200, SESSION)]).await;
    let error = gateway(&stub).expire_checkout(&account(), &session).await.unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::WithMessage));

    let missing = || Reply::error(404, "resource_missing");
    let stub = Stub::start([missing(), missing()]).await;
    let error = gateway(&stub).expire_checkout(&account(), &session).await.unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::NotFound));
    // A session that is shown as open can be paid, whatever the answer before said.
    for gone in [missing(), Reply::error(403, "account_invalid")] {
        let stub = Stub::start([gone, Reply::json(200, SESSION)]).await;
        let error = gateway(&stub).expire_checkout(&account(), &session).await.unwrap_err();
        assert!(matches!(error, PaymentsError::Unavailable(_)), "{error:?}");
    }
}
