//! Refunds whose request had no answer: they are looked for before they are asked for again.

use std::pin::pin;

use futures_util::poll;
use tollgate_domain::{
    jobs::{JobKind, Outcome, Step},
    payments::{DisputeProgress, PaymentsError, RefundProgress},
    refunds::{RefundError, RefundReceipt},
};
use tollgate_domain_testing::{Call, Fault, money};

use super::Sold;

impl Sold {
    /// A refund is asked for. Neither its answer arrives, nor what the provider says when it is looked for.
    async fn press_unanswered(&self, fault: Fault) {
        let payments = &self.sale.app.payments;
        payments.fail_next(Call::Refund, fault);
        payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
        assert!(matches!(self.refund().await, Err(RefundError::Payments(_))));
        payments.take_events();
    }

    /// The job takes the request up, or the creator asks once more.
    async fn follow_up(&self, by_job: bool) -> Option<Result<RefundReceipt, RefundError>> {
        if !by_job {
            return Some(self.refund().await);
        }
        self.sale.app.clock.advance_seconds(130);
        self.sale.app.work().await;
        None
    }
}

#[pollster::test]
async fn a_refund_that_was_made_is_found_and_not_asked_for_again() {
    for fault in [Fault::lost_answer(), Fault::kept_error_after_effect()] {
        for by_job in [true, false] {
            let sold = Sold::new().await;
            sold.press_unanswered(fault.clone()).await;
            let followed = sold.follow_up(by_job).await;
            let amount = followed.map(|receipt| receipt.unwrap().amount);
            assert_eq!(amount, (!by_job).then(|| money(1_200, "usd")));
            assert_eq!(sold.sale.app.payments.calls(Call::Refund), 1, "by the job: {by_job}");
            assert!(!sold.sale.is_open().await);
            assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0));
        }
    }
}

#[pollster::test]
async fn while_it_cannot_be_looked_for_a_refund_is_not_asked_for_again() {
    for by_job in [true, false] {
        let sold = Sold::new().await;
        sold.press_unanswered(Fault::kept_error()).await;
        let payments = &sold.sale.app.payments;
        payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
        let followed = sold.follow_up(by_job).await;
        assert!(followed.is_none_or(|it| matches!(it, Err(RefundError::Payments(_)))));
        assert_eq!(payments.calls(Call::Refund), 1, "by the job: {by_job}");
        assert_eq!(sold.reserved(), 1_200);
        sold.follow_up(by_job).await;
        assert!(!sold.sale.is_open().await);
        assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0));
    }
}

/// Nothing came of the first request in the end, so the second press asks for a refund of its own.
#[pollster::test]
async fn a_refund_that_has_failed_when_it_is_found_is_asked_for_anew() {
    let sold = Sold::new().await;
    sold.press_unanswered(Fault::lost_answer()).await;
    let made = sold.sale.app.payments.refunds_of(&sold.payment);
    sold.sale.app.payments.fail_refund(&made.first().unwrap().0);
    let receipt = sold.refund().await.unwrap();
    assert_eq!(receipt.progress, RefundProgress::Succeeded);
    assert_eq!(sold.reserved(), 0);
    assert!(!sold.sale.is_open().await);
}

/// Stripe refunds a part that a dispute has taken once more, so what is lost while the refund is looked for counts, too.
#[pollster::test]
async fn what_is_lost_while_a_refund_is_looked_for_is_not_asked_for() {
    for by_job in [true, false] {
        let sold = Sold::new().await;
        sold.press_unanswered(Fault::lost_request()).await;
        let payments = &sold.sale.app.payments;
        let mut followed = pin!(sold.follow_up(by_job));
        while payments.calls(Call::RefundsOfCharge) == 0 {
            assert!(poll!(followed.as_mut()).is_pending());
        }
        payments.dispute_part(&sold.payment, 500, DisputeProgress::Lost).unwrap();
        sold.sale.app.deliver_webhooks().await;
        followed.await;
        let refunded: i64 = sold.refunded().iter().sum();
        assert!(refunded <= 700, "{refunded} besides what is lost, by the job: {by_job}");
    }
}

#[pollster::test]
async fn failures_that_the_provider_keeps_do_not_stop_the_next_refund() {
    let sold = Sold::new().await;
    for _ in 0..3 {
        sold.sale.app.payments.fail_next(Call::Refund, Fault::kept_error());
    }
    let failed = sold.refund().await;
    assert!(matches!(failed, Err(RefundError::Payments(PaymentsError::Failed(_)))), "{failed:?}");
    assert_eq!(sold.reserved(), 0);
    assert!(sold.sale.is_open().await);
    sold.refund().await.unwrap();
    assert_eq!(sold.refunded(), [1_200]);
    assert!(!sold.sale.is_open().await);
}

#[pollster::test]
async fn a_request_stays_while_nobody_knows_what_came_of_it() {
    let sold = Sold::new().await;
    sold.sale.app.payments.fail_next(Call::Refund, Fault::kept_error_after_effect());
    let failed = PaymentsError::Failed("500".into());
    sold.sale.app.payments.fail_next(Call::ChargeOfPayment, Fault::BeforeEffect(failed));
    assert!(sold.refund().await.is_err());
    assert_eq!(sold.reserved(), 1_200);
    sold.refund().await.unwrap();
    assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0));
}

#[pollster::test]
async fn after_a_lost_answer_the_same_refund_is_taken_up() {
    for fault in [Fault::lost_request(), Fault::lost_answer()] {
        let sold = Sold::new().await;
        sold.sale.app.payments.fail_next(Call::Refund, fault);
        sold.sale.app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
        let asked = sold.refund().await;
        assert!(matches!(asked, Err(RefundError::Payments(PaymentsError::Unavailable(_)))));
        assert_eq!(sold.reserved(), 1_200, "nobody else may refund it in the meantime");
        assert_eq!(sold.refund().await.unwrap().amount, money(1_200, "usd"));
        assert!(!sold.sale.is_open().await);
        assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0));
    }
}

/// The provider refuses that because of the amount, and all that it has refunded is known here already.
#[pollster::test]
async fn the_rest_is_refunded_although_an_earlier_request_asks_for_more() {
    let sold = Sold::new().await;
    sold.press_unanswered(Fault::lost_request()).await;
    sold.refund_in_dashboard(500);
    sold.sale.app.deliver_webhooks().await;
    assert_eq!((sold.refunded(), sold.reserved()), (vec![500], 1_200));
    assert_eq!(sold.refund().await.unwrap().amount, money(700, "usd"));
    assert!(!sold.sale.is_open().await);
    assert_eq!((sold.refunded(), sold.reserved()), (vec![500, 700], 0));
}

#[pollster::test]
async fn a_refund_that_nobody_follows_up_is_resumed() {
    for fault in [Fault::lost_request(), Fault::lost_answer()] {
        let sold = Sold::new().await;
        let app = &sold.sale.app;
        app.payments.fail_next(Call::Refund, fault);
        app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
        assert!(sold.refund().await.is_err());
        app.payments.take_events();
        let resumed = Step::Ran(JobKind::ResumeRefund, Outcome::Done);
        assert!(!app.work().await.contains(&resumed), "it is too early");
        app.clock.advance_seconds(121);
        assert!(app.work().await.contains(&resumed));
        assert!(!sold.sale.is_open().await);
        assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0));
        app.clock.advance_seconds(3_600);
        assert!(!app.work().await.contains(&resumed), "nothing is left");
    }
}
