//! Failures, and what is tried again.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use tollgate_domain::payments::{MAX_PAUSE_SECONDS, Payments, PaymentsError, Refusal};
use tollgate_stripe_gateway::{StripeConfig, StripeGateway};

use crate::{
    SESSION, account, gateway, gateway_at, order, refund_order, refusal,
    stub::{Reply, Stub},
};

#[tokio::test]
async fn a_retry_keeps_the_key_and_the_body() {
    for trouble in [
        Reply::error(429, "rate_limit"),
        Reply::error(409, "idempotency_key_in_use"),
        Reply::error(429, "lock_timeout"),
        Reply::error(500, ""),
        Reply::json(503, "<html>"),
        Reply::error(400, "new").with("Stripe-Should-Retry", "true"),
        Reply::Half,
        Reply::Close,
        Reply::Hang,
    ] {
        let stub = Stub::start([trouble.clone(), Reply::json(200, SESSION)]).await;
        let opened = gateway(&stub).open_checkout(&order()).await;
        assert!(opened.is_ok(), "{trouble:?}: {opened:?}");
        let sent = stub.received();
        assert_eq!(sent.len(), 2, "{trouble:?}");
        assert!(sent[0].header("idempotency-key").is_some());
        assert_eq!(sent[0].header("idempotency-key"), sent[1].header("idempotency-key"));
        assert_eq!(sent[0].header("stripe-account"), sent[1].header("stripe-account"));
        assert_eq!(sent[0].body, sent[1].body);
    }
}

#[tokio::test]
async fn after_three_tries_stripe_failed_or_is_unavailable() {
    for (trouble, has_failed, says) in [
        (Reply::error(500, "api_error"), true, "500 api_error: Text."),
        (Reply::error(424, "api_error"), false, "424 api_error: Text."),
        (Reply::json(502, "<html>"), false, "502"),
        (Reply::Hang, false, "no answer in time"),
        (Reply::Close, false, "no answer"),
    ] {
        let stub = Stub::start([trouble.clone()]).await;
        let started = Instant::now();
        let error = gateway(&stub).refund(&refund_order()).await.unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        assert_eq!(stub.received().len(), 3, "{trouble:?}");
        assert_eq!(matches!(error, PaymentsError::Failed(_)), has_failed, "{error:?}");
        assert_eq!(matches!(error, PaymentsError::Unavailable(_)), !has_failed, "{error:?}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_try_waits_as_long_as_stripe_asks_for() {
    let busy = Reply::error(429, "rate_limit").with("Retry-After", "1");
    let stub = Stub::start([busy, Reply::json(200, SESSION)]).await;
    let started = Instant::now();
    gateway(&stub).open_checkout(&order()).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(stub.received().len(), 2);
}

#[tokio::test]
async fn who_is_asked_to_wait_long_asks_again_later() {
    let busy = |asked| Reply::error(429, "rate_limit").with("Retry-After", asked);
    let final_one = busy("3").with("Stripe-Should-Retry", "false");
    for (reply, told) in [(busy("20"), 20), (busy("3600"), MAX_PAUSE_SECONDS), (final_one, 3)] {
        let stub = Stub::start([reply]).await;
        let error = gateway(&stub).refund(&refund_order()).await.unwrap_err();
        let PaymentsError::Busy { retry_after_seconds, reason } = error else {
            panic!("{error:?}")
        };
        assert_eq!(retry_after_seconds, told, "{reason}");
        assert!(reason.starts_with("429 rate_limit"), "{reason}");
        assert_eq!(stub.received().len(), 1);
    }
}

/// Tries within the call are made as after other failures.
#[tokio::test]
async fn a_limit_that_names_no_pause_is_one_of_five_seconds() {
    let stub = Stub::start([Reply::error(429, "rate_limit")]).await;
    let started = Instant::now();
    let error = gateway(&stub).refund(&refund_order()).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(stub.received().len(), 3);
    let reason = "429 rate_limit: Text.".to_owned();
    assert_eq!(error, PaymentsError::Busy { reason, retry_after_seconds: 5 });
}

#[tokio::test]
async fn only_whole_seconds_are_a_pause() {
    let of = |status, asked| {
        let reply = Reply::error(status, "rate_limit").with("Retry-After", asked);
        reply.with("Stripe-Should-Retry", "false")
    };
    let no_seconds = ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1.5", "soon", "99999999999999999999"];
    for asked in no_seconds {
        let stub = Stub::start([of(429, asked)]).await;
        let error = gateway(&stub).refund(&refund_order()).await.unwrap_err();
        let is_default = matches!(error, PaymentsError::Busy { retry_after_seconds: 5, .. });
        assert!(is_default, "{asked}: {error:?}");
        let stub = Stub::start([of(424, asked)]).await;
        let error = gateway(&stub).refund(&refund_order()).await.unwrap_err();
        assert!(matches!(error, PaymentsError::Unavailable(_)), "{asked}: {error:?}");
    }
    for (asked, told) in [("0", 1), (" 7 ", 7)] {
        let stub = Stub::start([of(429, asked)]).await;
        let error = gateway(&stub).refund(&refund_order()).await.unwrap_err();
        let PaymentsError::Busy { retry_after_seconds, .. } = error else { panic!("{error:?}") };
        assert_eq!(retry_after_seconds, told, "{asked}");
    }
}

#[tokio::test]
async fn a_refused_connection_makes_stripe_unavailable() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = gateway_at(free).account(&account()).await.unwrap_err();
    assert!(error.to_string().contains("no connection"), "{error}");
}

#[tokio::test]
async fn a_request_waits_for_the_answer_of_the_same_request_under_way() {
    let in_use = Reply::error(409, "idempotency_key_in_use");
    let replies = [in_use.clone(), in_use.clone(), in_use.clone(), in_use.clone()];
    let stub = Stub::start(replies.into_iter().chain([Reply::json(200, SESSION)])).await;
    let opened = gateway(&stub).open_checkout(&order()).await;
    assert!(opened.is_ok(), "{opened:?}");
    assert_eq!(stub.received().len(), 5);
}

#[tokio::test]
async fn all_tries_together_end_within_the_total_timeout() {
    // A try that takes too long, and a try that leaves no time for another.
    for request_timeout in [Duration::from_secs(10), Duration::from_millis(400)] {
        let stub = Stub::start([Reply::Hang]).await;
        let config = StripeConfig {
            request_timeout,
            total_timeout: Duration::from_secs(1),
            ..StripeConfig::new("sk_test_1".into())
                .at(format!("http://{}", stub.addr).parse().unwrap())
        };
        let gateway = StripeGateway::new(&config).unwrap();
        let started = Instant::now();
        let error = gateway.refund(&refund_order()).await.unwrap_err();
        assert!(matches!(error, PaymentsError::Unavailable(_)), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
        assert_eq!(stub.received().len(), 1);
    }
}

#[tokio::test]
async fn reading_ends_sooner_than_what_changes_something() {
    let stub = Stub::start([Reply::Hang]).await;
    let config = StripeConfig {
        request_timeout: Duration::from_secs(20),
        total_timeout: Duration::from_mins(1),
        total_read_timeout: Duration::from_secs(1),
        ..StripeConfig::new("sk_test_1".into()).at(format!("http://{}", stub.addr).parse().unwrap())
    };
    let gateway = StripeGateway::new(&config).unwrap();
    let read = tokio::time::timeout(Duration::from_secs(10), gateway.account(&account())).await;
    assert!(matches!(read, Ok(Err(PaymentsError::Unavailable(_)))), "{read:?}");
}

#[tokio::test]
async fn a_refusal_is_final_and_has_its_kind() {
    for (status, code, expected) in [
        (400, "charge_already_refunded", Refusal::AlreadyRefunded),
        (404, "resource_missing", Refusal::NotFound),
        (400, "balance_insufficient", Refusal::InsufficientBalance),
        (403, "account_invalid", Refusal::AccountDisconnected),
        (400, "account_invalid", Refusal::AccountRestricted),
        (400, "charge_expired_for_refund", Refusal::WithMessage),
        (401, "", Refusal::Other),
    ] {
        let stub = Stub::start([Reply::error(status, code)]).await;
        let error = gateway(&stub).refund(&refund_order()).await.unwrap_err();
        assert_eq!(refusal(&error), Some(expected), "{status} {code}: {error}");
        assert_eq!(stub.received().len(), 1, "{status} {code}");
    }
}

#[tokio::test]
async fn a_failure_is_not_retried_if_stripe_says_so() {
    let no = Reply::error(500, "api_error").with("Stripe-Should-Retry", "false");
    let stub = Stub::start([no]).await;
    let error = gateway(&stub).refund(&refund_order()).await.unwrap_err();
    assert_eq!(refusal(&error), None);
    assert_eq!(stub.received().len(), 1);
}

#[tokio::test]
async fn the_error_of_a_wrong_key_names_the_setting() {
    let body = r#"{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: sk_test_****way"}}"#;
    let stub = Stub::start([Reply::json(401, body).with("Request-Id", "req_7")]).await;
    let error = gateway(&stub).account(&account()).await.unwrap_err().to_string();
    assert!(error.contains("TOLLGATE_STRIPE_SECRET_KEY"), "{error}");
    assert!(error.contains("req_7") && !error.contains("sk_"), "{error}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_makes_stripe_unavailable() {
    let long = format!(r#"{{"id":"cs_1","url":"https://pay.test/{}"}}"#, "x".repeat(5_000_000));
    let deep = "[".repeat(100_000);
    for body in ["", "{}", "[]", "null", "<html>", r#"{"id":5}"#, r#"{"id":"cs_1"}"#, &long, &deep]
    {
        let stub = Stub::start([Reply::json(200, body)]).await;
        let opened = gateway(&stub).open_checkout(&order()).await;
        assert!(matches!(opened, Err(PaymentsError::Unavailable(_))), "{body:.40}: {opened:?}");
    }
    for reply in [
        Reply::json(404, "<html>"),
        Reply::json(400, ""),
        Reply::json(302, "").with("Location", "http://elsewhere.test/"),
    ] {
        let stub = Stub::start([reply]).await;
        let error = gateway(&stub).account(&account()).await.unwrap_err();
        assert!(error.to_string().contains("TOLLGATE_STRIPE_API_URL"), "{error}");
    }
}
