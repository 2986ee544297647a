//! Accounts that are restricted, disconnected, or without balance.

use serde_json::json;

use crate::support::{Api, Receiver, checkout};

const SESSIONS: &str = "/v1/checkout/sessions";
const REFUNDS: &str = "/v1/refunds";

#[tokio::test]
async fn a_restricted_account_takes_no_payments_until_it_is_enabled() {
    let mut receiver = Receiver::start(&[]);
    let api = Api::start_for(&receiver).await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    let open = api.open_session(&account).await;
    assert_eq!(receiver.next_type().await, "account.updated");

    let control = format!("accounts/{account}");
    let restricted = api.control(&control, json!({"charges_enabled": false})).await.ok();
    assert_eq!(restricted["charges_enabled"], false);
    assert_eq!(restricted["details_submitted"], true);
    assert_eq!(restricted["requirements"]["disabled_reason"], "requirements.past_due");
    assert_eq!(receiver.next().await.event()["data"]["object"]["charges_enabled"], false);
    let refused = api.post(ours, SESSIONS, &checkout()).await;
    refused.refused(400, "");
    assert!(refused.text.contains("cannot currently make live charges"), "{}", refused.text);
    // A session that was opened before cannot be paid either.
    let pay = api.control(&format!("sessions/{open}/pay"), json!({"outcome": "succeed"})).await;
    assert_eq!(pay.status, 400);
    let page = api.address(&format!("/pay/{open}"));
    let declined = api.submit(&page, &[("outcome", "succeed")]).await;
    assert_eq!(declined.header("location"), format!("/pay/{open}?declined=yes"));

    api.control(&control, json!({"charges_enabled": true})).await.ok();
    api.post(ours, SESSIONS, &checkout()).await.ok();
    let paid = api.submit(&page, &[("outcome", "succeed")]).await;
    assert!(paid.header("location").starts_with("https://shop.example.com/"));

    let payouts = api.control(&control, json!({"payouts_enabled": false})).await.ok();
    assert_eq!(
        (&payouts["charges_enabled"], &payouts["payouts_enabled"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(api.control(&control, json!({"charges": true})).await.status, 400);
    assert_eq!(api.control("accounts/acct_none", json!({})).await.status, 404);
}

#[tokio::test]
async fn a_disconnected_account_is_out_of_reach_and_silent() {
    let mut receiver = Receiver::start(&[]);
    let api = Api::start_for(&receiver).await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    let open = api.open_session(&account).await;
    let (intent, charge) = api.paid(&account).await;
    assert_eq!(receiver.next_type().await, "account.updated");
    assert_eq!(receiver.next_type().await, "checkout.session.completed");

    let control = format!("accounts/{account}");
    api.control(&control, json!({"connected": false})).await.ok();
    let event = receiver.next().await.event();
    assert_eq!(event["type"], "account.application.deauthorized");
    assert_eq!(event["account"], json!(account));
    assert_eq!(event["data"]["object"]["object"], "application");

    for path in [
        format!("{SESSIONS}/{open}"),
        SESSIONS.to_owned(),
        format!("/v1/payment_intents/{intent}"),
        format!("/v1/charges/{charge}?expand[]=refunds"),
        "/v1/events".to_owned(),
    ] {
        let refused = api.get(ours, &path).await;
        refused.refused(403, "account_invalid");
        assert!(refused.text.contains("access may have been revoked"), "{}", refused.text);
    }
    api.get(None, &format!("/v1/accounts/{account}")).await.refused(403, "account_invalid");
    api.post(ours, REFUNDS, &[("payment_intent", &intent)]).await.refused(403, "account_invalid");
    // A buyer can still pay the owner, and the platform is not told.
    api.control(&format!("sessions/{open}/pay"), json!({"outcome": "succeed"})).await.ok();
    assert_eq!(api.control_get("stats").await["pendingDeliveries"], 0);

    api.control(&control, json!({"connected": true})).await.ok();
    let session = api.get(ours, &format!("{SESSIONS}/{open}")).await.ok();
    assert_eq!(session["payment_status"], "paid");
    // What was missed can be sent again, as can an event that is out of date by now.
    let path = "/v1/events?type=checkout.session.completed&limit=1";
    let missed = api.get(ours, path).await.ok()["data"][0]["id"].clone();
    for id in [&missed, &event["id"]] {
        let resend = format!("events/{}/resend", id.as_str().unwrap());
        api.control(&resend, json!({})).await.ok();
        assert_eq!(receiver.next().await.event()["id"], *id);
    }
    assert_eq!(api.control("events/evt_none/resend", json!({})).await.status, 404);
}

#[tokio::test]
async fn an_account_that_is_checked_is_asked_for_nothing_and_can_do_nothing() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let control = format!("accounts/{account}");
    for is_checked in [true, false] {
        let told = api.control(&control, json!({"under_review": is_checked})).await.ok();
        assert_eq!(told["details_submitted"], true);
        assert_eq!(told["requirements"]["currently_due"], json!([]));
        let pending = told["requirements"]["pending_verification"].as_array().unwrap();
        assert_eq!(pending.is_empty(), !is_checked);
        for able in ["charges_enabled", "payouts_enabled"] {
            assert_eq!(told[able], !is_checked, "{able}");
        }
    }
}

#[tokio::test]
async fn a_refund_that_the_balance_does_not_cover_is_refused_and_the_refusal_is_kept() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    let (intent, _) = api.paid(&account).await;
    let form = [("payment_intent", intent.as_str())];
    let control = format!("accounts/{account}");
    api.control(&control, json!({"covers_refunds": false})).await.ok();
    let refused = api.post_with_key(ours, REFUNDS, &form, Some("k")).await;
    refused.refused(400, "");
    assert_eq!(refused.body["error"]["message_code"], "insufficient_balance_for_refund");
    api.control(&control, json!({"covers_refunds": true})).await.ok();
    let again = api.post_with_key(ours, REFUNDS, &form, Some("k")).await;
    assert_eq!((again.status, again.text), (400, refused.text));
    api.post_with_key(ours, REFUNDS, &form, Some("k-1")).await.ok();
}
