//! Refunds and disputes.

use futures_util::future::join_all;
use serde_json::json;
use tollgate_domain::payments::{
    DisputeId, DisputeProgress, OpenCheckout, Payments, RefundProgress, Refusal,
};

use crate::fixture::{Fixture, REFUNDS, order, refund_of, refusal};

#[tokio::test]
async fn one_refund_order_is_refunded_once() {
    let fixture = Fixture::new().await;
    let order = OpenCheckout { fee: 60, ..order(&fixture.account().await) };
    let payment = fixture.paid(&order).await;
    let half = refund_of(&order, &payment, 500);
    let refunded = join_all((0..10).map(|_| fixture.gateway.refund(&half))).await;
    let first = refunded[0].clone().unwrap();
    assert_eq!(first.refund_id, Some(half.refund_id));
    assert_eq!(first.payment_intent.as_ref(), Some(&payment));
    assert_eq!((first.amount, first.progress), (500, RefundProgress::Succeeded));
    assert_eq!(first.currency, "usd");
    for refunded in refunded {
        assert_eq!(refunded.unwrap(), first);
    }
    let read = fixture.gateway.refund_state(&order.account, &first.refund).await.unwrap();
    assert_eq!(read, first);
    assert_eq!(fixture.count("refunds").await, 1);

    let over = refund_of(&order, &payment, 701);
    assert_eq!(refusal(fixture.gateway.refund(&over).await), Refusal::WithMessage);
    fixture.gateway.refund(&refund_of(&order, &payment, 700)).await.unwrap();
    let more = refund_of(&order, &payment, 1);
    assert_eq!(refusal(fixture.gateway.refund(&more).await), Refusal::AlreadyRefunded);
    fixture.end();
}

#[tokio::test]
async fn a_lost_answer_causes_no_second_refund() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let payment = fixture.paid(&order).await;
    for (refunds, mode) in (1..).zip(["500", "timeout"]) {
        let fault = json!({"mode": mode, "times": 1, "path": REFUNDS, "after_effect": true});
        fixture.fault(fault).await;
        let refund = refund_of(&order, &payment, 100);
        let made = fixture.gateway.refund(&refund).await.unwrap();
        assert_eq!(made.refund_id, Some(refund.refund_id));
        assert_eq!(fixture.count("refunds").await, refunds, "{mode}");
    }
    fixture.end();
}

#[tokio::test]
async fn a_refund_to_a_bank_is_pending_and_may_fail() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let opened = fixture.gateway.open_checkout(&order).await.unwrap();
    fixture.pay(&opened.session, "later").await;
    let settle = format!("sessions/{}/settle", opened.session);
    fixture.control(&settle, json!({"outcome": "succeeded"})).await;
    let payment = fixture.session(&order.account, &opened.session).await.payment_intent.unwrap();
    for (status, expected) in
        [("failed", RefundProgress::Failed), ("succeeded", RefundProgress::Succeeded)]
    {
        let made = fixture.gateway.refund(&refund_of(&order, &payment, 1_200)).await.unwrap();
        assert_eq!(made.progress, RefundProgress::Pending);
        let control = format!("refunds/{}", made.refund);
        fixture.control(&control, json!({"status": status})).await;
        let state = fixture.gateway.refund_state(&order.account, &made.refund).await.unwrap();
        assert_eq!(state.progress, expected);
        assert_eq!(state.refund_id, made.refund_id);
    }
    fixture.end();
}

#[tokio::test]
async fn partial_refunds_from_the_dashboard_are_listed_with_ours() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let payment = fixture.paid(&order).await;
    let charge = fixture.charge_of(&order.account, &payment).await;
    let none = fixture.gateway.refunds_of_charge(&order.account, &charge).await.unwrap();
    assert_eq!(none, []);

    let ours = fixture.gateway.refund(&refund_of(&order, &payment, 100)).await.unwrap();
    for amount in [200, 300] {
        let form = format!("charge={charge}&amount={amount}");
        fixture.send(Some(&order.account), REFUNDS, Some(form)).await;
    }
    let mut refunds = fixture.gateway.refunds_of_charge(&order.account, &charge).await.unwrap();
    refunds.sort_by_key(|refund| refund.amount);
    let seen: Vec<_> = refunds.iter().map(|refund| (refund.amount, refund.refund_id)).collect();
    assert_eq!(seen, [(100, ours.refund_id), (200, None), (300, None)]);
    assert!(refunds.iter().all(|refund| refund.payment_intent.as_ref() == Some(&payment)));
    assert!(refunds.iter().all(|refund| refund.progress == RefundProgress::Succeeded));
    fixture.end();
}

#[tokio::test]
async fn a_disputed_payment_is_not_refunded_and_the_outcome_is_read() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    for (status, expected) in [("won", DisputeProgress::Won), ("lost", DisputeProgress::Lost)] {
        let order = order(&account);
        let payment = fixture.paid(&order).await;
        let opened =
            fixture.control(&format!("payment_intents/{payment}/dispute"), json!({})).await;
        let dispute = DisputeId::new(opened["id"].as_str().unwrap());
        let state = fixture.gateway.dispute(&account, &dispute).await.unwrap();
        assert_eq!(state.dispute, dispute);
        assert_eq!(state.payment_intent, Some(payment.clone()));
        assert_eq!(state.progress, DisputeProgress::Open);
        let refund = fixture.gateway.refund(&refund_of(&order, &payment, 1_200)).await;
        assert_eq!(refusal(refund), Refusal::Disputed);
        fixture.control(&format!("disputes/{dispute}/close"), json!({"status": status})).await;
        let state = fixture.gateway.dispute(&account, &dispute).await.unwrap();
        assert_eq!(state.progress, expected);
    }
    fixture.end();
}
