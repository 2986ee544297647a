//! The saved state survives a restart.

use tollgate_stripe_sandbox::{Sandbox, SandboxError};

use crate::support::{Api, config, empty_dir};

#[tokio::test]
async fn a_restart_keeps_everything() {
    let mut config = config();
    config.state_dir = Some(empty_dir("restart"));
    let api = Api::start_with(config.clone()).await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    let open = api.open_session(&account).await;
    let (intent, _) = api.paid(&account).await;
    let form = [("payment_intent", intent.as_str())];
    let refund = api.post_with_key(ours, "/v1/refunds", &form, Some("k")).await;
    let path = format!("/v1/payment_intents/{intent}?expand[]=latest_charge");
    let before = api.get(ours, &path).await.ok();
    // Dropping simulates a crash: every answered change is already on the disk.
    drop(api);

    let api = Api::start_with(config).await;
    assert_eq!(api.get(ours, &path).await.ok(), before);
    let again = api.post_with_key(ours, "/v1/refunds", &form, Some("k")).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.text, refund.text);
    // URLs contain the new port.
    let session = api.get(ours, &format!("/v1/checkout/sessions/{open}")).await.ok();
    assert!(session["url"].as_str().unwrap().starts_with(&api.sandbox.url()));
    assert_eq!(api.control_get("stats").await["events"], 4);
    api.sandbox.stop().await;
}

#[tokio::test]
async fn a_state_that_cannot_be_read_stops_the_start() {
    let directory = empty_dir("broken");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("stripe-sandbox.jsonl"), "{\n").unwrap();
    let mut config = config();
    config.state_dir = Some(directory);
    let error = Sandbox::start(config).await.unwrap_err();
    assert!(matches!(error, SandboxError::State { .. }), "{error}");
}

#[tokio::test]
async fn an_incomplete_last_line_is_ignored() {
    let mut config = config();
    let directory = empty_dir("torn");
    config.state_dir = Some(directory.clone());
    let api = Api::start_with(config.clone()).await;
    let account = api.enabled_account().await;
    drop(api);
    let file = directory.join("stripe-sandbox.jsonl");
    let mut text = std::fs::read_to_string(&file).unwrap();
    text.push_str("[\"accounts\",\"acct_torn\",{\"id\"");
    std::fs::write(&file, text).unwrap();
    // The second start checks that nothing was appended to the incomplete line.
    for _ in 0..2 {
        let api = Api::start_with(config.clone()).await;
        assert_eq!(api.control_get("stats").await["accounts"], 1);
        api.open_session(&account).await;
        drop(api);
    }
    let api = Api::start_with(config).await;
    assert_eq!(api.control_get("stats").await["checkoutSessions"], 2);
}

#[tokio::test]
async fn a_taken_address_stops_the_start() {
    let api = Api::start().await;
    let mut config = config();
    config.listen = api.sandbox.addr();
    let error = Sandbox::start(config).await.unwrap_err();
    assert!(matches!(error, SandboxError::Listen { .. }), "{error}");
}

#[test]
fn debug_shows_no_secrets() {
    let shown = format!("{:?}", config());
    assert!(!shown.contains("sk_test") && !shown.contains("whsec"), "{shown}");
}
