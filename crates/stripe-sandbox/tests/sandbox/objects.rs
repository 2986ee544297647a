//! The async-stripe types, which have another API version, can read every object.

use miniserde::Deserialize;
use serde_json::{Value, json};
use stripe_connect::AccountLink;
use stripe_shared::{Account, Charge, CheckoutSession, Dispute, PaymentIntent, Refund};

use crate::support::{Api, checkout};

fn reads<T: Deserialize>(object: &Value) {
    let text = object.to_string();
    assert!(miniserde::json::from_str::<T>(&text).is_ok(), "{text}");
}

#[tokio::test]
async fn every_object_is_read_by_the_typed_client() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let ours = Some(account.as_str());
    reads::<Account>(&api.get(None, &format!("/v1/accounts/{account}")).await.ok());
    let link = [
        ("account", account.as_str()),
        ("type", "account_onboarding"),
        ("refresh_url", "https://example.com/again"),
        ("return_url", "https://example.com/done"),
    ];
    reads::<AccountLink>(&api.post(None, "/v1/account_links", &link).await.ok());
    let path = "/v1/checkout/sessions";
    reads::<CheckoutSession>(&api.post(ours, path, &checkout()).await.ok());

    for outcome in ["succeed", "later"] {
        let id = api.open_session(&account).await;
        let control = format!("sessions/{id}/pay");
        api.control(&control, json!({"outcome": outcome})).await.ok();
        let path = format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge");
        let session = api.get(ours, &path).await.ok();
        reads::<CheckoutSession>(&session);
        let intent = session["payment_intent"]["id"].as_str().unwrap();
        let charge = session["payment_intent"]["latest_charge"]["id"].as_str().unwrap();
        if outcome == "later" {
            let control = format!("sessions/{id}/settle");
            api.control(&control, json!({"outcome": "succeeded"})).await.ok();
        }
        let form = [("charge", charge), ("amount", "200"), ("expand[]", "payment_intent")];
        let refund = api.post(ours, "/v1/refunds", &form).await.ok();
        reads::<Refund>(&refund);
        let dispute = api.control(&format!("payment_intents/{intent}/dispute"), json!({})).await;
        let path = format!("/v1/disputes/{}?expand[]=charge", dispute.ok()["id"].as_str().unwrap());
        reads::<Dispute>(&api.get(ours, &path).await.ok());
        let path = format!("/v1/payment_intents/{intent}?expand[]=latest_charge.refunds");
        reads::<PaymentIntent>(&api.get(ours, &path).await.ok());
        let path = format!("/v1/charges/{charge}?expand[]=refunds");
        let whole = api.get(ours, &path).await.ok();
        assert_eq!(whole["refunds"]["data"][0]["id"], refund["id"]);
        reads::<Charge>(&whole);
    }
}

#[tokio::test]
async fn a_failed_bank_debit_is_read_by_the_typed_client() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let id = api.open_session(&account).await;
    let pay = json!({"outcome": "later"});
    api.control(&format!("sessions/{id}/pay"), pay).await.ok();
    let settle = json!({"outcome": "failed"});
    api.control(&format!("sessions/{id}/settle"), settle).await.ok();
    let path = format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge");
    let session = api.get(Some(&account), &path).await.ok();
    assert_eq!(session["payment_status"], "unpaid");
    assert_eq!(session["payment_intent"]["status"], "requires_payment_method");
    reads::<CheckoutSession>(&session);
}
