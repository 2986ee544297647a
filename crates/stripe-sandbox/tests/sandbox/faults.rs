//! Injected faults.

use std::time::Duration;

use serde_json::json;

use crate::support::{Api, KEY};

const REFUNDS: &str = "/v1/refunds";

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
    let wrong = json!({"api": {"mode": "418"}});
    assert_eq!(api.control("faults", wrong).await.status, 400);
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
