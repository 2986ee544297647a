//! Injected faults.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Api, KEY, checkout};

const REFUNDS: &str = "/v1/refunds";
const SESSIONS: &str = "/v1/checkout/sessions";

#[tokio::test]
async fn a_number_of_requests_under_a_path_fail() {
    let api = Api::start().await;
    for (mode, status) in [("429", 429), ("500", 500), ("409", 409)] {
        let fault = json!({"api": {"mode": mode, "times": 2, "path": "/v1/refunds"}});
        api.control("faults", fault).await.ok();
        assert_eq!(api.get(None, "/v1/events").await.status, 200);
        for _ in 0..2 {
            assert_eq!(api.get(None, "/v1/refunds/re_1").await.status, status);
        }
        assert_eq!(api.get(None, "/v1/refunds/re_1").await.status, 404);
    }
    api.control("faults", json!({"api": {"mode": "500"}})).await.ok();
    assert_eq!(api.get(None, "/v1/events").await.status, 500);
    api.control("faults", json!({"api": {"mode": "none"}})).await.ok();
    assert_eq!(api.get(None, "/v1/events").await.status, 200);
    for wrong in [
        json!({"mode": "418"}),
        json!({"mode": "429", "kept": true}),
        json!({"mode": "latency"}),
        json!({"mode": "500", "millis": 5}),
    ] {
        let answer = api.control("faults", json!({"api": wrong})).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_fault_can_be_limited_to_a_method_and_an_account() {
    let api = Api::start().await;
    let (one, other) = (api.enabled_account().await, api.enabled_account().await);
    let fault = json!({"mode": "500", "method": "POST", "account": one, "path": SESSIONS});
    api.control("faults", json!({"api": fault})).await.ok();
    assert_eq!(api.post(Some(&one), SESSIONS, &checkout()).await.status, 500);
    assert_eq!(api.get(Some(&one), SESSIONS).await.ok()["data"], json!([]));
    api.post(Some(&other), SESSIONS, &checkout()).await.ok();
}

#[tokio::test]
async fn several_faults_apply_each_to_its_own_requests() {
    let api = Api::start().await;
    let faults = json!([
        {"mode": "429", "times": 1, "path": REFUNDS},
        {"mode": "500", "path": REFUNDS, "method": "GET"},
        {"mode": "latency", "millis": 1, "path": SESSIONS},
        {"mode": "409", "path": "/v1/accounts"},
    ]);
    let set = api.control("faults", json!({"api": faults})).await.ok();
    assert_eq!(set["api"].as_array().map(Vec::len), Some(4));
    let refund = format!("{REFUNDS}/re_1");
    assert_eq!(api.get(None, &refund).await.status, 429);
    for _ in 0..2 {
        assert_eq!(api.get(None, &refund).await.status, 500);
    }
    assert_eq!(api.get(None, "/v1/accounts/acct_1").await.status, 409);
    assert_eq!(api.get(None, SESSIONS).await.status, 200);
    let wrong = json!([{"mode": "429"}, {"mode": "429", "kept": true}]);
    assert_eq!(api.control("faults", json!({"api": wrong})).await.status, 400);
    assert_eq!(api.get(None, &refund).await.status, 500, "a refused change changes nothing");
    api.control("faults", json!({"api": []})).await.ok();
    assert_eq!(api.get(None, &refund).await.status, 404);
}

#[tokio::test]
async fn a_kept_failure_is_the_answer_under_its_key_for_a_day() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    for (acted, after_effect) in [(0, false), (1, true)] {
        let (intent, _) = api.paid(&account).await;
        let form = [("payment_intent", intent.as_str()), ("amount", "100")];
        let path = format!("{REFUNDS}?payment_intent={intent}");
        let made = || async {
            let list = api.get(ours, &path).await.ok();
            list["data"].as_array().unwrap().len()
        };
        let key = format!("k-{acted}");
        let fault = json!({"mode": "500", "kept": true, "times": 1, "after_effect": after_effect});
        api.control("faults", json!({"api": fault})).await.ok();
        let first = api.post_with_key(ours, REFUNDS, &form, Some(&key)).await;
        assert_eq!((first.status, first.header("idempotent-replayed")), (500, ""));
        assert_eq!(made().await, acted);
        for _ in 0..3 {
            let again = api.post_with_key(ours, REFUNDS, &form, Some(&key)).await;
            assert_eq!((again.status, again.header("idempotent-replayed")), (500, "true"));
        }
        assert_eq!(made().await, acted);
        api.post_with_key(ours, REFUNDS, &form, Some("another")).await.ok();
        assert_eq!(made().await, acted + 1);
        api.control("clock", json!({"advance_seconds": 24 * 3_600 + 1})).await.ok();
        let later = api.post_with_key(ours, REFUNDS, &form, Some(&key)).await;
        assert_eq!((later.status, later.header("idempotent-replayed")), (200, ""));
    }
    // A request without a key has nothing to keep it under.
    let fault = json!({"mode": "500", "kept": true, "times": 2});
    api.control("faults", json!({"api": fault})).await.ok();
    assert_eq!(api.post(ours, SESSIONS, &checkout()).await.status, 500);
    assert_eq!(api.get(ours, SESSIONS).await.status, 500);
    api.post(ours, SESSIONS, &checkout()).await.ok();
}

#[tokio::test]
async fn an_answer_can_be_late() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    for (count, after_effect) in [(1, false), (2, true)] {
        let fault = json!({
            "mode": "latency", "millis": 300, "times": 1, "after_effect": after_effect,
        });
        api.control("faults", json!({"api": fault})).await.ok();
        let started = Instant::now();
        api.post(Some(&account), SESSIONS, &checkout()).await.ok();
        assert!(started.elapsed() >= Duration::from_millis(300));
        assert_eq!(api.control_get("stats").await["checkoutSessions"], count);
    }
}

#[tokio::test]
async fn a_connection_can_be_cut_before_and_after_the_effect() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    for (count, after_effect) in [(0, false), (1, true)] {
        let fault = json!({"mode": "cut", "times": 1, "after_effect": after_effect});
        api.control("faults", json!({"api": fault})).await.ok();
        let request = api.client.post(api.address(SESSIONS)).bearer_auth(KEY);
        let request = request.header("Stripe-Account", &account);
        let error = request.body(crate::support::encode(&checkout())).send().await.unwrap_err();
        assert!(!error.is_timeout() && error.is_request(), "{error:?}");
        assert_eq!(api.control_get("stats").await["checkoutSessions"], count);
    }
    api.post(Some(&account), SESSIONS, &checkout()).await.ok();
}

#[tokio::test]
async fn a_lost_answer_is_returned_to_a_retry_with_the_same_key() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    let (intent, _) = api.paid(&account).await;
    let form = [("payment_intent", intent.as_str())];
    let fault = json!({"api": {"mode": "500", "times": 1, "after_effect": true}});
    api.control("faults", fault).await.ok();
    assert_eq!(api.post_with_key(ours, REFUNDS, &form, Some("k")).await.status, 500);
    assert_eq!(api.control_get("stats").await["refunds"], 1);
    let again = api.post_with_key(ours, REFUNDS, &form, Some("k")).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    again.ok();
    assert_eq!(api.control_get("stats").await["refunds"], 1);
}

#[tokio::test]
async fn a_request_can_stay_unanswered() {
    let api = Api::start().await;
    let fault = json!({"api": {"mode": "timeout", "times": 1}});
    api.control("faults", fault).await.ok();
    let request = api.client.get(api.address("/v1/events")).bearer_auth(KEY);
    let sent = request.timeout(Duration::from_millis(200)).send().await;
    assert!(sent.unwrap_err().is_timeout());
    assert_eq!(api.get(None, "/v1/events").await.status, 200);
    // The sandbox stops although a request is unanswered.
    api.control("faults", json!({"api": {"mode": "timeout"}})).await.ok();
    let hanging = api.client.get(api.address("/v1/events")).bearer_auth(KEY);
    let hanging = tokio::spawn(hanging.send());
    while api.sandbox.requests().len() < 3 {
        tokio::task::yield_now().await;
    }
    api.sandbox.stop().await;
    assert!(hanging.await.unwrap().is_err());
}
