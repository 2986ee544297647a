//! The receipt of a second payment that was held and opens the page alone by now.

use tollgate_domain::{creators::SecondPayments, payments::DisputeProgress};
use tollgate_domain_testing::{Call, Fault};

use super::{
    count_active,
    held::{count_held, paid_one_after_the_other, told_of},
    paid_once, purchase_of, wish, wish_to_refund,
};
use crate::{BOB, Sale};

/// The refund fails, and is made once more.
#[pollster::test]
async fn the_receipt_of_a_payment_that_is_held_comes_once_more_when_the_other_one_is_refunded() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, .. } = &sale;
    wish(&sale, SecondPayments::Hold).await;
    let (first, _) = paid_one_after_the_other(&sale).await;
    let refund_part = app.payments.refund_in_dashboard(&first, 200).unwrap();
    app.deliver_webhooks().await;
    assert_eq!(told_of(&sale, 2_000).await, [(false, true)], "both open the page");
    app.payments.fail_refund(&refund_part);
    app.deliver_webhooks().await;
    for _ in 0..2 {
        let wish = wish_to_refund(&sale, &purchase_of(&sale, &first)).await;
        let refunded = app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await;
        assert_eq!(count_active(&sale), 1);
        assert_eq!(told_of(&sale, 2_000).await, [(false, true), (true, false)]);
        app.payments.fail_refund(&refunded.unwrap().refund);
        app.deliver_webhooks().await;
        assert_eq!((count_active(&sale), count_held(&sale)), (2, 1));
    }
    assert_eq!(told_of(&sale, 1_200).await, [(true, false)]);
}

/// The dispute about the first one is lost, or the first one was refunded while a gift kept the page open.
#[pollster::test]
async fn the_receipt_of_a_payment_that_is_held_comes_once_more_whatever_ended_the_rest() {
    for is_given in [false, true] {
        let sale = Sale::new().await;
        let Sale { app, shop, page, .. } = &sale;
        wish(&sale, SecondPayments::Hold).await;
        let (first, _) = paid_one_after_the_other(&sale).await;
        if is_given {
            let gift = app.give(shop, page, BOB).await.grant.id;
            app.payments.refund_in_dashboard(&first, 1_200).unwrap();
            app.deliver_webhooks().await;
            app.work().await;
            assert_eq!(told_of(&sale, 2_000).await, [(false, true)], "the gift opens it, too");
            for _ in 0..2 {
                let (creator, name) = (&shop.creator, &shop.handle.name);
                app.grants.revoke(creator, name, &page.slug, gift).await.unwrap();
            }
        } else {
            app.payments.dispute(&first, DisputeProgress::Lost).unwrap();
            app.deliver_webhooks().await;
        }
        app.work().await;
        assert_eq!((count_active(&sale), count_held(&sale)), (1, 1), "{is_given}");
        assert_eq!(told_of(&sale, 2_000).await, [(false, true), (true, false)], "{is_given}");
        assert_eq!(app.payments.calls(Call::Refund), 0, "{is_given}");
    }
}

/// It is a gift that is revoked, and nothing else was refunded or lost.
#[pollster::test]
async fn a_payment_that_is_held_because_of_a_gift_has_a_receipt_when_that_is_revoked() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, .. } = &sale;
    wish(&sale, SecondPayments::Hold).await;
    let session = sale.started().await;
    let gift = app.give(shop, page, BOB).await.grant.id;
    app.clock.advance_seconds(60);
    app.payments.pay(&session).unwrap();
    app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), count_held(&sale)), (2, 1));
    assert_eq!(told_of(&sale, 1_200).await, [(false, true)]);
    app.grants.revoke(&shop.creator, &shop.handle.name, &page.slug, gift).await.unwrap();
    app.work().await;
    assert_eq!(told_of(&sale, 1_200).await, [(false, true), (true, false)]);
}

/// It was kept first, when nothing was held yet and the refund of the other one was found.
#[pollster::test]
async fn a_payment_that_was_kept_and_then_held_has_a_receipt_for_each() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, .. } = &sale;
    let (first, session) = paid_once(&sale).await;
    let refund = app.payments.refund_in_dashboard(&first, 1_200).unwrap();
    app.payments.take_events();
    app.payments.pay(&session).unwrap();
    app.deliver_webhooks().await;
    app.work().await;
    assert_eq!(told_of(&sale, 2_000).await, [(false, false), (true, false)]);
    wish(&sale, SecondPayments::Hold).await;
    app.payments.fail_refund(&refund);
    app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), count_held(&sale)), (2, 1));
    let wish = wish_to_refund(&sale, &purchase_of(&sale, &first)).await;
    app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await.unwrap();
    let told = [(false, false), (false, true), (true, false), (true, false)];
    assert_eq!(told_of(&sale, 2_000).await, told);
}

/// The answer to its own refund is lost, so that nobody knows whether it is made.
#[pollster::test]
async fn a_refund_under_way_does_not_keep_the_receipt_of_a_payment_that_was_held() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, .. } = &sale;
    wish(&sale, SecondPayments::Hold).await;
    let (first, second) = paid_one_after_the_other(&sale).await;
    for call in [Call::Refund, Call::ChargeOfPayment] {
        app.payments.fail_next(call, Fault::lost_request());
    }
    let wish = wish_to_refund(&sale, &purchase_of(&sale, &second)).await;
    assert!(app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await.is_err());
    assert_eq!(purchase_of(&sale, &second).refund_reserved, 2_000);
    app.payments.refund_in_dashboard(&first, 1_200).unwrap();
    app.deliver_webhooks().await;
    assert_eq!(told_of(&sale, 2_000).await, [(false, true), (true, false)]);
}

/// The one that is held goes back, or a gift keeps the page open.
#[pollster::test]
async fn no_receipt_comes_once_more_when_the_payment_that_is_held_does_not_open_the_page_alone() {
    for is_given in [false, true] {
        let sale = Sale::new().await;
        wish(&sale, SecondPayments::Hold).await;
        let (first, second) = paid_one_after_the_other(&sale).await;
        if is_given {
            sale.app.give(&sale.shop, &sale.page, BOB).await;
        }
        let (back, amount) = if is_given { (first, 1_200) } else { (second, 2_000) };
        sale.app.payments.refund_in_dashboard(&back, amount).unwrap();
        sale.app.deliver_webhooks().await;
        assert!(sale.is_open().await);
        assert_eq!(told_of(&sale, 2_000).await, [(false, true)], "{is_given}");
        assert_eq!(told_of(&sale, 1_200).await, [(true, false)], "{is_given}");
    }
}
