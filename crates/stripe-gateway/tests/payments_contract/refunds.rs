//! Refunds and disputes.

use futures_util::future::join_all;
use serde_json::json;
use tollgate_domain::checkout::{
    DisputeId, DisputeProgress, OpenCheckout, RefundProgress, Refusal, ports::Payments,
};

use crate::world::{REFUNDS, World, order, refund_of, refusal};

#[tokio::test]
async fn one_request_gives_money_back_once() {
    let world = World::new().await;
    let order = OpenCheckout { fee: 60, ..order(&world.account().await) };
    let payment = world.paid(&order).await;
    let half = refund_of(&order, &payment, 500);
    let refunded = join_all((0..10).map(|_| world.gateway.refund(&half))).await;
    let first = refunded[0].clone().unwrap();
    assert_eq!(first.refund_id, Some(half.refund_id));
    assert_eq!(first.payment_intent.as_ref(), Some(&payment));
    assert_eq!((first.amount, first.progress), (500, RefundProgress::Succeeded));
    for refunded in refunded {
        assert_eq!(refunded.unwrap(), first);
    }
    let read = world.gateway.refund_state(&order.account, &first.refund).await.unwrap();
    assert_eq!(read, first);
    assert_eq!(world.count("refunds").await, 1);

    let over = refund_of(&order, &payment, 701);
    assert_eq!(refusal(world.gateway.refund(&over).await), Refusal::Other);
    world.gateway.refund(&refund_of(&order, &payment, 700)).await.unwrap();
    let more = refund_of(&order, &payment, 1);
    assert_eq!(refusal(world.gateway.refund(&more).await), Refusal::AlreadyRefunded);
    world.end();
}

#[tokio::test]
async fn a_lost_answer_gives_no_money_back_twice() {
    let world = World::new().await;
    let order = order(&world.account().await);
    let payment = world.paid(&order).await;
    for (refunds, mode) in (1..).zip(["500", "timeout"]) {
        let fault = json!({"mode": mode, "times": 1, "path": REFUNDS, "after_effect": true});
        world.fault(fault).await;
        let refund = refund_of(&order, &payment, 100);
        let made = world.gateway.refund(&refund).await.unwrap();
        assert_eq!(made.refund_id, Some(refund.refund_id));
        assert_eq!(world.count("refunds").await, refunds, "{mode}");
    }
    world.end();
}

#[tokio::test]
async fn a_refund_to_a_bank_is_pending_and_may_fail() {
    let world = World::new().await;
    let order = order(&world.account().await);
    let opened = world.gateway.open_checkout(&order).await.unwrap();
    world.pay(&opened.session, "later").await;
    let settle = format!("sessions/{}/settle", opened.session);
    world.control(&settle, json!({"outcome": "succeeded"})).await;
    let payment = world.session(&order.account, &opened.session).await.payment_intent.unwrap();
    for (status, expected) in
        [("failed", RefundProgress::Failed), ("succeeded", RefundProgress::Succeeded)]
    {
        let made = world.gateway.refund(&refund_of(&order, &payment, 1_200)).await.unwrap();
        assert_eq!(made.progress, RefundProgress::Pending);
        let control = format!("refunds/{}", made.refund);
        world.control(&control, json!({"status": status})).await;
        let state = world.gateway.refund_state(&order.account, &made.refund).await.unwrap();
        assert_eq!(state.progress, expected);
        assert_eq!(state.refund_id, made.refund_id);
    }
    world.end();
}

#[tokio::test]
async fn partial_refunds_from_the_dashboard_are_seen_next_to_ours() {
    let world = World::new().await;
    let order = order(&world.account().await);
    let payment = world.paid(&order).await;
    let charge = world.charge_of(&order.account, &payment).await;
    let none = world.gateway.refunds_of_charge(&order.account, &charge).await.unwrap();
    assert_eq!(none, []);

    let ours = world.gateway.refund(&refund_of(&order, &payment, 100)).await.unwrap();
    for amount in [200, 300] {
        let form = format!("charge={charge}&amount={amount}");
        world.send(Some(&order.account), REFUNDS, Some(form)).await;
    }
    let mut refunds = world.gateway.refunds_of_charge(&order.account, &charge).await.unwrap();
    refunds.sort_by_key(|refund| refund.amount);
    let seen: Vec<_> = refunds.iter().map(|refund| (refund.amount, refund.refund_id)).collect();
    assert_eq!(seen, [(100, ours.refund_id), (200, None), (300, None)]);
    assert!(refunds.iter().all(|refund| refund.payment_intent.as_ref() == Some(&payment)));
    assert!(refunds.iter().all(|refund| refund.progress == RefundProgress::Succeeded));
    world.end();
}

#[tokio::test]
async fn a_disputed_payment_is_not_refunded_and_its_end_is_seen() {
    let world = World::new().await;
    let account = world.account().await;
    for (status, expected) in [("won", DisputeProgress::Won), ("lost", DisputeProgress::Lost)] {
        let order = order(&account);
        let payment = world.paid(&order).await;
        let opened = world.control(&format!("payment_intents/{payment}/dispute"), json!({})).await;
        let dispute = DisputeId::new(opened["id"].as_str().unwrap());
        let state = world.gateway.dispute(&account, &dispute).await.unwrap();
        assert_eq!(state.dispute, dispute);
        assert_eq!(state.payment_intent, Some(payment.clone()));
        assert_eq!(state.progress, DisputeProgress::Open);
        let refund = world.gateway.refund(&refund_of(&order, &payment, 1_200)).await;
        assert_eq!(refusal(refund), Refusal::Disputed);
        world.control(&format!("disputes/{dispute}/close"), json!({"status": status})).await;
        let state = world.gateway.dispute(&account, &dispute).await.unwrap();
        assert_eq!(state.progress, expected);
    }
    world.end();
}
