//! Refunds that fail after they were accepted.

use tollgate_domain::{
    access::GrantType, id::PurchaseId, mail::MailContent, payments::SessionProgress,
    refunds::RefundError,
};
use tollgate_domain_testing::{email, money};

use super::Sold;
use crate::{ADA, BOB, Sale};

#[pollster::test]
async fn a_refund_that_fails_later_restores_access_and_both_are_told() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    sold.sale.app.payments.fail_refund(&receipt.refund);
    for _ in 0..2 {
        sold.sale.app.deliver_webhooks().await;
    }
    assert!(sold.sale.is_open().await);
    assert_eq!(sold.sale.mails_to(ADA).await, ["refund_failed"]);
    let alerts = sold.sale.app.mailer.sent_to(&email(ADA));
    let Some(MailContent::RefundFailed { console_url, .. }) = alerts.last() else {
        panic!("{alerts:?}")
    };
    let id = sold.sale.app.store.purchases().pop().unwrap().id;
    let origin = sold.sale.app.installation.app_origin();
    assert_eq!(*console_url, format!("{origin}/ada/purchases/{id}/refund"));
    assert_eq!(sold.sale.mails_to(BOB).await, ["refunded", "refund_not_paid"]);
    let mails = sold.sale.app.mailer.sent_to(&email(BOB));
    let Some(MailContent::RefundNotPaid { amount, page_url: Some(url), .. }) = mails.last() else {
        panic!("{mails:?}")
    };
    assert_eq!(*amount, money(1_200, "usd"));
    assert!(url.ends_with(&format!("/{}", sold.sale.page.slug)), "{url}");
    let purchase = sold.sale.app.store.purchases().pop().unwrap();
    assert_eq!((purchase.grant_type, purchase.refunded), (GrantType::Purchase, 0));
    // And it can be refunded after all.
    assert_eq!(sold.refund().await.unwrap().amount, money(1_200, "usd"));
    assert!(!sold.sale.is_open().await);
}

/// Two parts are the whole; one of them fails.
#[pollster::test]
async fn a_part_that_fails_is_told_with_what_the_other_parts_refund() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    sold.refund_in_dashboard(500);
    app.deliver_webhooks().await;
    sold.refund_in_dashboard(700);
    app.deliver_webhooks().await;
    assert!(!sold.sale.is_open().await);
    let payment = app.store.purchases().pop().unwrap().payment.unwrap().payment_intent;
    let refunds = app.payments.refunds_of(&payment);
    let (part, _) = refunds.iter().find(|(_, amount)| *amount == 700).unwrap();
    app.payments.fail_refund(part);
    app.deliver_webhooks().await;
    assert!(sold.sale.is_open().await);
    app.work().await;
    let (failed, stands) = (money(700, "usd"), Some(money(500, "usd")));
    let mails = app.mailer.sent_to(&email(ADA));
    let Some(MailContent::RefundFailed { amount, besides, is_open, .. }) = mails.last() else {
        panic!("{mails:?}")
    };
    assert_eq!((*amount, *besides, *is_open), (failed, stands, Some(true)));
    let mails = app.mailer.sent_to(&email(BOB));
    let Some(MailContent::RefundNotPaid { amount, besides, .. }) = mails.last() else {
        panic!("{mails:?}")
    };
    assert_eq!((*amount, *besides), (failed, stands));
}

#[pollster::test]
async fn what_was_bought_after_a_refund_that_failed_later_is_refunded() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    let (app, shop, page, bob) = (&sold.sale.app, &sold.sale.shop, &sold.sale.page, &sold.sale.bob);
    app.clock.advance_seconds(60);
    let again = app.buy(shop, page, bob).await;
    app.payments.fail_refund(&receipt.refund);
    app.deliver_webhooks().await;
    app.work().await;
    assert!(sold.sale.is_open().await);
    let paid = |purchase: PurchaseId| {
        let all = app.store.purchases().into_iter();
        all.filter(move |it| it.id == purchase).map(|it| it.grant_type).collect::<Vec<_>>()
    };
    assert_eq!(paid(receipt.purchase_id), [GrantType::Purchase]);
    assert_eq!(paid(again.id), [GrantType::Refunded]);
}

/// The first payment is the one that counts, whatever becomes of the second.
#[pollster::test]
async fn a_second_payment_whose_refund_fails_takes_nothing_from_the_first() {
    let sale = Sale::new().await;
    let (app, shop, page, bob) = (&sale.app, &sale.shop, &sale.page, &sale.bob);
    let first = app.start(shop, page, bob).await.unwrap();
    let first = app.payments.session_at(&first.url).unwrap();
    let elsewhere = app.payments.pay(&first).unwrap();
    app.deliver_webhooks().await;
    app.clock.advance_seconds(60);
    let receipt = app.refund(shop, page, &app.visitor(bob).await).await.unwrap();
    let again = app.buy(shop, page, bob).await;
    app.payments.fail_refund(&receipt.refund);
    app.deliver_webhooks().await;
    app.work().await;
    let second = again.payment.unwrap().payment_intent;
    for (refund, _) in app.payments.refunds_of(&second) {
        app.payments.fail_refund(&refund);
    }
    app.deliver_webhooks().await;
    app.work().await;
    let refunded = app.payments.refunds_of(&elsewhere).into_iter();
    assert_eq!(refunded.map(|(refund, _)| refund).collect::<Vec<_>>(), [receipt.refund]);
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn a_checkout_that_is_open_when_access_comes_back_is_closed() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    let (app, page) = (&sold.sale.app, &sold.sale.page);
    let started = app.start(&sold.sale.shop, page, &sold.sale.bob).await.unwrap();
    app.payments.fail_refund(&receipt.refund);
    app.deliver_webhooks().await;
    app.work().await;
    let session = app.payments.session_at(&started.url).unwrap();
    let progress = app.payments.session(&session).map(|session| session.progress);
    assert_eq!(progress, Some(SessionProgress::Expired));
}

#[pollster::test]
async fn refunds_of_more_than_was_paid_are_looked_into() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    sold.sale.app.payments.fail_refund(&receipt.refund);
    sold.sale.app.payments.take_events();
    // What is heard next cannot be all: 17 of 12 dollars would be refunded.
    sold.refund_in_dashboard(500);
    sold.sale.app.deliver_webhooks().await;
    for _ in 0..3 {
        sold.sale.app.work().await;
    }
    let purchase = sold.sale.app.store.purchases().pop().unwrap();
    assert_eq!((purchase.grant_type, purchase.refunded), (GrantType::Purchase, 500));
    assert!(sold.sale.is_open().await);
}

#[pollster::test]
async fn before_it_says_that_all_was_refunded_it_asks_whether_that_is_still_so() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    sold.sale.app.payments.fail_refund(&receipt.refund);
    sold.sale.app.payments.take_events();
    let again = sold.refund().await.unwrap();
    assert_ne!(again.refund, receipt.refund);
    assert_eq!(again.amount, money(1_200, "usd"));
    assert!(!sold.sale.is_open().await);
    assert!(matches!(sold.refund().await, Err(RefundError::AlreadyRefunded)));
}

#[pollster::test]
async fn a_refund_first_seen_when_it_has_failed_changes_no_access() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(1_200);
    let refunds = sold.sale.app.payments.refunds_of(&sold.payment);
    sold.sale.app.payments.fail_refund(&refunds.first().unwrap().0);
    sold.sale.app.deliver_webhooks().await;
    assert!(sold.sale.is_open().await);
    assert_eq!(sold.sale.mails_to(ADA).await, ["refund_failed"]);
    assert!(sold.sale.mails_to(BOB).await.is_empty());
}
