//! Refunds of second payments whose requests or answers were lost, while what made them second payments ended.

use tollgate_domain::{
    access::{FactKind, Purchase},
    creators::SecondPayments,
    mail::MailContent,
    payments::{DisputeProgress, PaymentIntentId, RefundProgress},
};
use tollgate_domain_testing::{Call, Fault, email};

use super::{
    count_active, count_failed, lose_refund_beside_another, paid_once, paid_twice,
    told_by_receipts, wish,
};
use crate::{ADA, BOB, Sale};

/// Gives Bob the page while he is about to pay, and has him pay. Returns the gift and the payment, of which nothing was told.
async fn paid_for_a_gift(sale: &Sale) -> (Purchase, PaymentIntentId) {
    let session = sale.started().await;
    let gift = sale.app.give(&sale.shop, &sale.page, BOB).await.grant;
    sale.app.clock.advance_seconds(60);
    (gift, sale.app.payments.pay(&session).unwrap())
}

/// Lets the next request for a refund fail like this, and the look for it after that.
fn lose(sale: &Sale, fault: Fault) {
    sale.app.payments.fail_next(Call::Refund, fault);
    sale.app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
}

async fn take_back(sale: &Sale, gift: &Purchase) {
    let Sale { app, shop, page, .. } = sale;
    app.grants.revoke(&shop.creator, &shop.handle.name, &page.slug, gift.id).await.unwrap();
}

fn reserved(sale: &Sale, payment: &PaymentIntentId) -> i64 {
    let mut all = sale.app.store.purchases().into_iter();
    let is_paid_by = |purchase: &Purchase| {
        purchase.payment.as_ref().is_some_and(|it| it.payment_intent == *payment)
    };
    all.find(is_paid_by).unwrap().refund_reserved
}

#[pollster::test]
async fn a_payment_is_kept_if_the_gift_beside_it_was_taken_back_before_stripe_was_asked() {
    let sale = Sale::new().await;
    let (gift, payment) = paid_for_a_gift(&sale).await;
    lose(&sale, Fault::lost_request());
    sale.app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), reserved(&sale, &payment)), (2, 1_200));
    take_back(&sale, &gift).await;
    sale.app.clock.advance_seconds(60);
    sale.app.work().await;
    assert_eq!(reserved(&sale, &payment), 1_200, "the request may still be on its way");
    assert_eq!(told_by_receipts(&sale).await, [(false, true)]);
    for _ in 0..3 {
        sale.app.clock.advance_seconds(121);
        sale.app.work().await;
    }
    assert!(sale.is_open().await);
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&payment).len()), (1, 0));
    assert_eq!((reserved(&sale, &payment), sale.app.payments.calls(Call::Refund)), (0, 1));
    assert!(!sale.mails_to(ADA).await.contains(&"paid_twice"));
    assert_eq!(told_by_receipts(&sale).await, [(false, true), (true, false)]);
    // What the creator asks for is made.
    let bob = sale.app.visitor(&sale.bob).await;
    sale.app.refund(&sale.shop, &sale.page, &bob).await.unwrap();
    assert_eq!(sale.app.payments.refunds_of(&payment).len(), 1);
}

/// Whether it is still a second payment is read.
#[pollster::test]
async fn a_request_that_failed_is_decided_on_again_without_a_unit_of_work() {
    let units_of_a_refund = async |is_failing_once: bool| {
        let sale = Sale::new().await;
        let second = paid_twice(&sale).await;
        if is_failing_once {
            sale.app.payments.fail_next(Call::Refund, Fault::kept_error());
        }
        let before = sale.app.store.count_units();
        sale.app.work().await;
        assert_eq!(sale.app.payments.refunds_of(&second).len(), 1);
        sale.app.store.count_units() - before
    };
    let at_once = units_of_a_refund(false).await;
    assert_eq!(units_of_a_refund(true).await, at_once + 1, "it is noted that it is sent again");
}

/// It may only be on its way.
#[pollster::test]
async fn a_request_that_was_just_sent_again_is_not_closed() {
    let sale = Sale::new().await;
    let (gift, payment) = paid_for_a_gift(&sale).await;
    lose(&sale, Fault::lost_request());
    sale.app.deliver_webhooks().await;
    sale.app.clock.advance_seconds(119);
    sale.app.payments.fail_next(Call::Refund, Fault::lost_request());
    sale.app.work().await;
    assert_eq!(sale.app.payments.calls(Call::Refund), 2);
    take_back(&sale, &gift).await;
    for _ in 0..2 {
        sale.app.clock.advance_seconds(59);
        sale.app.work().await;
        assert_eq!(reserved(&sale, &payment), 1_200);
    }
    sale.app.clock.advance_seconds(121);
    sale.app.work().await;
    assert_eq!((reserved(&sale, &payment), sale.app.payments.calls(Call::Refund)), (0, 2));
    assert!(sale.is_open().await);
}

/// Stripe refuses the earlier request because of its amount, which says nothing about the rest.
#[pollster::test]
async fn the_rest_of_a_second_payment_goes_back_although_an_earlier_request_asks_for_more() {
    let sale = Sale::new().await;
    let (_, payment) = paid_for_a_gift(&sale).await;
    lose(&sale, Fault::lost_request());
    sale.app.deliver_webhooks().await;
    sale.app.payments.refund_in_dashboard(&payment, 500).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), reserved(&sale, &payment)), (2, 1_200));
    for _ in 0..2 {
        sale.app.clock.advance_seconds(30);
        sale.app.work().await;
    }
    let made = sale.app.payments.refunds_of(&payment).into_iter();
    let amounts: Vec<_> = made.map(|(_, amount)| amount).collect();
    assert_eq!((amounts, reserved(&sale, &payment)), (vec![500, 700], 0));
    assert_eq!(count_active(&sale), 1);
    let facts = sale.app.store.facts();
    assert!(facts.iter().all(|fact| fact.kind != FactKind::SecondPaymentHeld), "{facts:?}");
}

#[pollster::test]
async fn a_refund_that_was_made_before_the_gift_was_taken_back_is_told_as_it_is() {
    let sale = Sale::new().await;
    let (gift, payment) = paid_for_a_gift(&sale).await;
    lose(&sale, Fault::lost_answer());
    sale.app.deliver_webhooks().await;
    sale.app.payments.take_events();
    take_back(&sale, &gift).await;
    sale.app.clock.advance_seconds(121);
    sale.app.work().await;
    assert!(!sale.is_open().await);
    assert_eq!((reserved(&sale, &payment), sale.app.payments.calls(Call::Refund)), (0, 1));
    assert_eq!(sale.mails_to(ADA).await, ["paid_twice"]);
    let told = sale.app.mailer.sent_to(&email(ADA)).pop();
    let is_told =
        matches!(told, Some(MailContent::PaidTwice { hindrance: None, is_closed: true, .. }));
    assert!(is_told, "{told:?}");
    let told = sale.app.mailer.sent_to(&email(BOB)).pop();
    assert!(matches!(told, Some(MailContent::Refunded { access_ended: true, .. })), "{told:?}");
}

#[pollster::test]
async fn a_payment_is_kept_if_the_one_before_it_was_refunded_again_before_stripe_was_asked() {
    let sale = Sale::new().await;
    let (app, shop, page, bob) = (&sale.app, &sale.shop, &sale.page, &sale.bob);
    let first = app.buy(shop, page, bob).await.payment.unwrap().payment_intent;
    app.clock.advance_seconds(60);
    app.payments.set_refund_progress(RefundProgress::Pending);
    let refund = app.refund(shop, page, &app.visitor(bob).await).await.unwrap().refund;
    app.clock.advance_seconds(60);
    let second = app.buy(shop, page, bob).await.payment.unwrap().payment_intent;
    app.payments.fail_refund(&refund);
    lose_refund_beside_another(&sale);
    app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), reserved(&sale, &second)), (2, 1_200));
    app.payments.refund_in_dashboard(&first, 1_200).unwrap();
    app.deliver_webhooks().await;
    assert_eq!(count_active(&sale), 1);
    for _ in 0..3 {
        app.clock.advance_seconds(121);
        app.work().await;
    }
    assert!(sale.is_open().await);
    assert_eq!((app.payments.refunds_of(&second).len(), reserved(&sale, &second)), (0, 0));
    // It is superfluous again when that refund fails, too.
    let (last, _) = app.payments.refunds_of(&first).pop().unwrap();
    app.payments.fail_refund(&last);
    app.deliver_webhooks().await;
    app.work().await;
    assert_eq!((count_active(&sale), app.payments.refunds_of(&second).len()), (1, 1));
}

/// No event tells of it.
#[pollster::test]
async fn a_payment_is_kept_if_the_one_before_it_was_refunded_unheard_before_stripe_was_asked() {
    let sale = Sale::new().await;
    let (first, session) = paid_once(&sale).await;
    lose_refund_beside_another(&sale);
    let second = sale.app.payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), reserved(&sale, &second)), (2, 2_000));
    sale.app.payments.refund_in_dashboard(&first, 1_200).unwrap();
    sale.app.payments.take_events();
    for _ in 0..3 {
        sale.app.clock.advance_seconds(121);
        sale.app.work().await;
    }
    assert_eq!((count_active(&sale), sale.is_open().await), (1, true));
    assert_eq!((reserved(&sale, &second), sale.app.payments.calls(Call::Refund)), (0, 1));
    assert_eq!(sale.app.payments.refunds_of(&second).len(), 0);
}

/// Nothing had come of the request for its refund, and it was not needed any more.
#[pollster::test]
async fn a_payment_that_is_held_later_is_none_whose_refund_stripe_refused() {
    let sale = Sale::new().await;
    let (first, session) = paid_once(&sale).await;
    lose_refund_beside_another(&sale);
    let second = sale.app.payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), reserved(&sale, &second)), (2, 2_000));
    let dispute = sale.app.payments.dispute(&first, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    for _ in 0..3 {
        sale.app.clock.advance_seconds(121);
        sale.app.work().await;
    }
    assert_eq!((count_active(&sale), reserved(&sale, &second)), (1, 0));
    wish(&sale, SecondPayments::Hold).await;
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    let facts = sale.app.store.facts();
    let held = facts.iter().filter(|fact| fact.kind == FactKind::SecondPaymentHeld).count();
    assert_eq!((count_active(&sale), held), (2, 1));
    assert_eq!(count_failed(&sale).await, 0);
}
