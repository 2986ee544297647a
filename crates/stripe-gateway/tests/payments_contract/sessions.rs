//! Checkout sessions.

use futures_util::future::join_all;
use serde_json::json;
use tollgate_domain::{
    money::Money,
    payments::{
        CheckoutSessionId, OpenCheckout, PaymentExtras, Payments, PaymentsError, Refusal,
        SessionProgress, SessionState,
    },
};

use crate::fixture::{Fixture, KEY, SESSIONS, gateway, order, refusal, usd};

#[tokio::test]
async fn a_checkout_goes_from_open_to_paid_and_has_its_ids() {
    let fixture = Fixture::new().await;
    let order = OpenCheckout { fee: 60, ..order(&fixture.account().await) };
    let opened = fixture.gateway.open_checkout(&order).await.unwrap();
    assert!(opened.url.starts_with(&fixture.sandbox.url()), "{}", opened.url);
    let open = fixture.session(&order.account, &opened.session).await;
    let expected = SessionState {
        session: opened.session.clone(),
        checkout_id: Some(order.checkout_id),
        page_id: Some(order.page_id),
        progress: SessionProgress::Open,
        amount: 1_200,
        currency: "usd".into(),
        tax: None,
        payment_intent: None,
        paid_at: None,
        is_whole: true,
    };
    assert_eq!(open, expected);

    fixture.pay(&opened.session, "decline").await;
    assert_eq!(fixture.session(&order.account, &opened.session).await, expected);

    fixture.pay(&opened.session, "succeed").await;
    let paid = fixture.session(&order.account, &opened.session).await;
    let payment = paid.payment_intent.clone().unwrap();
    let expected = SessionState {
        progress: SessionProgress::Paid,
        payment_intent: Some(payment.clone()),
        paid_at: paid.paid_at,
        ..expected
    };
    assert_eq!(paid, expected);
    assert!(paid.paid_at.is_some(), "when the charge was made");
    let found = fixture.gateway.checkout_of_payment(&order.account, &payment).await.unwrap();
    assert_eq!(found, Some(order.checkout_id));
    fixture.end();
}

#[tokio::test]
async fn tax_is_part_of_the_price() {
    let fixture = Fixture::new().await;
    let extras = PaymentExtras { invoice: true, automatic_tax: true, tax_id: true };
    let order = OpenCheckout { extras, ..order(&fixture.account().await) };
    let opened = fixture.gateway.open_checkout(&order).await.unwrap();
    fixture.pay(&opened.session, "succeed").await;
    let paid = fixture.session(&order.account, &opened.session).await;
    assert_eq!((paid.progress, paid.amount), (SessionProgress::Paid, 1_200));
    assert_eq!(paid.tax, Some(200));
    fixture.end();
}

#[tokio::test]
async fn a_bank_debit_is_pending_until_it_succeeds_or_fails() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    for (outcome, expected) in
        [("succeeded", SessionProgress::Paid), ("failed", SessionProgress::Failed)]
    {
        let opened = fixture.gateway.open_checkout(&order(&account)).await.unwrap();
        fixture.pay(&opened.session, "later").await;
        let state = fixture.session(&account, &opened.session).await;
        assert_eq!(state.progress, SessionProgress::Pending);
        let settle = format!("sessions/{}/settle", opened.session);
        fixture.control(&settle, json!({"outcome": outcome})).await;
        let state = fixture.session(&account, &opened.session).await;
        assert_eq!(state.progress, expected, "{outcome}");
    }
    fixture.end();
}

#[tokio::test]
async fn currencies_without_decimals_are_charged_in_whole_units() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    for (amount, code) in
        [(1_200, "jpy"), (10_000, "isk"), (99_999_999, "eur"), (999_999_999_999, "idr")]
    {
        let price = Money::price(amount, code.parse().unwrap()).unwrap();
        let opened = fixture
            .gateway
            .open_checkout(&OpenCheckout { price, ..order(&account) })
            .await
            .unwrap();
        let state = fixture.session(&account, &opened.session).await;
        assert_eq!((state.amount, state.currency.as_str()), (amount, code));
    }
    fixture.end();
}

#[tokio::test]
async fn parallel_requests_for_one_order_open_one_session() {
    let fixture = Fixture::new().await;
    let order = OpenCheckout { fee: 1, ..order(&fixture.account().await) };
    let opened = join_all((0..20).map(|_| fixture.gateway.open_checkout(&order))).await;
    let first = opened[0].clone().unwrap();
    for opened in opened {
        assert_eq!(opened.unwrap(), first);
    }
    assert_eq!(fixture.gateway.open_checkout(&order).await.unwrap(), first);
    assert_eq!(fixture.count("checkoutSessions").await, 1);
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
async fn expiring_a_session_again_changes_nothing() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let opened = fixture.gateway.open_checkout(&order(&account)).await.unwrap();
    for _ in 0..3 {
        let state = fixture.gateway.expire_checkout(&account, &opened.session).await.unwrap();
        assert_eq!(state.progress, SessionProgress::Expired);
        assert_eq!(state, fixture.session(&account, &opened.session).await);
    }

    let paid = fixture.gateway.open_checkout(&order(&account)).await.unwrap();
    fixture.pay(&paid.session, "succeed").await;
    let state = fixture.gateway.expire_checkout(&account, &paid.session).await.unwrap();
    assert_eq!(state.progress, SessionProgress::Paid);
    assert_eq!(state, fixture.session(&account, &paid.session).await);

    let unknown = CheckoutSessionId::new("cs_test_unknown");
    let expired = fixture.gateway.expire_checkout(&account, &unknown).await;
    assert_eq!(refusal(expired), Refusal::NotFound);
    fixture.end();
}

#[tokio::test]
async fn a_checkout_that_stripe_does_not_accept_is_refused() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let small = OpenCheckout { price: usd(49), ..order(&account) };
    assert_eq!(refusal(fixture.gateway.open_checkout(&small).await), Refusal::WithMessage);
    let changed = order(&account);
    fixture.gateway.open_checkout(&changed).await.unwrap();
    let changed = OpenCheckout { price: usd(1_300), ..changed };
    assert_eq!(refusal(fixture.gateway.open_checkout(&changed).await), Refusal::Other);
    assert_eq!(fixture.count("checkoutSessions").await, 1);
    fixture.end();
}
