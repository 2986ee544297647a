//! The delivery of events to the webhook address.

use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tollgate_stripe_sandbox::SandboxConfig;

use crate::support::{Api, Received, Receiver, WEBHOOK_SECRET, config, empty_dir};

/// Returns whether a delivery is signed as Stripe documents it.
fn is_signed(received: &Received) -> bool {
    let (time, signature) = received.signature.split_once(",v1=").unwrap();
    let time = time.strip_prefix("t=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).unwrap();
    mac.update(format!("{time}.{}", received.body).as_bytes());
    signature == hex::encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn events_arrive_signed_and_are_tried_again_after_a_failure() {
    let mut receiver = Receiver::start(&[500, 302]);
    let api = Api::start_for(&receiver).await;
    let account = api.enabled_account().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let received = receiver.next().await;
        assert!(is_signed(&received), "{received:?}");
        let event = received.event();
        assert_eq!(event["type"], "account.updated");
        assert_eq!(event["account"], json!(account));
        assert_eq!(event["data"]["object"]["charges_enabled"], true);
        ids.push(event["id"].clone());
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn each_change_causes_its_event() {
    let mut receiver = Receiver::start(&[]);
    let api = Api::start_for(&receiver).await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    assert_eq!(receiver.next_type().await, "account.updated");

    let (intent, _) = api.paid(&account).await;
    let completed = receiver.next().await.event();
    assert_eq!(completed["type"], "checkout.session.completed");
    assert_eq!(completed["livemode"], false);
    assert_eq!(completed["data"]["object"]["payment_status"], "paid");
    assert_eq!(completed["data"]["object"]["payment_intent"], json!(intent));

    let form = [("payment_intent", intent.as_str()), ("amount", "100")];
    let refund = api.post_with_key(ours, "/v1/refunds", &form, Some("key")).await.ok();
    let mut types = vec![receiver.next_type().await, receiver.next_type().await];
    types.sort();
    assert_eq!(types, ["charge.refunded", "refund.created"]);
    let control = format!("refunds/{}", refund["id"].as_str().unwrap());
    api.control(&control, json!({"status": "failed"})).await.ok();
    let mut types = vec![receiver.next_type().await, receiver.next_type().await];
    types.sort();
    assert_eq!(types, ["refund.failed", "refund.updated"]);

    let control = format!("payment_intents/{intent}/dispute");
    let dispute = api.control(&control, json!({})).await.ok();
    let mut types = vec![receiver.next_type().await, receiver.next_type().await];
    types.sort();
    assert_eq!(types, ["charge.dispute.created", "charge.dispute.funds_withdrawn"]);
    let control = format!("disputes/{}/close", dispute["id"].as_str().unwrap());
    api.control(&control, json!({"status": "lost"})).await.ok();
    assert_eq!(receiver.next_type().await, "charge.dispute.closed");

    for (outcome, kind) in [
        ("succeeded", "checkout.session.async_payment_succeeded"),
        ("failed", "checkout.session.async_payment_failed"),
    ] {
        let id = api.open_session(&account).await;
        let pay = json!({"outcome": "later"});
        api.control(&format!("sessions/{id}/pay"), pay).await.ok();
        let event = receiver.next().await.event();
        assert_eq!(event["data"]["object"]["payment_status"], "unpaid");
        let settle = json!({"outcome": outcome});
        api.control(&format!("sessions/{id}/settle"), settle).await.ok();
        assert_eq!(receiver.next_type().await, kind);
    }
    let id = api.open_session(&account).await;
    let path = format!("/v1/checkout/sessions/{id}/expire");
    api.post_with_key(ours, &path, &[], Some("expire")).await.ok();
    let expired = receiver.next().await.event();
    assert_eq!(expired["type"], "checkout.session.expired");
    assert_eq!(expired["request"]["idempotency_key"], "expire");
}

#[tokio::test]
async fn a_webhook_that_was_not_delivered_survives_a_restart() {
    let directory = empty_dir("undelivered");
    let mut config = config();
    config.state_dir = Some(directory);
    // Nothing listens on the discard port.
    config.webhook_url = Some("http://127.0.0.1:9/hook".to_owned());
    let api = Api::start_with(config.clone()).await;
    let account = api.enabled_account().await;
    api.sandbox.stop().await;

    let mut receiver = Receiver::start(&[]);
    config.webhook_url = Some(receiver.url.clone());
    let api = Api::start_with(config).await;
    let event = receiver.next().await.event();
    assert_eq!(event["data"]["object"]["id"], json!(account));
    api.sandbox.stop().await;
}

#[tokio::test]
async fn webhooks_are_dropped_doubled_and_reordered_when_told_so() {
    let mut receiver = Receiver::start(&[]);
    let api = Api::start_for(&receiver).await;
    let mode = |mode: &str| json!({"webhooks": {"mode": mode}});

    api.control("faults", mode("drop")).await.ok();
    let account = api.enabled_account().await;
    api.control("faults", mode("duplicate")).await.ok();
    let (intent, _) = api.paid(&account).await;
    let (first, second) = (receiver.next().await.event(), receiver.next().await.event());
    assert_eq!(first["type"], "checkout.session.completed");
    assert_eq!(first["id"], second["id"]);

    api.control("faults", mode("reorder")).await.ok();
    let form = [("payment_intent", intent.as_str())];
    let refund = api.post(Some(&account), "/v1/refunds", &form).await.ok();
    assert_eq!(receiver.next_type().await, "charge.refunded");
    assert_eq!(receiver.next_type().await, "refund.created");

    api.control("faults", mode("none")).await.ok();
    let control = format!("refunds/{}", refund["id"].as_str().unwrap());
    api.control(&control, json!({"status": "failed"})).await.ok();
    let mut types = vec![receiver.next_type().await, receiver.next_type().await];
    types.sort();
    assert_eq!(types, ["refund.failed", "refund.updated"]);
    // The dropped event is still listed.
    let path = "/v1/events?type=account.updated";
    let listed = api.get(Some(&account), path).await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn webhooks_are_late_when_told_so() {
    let mut receiver = Receiver::start(&[]);
    let api = Api::start_for(&receiver).await;
    api.control("faults", json!({"webhooks": {"mode": "delay", "millis": 400}})).await.ok();
    let started = Instant::now();
    api.enabled_account().await;
    assert_eq!(receiver.next_type().await, "account.updated");
    assert!(started.elapsed() >= Duration::from_millis(400));
    let wrong = json!({"webhooks": {"mode": "delay"}});
    assert_eq!(api.control("faults", wrong).await.status, 400);
}

#[tokio::test]
async fn webhooks_are_wrongly_signed_while_told_so() {
    let mut receiver = Receiver::start(&[400]);
    let api = Api::start_for(&receiver).await;
    api.control("faults", json!({"webhooks": {"mode": "wrong_signature"}})).await.ok();
    api.enabled_account().await;
    let forged = receiver.next().await;
    assert!(!is_signed(&forged), "{forged:?}");
    assert!(forged.signature.contains(",v1="), "{forged:?}");
    // The retry is signed with the right secret again.
    api.control("faults", json!({"webhooks": {"mode": "none"}})).await.ok();
    let genuine = receiver.next().await;
    assert!(is_signed(&genuine), "{genuine:?}");
    assert_eq!(genuine.event()["id"], forged.event()["id"]);
}

#[tokio::test]
async fn a_fault_of_webhooks_can_be_limited_to_types() {
    let mut receiver = Receiver::start(&[]);
    let api = Api::start_for(&receiver).await;
    let account = api.enabled_account().await;
    assert_eq!(receiver.next_type().await, "account.updated");
    let drop = json!({"mode": "drop", "types": ["refund.*", "checkout.session.completed"]});
    api.control("faults", json!({"webhooks": drop})).await.ok();
    let (intent, _) = api.paid(&account).await;
    let form = [("payment_intent", intent.as_str()), ("amount", "100")];
    api.post(Some(&account), "/v1/refunds", &form).await.ok();
    assert_eq!(receiver.next_type().await, "charge.refunded");
}

#[tokio::test]
async fn events_are_rendered_in_an_older_version_when_told_so() {
    let mut receiver = Receiver::start(&[]);
    let api = Api::start_for(&receiver).await;
    api.control("faults", json!({"webhooks": {"mode": "old_version"}})).await.ok();
    let account = api.enabled_account().await;
    let id = api.open_session(&account).await;
    api.control(&format!("sessions/{id}/pay"), json!({"outcome": "succeed"})).await.ok();
    let mut events = Vec::new();
    for _ in 0..2 {
        let received = receiver.next().await;
        assert!(is_signed(&received));
        events.push(serde_json::from_str::<Value>(&received.body).unwrap());
    }
    let completed = events.iter().find(|it| it["type"] == "checkout.session.completed").unwrap();
    assert_eq!(completed["api_version"], "2020-08-27");
    let session = &completed["data"]["object"];
    assert_eq!((&session["id"], &session["payment_status"]), (&json!(id), &json!("paid")));
    assert_eq!(session["payment_method_types"], json!(["card"]));
    assert!(session.get("status").is_none() && session.get("ui_mode").is_none());
    // The object itself has the current version.
    let read = api.get(Some(&account), &format!("/v1/checkout/sessions/{id}")).await.ok();
    assert_eq!(read["status"], "complete");
}

/// After a crash, the receiver would know of what never happened.
#[tokio::test]
async fn a_change_that_is_not_saved_is_told_to_nobody() {
    let directory = empty_dir("unsaved");
    let config = SandboxConfig { state_dir: Some(directory.clone()), ..config() };
    let api = Api::start_with(config.clone()).await;
    let account = api.enabled_account().await;
    let session = api.open_session(&account).await;
    drop(api);

    let mut receiver = Receiver::start(&[]);
    let webhook_url = Some(receiver.url.clone());
    let api = Api::start_with(SandboxConfig { webhook_url, ..config }).await;
    // The first change after a start is written to a new file, which cannot be made here.
    let in_the_way = directory.join("stripe-sandbox.jsonl.new");
    std::fs::create_dir(&in_the_way).unwrap();
    let paid = api.control(&format!("sessions/{session}/pay"), json!({"outcome": "succeed"})).await;
    assert_eq!(paid.status, 500);
    for _ in 0..50 {
        assert_eq!(api.control_get("stats").await["pendingDeliveries"], 1);
    }
    std::fs::remove_dir(&in_the_way).unwrap();
    api.open_session(&account).await;
    assert_eq!(receiver.next_type().await, "checkout.session.completed");
}
