//! Connected accounts, and access to the objects of another account.

use serde_json::json;
use tollgate_domain::payments::{
    AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, PaymentIntentId, Payments,
    PaymentsError, ProviderRefundId, RefundOrder, Refusal,
};

use crate::fixture::{Fixture, gateway, now, order, refund_of, refusal};

#[tokio::test]
async fn an_account_is_created_once_and_each_onboarding_link_is_new() {
    let fixture = Fixture::new().await;
    let email = "ada@example.com".parse().unwrap();
    let since = now();
    let find = |label| fixture.gateway.find_account(label, since);
    assert_eq!(find("account-hdl_1-0").await.unwrap(), None);
    let made = || fixture.gateway.create_account("account-hdl_1-0", "", &email);
    let account = made().await.unwrap();
    assert_eq!(made().await.unwrap(), account);
    let another = fixture.gateway.create_account("account-hdl_1-1", "", &email).await.unwrap();
    assert_ne!(another, account);
    let again = fixture.gateway.create_account("account-hdl_1-2", "", &email).await.unwrap();
    let attempt = fixture.gateway.create_account("account-hdl_1-2", "x", &email).await.unwrap();
    assert_ne!(again, attempt);
    assert_eq!(find("account-hdl_1-0").await.unwrap(), Some(account.clone()));
    assert_eq!(find("account-hdl_1-1").await.unwrap(), Some(another));
    let told = fixture.gateway.account(&account).await.unwrap();
    assert_eq!(told.state, AccountState::default());
    assert!(told.due.iter().any(|due| due == "external_account"), "{:?}", told.due);

    let link = || {
        fixture.gateway.onboarding_link(
            &account,
            "http://a.localhost/r",
            "http://a.localhost/again",
        )
    };
    assert_ne!(link().await.unwrap(), link().await.unwrap());

    fixture.control(&format!("accounts/{account}/enable"), json!({})).await;
    let ready =
        AccountState { charges_enabled: true, payouts_enabled: true, details_submitted: true };
    let told = fixture.gateway.account(&account).await.unwrap();
    assert_eq!((told.state, told.due), (ready, vec![]));
    fixture.end();
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_out_of_reach() {
    let fixture = Fixture::new().await;
    let nobody = AccountId::new("acct_nobody");
    let gateway = &fixture.gateway;
    assert_eq!(refusal(gateway.account(&nobody).await), Refusal::AccountDisconnected);
    let link = gateway.onboarding_link(&nobody, "http://a.localhost/r", "http://a.localhost/s");
    assert_eq!(refusal(link.await), Refusal::AccountDisconnected);
    let session = gateway.checkout(&nobody, &CheckoutSessionId::new("cs_1")).await;
    assert_eq!(refusal(session), Refusal::AccountDisconnected);
    fixture.end();
}

#[tokio::test]
async fn a_disconnected_account_is_out_of_reach_until_it_is_connected_again() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let payment = fixture.paid(&order).await;
    let (account, gateway) = (&order.account, &fixture.gateway);
    let connect = |connected: bool| {
        let (fixture, path) = (&fixture, format!("accounts/{account}"));
        async move { fixture.control(&path, json!({"connected": connected})).await }
    };
    connect(false).await;
    let since = now();
    for refused in [
        refusal(gateway.account(account).await),
        refusal(gateway.open_checkout(&order).await),
        refusal(gateway.refund(&refund_of(&order, &payment, 100)).await),
        refusal(gateway.checkout_of_payment(account, &payment).await),
        refusal(gateway.checkouts_since(account, since, None).await),
        refusal(gateway.refunds_since(account, since, None).await),
        refusal(gateway.disputes_since(account, since, None).await),
        refusal(gateway.find_checkout(account, order.checkout_id, since).await),
    ] {
        assert_eq!(refused, Refusal::AccountDisconnected);
    }
    connect(true).await;
    assert!(gateway.account(account).await.unwrap().state.charges_enabled);
    gateway.refund(&refund_of(&order, &payment, 100)).await.unwrap();
    fixture.end();
}

#[tokio::test]
async fn a_restricted_account_opens_no_session() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let payment_order = order(&account);
    let payment = fixture.paid(&payment_order).await;
    let path = format!("accounts/{account}");
    fixture.control(&path, json!({"charges_enabled": false})).await;
    let state = fixture.gateway.account(&account).await.unwrap().state;
    assert!(!state.charges_enabled && state.payouts_enabled && state.details_submitted);
    let opened = fixture.gateway.open_checkout(&order(&account)).await;
    assert_eq!(refusal(opened), Refusal::AccountRestricted);
    fixture.gateway.refund(&refund_of(&payment_order, &payment, 100)).await.unwrap();

    let email = "ada@example.com".parse().unwrap();
    let fresh = fixture.gateway.create_account("account-fresh", "", &email).await.unwrap();
    let opened = fixture.gateway.open_checkout(&order(&fresh)).await;
    assert_eq!(refusal(opened), Refusal::AccountRestricted);
    fixture.end();
}

#[tokio::test]
async fn objects_of_another_account_are_not_found() {
    let fixture = Fixture::new().await;
    let (ours, theirs) = (fixture.account().await, fixture.account().await);
    let order = order(&ours);
    let payment = fixture.paid(&order).await;
    let session = fixture.gateway.open_checkout(&order).await.unwrap().session;
    let charge = fixture.charge_of(&ours, &payment).await;
    let refund = fixture.gateway.refund(&refund_of(&order, &payment, 100)).await.unwrap().refund;
    let gateway = &fixture.gateway;
    assert_eq!(refusal(gateway.checkout(&theirs, &session).await), Refusal::NotFound);
    assert_eq!(refusal(gateway.expire_checkout(&theirs, &session).await), Refusal::NotFound);
    assert_eq!(refusal(gateway.refund_state(&theirs, &refund).await), Refusal::NotFound);
    assert_eq!(refusal(gateway.refunds_of_charge(&theirs, &charge).await), Refusal::NotFound);
    assert_eq!(refusal(gateway.checkout_of_payment(&theirs, &payment).await), Refusal::NotFound);
    let foreign = RefundOrder { account: theirs, ..refund_of(&order, &payment, 100) };
    assert_eq!(refusal(gateway.refund(&foreign).await), Refusal::NotFound);
    fixture.end();
}

#[tokio::test]
async fn unknown_ids_are_not_found() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let gateway = &fixture.gateway;
    let session = gateway.checkout(&account, &CheckoutSessionId::new("cs_no")).await;
    assert_eq!(refusal(session), Refusal::NotFound);
    let refund = gateway.refund_state(&account, &ProviderRefundId::new("re_no")).await;
    assert_eq!(refusal(refund), Refusal::NotFound);
    let refunds = gateway.refunds_of_charge(&account, &ChargeId::new("ch_no")).await;
    assert_eq!(refusal(refunds), Refusal::NotFound);
    let dispute = gateway.dispute(&account, &DisputeId::new("du_no")).await;
    assert_eq!(refusal(dispute), Refusal::NotFound);
    let payment = gateway.checkout_of_payment(&account, &PaymentIntentId::new("pi_no")).await;
    assert_eq!(refusal(payment), Refusal::NotFound);
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
