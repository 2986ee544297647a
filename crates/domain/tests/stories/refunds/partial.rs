//! Refunding a part of the money, and the rest after it.

use std::pin::pin;

use futures_util::{future::join_all, poll};
use tollgate_domain::{
    access::FactKind,
    mail::MailContent,
    payments::{DisputeProgress, PaymentsError, Refusal},
    refunds::RefundError,
};
use tollgate_domain_testing::{Call, Fault, email, money};

use super::Sold;
use crate::{BOB, at_once};

#[pollster::test]
async fn partial_refunds_keep_access_until_they_add_up() {
    let sold = Sold::new().await;
    for (amount, open) in [(300, true), (500, true), (399, true), (1, false)] {
        sold.refund_in_dashboard(amount);
        sold.sale.app.deliver_webhooks().await;
        assert_eq!(sold.sale.is_open().await, open, "after {amount}");
        sold.sale.app.clock.advance_seconds(1);
    }
    assert_eq!(sold.facts(FactKind::RefundAccepted), 4);
    sold.sale.app.deliver_mails().await;
    let ended: Vec<_> = sold
        .sale
        .app
        .mailer
        .sent_to(&email(BOB))
        .into_iter()
        .map(|mail| matches!(mail, MailContent::Refunded { access_ended: true, .. }))
        .collect();
    assert_eq!(ended, [false, false, false, true]);
}

/// A dispute has paused the access when the refund is learnt.
#[pollster::test]
async fn a_refund_does_not_say_that_it_closed_what_was_closed_before() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    sold.refund_in_dashboard(500);
    let refund = app.payments.take_events();
    app.payments.dispute(&sold.payment, DisputeProgress::Open).unwrap();
    app.deliver_webhooks().await;
    app.deliver_mails().await;
    app.mailer.clear();
    app.deliver(refund).await;
    app.deliver_mails().await;
    let told = app.mailer.sent_to(&email(BOB));
    let [MailContent::Refunded { access_ended: false, was_closed: true, .. }] = told.as_slice()
    else {
        panic!("{told:?}")
    };
}

#[pollster::test]
async fn the_button_refunds_what_is_left() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(500);
    sold.sale.app.deliver_webhooks().await;
    assert_eq!(sold.refund().await.unwrap().amount, money(700, "usd"));
    assert!(!sold.sale.is_open().await);
    assert_eq!(sold.refunded(), [500, 700]);
}

#[pollster::test]
async fn a_partial_refund_that_nobody_heard_of_leaves_the_rest_to_be_refunded() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(500);
    assert_eq!(sold.refund().await.unwrap().amount, money(700, "usd"));
    assert!(!sold.sale.is_open().await);
    assert_eq!((sold.refunded(), sold.reserved()), (vec![500, 700], 0));
}

#[pollster::test]
async fn the_button_refunds_a_part_whose_refund_failed_unheard() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(500);
    sold.sale.app.deliver_webhooks().await;
    let refunds = sold.sale.app.payments.refunds_of(&sold.payment);
    sold.sale.app.payments.fail_refund(&refunds.first().unwrap().0);
    sold.sale.app.payments.take_events();
    assert_eq!(sold.refund().await.unwrap().amount, money(1_200, "usd"));
    assert!(!sold.sale.is_open().await);
    assert_eq!(sold.reserved(), 0);
}

/// The one who presses has seen that 700 is left.
#[pollster::test]
async fn the_button_refunds_no_more_than_was_seen() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    sold.refund_in_dashboard(500);
    app.deliver_webhooks().await;
    let refunds = app.payments.refunds_of(&sold.payment);
    app.payments.fail_refund(&refunds.first().unwrap().0);
    app.payments.take_events();
    let purchase = app.store.purchases().remove(0).id;
    let refused = sold.refund_seen(purchase, Some(700)).await;
    assert!(matches!(refused, Err(RefundError::MoreThanSeen)), "{refused:?}");
    assert!(sold.sale.is_open().await);
    assert_eq!((app.payments.calls(Call::Refund), sold.reserved()), (0, 0));
    let receipt = sold.refund_seen(purchase, Some(1_200)).await.unwrap();
    assert_eq!((receipt.amount, sold.reserved()), (money(1_200, "usd"), 0));
}

#[pollster::test]
async fn parallel_buttons_refund_what_a_partial_refund_left_and_none_calls_it_refused() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(300);
    let answers = at_once(4, |_| {
        let sold = sold.clone();
        async move { sold.refund().await }
    })
    .await;
    let given: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert!(!given.is_empty() && given.iter().all(|receipt| receipt.amount == money(900, "usd")));
    let others = answers.iter().filter_map(|answer| answer.as_ref().err());
    for error in others {
        assert!(matches!(error, RefundError::AlreadyRefunded), "{error:?}");
    }
    assert_eq!((sold.refunded(), sold.reserved()), (vec![300, 900], 0));
    assert!(!sold.sale.is_open().await);
}

/// Each of them comes between what the button reads and what it asks for.
#[pollster::test]
async fn parts_that_are_refunded_while_the_button_runs_leave_it_the_rest() {
    let sold = Sold::new().await;
    let payments = &sold.sale.app.payments;
    sold.refund_in_dashboard(300);
    let mut press = pin!(sold.refund());
    for (reads, part) in [(1, 200), (2, 100), (3, 50)] {
        while payments.calls(Call::RefundsOfCharge) < reads {
            assert!(poll!(press.as_mut()).is_pending());
        }
        sold.refund_in_dashboard(part);
    }
    assert_eq!(press.await.unwrap().amount, money(550, "usd"));
    let mut refunded = sold.refunded();
    refunded.sort_unstable();
    assert_eq!((refunded, sold.reserved()), (vec![50, 100, 200, 300, 550], 0));
    assert!(!sold.sale.is_open().await);
}

/// Its own request was closed by the other one, which refunded the rest.
#[pollster::test]
async fn a_press_that_began_before_a_refund_has_the_receipt_of_that_refund() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(500);
    let mut slow = pin!(sold.refund());
    while sold.reserved() == 0 {
        assert!(poll!(slow.as_mut()).is_pending());
    }
    let receipt = sold.refund().await.unwrap();
    assert_eq!(receipt.amount, money(700, "usd"));
    assert_eq!(slow.await.unwrap(), receipt);
    assert!(matches!(sold.refund().await, Err(RefundError::AlreadyRefunded)), "a later press");
    assert_eq!((sold.refunded(), sold.reserved()), (vec![500, 700], 0));
}

#[pollster::test]
async fn presses_that_begin_together_have_one_receipt() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(500);
    let presses = join_all((0..20).map(|_| sold.refund())).await;
    let receipts: Vec<_> = presses.into_iter().map(Result::unwrap).collect();
    assert!(receipts.iter().all(|receipt| Some(receipt) == receipts.first()), "{receipts:?}");
    assert_eq!((sold.refunded(), sold.reserved()), (vec![500, 700], 0));
}

#[pollster::test]
async fn a_refund_that_the_provider_does_not_take_leaves_nothing_set_aside() {
    let sold = Sold::new().await;
    let message = "there is no balance".to_owned();
    let refusal = PaymentsError::Refused { refusal: Refusal::Other, message };
    sold.sale.app.payments.fail_next(Call::Refund, Fault::BeforeEffect(refusal));
    let refused = sold.refund().await;
    assert!(matches!(refused, Err(RefundError::Payments(PaymentsError::Refused { .. }))));
    assert!(sold.sale.is_open().await);
    assert_eq!((sold.refunded(), sold.reserved()), (vec![], 0));
}
