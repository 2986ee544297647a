//! Refunds that the provider refuses because of a dispute.

use tollgate_domain::{
    payments::{DisputeProgress, PaymentsError, Refusal},
    refunds::RefundError,
};
use tollgate_domain_testing::{Call, Fault, money};

use super::Sold;
use crate::BOB;

#[pollster::test]
async fn a_dispute_that_cannot_be_read_at_once_is_read_again_in_a_moment() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    app.payments.dispute(&sold.payment, DisputeProgress::Open).unwrap();
    app.payments.take_events();
    // The button reads them first.
    for _ in 0..4 {
        app.payments.fail_next(Call::DisputesSince, Fault::lost_request());
    }
    assert!(matches!(sold.refund().await, Err(RefundError::Disputed)));
    for pause in [0, 5, 10] {
        app.clock.advance_seconds(pause);
        app.work().await;
        assert!(sold.sale.is_open().await, "not read yet");
    }
    app.clock.advance_seconds(20);
    app.work().await;
    assert!(!sold.sale.is_open().await);
}

#[pollster::test]
async fn a_dispute_that_nobody_told_of_closes_the_page_before_the_refund_is_refused() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    app.payments.dispute(&sold.payment, DisputeProgress::Open).unwrap();
    app.payments.take_events();
    assert!(matches!(sold.refund().await, Err(RefundError::Disputed)));
    assert!(!sold.sale.is_open().await, "no job has run");
    assert_eq!((app.payments.calls(Call::Refund), sold.reserved()), (1, 0));
    assert_eq!(sold.sale.mails_to(BOB).await, ["access_disputed"]);
}

#[pollster::test]
async fn what_a_dispute_took_that_nobody_told_of_is_answered_as_what_is_lost() {
    for (part, left) in [(1_200, None), (500, Some(700))] {
        let sold = Sold::new().await;
        let app = &sold.sale.app;
        app.payments.dispute_part(&sold.payment, part, DisputeProgress::Lost).unwrap();
        app.payments.take_events();
        refuse_as_disputed(&sold);
        let asked = sold.refund().await;
        match left {
            Some(left) => assert_eq!(asked.unwrap().amount, money(left, "usd")),
            None => assert!(matches!(asked, Err(RefundError::Lost)), "{asked:?}"),
        }
        assert!(!sold.sale.is_open().await);
        assert_eq!(sold.reserved(), 0);
    }
}

#[pollster::test]
async fn a_dispute_that_was_won_unheard_no_longer_stands_against_a_refund() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    let dispute = app.payments.dispute(&sold.payment, DisputeProgress::Open).unwrap();
    app.deliver_webhooks().await;
    app.clock.advance_seconds(1);
    app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    app.payments.take_events();
    assert_eq!(sold.refund().await.unwrap().amount, money(1_200, "usd"));
    assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0));
}

/// Others of the account are none of this purchase's business.
#[pollster::test]
async fn a_dispute_of_another_payment_is_not_applied_to_this_one() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    let eve = app.sign_in("eve@example.com").await;
    let other = app.buy(&sold.sale.shop, &sold.sale.page, &eve).await;
    app.deliver_webhooks().await;
    let payment = other.payment.unwrap().payment_intent;
    app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    app.payments.take_events();
    refuse_as_disputed(&sold);
    assert!(matches!(sold.refund().await, Err(RefundError::Disputed)));
    assert!(sold.sale.is_open().await);
    assert!(app.is_open(&sold.sale.shop, &sold.sale.page, &eve).await);
}

/// The provider refuses the next refund with a dispute as its reason.
fn refuse_as_disputed(sold: &Sold) {
    let message = "it was charged back".to_owned();
    let refusal = PaymentsError::Refused { refusal: Refusal::Disputed, message };
    sold.sale.app.payments.fail_next(Call::Refund, Fault::BeforeEffect(refusal));
}
