//! Accounts, and access to the objects of others.

use super::{
    Disputing, Fixture, a_label, a_refund, an_account, an_order, from_now, opened, paid, refusal,
};
use crate::email;
use tollgate_domain::payments::{
    AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, OpenCheckout, PaymentIntentId,
    ProviderRefundId, RefundOrder, Refusal,
};

const RETURN: &str = "http://a.localhost/r";
const REFRESH: &str = "http://a.localhost/again";

pub async fn an_account_is_created_once_for_a_label_and_an_attempt(on: &impl Fixture) {
    let (ada, label) = (email("ada@example.com"), a_label());
    let create = async |label: &str, attempt: &str| {
        on.payments().create_account(label, attempt, &ada).await.unwrap()
    };
    let account = create(&label, "").await;
    assert_eq!(create(&label, "").await, account);
    let attempt = create(&label, "x").await;
    assert_ne!(attempt, account);
    assert_eq!(create(&label, "x").await, attempt);
    assert_ne!(create(&a_label(), "").await, account);
}

pub async fn an_account_is_found_by_its_label(on: &impl Fixture) {
    let (ada, label) = (email("ada@example.com"), a_label());
    let find = async |label: &str, since| on.payments().find_account(label, since).await.unwrap();
    let before = from_now(on, -60);
    assert_eq!(find(&label, before).await, None);
    let account = on.payments().create_account(&label, "", &ada).await.unwrap();
    let other = on.payments().create_account(&a_label(), "", &ada).await.unwrap();
    assert_ne!(other, account);
    assert_eq!(find(&label, before).await, Some(account.clone()));
    assert_eq!(find(&a_label(), before).await, None);
    on.advance(120).await;
    assert_eq!(find(&label, from_now(on, -60)).await, None, "it is older");
    assert_eq!(find(&label, before).await, Some(account.clone()));
    on.set_connected(&account, false).await;
    assert_eq!(find(&label, before).await, None, "it is out of reach");
}

pub async fn each_onboarding_link_is_another_one(on: &impl Fixture) {
    let account = an_account(on).await;
    let one = on.payments().onboarding_link(&account, RETURN, REFRESH).await.unwrap();
    let other = on.payments().onboarding_link(&account, RETURN, REFRESH).await.unwrap();
    assert_ne!(one, other);
}

pub async fn an_account_says_what_it_can_do_and_what_it_lacks(on: &impl Fixture) {
    let ada = email("ada@example.com");
    let account = on.payments().create_account(&a_label(), "", &ada).await.unwrap();
    let told = on.payments().account(&account).await.unwrap();
    assert_eq!(told.state, AccountState::default());
    assert_ne!(told.due, Vec::<String>::new());
    on.activate(&account).await;
    let ready =
        AccountState { charges_enabled: true, payouts_enabled: true, details_submitted: true };
    let told = on.payments().account(&account).await.unwrap();
    assert_eq!((told.state, told.due), (ready, vec![]));
}

pub async fn an_account_that_does_not_exist_is_out_of_reach(on: &impl Fixture) {
    let nobody = AccountId::new("acct_nobody");
    let order = an_order(on, &nobody);
    let payments = on.payments();
    for refused in [
        refusal(payments.account(&nobody).await),
        refusal(payments.onboarding_link(&nobody, RETURN, REFRESH).await),
        refusal(payments.open_checkout(&order).await),
        refusal(payments.checkout(&nobody, &CheckoutSessionId::new("cs_1")).await),
        refusal(payments.checkouts_since(&nobody, on.now(), None).await),
    ] {
        assert_eq!(refused, Refusal::AccountDisconnected);
    }
}

/// What was answered before under an idempotency key is not answered either.
pub async fn a_disconnected_account_is_out_of_reach_until_it_is_connected_again(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    let (account, payments, since) = (&order.account, on.payments(), from_now(on, -60));
    let open = opened(on, &an_order(on, account)).await;
    let charge = payments.charge_of_payment(account, &payment).await.unwrap().unwrap();
    let refund = a_refund(&order, &payment, 100);
    let refunded = payments.refund(&refund).await.unwrap().refund;
    let dispute = on.dispute(&payment, Disputing { is_inquiry: true, part: None }).await;
    on.set_connected(account, false).await;
    for refused in [
        refusal(payments.account(account).await),
        refusal(payments.onboarding_link(account, RETURN, REFRESH).await),
        refusal(payments.open_checkout(&order).await),
        refusal(payments.open_checkout(&an_order(on, account)).await),
        refusal(payments.checkout(account, &open).await),
        refusal(payments.expire_checkout(account, &open).await),
        refusal(payments.refund(&refund).await),
        refusal(payments.refund(&a_refund(&order, &payment, 100)).await),
        refusal(payments.refund_state(account, &refunded).await),
        refusal(payments.refunds_of_charge(account, &charge).await),
        refusal(payments.charge_of_payment(account, &payment).await),
        refusal(payments.dispute(account, &dispute).await),
        refusal(payments.checkout_of_payment(account, &payment).await),
        refusal(payments.checkouts_since(account, since, None).await),
        refusal(payments.refunds_since(account, since, None).await),
        refusal(payments.disputes_since(account, since, None).await),
        refusal(payments.find_checkout(account, order.checkout_id, on.now()).await),
    ] {
        assert_eq!(refused, Refusal::AccountDisconnected);
    }
    on.set_connected(account, true).await;
    assert!(payments.account(account).await.unwrap().state.charges_enabled);
    payments.refund(&a_refund(&order, &payment, 100)).await.unwrap();
}

pub async fn a_restricted_account_opens_no_session(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    on.restrict(&order.account).await;
    let state = on.payments().account(&order.account).await.unwrap().state;
    assert!(!state.charges_enabled && state.payouts_enabled && state.details_submitted);
    let refused = on.payments().open_checkout(&an_order(on, &order.account)).await;
    assert_eq!(refusal(refused), Refusal::AccountRestricted);
    on.payments().refund(&a_refund(&order, &payment, 100)).await.unwrap();

    let ada = email("ada@example.com");
    let fresh = on.payments().create_account(&a_label(), "", &ada).await.unwrap();
    let refused = on.payments().open_checkout(&an_order(on, &fresh)).await;
    assert_eq!(refusal(refused), Refusal::AccountRestricted);
}

pub async fn objects_of_another_account_are_not_found(on: &impl Fixture) {
    let (order, theirs) = (an_order(on, &an_account(on).await), an_account(on).await);
    let (payment, payments) = (paid(on, &order).await, on.payments());
    let open = opened(on, &OpenCheckout { attempt: 1, ..order.clone() }).await;
    let charge = payments.charge_of_payment(&order.account, &payment).await.unwrap().unwrap();
    let refund = payments.refund(&a_refund(&order, &payment, 100)).await.unwrap().refund;
    let dispute = on.dispute(&payment, Disputing { is_inquiry: true, part: None }).await;
    let foreign = RefundOrder { account: theirs.clone(), ..a_refund(&order, &payment, 100) };
    for refused in [
        refusal(payments.checkout(&theirs, &open).await),
        refusal(payments.expire_checkout(&theirs, &open).await),
        refusal(payments.refund(&foreign).await),
        refusal(payments.refund_state(&theirs, &refund).await),
        refusal(payments.refunds_of_charge(&theirs, &charge).await),
        refusal(payments.charge_of_payment(&theirs, &payment).await),
        refusal(payments.dispute(&theirs, &dispute).await),
        refusal(payments.checkout_of_payment(&theirs, &payment).await),
    ] {
        assert_eq!(refused, Refusal::NotFound);
    }
    let found = payments.find_checkout(&theirs, order.checkout_id, on.now()).await;
    assert_eq!(found.unwrap(), None);
}

pub async fn unknown_ids_are_not_found(on: &impl Fixture) {
    let account = an_account(on).await;
    let payments = on.payments();
    let (session, payment) = (CheckoutSessionId::new("cs_no"), PaymentIntentId::new("pi_no"));
    for refused in [
        refusal(payments.checkout(&account, &session).await),
        refusal(payments.expire_checkout(&account, &session).await),
        refusal(payments.refund(&a_refund(&an_order(on, &account), &payment, 100)).await),
        refusal(payments.refund_state(&account, &ProviderRefundId::new("re_no")).await),
        refusal(payments.refunds_of_charge(&account, &ChargeId::new("ch_no")).await),
        refusal(payments.charge_of_payment(&account, &payment).await),
        refusal(payments.dispute(&account, &DisputeId::new("du_no")).await),
        refusal(payments.checkout_of_payment(&account, &payment).await),
    ] {
        assert_eq!(refused, Refusal::NotFound);
    }
}
