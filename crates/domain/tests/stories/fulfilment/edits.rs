//! Pay pages that are open while a creator edits their page.

use tollgate_domain::{
    checkout::OrderStatus,
    creators::{PageChange, PageStatus},
    jobs::JobKind,
    payments::SessionProgress,
};
use tollgate_domain_testing::{Call, Fault, money};

use crate::{
    BOB, Sale, all_calls,
    checkout::{price, statuses},
};

#[pollster::test]
async fn what_was_paid_anyway_is_honoured_at_what_was_paid() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    // The provider does not hear that the session is to end.
    sale.app.payments.fail_next(Call::ExpireCheckout, Fault::lost_request());
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Closing]);
    assert!(sale.app.payments.pay(&old).is_some());
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    let purchases = sale.app.store.purchases();
    let paid = purchases.first().unwrap().payment.clone().unwrap().paid;
    assert_eq!(paid, money(1_200, "usd"));
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
}

#[pollster::test]
async fn an_edit_leaves_many_open_pay_pages_to_jobs_and_what_is_paid_until_then_counts() {
    let sale = Sale::new().await;
    let (mut readers, mut sessions) = (Vec::new(), Vec::new());
    for number in 0..40 {
        sale.app.clock.advance_seconds(1);
        let reader = sale.app.sign_in(&format!("reader{number}@example.com")).await;
        let started = sale.app.start(&sale.shop, &sale.page, &reader).await.unwrap();
        readers.push(reader);
        sessions.push(sale.app.payments.session_at(&started.url).unwrap());
    }
    assert_eq!(sale.app.work().await, []);
    sale.app.mailer.clear();
    let calls = all_calls(&sale.app);
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    assert_eq!(all_calls(&sale.app), calls, "the creator does not wait for the provider");
    let closing = sale.app.store.jobs().into_iter();
    assert_eq!(closing.filter(|job| job.kind() == JobKind::CloseCheckout).count(), 40);
    assert_eq!(statuses(&sale.app), [OrderStatus::Closing; 40]);

    sale.app.payments.pay(&sessions[7]).unwrap();
    sale.app.payments.take_events();
    sale.app.work().await;
    for (number, session) in sessions.iter().enumerate() {
        let progress = sale.app.payments.session(session).unwrap().progress;
        let is_paid = number == 7;
        let expected = if is_paid { SessionProgress::Paid } else { SessionProgress::Expired };
        assert_eq!(progress, expected, "{number}");
        let is_open = sale.app.is_open(&sale.shop, &sale.page, &readers[number]).await;
        assert_eq!(is_open, is_paid, "{number}");
    }
    let purchases = sale.app.store.purchases();
    let [purchase] = purchases.as_slice() else { panic!("{purchases:?}") };
    assert_eq!(purchase.payment.clone().unwrap().paid, money(1_200, "usd"));
    assert_eq!(sale.mails_to("reader7@example.com").await, ["receipt"]);
}

#[pollster::test]
async fn an_edit_finds_out_what_was_paid_and_nobody_has_told_of() {
    for change in [price(2_000), PageChange { status: Some(PageStatus::Draft), ..price(1_200) }] {
        let sale = Sale::new().await;
        let session = sale.started().await;
        sale.app.payments.pay(&session).unwrap();
        sale.app.change(&sale.shop, &sale.page, change).await;
        sale.app.work().await;
        assert!(sale.is_open().await);
        assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
        assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
        let paid = sale.app.store.purchases().first().unwrap().payment.clone().unwrap().paid;
        assert_eq!(paid, money(1_200, "usd"));
    }
}

#[pollster::test]
async fn no_second_session_is_opened_before_the_first_is_known_to_be_closed() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    sale.app.payments.fail_next(Call::ExpireCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    assert_eq!(sale.app.payments.sessions(), std::slice::from_ref(&old));
    assert_eq!(statuses(&sale.app), [OrderStatus::Closing]);
    sale.app.clock.advance_seconds(1);
    let new = sale.started().await;
    assert_ne!(new, old);
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Open]);
    assert!(sale.app.payments.pay(&old).is_none());
    sale.app.work().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Open]);
}

#[pollster::test]
async fn a_session_whose_answer_was_lost_is_closed_after_an_edit() {
    for waits in [1, 600, 3_700] {
        let sale = Sale::new().await;
        sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_answer());
        sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
        assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
        sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
        sale.app.clock.advance_seconds(waits);
        let new = sale.started().await;
        let [old, second] = &sale.app.payments.sessions()[..] else { panic!("not two sessions") };
        assert_eq!(*second, new);
        assert!(sale.app.payments.pay(old).is_none());
        assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Open]);
    }
}

#[pollster::test]
async fn an_order_that_never_had_a_session_is_closed_when_none_can_come() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    sale.app.work().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Closing]);
    sale.app.clock.advance_seconds(3_600 + 600);
    sale.app.work().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    assert!(sale.app.payments.sessions().is_empty());
}
