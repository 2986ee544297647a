//! Second payments whose refund the provider refuses.

use tollgate_domain::{
    access::FactKind,
    jobs::JobKind,
    mail::{MailContent, RefundHindrance},
    payments::{PaymentIntentId, PaymentsError, RefundProgress, Refusal},
    reports::Target,
};
use tollgate_domain_testing::{Call, Fault, email, money};

use super::{
    assert_is_not_tried_again, count_active, count_failed, hindrances, paid_twice, purchase_of,
    refuses, wish_to_refund,
};
use crate::{ADA, BOB, Sale};

/// How often the buyer was told that the money which the receipt had promised is not paid out.
async fn count_not_paid(sale: &Sale) -> usize {
    sale.mails_to(BOB).await.into_iter().filter(|kind| *kind == "refund_not_paid").count()
}

/// Asserts that the buyer was told once that this payment is not refunded, and that its seller is shown it.
async fn assert_is_left(sale: &Sale, second: &PaymentIntentId) {
    assert_eq!(count_not_paid(sale).await, 1);
    let told = sale.app.mailer.sent_to(&email(BOB)).pop();
    let is_told = matches!(
        &told,
        Some(MailContent::RefundNotPaid { amount, besides: None, page_url: Some(_), .. })
            if *amount == money(2_000, "usd")
    );
    assert!(is_told, "{told:?}");
    assert_is_shown(sale, second).await;
}

/// Asserts that the buyer was told once that the seller decides about this payment, and of no refund that failed, since none was
/// asked for; and that its seller is shown it.
async fn assert_is_left_unasked(sale: &Sale, second: &PaymentIntentId) {
    assert_eq!(sale.app.payments.calls(Call::Refund), 0);
    assert_eq!(count_not_paid(sale).await, 0);
    let told = sale.app.mailer.sent_to(&email(BOB)).into_iter();
    let held = told.filter_map(|mail| match mail {
        MailContent::Receipt { facts, .. } => facts.filter(|it| it.is_held),
        _ => None,
    });
    let held: Vec<_> = held.map(|it| (it.is_open, it.is_second)).collect();
    assert_eq!(held, [(false, false)]);
    assert_is_shown(sale, second).await;
}

/// Asserts that the seller is shown this payment as one to decide about.
async fn assert_is_shown(sale: &Sale, second: &PaymentIntentId) {
    let Sale { app, shop, page, .. } = sale;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let held = app.reports.attention(creator, name, 9).await.unwrap().held;
    let held: Vec<_> = held.into_iter().map(|held| held.purchase_id).collect();
    assert_eq!(held, [purchase_of(sale, second).id]);
    let target = Target::Page(page.slug.clone());
    let explained = app.reports.explain(creator, name, target, email(BOB)).await.unwrap();
    assert!(explained.facts.iter().any(|fact| fact.kind == FactKind::SecondPaymentHeld));
}

#[pollster::test]
async fn a_second_payment_is_refunded_as_soon_as_the_balance_covers_it() {
    let sale = Sale::new().await;
    paid_twice(&sale).await;
    sale.app.payments.set_balance(&sale.shop.account, false);
    for _ in 0..3 {
        sale.app.work().await;
        sale.app.clock.advance_seconds(3_600);
    }
    assert_eq!(count_active(&sale), 2);
    sale.app.payments.set_balance(&sale.shop.account, true);
    sale.app.work().await;
    assert_eq!(count_active(&sale), 1);
    let told = sale.mails_to(ADA).await;
    assert_eq!(told, ["paid_twice", "paid_twice"], "once that it waits, and when it is done");
    assert!(matches!(hindrances(&sale).as_slice(), [Some(RefundHindrance::Balance), None]));
}

/// Refuses each try of ten days.
async fn refuse_for_days(sale: &Sale, refusal: Refusal) {
    for _ in 0..200 {
        refuses(sale, refusal);
    }
    for _ in 0..10 {
        sale.app.work().await;
        sale.app.clock.advance_seconds(24 * 3_600);
    }
}

#[pollster::test]
async fn a_second_payment_that_stripe_does_not_refund_is_left_to_its_seller() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    refuses(&sale, Refusal::WithMessage);
    sale.app.work().await;
    for _ in 0..3 {
        sale.app.clock.advance_seconds(24 * 3_600);
        sale.app.work().await;
    }
    assert_eq!(sale.mails_to(ADA).await, ["paid_twice"]);
    let told = hindrances(&sale);
    let [Some(RefundHindrance::Refused(reason))] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(reason, "400: too old to refund");
    assert_eq!(sale.app.payments.calls(Call::Refund), 1, "it is not asked for again");
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (2, 0));
    let dead = sale.app.queue_depths().await.unwrap();
    let dead = dead.iter().find(|kind| kind.kind == JobKind::RefundSecondPayment);
    assert_eq!(dead.map(|kind| kind.dead), Some(1));
    assert_is_left(&sale, &second).await;
    assert_eq!(count_failed(&sale).await, 1);
    // And it can be refunded after all.
    let Sale { app, shop, page, .. } = &sale;
    let wish = wish_to_refund(&sale, &purchase_of(&sale, &second)).await;
    app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await.unwrap();
    assert_eq!((count_active(&sale), app.payments.refunds_of(&second).len()), (1, 1));
}

/// The receipt has announced it.
#[pollster::test]
async fn a_buyer_hears_that_the_refund_of_a_second_payment_failed_at_once() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    sale.app.payments.set_refund_progress(RefundProgress::Failed);
    for _ in 0..2 {
        sale.app.work().await;
        sale.app.deliver_webhooks().await;
    }
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (2, 1));
    assert_eq!(sale.mails_to(ADA).await, ["refund_failed"]);
    assert_eq!(count_not_paid(&sale).await, 1);
    assert!(!sale.mails_to(BOB).await.contains(&"refunded"));
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let failed = sale.app.reports.attention(creator, name, 9).await.unwrap().failed;
    assert_eq!(failed.len(), 1);
}

#[pollster::test]
async fn a_refund_that_a_restriction_holds_up_is_tried_for_a_week() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    refuse_for_days(&sale, Refusal::AccountRestricted).await;
    assert_is_left(&sale, &second).await;
    sale.mails_to(ADA).await;
    let told = hindrances(&sale);
    // In no words of the domain's own, which have one language.
    let [Some(RefundHindrance::Restricted), Some(RefundHindrance::StillRestricted)] =
        told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert_is_not_tried_again(&sale).await;
}

#[pollster::test]
async fn a_second_payment_is_refunded_when_its_account_is_connected_again() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    for _ in 0..3 {
        refuses(&sale, Refusal::AccountDisconnected);
        sale.app.work().await;
        sale.app.clock.advance_seconds(3_600);
    }
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (2, 0));
    sale.app.work().await;
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (1, 1));
    assert_eq!(sale.mails_to(ADA).await, ["paid_twice", "paid_twice"]);
    assert_eq!(count_not_paid(&sale).await, 0);
    assert!(matches!(
        hindrances(&sale).as_slice(),
        [Some(RefundHindrance::DisconnectedForNow), None]
    ));
}

#[pollster::test]
async fn a_refund_at_a_disconnected_account_is_tried_for_a_week() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    refuse_for_days(&sale, Refusal::AccountDisconnected).await;
    assert_is_left(&sale, &second).await;
    assert_eq!(count_failed(&sale).await, 1);
    assert!(sale.app.payments.calls(Call::Refund) > 5);
    sale.mails_to(ADA).await;
    let told = hindrances(&sale);
    assert!(matches!(told.as_slice(), [Some(RefundHindrance::DisconnectedForNow)]), "{told:?}");
    let depths = sale.app.queue_depths().await.unwrap();
    let left = depths.iter().find(|kind| kind.kind == JobKind::RefundSecondPayment);
    assert!(left.is_none_or(|kind| (kind.waiting, kind.dead) == (0, 0)), "{left:?}");
}

/// What became of the payment before is not shown.
#[pollster::test]
async fn a_payment_that_may_be_no_second_one_is_left_to_its_seller_after_a_week() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    hide_for_days(&sale, Refusal::AccountDisconnected).await;
    assert_is_left_unasked(&sale, &second).await;
    sale.mails_to(ADA).await;
    let told = hindrances(&sale);
    assert!(matches!(told.as_slice(), [Some(RefundHindrance::DisconnectedForNow)]), "{told:?}");
    assert_is_not_tried_again(&sale).await;
}

/// Shows a payment not once in ten days.
async fn hide_for_days(sale: &Sale, refusal: Refusal) {
    for _ in 0..200 {
        hides(sale, refusal);
    }
    for _ in 0..10 {
        sale.app.work().await;
        sale.app.clock.advance_seconds(24 * 3_600);
    }
}

/// Refuses to show the next payment.
fn hides(sale: &Sale, refusal: Refusal) {
    let refused = PaymentsError::Refused { refusal, message: "404: no such payment".into() };
    sale.app.payments.fail_next(Call::ChargeOfPayment, Fault::BeforeEffect(refused));
}

/// No refund was asked for, so that no words of Stripe are told as those about one.
#[pollster::test]
async fn a_payment_after_one_that_stripe_does_not_show_is_left_to_its_seller_after_a_week() {
    for refusal in [Refusal::NotFound, Refusal::WithMessage, Refusal::Other] {
        let sale = Sale::new().await;
        let second = paid_twice(&sale).await;
        hide_for_days(&sale, refusal).await;
        assert_is_left_unasked(&sale, &second).await;
        sale.mails_to(ADA).await;
        let told = [RefundHindrance::Unread, RefundHindrance::StillUnread].map(Some);
        assert_eq!(hindrances(&sale), told, "{refusal:?}");
        assert_eq!(count_failed(&sale).await, 0, "none was refused");
        assert_is_not_tried_again(&sale).await;
    }
}

/// While Stripe is asked what became of the payment before, and does not show it.
#[pollster::test]
async fn a_payment_that_its_seller_refunds_in_the_meantime_is_not_left_to_the_seller() {
    for days in [0, 8] {
        let sale = Sale::new().await;
        let Sale { app, shop, page, .. } = &sale;
        let second = paid_twice(&sale).await;
        app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
        app.work().await;
        let purchase = purchase_of(&sale, &second);
        let wish = wish_to_refund(&sale, &purchase).await;
        app.clock.advance_seconds(days * 24 * 3_600);
        hides(&sale, Refusal::NotFound);
        let asked = app.payments.calls(Call::ChargeOfPayment);
        let mut job = Box::pin(app.refunds.refund_second(purchase.id));
        while app.payments.calls(Call::ChargeOfPayment) == asked {
            assert!(futures_util::poll!(&mut job).is_pending());
        }
        app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await.unwrap();
        assert!(job.await.is_ok());
        app.work().await;
        assert_eq!((count_active(&sale), app.payments.refunds_of(&second).len()), (1, 1));
        assert!(sale.mails_to(ADA).await.is_empty(), "{days}");
        assert_eq!(count_not_paid(&sale).await, 0);
        let facts = app.store.facts();
        assert!(facts.iter().all(|fact| fact.kind != FactKind::SecondPaymentHeld));
    }
}

/// The balance did not cover it for a week before.
#[pollster::test]
async fn no_further_try_is_announced_of_a_refund_at_an_account_that_is_disconnected_late() {
    let sale = Sale::new().await;
    paid_twice(&sale).await;
    sale.app.payments.set_balance(&sale.shop.account, false);
    sale.app.work().await;
    sale.app.clock.advance_seconds(8 * 24 * 3_600);
    refuses(&sale, Refusal::AccountDisconnected);
    sale.app.work().await;
    assert_is_not_tried_again(&sale).await;
    sale.mails_to(ADA).await;
    let told = hindrances(&sale);
    let [Some(RefundHindrance::Balance), Some(RefundHindrance::Disconnected)] = told.as_slice()
    else {
        panic!("{told:?}")
    };
}

/// What waits for the balance does so without end, and the others do not.
#[pollster::test]
async fn a_seller_hears_of_each_thing_that_keeps_a_second_payment_from_going_back() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    sale.app.payments.set_balance(&sale.shop.account, false);
    hides(&sale, Refusal::NotFound);
    sale.app.work().await;
    refuses(&sale, Refusal::AccountRestricted);
    for _ in 0..3 {
        sale.app.clock.advance_seconds(24 * 3_600);
        sale.app.work().await;
    }
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (2, 0));
    sale.app.payments.set_balance(&sale.shop.account, true);
    sale.app.clock.advance_seconds(24 * 3_600);
    sale.app.work().await;
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (1, 1));
    sale.mails_to(ADA).await;
    let (unread, restricted) = (RefundHindrance::Unread, RefundHindrance::Restricted);
    let told = [Some(unread), Some(restricted), Some(RefundHindrance::Balance), None];
    assert_eq!(hindrances(&sale), told);
}

/// The balance did not cover it for a week before.
#[pollster::test]
async fn a_payment_before_that_is_hidden_late_for_the_first_time_is_looked_for_again() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    sale.app.payments.set_balance(&sale.shop.account, false);
    sale.app.work().await;
    sale.app.clock.advance_seconds(8 * 24 * 3_600);
    sale.app.payments.set_balance(&sale.shop.account, true);
    hides(&sale, Refusal::NotFound);
    sale.app.work().await;
    let facts = sale.app.store.facts();
    assert!(facts.iter().all(|fact| fact.kind != FactKind::SecondPaymentHeld));
    sale.app.clock.advance_seconds(24 * 3_600);
    sale.app.work().await;
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (1, 1));
    sale.mails_to(ADA).await;
    let told = [Some(RefundHindrance::Balance), Some(RefundHindrance::Unread), None];
    assert_eq!(hindrances(&sale), told);
}
