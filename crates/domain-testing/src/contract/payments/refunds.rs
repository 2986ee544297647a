//! Refunds.

use futures_util::future::join_all;

use super::{Fixture, Paying, a_refund, an_account, an_order, opened, paid, refusal, session, usd};
use tollgate_domain::payments::{OpenCheckout, RefundOrder, RefundProgress, Refusal};

pub async fn an_order_is_refunded_once(on: &impl Fixture) {
    let order = OpenCheckout { fee: 60, ..an_order(on, &an_account(on).await) };
    let payment = paid(on, &order).await;
    let half = a_refund(&order, &payment, 500);
    let refunded = join_all((0..10).map(|_| on.payments().refund(&half))).await;
    let first = on.payments().refund(&half).await.unwrap();
    assert_eq!(first.refund_id, Some(half.refund_id));
    assert_eq!(first.payment_intent.as_ref(), Some(&payment));
    assert_eq!((first.amount, first.progress), (500, RefundProgress::Succeeded));
    assert_eq!(first.currency, "usd");
    for refunded in refunded {
        assert_eq!(refunded.unwrap(), first);
    }
    let read = on.payments().refund_state(&order.account, &first.refund).await.unwrap();
    assert_eq!(read, first);
    let charge = on.payments().charge_of_payment(&order.account, &payment).await.unwrap().unwrap();
    let all = on.payments().refunds_of_charge(&order.account, &charge).await.unwrap();
    assert_eq!(all, [first]);
}

pub async fn no_more_than_the_payment_is_refunded(on: &impl Fixture) {
    let order = OpenCheckout { fee: 60, ..an_order(on, &an_account(on).await) };
    let payment = paid(on, &order).await;
    on.payments().refund(&a_refund(&order, &payment, 500)).await.unwrap();
    let over = on.payments().refund(&a_refund(&order, &payment, 701)).await;
    assert_eq!(refusal(over), Refusal::WithMessage);
    on.payments().refund(&a_refund(&order, &payment, 700)).await.unwrap();
    let more = on.payments().refund(&a_refund(&order, &payment, 1)).await;
    assert_eq!(refusal(more), Refusal::AlreadyRefunded);
}

/// It has failed since.
pub async fn the_answer_to_a_refund_is_repeated_as_it_was(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    let refund = a_refund(&order, &payment, 100);
    let made = on.payments().refund(&refund).await.unwrap();
    on.complete_refund(&made.refund, false).await;
    assert_eq!(on.payments().refund(&refund).await.unwrap(), made);
    let now = on.payments().refund_state(&order.account, &made.refund).await.unwrap();
    assert_eq!(now.progress, RefundProgress::Failed);
    let changed = RefundOrder { amount: usd(200), ..refund.clone() };
    assert_eq!(refusal(on.payments().refund(&changed).await), Refusal::Other);
    let again = on.payments().refund(&RefundOrder { attempt: 1, ..refund }).await.unwrap();
    assert_ne!(again.refund, made.refund);
}

/// What failed can be refunded again.
pub async fn a_refund_that_takes_days_is_pending_and_may_fail(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let opened = opened(on, &order).await;
    on.pay(&opened, Paying::Later).await;
    on.complete(&opened, true).await;
    let payment = session(on, &order.account, &opened).await.payment_intent.unwrap();
    for (arrives, expected) in [(false, RefundProgress::Failed), (true, RefundProgress::Succeeded)]
    {
        let made = on.payments().refund(&a_refund(&order, &payment, 1_200)).await.unwrap();
        assert_eq!(made.progress, RefundProgress::Pending);
        on.complete_refund(&made.refund, arrives).await;
        let state = on.payments().refund_state(&order.account, &made.refund).await.unwrap();
        assert_eq!(state.progress, expected);
        assert_eq!(state.refund_id, made.refund_id);
    }
}

pub async fn what_the_owner_refunds_is_listed_with_ours(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    let charge = on.payments().charge_of_payment(&order.account, &payment).await.unwrap().unwrap();
    let none = on.payments().refunds_of_charge(&order.account, &charge).await.unwrap();
    assert_eq!(none, []);
    let ours = on.payments().refund(&a_refund(&order, &payment, 100)).await.unwrap();
    for amount in [200, 300] {
        on.refund_elsewhere(&order.account, &payment, amount).await;
    }
    let mut refunds = on.payments().refunds_of_charge(&order.account, &charge).await.unwrap();
    refunds.sort_by_key(|refund| refund.amount);
    let seen: Vec<_> = refunds.iter().map(|refund| (refund.amount, refund.refund_id)).collect();
    assert_eq!(seen, [(100, ours.refund_id), (200, None), (300, None)]);
    assert!(refunds.iter().all(|refund| refund.payment_intent.as_ref() == Some(&payment)));
    assert!(refunds.iter().all(|refund| refund.progress == RefundProgress::Succeeded));
}

/// The refusal is kept, so that another attempt is needed once the balance covers the refund.
pub async fn a_refund_without_balance_is_refused_as_that(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    let refund = a_refund(&order, &payment, 100);
    for covers in [false, true] {
        on.set_covers_refunds(&order.account, covers).await;
        let refused = on.payments().refund(&refund).await;
        assert_eq!(refusal(refused), Refusal::InsufficientBalance);
    }
    let made = on.payments().refund(&RefundOrder { attempt: 1, ..refund }).await.unwrap();
    assert_eq!(made.progress, RefundProgress::Succeeded);
}

pub async fn a_payment_that_has_not_arrived_is_not_refunded(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let opened = opened(on, &order).await;
    on.pay(&opened, Paying::Later).await;
    let payment = session(on, &order.account, &opened).await.payment_intent.unwrap();
    let on_its_way = on.payments().refund(&a_refund(&order, &payment, 100)).await;
    assert_eq!(refusal(on_its_way), Refusal::WithMessage);
    on.complete(&opened, false).await;
    let failed = on.payments().refund(&a_refund(&order, &payment, 100)).await;
    assert_eq!(refusal(failed), Refusal::WithMessage);
}
