//! What is about Stripe alone: its words, its limits, and how often it is asked.

use futures_util::future::join_all;
use serde_json::json;
use tollgate_domain::payments::{
    AccountId, OpenCheckout, PaymentExtras, Payments, PaymentsError, Refusal,
};

use crate::fixture::{
    Fixture, KEY, REFUNDS, SESSIONS, gateway, now, order, refund_of, refusal, usd,
};

#[tokio::test]
async fn an_account_says_what_it_lacks_in_stripes_words() {
    let fixture = Fixture::new().await;
    let email = "ada@example.com".parse().unwrap();
    let account = fixture.gateway.create_account("account-1", "", &email).await.unwrap();
    let told = fixture.gateway.account(&account).await.unwrap();
    assert!(told.due.iter().any(|due| due == "external_account"), "{:?}", told.due);
    fixture.end();
}

#[tokio::test]
async fn the_pay_page_of_a_session_is_stripes() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let opened = fixture.gateway.open_checkout(&order).await.unwrap();
    assert!(opened.url.starts_with(&fixture.sandbox.url()), "{}", opened.url);
    let found = fixture.gateway.find_checkout(&order.account, order.checkout_id, now()).await;
    assert_eq!(found.unwrap(), Some(opened));
    fixture.end();
}

#[tokio::test]
async fn tax_is_what_stripe_has_computed() {
    let fixture = Fixture::new().await;
    let extras = PaymentExtras { invoice: true, automatic_tax: true, tax_id: true };
    let order = OpenCheckout { extras, ..order(&fixture.account().await) };
    let opened = fixture.gateway.open_checkout(&order).await.unwrap();
    fixture.pay(&opened.session, "succeed").await;
    let paid = fixture.gateway.checkout(&order.account, &opened.session).await.unwrap();
    assert_eq!((paid.amount, paid.tax), (1_200, Some(200)));
    fixture.end();
}

#[tokio::test]
async fn a_price_that_stripe_does_not_accept_is_refused_in_its_words() {
    let fixture = Fixture::new().await;
    let small = OpenCheckout { price: usd(49), ..order(&fixture.account().await) };
    assert_eq!(refusal(fixture.gateway.open_checkout(&small).await), Refusal::WithMessage);
    assert_eq!(fixture.count("checkoutSessions").await, 0);
    fixture.end();
}

#[tokio::test]
async fn a_wrong_key_is_refused_with_a_hint() {
    let fixture = Fixture::new().await;
    let stranger = gateway(&fixture.sandbox, "sk_test_wrong");
    let error = stranger.account(&AccountId::new("acct_1")).await.unwrap_err();
    assert!(matches!(error, PaymentsError::Refused { refusal: Refusal::Other, .. }), "{error:?}");
    assert!(error.to_string().contains("TOLLGATE_STRIPE_SECRET_KEY"), "{error}");
    fixture.end();
}

#[tokio::test]
async fn another_process_with_the_same_order_gets_the_same_session() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let first = fixture.gateway.open_checkout(&order).await.unwrap();
    let restarted = gateway(&fixture.sandbox, KEY);
    assert_eq!(restarted.open_checkout(&order).await.unwrap(), first);
    assert_eq!(fixture.count("checkoutSessions").await, 1);
    fixture.end();
}

#[tokio::test]
async fn a_lost_answer_causes_no_second_session() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    for (sessions, mode) in (1..).zip(["500", "429", "timeout"]) {
        let order = order(&account);
        let fault = json!({"mode": mode, "times": 1, "path": SESSIONS, "after_effect": true});
        fixture.fault(fault).await;
        let before = fixture.requests_to(SESSIONS).len();
        let opened = fixture.gateway.open_checkout(&order).await.unwrap();
        let sent = fixture.requests_to(SESSIONS).split_off(before);
        assert_eq!(sent.len(), 2, "{mode}");
        let key = format!("checkout-{}", order.checkout_id);
        assert!(sent.iter().all(|sent| sent.idempotency_key.as_deref() == Some(&key)));
        assert_eq!(fixture.gateway.open_checkout(&order).await.unwrap(), opened);
        assert_eq!(fixture.count("checkoutSessions").await, sessions, "{mode}");
    }
    fixture.end();
}

#[tokio::test]
async fn a_lost_answer_causes_no_second_refund() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let payment = fixture.paid(&order).await;
    for (refunds, mode) in (1..).zip(["500", "timeout"]) {
        let fault = json!({"mode": mode, "times": 1, "path": REFUNDS, "after_effect": true});
        fixture.fault(fault).await;
        let refund = refund_of(&order, &payment, 100);
        let made = fixture.gateway.refund(&refund).await.unwrap();
        assert_eq!(made.refund_id, Some(refund.refund_id));
        assert_eq!(fixture.count("refunds").await, refunds, "{mode}");
    }
    fixture.end();
}

#[tokio::test]
async fn a_short_failure_is_retried_and_a_lasting_one_is_reported() {
    join_all(["409", "429", "500", "timeout"].map(check_failure)).await;
}

async fn check_failure(mode: &str) {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    fixture.fault(json!({"mode": mode, "times": 2, "path": SESSIONS})).await;
    let opened = fixture.gateway.open_checkout(&order(&account)).await;
    assert!(opened.is_ok(), "{mode}: {opened:?}");

    fixture.fault(json!({"mode": mode, "path": SESSIONS})).await;
    let order = order(&account);
    let opened = fixture.gateway.open_checkout(&order).await;
    let has_failed = matches!(opened, Err(PaymentsError::Failed(_)));
    assert_eq!(has_failed, mode == "500", "{opened:?}");
    let is_unanswered = opened.as_ref().is_err_and(PaymentsError::is_unanswered);
    assert!(has_failed || is_unanswered, "{opened:?}");
    assert_eq!(matches!(opened, Err(PaymentsError::Busy { .. })), mode == "429", "{opened:?}");
    fixture.fault(json!({"mode": "none"})).await;
    assert!(fixture.gateway.open_checkout(&order).await.is_ok(), "{mode}");
    fixture.end();
}

#[tokio::test]
async fn an_answer_that_is_late_or_cut_is_asked_for_again() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    for (sessions, fault) in (1..).zip([
        json!({"mode": "cut", "times": 1, "method": "POST"}),
        json!({"mode": "cut", "times": 1, "method": "POST", "after_effect": true}),
        json!({"mode": "latency", "millis": 100, "times": 1}),
        json!({"mode": "latency", "millis": 1_500, "times": 1, "after_effect": true}),
    ]) {
        fixture.fault(fault.clone()).await;
        let opened = fixture.gateway.open_checkout(&order(&account)).await;
        assert!(opened.is_ok(), "{fault}: {opened:?}");
        assert_eq!(fixture.count("checkoutSessions").await, sessions, "{fault}");
    }
    fixture.end();
}
