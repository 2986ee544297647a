//! Refunds of payments that were lost in a dispute, or a part of them.

use std::pin::pin;

use futures_util::poll;
use tollgate_domain::{
    payments::{DisputeId, DisputeProgress, PaymentsError, Refusal},
    refunds::RefundError,
};
use tollgate_domain_testing::{Call, Fault, money};

use super::Sold;

impl Sold {
    /// A bank takes this much of the payment back, and that is known.
    async fn lose(&self, part: i64) -> DisputeId {
        let app = &self.sale.app;
        let opened = app.payments.dispute_part(&self.payment, part, DisputeProgress::Open);
        let dispute = opened.unwrap();
        app.deliver_webhooks().await;
        self.decide(&dispute, DisputeProgress::Lost).await;
        dispute
    }

    async fn decide(&self, dispute: &DisputeId, progress: DisputeProgress) {
        self.sale.app.clock.advance_seconds(1);
        self.sale.app.payments.decide_dispute(dispute, progress);
        self.sale.app.deliver_webhooks().await;
    }

    /// A refund is asked for, and neither it nor the answer arrives.
    async fn ask_in_vain(&self, fault: Fault) {
        let payments = &self.sale.app.payments;
        payments.fail_next(Call::Refund, fault);
        payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
        assert!(matches!(self.refund().await, Err(RefundError::Payments(_))));
        assert_eq!(self.reserved(), 1_200);
    }

    async fn net(&self) -> i64 {
        let (creator, name) = (&self.sale.shop.creator, &self.sale.shop.handle.name);
        let revenue = self.sale.app.reports.revenue(creator, name, None, None).await.unwrap();
        revenue.totals.first().unwrap().net().amount
    }
}

#[pollster::test]
async fn what_a_dispute_took_is_not_refunded_once_more() {
    let sold = Sold::new().await;
    let dispute = sold.lose(1_200).await;
    let refused = sold.refund().await;
    assert!(matches!(refused, Err(RefundError::Lost)), "{refused:?}");
    assert_eq!(sold.sale.app.payments.calls(Call::Refund), 0);
    assert_eq!((sold.reserved(), sold.net().await), (0, 0));
    // On appeal the seller gets it back.
    sold.decide(&dispute, DisputeProgress::Won).await;
    assert_eq!(sold.net().await, 1_200);
    assert_eq!(sold.refund().await.unwrap().amount, money(1_200, "usd"));
    assert_eq!((sold.refunded(), sold.net().await), (vec![1_200], 0));
}

#[pollster::test]
async fn what_a_dispute_left_is_refunded() {
    let sold = Sold::new().await;
    sold.lose(500).await;
    assert!(!sold.sale.is_open().await);
    assert_eq!(sold.net().await, 700);
    assert_eq!(sold.refund().await.unwrap().amount, money(700, "usd"));
    let again = sold.refund().await;
    assert!(matches!(again, Err(RefundError::Lost)), "{again:?}");
    assert_eq!((sold.refunded(), sold.net().await), (vec![700], 0));
}

/// That it is open again is stored some minutes later, since the read may be older than the loss, and known at once.
#[pollster::test]
async fn a_refund_right_after_a_lost_dispute_was_opened_again_is_refused_as_disputed() {
    let sold = Sold::new().await;
    let dispute = sold.lose(500).await;
    sold.sale.app.clock.advance_seconds(1);
    sold.sale.app.payments.decide_dispute(&dispute, DisputeProgress::Open);
    for is_told in [false, true] {
        let refused = sold.refund().await;
        assert!(matches!(refused, Err(RefundError::Disputed)), "told: {is_told}: {refused:?}");
        sold.sale.app.deliver_webhooks().await;
    }
    assert_eq!((sold.refunded(), sold.reserved()), (vec![], 0));
    sold.decide(&dispute, DisputeProgress::Lost).await;
    assert_eq!(sold.refund().await.unwrap().amount, money(700, "usd"));
}

#[pollster::test]
async fn what_was_refunded_before_the_loss_counts_too() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(300);
    sold.sale.app.deliver_webhooks().await;
    sold.lose(500).await;
    assert_eq!(sold.refund().await.unwrap().amount, money(400, "usd"));
    assert_eq!((sold.refunded(), sold.net().await), (vec![300, 400], 0));
}

/// The provider would refund 700 besides: it knows of no more than 300 that it refunded.
#[pollster::test]
async fn a_refund_that_was_not_heard_of_counts_after_a_loss() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(300);
    sold.sale.app.payments.take_events();
    sold.lose(500).await;
    // What is left is not known without the refunds, so nothing is asked for.
    sold.sale.app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
    let unknown = sold.refund().await;
    assert!(matches!(unknown, Err(RefundError::Payments(_))), "{unknown:?}");
    assert_eq!(sold.sale.app.payments.calls(Call::Refund), 0);
    assert_eq!(sold.refund().await.unwrap().amount, money(400, "usd"));
    assert_eq!((sold.refunded(), sold.net().await), (vec![300, 400], 0));
}

/// The provider would refund 700 although a second dispute took them, or is about them.
#[pollster::test]
async fn a_second_dispute_that_was_not_heard_of_counts_after_a_loss() {
    use DisputeProgress::{Lost, Open};
    for (part, progress, left) in [(700, Lost, 0), (300, Lost, 400), (700, Open, 0)] {
        let sold = Sold::new().await;
        let payments = &sold.sale.app.payments;
        sold.lose(500).await;
        payments.dispute_part(&sold.payment, part, progress).unwrap();
        payments.take_events();
        payments.fail_next(Call::DisputesSince, Fault::lost_request());
        let unknown = sold.refund().await;
        assert!(matches!(unknown, Err(RefundError::Payments(_))), "{progress:?}, {unknown:?}");
        assert_eq!(payments.calls(Call::Refund), 0, "what is left is not known");
        let asked = sold.refund().await;
        match (progress, left) {
            (Open, _) => assert!(matches!(asked, Err(RefundError::Disputed)), "{asked:?}"),
            (_, 0) => assert!(matches!(asked, Err(RefundError::Lost)), "{asked:?}"),
            _ => assert_eq!(asked.unwrap().amount, money(left, "usd")),
        }
        let refunded: Vec<_> = (left > 0).then_some(left).into_iter().collect();
        assert_eq!((sold.refunded(), sold.reserved()), (refunded, 0), "{progress:?}");
    }
}

/// It comes between the look at the disputes and the refund.
#[pollster::test]
async fn a_second_loss_is_read_when_a_refund_is_refused_because_of_it() {
    let sold = Sold::new().await;
    let payments = &sold.sale.app.payments;
    sold.lose(500).await;
    let mut press = pin!(sold.refund());
    while payments.calls(Call::DisputesSince) == 0 {
        assert!(poll!(press.as_mut()).is_pending());
    }
    payments.dispute_part(&sold.payment, 700, DisputeProgress::Lost).unwrap();
    payments.take_events();
    let message = "it was charged back".to_owned();
    let refusal = PaymentsError::Refused { refusal: Refusal::Disputed, message };
    payments.fail_next(Call::Refund, Fault::BeforeEffect(refusal));
    let refused = press.await;
    assert!(matches!(refused, Err(RefundError::Lost)), "{refused:?}");
    assert_eq!((sold.refunded(), sold.reserved(), sold.net().await), (vec![], 0, 0));
}

/// Another dispute of the payment may be open that is not known.
#[pollster::test]
async fn a_refusal_after_a_loss_does_not_say_that_the_dispute_is_open() {
    let sold = Sold::new().await;
    sold.lose(500).await;
    let message = "it was charged back".to_owned();
    let refusal = PaymentsError::Refused { refusal: Refusal::Disputed, message };
    sold.sale.app.payments.fail_next(Call::Refund, Fault::BeforeEffect(refusal));
    let refused = sold.refund().await;
    let Err(RefundError::Payments(PaymentsError::Refused { refusal, message })) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!((*refusal, message.as_str()), (Refusal::WithMessage, "it was charged back"));
    assert_eq!(sold.reserved(), 0);
}

/// The job that repeats it, or the creator who asks once more, comes after the loss.
#[pollster::test]
async fn a_request_from_before_a_loss_is_not_sent_after_it() {
    for (part, left, by_job) in
        [(1_200, None, true), (1_200, None, false), (500, Some(700), true), (500, Some(700), false)]
    {
        let sold = Sold::new().await;
        sold.ask_in_vain(Fault::lost_request()).await;
        sold.lose(part).await;
        // The request may be on its way.
        let early = sold.refund().await;
        let is_unclear = matches!(early, Err(RefundError::Payments(PaymentsError::Unavailable(_))));
        assert!(is_unclear, "{early:?}");
        sold.sale.app.clock.advance_seconds(121);
        if by_job {
            sold.sale.app.work().await;
            assert_eq!(sold.reserved(), 0, "{part}");
        }
        assert_eq!(sold.refunded(), Vec::<i64>::new());
        let now = sold.refund().await;
        match left {
            Some(left) => assert_eq!(now.unwrap().amount, money(left, "usd")),
            None => assert!(matches!(now, Err(RefundError::Lost)), "{now:?}"),
        }
        assert_eq!((sold.reserved(), sold.net().await), (0, 0), "{part}");
    }
}

/// The job that took it up has sent it again, long after the creator asked for it.
#[pollster::test]
async fn a_request_that_was_sent_again_right_before_a_loss_may_be_on_its_way() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    sold.ask_in_vain(Fault::lost_request()).await;
    app.clock.advance_seconds(130);
    app.payments.fail_next(Call::Refund, Fault::lost_request());
    app.work().await;
    assert_eq!(app.payments.calls(Call::Refund), 2);
    sold.lose(500).await;
    let early = sold.refund().await;
    let is_unclear = matches!(early, Err(RefundError::Payments(PaymentsError::Unavailable(_))));
    assert!(is_unclear, "{early:?}");
    assert_eq!(sold.reserved(), 1_200);
    app.clock.advance_seconds(121);
    assert_eq!(sold.refund().await.unwrap().amount, money(700, "usd"));
    assert_eq!((sold.refunded(), sold.reserved()), (vec![700], 0));
}

#[pollster::test]
async fn a_refund_from_before_a_loss_is_found_after_it() {
    let sold = Sold::new().await;
    sold.ask_in_vain(Fault::lost_answer()).await;
    sold.sale.app.payments.take_events();
    sold.lose(1_200).await;
    assert_eq!(sold.refund().await.unwrap().amount, money(1_200, "usd"));
    assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0));
    assert_eq!(sold.sale.app.payments.calls(Call::Refund), 1);
}

/// Both payments were lost, and the first one came back on appeal.
#[pollster::test]
async fn the_purchase_that_opens_the_page_is_refunded() {
    for lost_of_second in [1_200, 500] {
        let mut sold = Sold::new().await;
        let first = sold.sale.app.store.purchases().pop().unwrap().id;
        let dispute = sold.lose(1_200).await;
        sold.sale.app.clock.advance_seconds(1);
        let second = sold.sale.app.buy(&sold.sale.shop, &sold.sale.page, &sold.sale.bob).await;
        sold.payment = second.payment.unwrap().payment_intent;
        sold.lose(lost_of_second).await;
        sold.decide(&dispute, DisputeProgress::Won).await;
        assert!(sold.sale.is_open().await);
        assert_eq!(sold.refund().await.unwrap().purchase_id, first);
        assert!(!sold.sale.is_open().await);
    }
}
