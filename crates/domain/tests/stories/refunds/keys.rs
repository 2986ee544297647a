//! Idempotency keys of creators, also such that read like Tollgate's own.

use std::{pin::pin, task::Poll};

use futures_util::poll;
use tollgate_domain::{
    clock::Clock,
    mail::MailContent,
    refunds::{RefundError, RefundReceipt, RefundWish},
};
use tollgate_domain_testing::{Call, Fault, email, money};

use super::Sold;
use crate::{ADA, Sale};

async fn ask(sold: &Sold, key: &str) -> Result<RefundReceipt, RefundError> {
    let Sale { app, shop, page, .. } = &sold.sale;
    let wish = RefundWish {
        visitor_id: sold.bob.id,
        purchase_id: None,
        reason: None,
        idempotency_key: Some(key.to_owned()),
        arrived_at: app.clock.now(),
        at_most: None,
    };
    app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await
}

#[pollster::test]
async fn a_refund_under_a_key_like_that_of_a_job_is_made_after_all() {
    for key in ["tollgate-second-payment", "tollgate-key:tollgate-second-payment"] {
        let sold = Sold::new().await;
        sold.sale.app.payments.fail_next(Call::Refund, Fault::lost_request());
        sold.sale.app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
        assert!(matches!(ask(&sold, key).await, Err(RefundError::Payments(_))));
        assert_eq!(sold.refunded(), Vec::<i64>::new());
        sold.sale.app.clock.advance_seconds(121);
        sold.sale.app.work().await;
        assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0), "{key}");
        assert!(!sold.sale.is_open().await);
        let receipt = ask(&sold, key).await.unwrap();
        assert_eq!(receipt.amount, money(1_200, "usd"));
        // To the buyer and the creator it is a refund as any other.
        sold.sale.app.deliver_mails().await;
        let mails = sold.sale.app.mailer.sent_to(&email(ADA));
        assert!(
            !mails.iter().any(|mail| matches!(mail, MailContent::PaidTwice { .. })),
            "{mails:?}"
        );
    }
}

#[pollster::test]
async fn keys_that_differ_by_what_is_stored_before_them_are_two_keys() {
    let sold = Sold::new().await;
    let Sale { app, shop, page, bob } = &sold.sale;
    let first = ask(&sold, "tollgate-a").await.unwrap();
    let again = app.buy(shop, page, bob).await;
    assert_eq!(ask(&sold, "tollgate-a").await.unwrap(), first);
    assert_eq!(ask(&sold, "tollgate-key:tollgate-a").await.unwrap().purchase_id, again.id);
}

/// It changes nothing, so that it waits for nobody who does.
#[pollster::test]
async fn a_press_that_is_repeated_is_answered_by_reads_alone() {
    let sold = Sold::new().await;
    let receipt = ask(&sold, "k").await.unwrap();
    let unit = sold.sale.app.unit().await;
    let mut again = pin!(ask(&sold, "k"));
    let mut answer = Poll::Pending;
    for _ in 0..1_000 {
        if answer.is_pending() {
            answer = poll!(again.as_mut());
        }
    }
    drop(unit);
    let Poll::Ready(again) = answer else { panic!("it waits for a unit of work") };
    assert_eq!(again.unwrap(), receipt);
}
