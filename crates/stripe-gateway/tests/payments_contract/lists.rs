//! Lists, and what is done after an answer was lost or an error was kept.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tollgate_domain::payments::{
    DisputeProgress, OpenCheckout, Payments, PaymentsError, RefundOrder, RefundProgress, Refusal,
    SessionProgress,
};

use crate::fixture::{Fixture, REFUNDS, SESSIONS, now, order, refund_of, refusal};

fn before(instant: Timestamp, minutes: i64) -> Timestamp {
    instant.saturating_sub(SignedDuration::from_mins(minutes)).unwrap()
}

#[tokio::test]
async fn what_happened_since_an_instant_is_listed_newest_first() {
    let fixture = Fixture::new().await;
    let (account, other) = (fixture.account().await, fixture.account().await);
    let since = before(now(), 1);
    let orders = [order(&account), order(&account), order(&account)];
    let paid = fixture.paid(&orders[0]).await;
    let disputed = fixture.paid(&orders[1]).await;
    let open = fixture.gateway.open_checkout(&orders[2]).await.unwrap();
    fixture.paid(&order(&other)).await;
    let refund = fixture.gateway.refund(&refund_of(&orders[0], &paid, 100)).await.unwrap();
    fixture.control(&format!("payment_intents/{disputed}/dispute"), json!({})).await;

    let gateway = &fixture.gateway;
    let sessions = gateway.checkouts_since(&account, since, None).await.unwrap();
    let seen: Vec<_> = sessions.items.iter().map(|it| (it.checkout_id, it.progress)).collect();
    let expected = [
        (Some(orders[2].checkout_id), SessionProgress::Open),
        (Some(orders[1].checkout_id), SessionProgress::Paid),
        (Some(orders[0].checkout_id), SessionProgress::Paid),
    ];
    assert_eq!((seen.as_slice(), sessions.next), (expected.as_slice(), None));
    // A listed state is the one that is read.
    for listed in &sessions.items {
        assert_eq!(*listed, fixture.session(&account, &listed.session).await);
    }
    assert_eq!(sessions.items[0].session, open.session);

    let refunds = gateway.refunds_since(&account, since, None).await.unwrap();
    assert_eq!((refunds.items, refunds.next), (vec![refund], None));
    let disputes = gateway.disputes_since(&account, since, None).await.unwrap();
    let seen: Vec<_> =
        disputes.items.iter().map(|it| (it.payment_intent.clone(), it.progress)).collect();
    assert_eq!(seen, [(Some(disputed), DisputeProgress::Open)]);

    let later = before(now(), -60);
    let sessions = gateway.checkouts_since(&account, later, None).await.unwrap();
    assert_eq!((sessions.items, sessions.next), (vec![], None));
    assert_eq!(gateway.refunds_since(&account, later, None).await.unwrap().items, []);
    assert_eq!(gateway.disputes_since(&account, later, None).await.unwrap().items, []);
    fixture.end();
}

#[tokio::test]
async fn a_list_of_more_than_a_page_is_read_to_its_end() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let payment = fixture.paid(&order).await;
    let since = before(now(), 1);
    for _ in 0..103 {
        fixture.gateway.refund(&refund_of(&order, &payment, 1)).await.unwrap();
    }
    let first = fixture.gateway.refunds_since(&order.account, since, None).await.unwrap();
    assert_eq!(first.items.len(), 100);
    let next = first.next.as_deref();
    let second = fixture.gateway.refunds_since(&order.account, since, next).await.unwrap();
    assert_eq!((second.items.len(), second.next), (3, None));
    let mut ids: Vec<_> = first.items.iter().chain(&second.items).map(|it| &it.refund).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 103);
    let unknown = fixture.gateway.refunds_since(&order.account, since, Some("re_none")).await;
    assert_eq!(refusal(unknown), Refusal::NotFound);
    fixture.end();
}

#[tokio::test]
async fn a_bank_debit_that_was_returned_is_listed_as_failed() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    let opened = fixture.gateway.open_checkout(&order(&account)).await.unwrap();
    fixture.pay(&opened.session, "later").await;
    let since = before(now(), 1);
    for (settled, expected) in
        [(None, SessionProgress::Pending), (Some("failed"), SessionProgress::Failed)]
    {
        if let Some(outcome) = settled {
            let settle = format!("sessions/{}/settle", opened.session);
            fixture.control(&settle, json!({"outcome": outcome})).await;
        }
        let listed = fixture.gateway.checkouts_since(&account, since, None).await.unwrap();
        assert_eq!(listed.items[0].progress, expected);
    }
    fixture.end();
}

#[tokio::test]
async fn a_session_whose_answer_was_lost_is_found_and_not_opened_again() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let find = || fixture.gateway.find_checkout(&order.account, order.checkout_id, now());
    assert_eq!(find().await.unwrap(), None);
    // Nothing was done, but Stripe keeps the error under the key.
    let kept = |after_effect: bool| {
        json!({
            "mode": "500", "times": 1, "path": SESSIONS, "method": "POST", "kept": true,
            "after_effect": after_effect,
        })
    };
    fixture.fault(kept(false)).await;
    for _ in 0..2 {
        let opened = fixture.gateway.open_checkout(&order).await;
        assert!(matches!(opened, Err(PaymentsError::Failed(_))), "{opened:?}");
    }
    assert_eq!(find().await.unwrap(), None);
    // It was done, and Stripe keeps an error again.
    let second = OpenCheckout { attempt: 1, ..order.clone() };
    fixture.fault(kept(true)).await;
    for _ in 0..2 {
        let opened = fixture.gateway.open_checkout(&second).await;
        assert!(matches!(opened, Err(PaymentsError::Failed(_))), "{opened:?}");
    }
    let found = find().await.unwrap().unwrap();
    assert!(found.url.starts_with(&fixture.sandbox.url()), "{}", found.url);
    assert_eq!(fixture.count("checkoutSessions").await, 1);
    let state = fixture.session(&order.account, &found.session).await;
    assert_eq!(state.checkout_id, Some(order.checkout_id));

    fixture.pay(&found.session, "succeed").await;
    let paid = find().await.unwrap().unwrap();
    assert_eq!((paid.session, paid.url.as_str()), (found.session, ""));
    let far = before(now(), 3 * 60);
    let elsewhen = fixture.gateway.find_checkout(&order.account, order.checkout_id, far).await;
    assert_eq!(elsewhen.unwrap(), None);
    fixture.end();
}

#[tokio::test]
async fn a_session_that_expired_is_not_found() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let opened = fixture.gateway.open_checkout(&order).await.unwrap();
    let find = || fixture.gateway.find_checkout(&order.account, order.checkout_id, now());
    assert_eq!(find().await.unwrap(), Some(opened.clone()));
    fixture.gateway.expire_checkout(&order.account, &opened.session).await.unwrap();
    assert_eq!(find().await.unwrap(), None);
    fixture.end();
}

#[tokio::test]
async fn a_refund_whose_error_is_kept_is_listed_if_it_was_made() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let payment = fixture.paid(&order).await;
    let since = before(now(), 1);
    for (made, after_effect) in [(0, false), (1, true)] {
        let refund = refund_of(&order, &payment, 100);
        let fault = json!({
            "mode": "500", "times": 1, "path": REFUNDS, "method": "POST", "kept": true,
            "after_effect": after_effect,
        });
        fixture.fault(fault).await;
        for _ in 0..2 {
            let refunded = fixture.gateway.refund(&refund).await;
            assert!(matches!(refunded, Err(PaymentsError::Failed(_))), "{refunded:?}");
        }
        let listed = fixture.gateway.refunds_since(&order.account, since, None).await.unwrap();
        let ours = listed.items.iter().filter(|it| it.refund_id == Some(refund.refund_id));
        assert_eq!(ours.count(), made);
        let again = RefundOrder { attempt: 1, ..refund };
        let again = fixture.gateway.refund(&again).await.unwrap();
        assert_eq!(again.refund_id, Some(refund.refund_id));
    }
    fixture.end();
}

#[tokio::test]
async fn a_refund_without_balance_is_refused_as_that() {
    let fixture = Fixture::new().await;
    let order = order(&fixture.account().await);
    let payment = fixture.paid(&order).await;
    let refund = refund_of(&order, &payment, 100);
    let path = format!("accounts/{}", order.account);
    fixture.control(&path, json!({"covers_refunds": false})).await;
    assert_eq!(refusal(fixture.gateway.refund(&refund).await), Refusal::InsufficientBalance);
    fixture.control(&path, json!({"covers_refunds": true})).await;
    // Stripe keeps that refusal too.
    assert_eq!(refusal(fixture.gateway.refund(&refund).await), Refusal::InsufficientBalance);
    let again = RefundOrder { attempt: 1, ..refund };
    let made = fixture.gateway.refund(&again).await.unwrap();
    assert_eq!(made.progress, RefundProgress::Succeeded);
    fixture.end();
}

#[tokio::test]
async fn an_answer_that_is_late_or_cut_is_asked_for_again() {
    let fixture = Fixture::new().await;
    let account = fixture.account().await;
    for (sessions, fault) in (1..).zip([
        json!({"mode": "cut", "times": 1, "method": "POST"}),
        json!({"mode": "cut", "times": 1, "method": "POST", "after_effect": true}),
        json!({"mode": "latency", "millis": 100, "times": 1}),
        json!({"mode": "latency", "millis": 1_500, "times": 1, "after_effect": true}),
    ]) {
        fixture.fault(fault.clone()).await;
        let opened = fixture.gateway.open_checkout(&order(&account)).await;
        assert!(opened.is_ok(), "{fault}: {opened:?}");
        assert_eq!(fixture.count("checkoutSessions").await, sessions, "{fault}");
    }
    fixture.end();
}
