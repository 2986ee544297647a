//! Refunds, disputes, and idempotency keys.

use serde_json::json;

use crate::support::Api;

const REFUNDS: &str = "/v1/refunds";

#[tokio::test]
async fn partial_refunds_never_exceed_the_payment() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    let (intent, charge) = api.paid(&account).await;
    let intent = ("payment_intent", intent.as_str());
    let first = api.post(ours, REFUNDS, &[intent, ("amount", "500")]).await.ok();
    assert_eq!((&first["amount"], &first["status"]), (&json!(500), &json!("succeeded")));
    let path = format!("/v1/charges/{charge}");
    let partly = api.get(ours, &path).await.ok();
    assert_eq!((&partly["amount_refunded"], &partly["refunded"]), (&json!(500), &json!(false)));
    let over = api.post(ours, REFUNDS, &[intent, ("amount", "701")]).await;
    over.refused(400, "amount_too_large");
    let zero = api.post(ours, REFUNDS, &[intent, ("amount", "0")]).await;
    zero.refused(400, "parameter_invalid_integer");
    let form = [
        ("charge", charge.as_str()),
        ("refund_application_fee", "true"),
        ("reason", "requested_by_customer"),
        ("metadata[purchase]", "pur_1"),
    ];
    let rest = api.post(ours, REFUNDS, &form).await.ok();
    assert_eq!(rest["amount"], 700);
    assert_eq!(rest["metadata"]["purchase"], "pur_1");
    let again = api.post(ours, REFUNDS, &[intent]).await;
    again.refused(400, "charge_already_refunded");
    assert_eq!(api.get(ours, &path).await.ok()["refunded"], true);
    let refund = format!("{REFUNDS}/{}", rest["id"].as_str().unwrap());
    assert_eq!(api.get(ours, &refund).await.ok(), rest);
}

#[tokio::test]
async fn parallel_refunds_never_exceed_the_payment() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let (intent, _) = api.paid(&account).await;
    let form = [("payment_intent", intent.as_str()), ("amount", "400")];
    let post = || async { api.post(Some(&account), REFUNDS, &form).await.status };
    let (a, b, c, d) = tokio::join!(post(), post(), post(), post());
    let accepted = [a, b, c, d].iter().filter(|status| **status == 200).count();
    assert_eq!(accepted, 3);
}

#[tokio::test]
async fn a_refund_that_fails_gives_the_amount_back() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    let (intent, charge) = api.paid(&account).await;
    let form = [("payment_intent", intent.as_str())];
    let refund = api.post(ours, REFUNDS, &form).await.ok();
    let control = format!("refunds/{}", refund["id"].as_str().unwrap());
    let failed = api.control(&control, json!({"status": "failed"})).await.ok();
    assert_eq!(failed["failure_reason"], "declined");
    let path = format!("/v1/charges/{charge}");
    assert_eq!(api.get(ours, &path).await.ok()["amount_refunded"], 0);
    let again = api.control(&control, json!({"status": "succeeded"})).await;
    assert_eq!(again.status, 400);
    api.post(ours, REFUNDS, &form).await.ok();
}

#[tokio::test]
async fn a_refund_fails_later_if_it_was_arranged() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    let status = |id: String| {
        let (api, ours) = (&api, ours);
        async move { api.get(ours, &format!("{REFUNDS}/{id}")).await.ok()["status"].clone() }
    };
    let refund = |intent: String| {
        let (api, ours) = (&api, ours);
        async move {
            let form = [("payment_intent", intent.as_str())];
            let refund = api.post(ours, REFUNDS, &form).await.ok();
            (refund["id"].as_str().unwrap().to_owned(), refund["status"].clone())
        }
    };
    // By a fault.
    let (intent, charge) = api.paid(&account).await;
    let fault = json!({"status": "pending", "fails_after_seconds": 60});
    api.control("faults", json!({"refunds": fault})).await.ok();
    let (id, first) = refund(intent).await;
    assert_eq!(first, "pending");
    api.control("clock", json!({"advance_seconds": 50})).await.ok();
    assert_eq!(status(id.clone()).await, "pending");
    api.control("clock", json!({"advance_seconds": 10})).await.ok();
    assert_eq!(status(id).await, "failed");
    let path = format!("/v1/charges/{charge}");
    assert_eq!(api.get(ours, &path).await.ok()["amount_refunded"], 0);
    let path = "/v1/events?type=refund.failed";
    assert_eq!(api.get(ours, path).await.ok()["data"].as_array().unwrap().len(), 1);
    api.control("faults", json!({"refunds": {}})).await.ok();
    // By what the buyer chose on the pay page.
    let session = api.open_session(&account).await;
    let page = api.address(&format!("/pay/{session}"));
    assert_eq!(api.submit(&page, &[("outcome", "refund_fails")]).await.status, 303);
    let path = format!("/v1/checkout/sessions/{session}");
    let intent = api.get(ours, &path).await.ok()["payment_intent"].clone();
    let (id, first) = refund(intent.as_str().unwrap().to_owned()).await;
    assert_eq!(first, "succeeded");
    api.control("clock", json!({"advance_seconds": 5})).await.ok();
    assert_eq!(status(id).await, "failed");
}

#[tokio::test]
async fn a_refund_takes_every_status_that_stripe_has() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    api.control("faults", json!({"refunds": {"status": "requires_action"}})).await.ok();
    let (intent, _) = api.paid(&account).await;
    let form = [("payment_intent", intent.as_str())];
    let refund = api.post(ours, REFUNDS, &form).await.ok();
    assert_eq!(refund["status"], "requires_action");
    let control = format!("refunds/{}", refund["id"].as_str().unwrap());
    api.control(&control, json!({"status": "pending"})).await.ok();
    let canceled = api.control(&control, json!({"status": "canceled"})).await.ok();
    assert_eq!(canceled["status"], "canceled");
    for status in ["pending", "succeeded", "failed"] {
        assert_eq!(api.control(&control, json!({"status": status})).await.status, 400);
    }
    // The money is there to be refunded again.
    api.post(ours, REFUNDS, &form).await.ok();
}

#[tokio::test]
async fn a_disputed_payment_is_not_refunded_until_the_dispute_is_decided() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    // Stripe does not say that it refuses a refund after a loss, so that the one who asks has to know better.
    for outcome in ["won", "lost"] {
        let (intent, charge) = api.paid(&account).await;
        let control = format!("payment_intents/{intent}/dispute");
        let dispute = api.control(&control, json!({})).await.ok();
        assert_eq!(dispute["status"], "needs_response");
        assert_eq!(api.control(&control, json!({})).await.status, 400);
        let path = format!("/v1/charges/{charge}");
        assert_eq!(api.get(ours, &path).await.ok()["disputed"], true);
        let form = [("payment_intent", intent.as_str())];
        api.post(ours, REFUNDS, &form).await.refused(400, "charge_disputed");
        let id = dispute["id"].as_str().unwrap();
        let control = format!("disputes/{id}/close");
        let closed = api.control(&control, json!({"status": outcome})).await.ok();
        assert_eq!(closed["status"], outcome);
        let read = api.get(ours, &format!("/v1/disputes/{id}")).await.ok();
        assert_eq!(read, closed);
        assert_eq!(api.post(ours, REFUNDS, &form).await.status, 200);
    }
}

#[tokio::test]
async fn a_key_has_one_effect_and_one_answer() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    let (intent, _) = api.paid(&account).await;
    let form = [("payment_intent", intent.as_str()), ("amount", "100")];
    let first = api.post_with_key(ours, REFUNDS, &form, Some("k1")).await;
    assert_eq!(first.header("idempotent-replayed"), "");
    let second = api.post_with_key(ours, REFUNDS, &form, Some("k1")).await;
    assert_eq!(second.header("idempotent-replayed"), "true");
    assert_eq!(second.text, first.text);
    let other = [form[0], ("amount", "200")];
    let conflict = api.post_with_key(ours, REFUNDS, &other, Some("k1")).await;
    assert_eq!(conflict.status, 400);
    assert_eq!(conflict.body["error"]["type"], "idempotency_error");
    assert_eq!(api.control_get("stats").await["refunds"], 1);

    // The answer to a request that failed validation is not stored, so its key can be used again.
    let wrong = [form[0], ("amount", "much")];
    let refused = api.post_with_key(ours, REFUNDS, &wrong, Some("k2")).await;
    refused.refused(400, "parameter_invalid_integer");
    api.post_with_key(ours, REFUNDS, &form, Some("k2")).await.ok();

    // The answer to a valid request that the state does not allow is stored.
    let over = [form[0], ("amount", "1100")];
    let refused = api.post_with_key(ours, REFUNDS, &over, Some("k3")).await;
    let again = api.post_with_key(ours, REFUNDS, &over, Some("k3")).await;
    assert_eq!((again.status, &again.text), (refused.status, &refused.text));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let long = "k".repeat(256);
    assert_eq!(api.post_with_key(ours, REFUNDS, &form, Some(&long)).await.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_requests_with_one_key_have_one_effect() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let (intent, _) = api.paid(&account).await;
    let form = [("payment_intent", intent.as_str()), ("amount", "100")];
    let post = || async {
        let answer = api.post_with_key(Some(&account), REFUNDS, &form, Some("k")).await;
        answer.status
    };
    let statuses = tokio::join!(post(), post(), post(), post());
    for status in [statuses.0, statuses.1, statuses.2, statuses.3] {
        assert!(status == 200 || status == 409, "{status}");
    }
    assert_eq!(api.control_get("stats").await["refunds"], 1);
}
