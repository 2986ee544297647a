//! Paying twice for a page.

mod held;
mod keys;
mod left;
mod presses;
mod refused;
mod stale;
mod unheard;

use std::collections::BTreeSet;

use tollgate_domain::{
    access::Purchase,
    checkout::{CheckoutError, OrderStatus},
    clock::Clock,
    mail::{MailContent, RefundHindrance},
    paging::PageRequest,
    payments::{
        CheckoutSessionId, DisputeId, DisputeProgress, PaymentIntentId, Payments, PaymentsError,
        Refusal,
    },
    reconcile::ProviderUpdate,
    refunds::{RefundError, RefundWish},
    reports::SaleQuery,
};
use tollgate_domain_testing::{Call, Fault, email};

pub(crate) use self::held::{receipts, wish};
use crate::{
    ADA, BOB, Sale,
    checkout::{price, statuses},
    fulfilment::assert_alert_leads_to_the_buyer,
};

/// Lets the provider deny to have the next session that it is to close.
fn the_next_session_is_not_closed(sale: &Sale) {
    let unknown = PaymentsError::Refused { refusal: Refusal::NotFound, message: "No such.".into() };
    sale.app.payments.fail_next(Call::ExpireCheckout, Fault::BeforeEffect(unknown));
}

/// A session at the old price, which the provider denies to have when it is to be closed, and one at the new
/// price.
async fn at_two_prices(sale: &Sale) -> (CheckoutSessionId, CheckoutSessionId) {
    let old = sale.started().await;
    the_next_session_is_not_closed(sale);
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    sale.app.work().await;
    sale.app.clock.advance_seconds(1);
    (old, sale.started().await)
}

#[pollster::test]
async fn a_payment_closes_what_else_might_be_paid_for_the_page() {
    let sale = Sale::new().await;
    let (old, new) = at_two_prices(&sale).await;
    assert_ne!(new, old);
    sale.app.payments.pay(&old).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid, OrderStatus::Expired]);
    assert!(sale.app.payments.pay(&new).is_none(), "closed at the provider, too");
}

#[pollster::test]
async fn of_two_sessions_that_were_both_paid_the_second_is_refunded() {
    let sale = Sale::new().await;
    let (old, new) = at_two_prices(&sale).await;
    for session in [&old, &new] {
        sale.app.payments.pay(session).unwrap();
    }
    // Only the first is told of; closing the second one tells the rest.
    let events = sale.app.payments.take_events();
    let about_old = events.into_iter().filter(|event| event.object_id == old.as_str());
    sale.app.deliver(about_old).await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid, OrderStatus::Paid]);
    let purchases = sale.app.store.purchases();
    let paid = purchases.iter().map(|purchase| purchase.payment.clone().unwrap().paid.amount);
    assert_eq!(paid.collect::<BTreeSet<_>>(), BTreeSet::from([1_200, 2_000]));
    sale.app.work().await;
    assert!(sale.is_open().await);
    let purchases = sale.app.store.purchases();
    let active = purchases.iter().filter(|purchase| purchase.holding().is_active());
    assert_eq!(active.count(), 1);
    assert_eq!(sale.mails_to(ADA).await, ["paid_twice"]);
    assert_alert_leads_to_the_buyer(&sale);
    let told = sale.app.mailer.sent_to(&email(BOB));
    let is_second = |mail: &&MailContent| matches!(mail, MailContent::Receipt { facts: Some(it), .. } if it.is_second && !it.is_open);
    let is_explained = |mail: &&MailContent| {
        matches!(mail, MailContent::Refunded { was_second: true, access_ended: false, .. })
    };
    assert_eq!(told.iter().filter(is_second).count(), 1, "{told:?}");
    assert_eq!(told.iter().filter(is_explained).count(), 1, "{told:?}");
}

/// Has two sessions paid, and the bank takes the money of the second back before anything else is learnt of it.
async fn paid_twice_and_disputed(sale: &Sale) -> (PaymentIntentId, DisputeId) {
    let (old, new) = at_two_prices(sale).await;
    let (payments, account) = (&sale.app.payments, &sale.shop.account);
    payments.pay(&old).unwrap();
    let second = payments.pay(&new).unwrap();
    let opened = payments.dispute(&second, DisputeProgress::Open).unwrap();
    let first = ProviderUpdate::Session(payments.session(&old).unwrap());
    let dispute = Payments::dispute(&**payments, account, &opened).await.unwrap();
    let dispute = ProviderUpdate::Dispute(dispute, sale.app.clock.now());
    for update in [first, dispute] {
        sale.app.updates.apply(account, update).await.unwrap();
    }
    (second, opened)
}

#[pollster::test]
async fn no_refund_is_promised_of_a_second_payment_that_is_disputed() {
    let sale = Sale::new().await;
    paid_twice_and_disputed(&sale).await;
    assert_eq!(sale.app.store.purchases().len(), 2);
    sale.mails_to(BOB).await;
    let told = sale.app.mailer.sent_to(&email(BOB)).into_iter();
    let receipts = told.filter_map(|mail| match mail {
        MailContent::Receipt { facts: Some(facts), .. } => Some((facts.is_open, facts.is_second)),
        _ => None,
    });
    assert_eq!(receipts.collect::<BTreeSet<_>>(), BTreeSet::from([(true, false), (false, false)]));
}

/// Has two sessions paid, and returns the payment that is to be refunded.
async fn paid_twice(sale: &Sale) -> PaymentIntentId {
    let (old, new) = at_two_prices(sale).await;
    sale.app.payments.pay(&old).unwrap();
    let second = sale.app.payments.pay(&new).unwrap();
    let events = sale.app.payments.take_events();
    let mut about_old = events.into_iter().filter(|event| event.object_id == old.as_str());
    sale.app.events.receive(&about_old.next().unwrap()).await.unwrap();
    second
}

/// Has a page paid, and returns the payment and a session that can still be paid a minute later.
async fn paid_once(sale: &Sale) -> (PaymentIntentId, CheckoutSessionId) {
    let (old, new) = at_two_prices(sale).await;
    the_next_session_is_not_closed(sale);
    let first = sale.app.payments.pay(&old).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.clock.advance_seconds(60);
    (first, new)
}

/// The purchase that is not the one of the second payment.
fn purchase_before(sale: &Sale, second: &PaymentIntentId) -> Purchase {
    let mut all = sale.app.store.purchases().into_iter();
    all.find(|it| it.payment.as_ref().unwrap().payment_intent != *second).unwrap()
}

/// The purchase of a payment.
fn purchase_of(sale: &Sale, payment: &PaymentIntentId) -> Purchase {
    let mut all = sale.app.store.purchases().into_iter();
    all.find(|it| it.payment.as_ref().unwrap().payment_intent == *payment).unwrap()
}

/// The wish to refund this one of Bob's purchases.
async fn wish_to_refund(sale: &Sale, purchase: &Purchase) -> RefundWish {
    RefundWish {
        visitor_id: sale.app.visitor(&sale.bob).await.id,
        purchase_id: Some(purchase.id),
        reason: None,
        idempotency_key: None,
        arrived_at: sale.app.clock.now(),
        at_most: None,
    }
}

/// On a pay page that the provider did not close.
#[pollster::test]
async fn what_was_paid_during_a_dispute_is_refunded_when_it_is_won() {
    let sale = Sale::new().await;
    let (first, second) = at_two_prices(&sale).await;
    the_next_session_is_not_closed(&sale);
    let disputed = sale.app.payments.pay(&first).unwrap();
    sale.app.deliver_webhooks().await;
    let dispute = sale.app.payments.dispute(&disputed, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    sale.app.clock.advance_seconds(60);
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(again, Err(CheckoutError::Disputed)), "{again:?}");
    let second = sale.app.payments.pay(&second).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    sale.app.work().await;
    let refunds = |payment| sale.app.payments.refunds_of(payment).len();
    assert_eq!((refunds(&disputed), refunds(&second)), (0, 1));
    assert_eq!((count_active(&sale), sale.is_open().await), (1, true));
}

#[pollster::test]
async fn a_second_payment_that_is_disputed_before_its_refund_is_refunded_when_that_is_won() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    sale.app.payments.set_balance(&sale.shop.account, false);
    sale.app.work().await;
    let dispute = sale.app.payments.dispute(&second, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.payments.set_balance(&sale.shop.account, true);
    sale.app.clock.advance_seconds(24 * 3600);
    sale.app.work().await;
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (1, 0));
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    sale.app.work().await;
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (1, 1));
}

/// The creator refunds the first payment, and the answer is lost.
#[pollster::test]
async fn a_second_payment_is_kept_while_the_first_one_may_be_refunded() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    let Sale { app, shop, page, .. } = &sale;
    app.payments.set_balance(&shop.account, false);
    app.work().await;
    app.payments.set_balance(&shop.account, true);
    let first = purchase_before(&sale, &second);
    for call in [Call::Refund, Call::ChargeOfPayment] {
        app.payments.fail_next(call, Fault::lost_request());
    }
    let wish = wish_to_refund(&sale, &first).await;
    let name = &shop.handle.name;
    assert!(app.refunds.refund(&shop.creator, name, &page.slug, wish).await.is_err());
    assert_eq!(count_active(&sale), 2);
    for _ in 0..3 {
        app.clock.advance_seconds(3_600);
        app.work().await;
    }
    assert_eq!(count_active(&sale), 1, "the first was refunded, so the second stays");
    assert_eq!(app.payments.refunds_of(&second).len(), 0);
}

/// The job refunds the second payment, and the answer is lost.
#[pollster::test]
async fn the_first_payment_is_kept_while_the_second_one_may_be_refunded() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    let Sale { app, shop, page, .. } = &sale;
    lose_refund_beside_another(&sale);
    app.work().await;
    let first = purchase_before(&sale, &second);
    let wish = wish_to_refund(&sale, &first).await;
    let name = &shop.handle.name;
    let asked = app.refunds.refund(&shop.creator, name, &page.slug, wish.clone()).await;
    let is_put_off = matches!(asked, Err(RefundError::Payments(PaymentsError::Unavailable(_))));
    assert!(is_put_off, "{asked:?}");
    app.clock.advance_seconds(3_600);
    app.work().await;
    assert_eq!(app.payments.refunds_of(&second).len(), 1);
    assert!(app.purchase(&first).holding().is_active(), "one of the two is refunded");
    // What she asks for now, she asks for as it is.
    app.refunds.refund(&shop.creator, name, &page.slug, wish).await.unwrap();
    assert_eq!(count_active(&sale), 0);
}

#[pollster::test]
async fn a_second_payment_whose_refund_failed_is_refunded_once() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    sale.app.payments.refund_in_dashboard(&second, 2_000).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.work().await;
    for expected in [1, 2, 2] {
        let refunds = sale.app.payments.refunds_of(&second);
        assert_eq!(refunds.len(), expected);
        let (last, _) = refunds.last().unwrap();
        sale.app.payments.fail_refund(last);
        sale.app.deliver_webhooks().await;
        sale.app.work().await;
    }
}

fn count_active(sale: &Sale) -> usize {
    let purchases = sale.app.store.purchases();
    purchases.iter().filter(|purchase| purchase.holding().is_active()).count()
}

/// What the seller was told about second payments.
fn hindrances(sale: &Sale) -> Vec<Option<RefundHindrance>> {
    let told = sale.app.mailer.sent_to(&ADA.parse().unwrap()).into_iter();
    let told = told.filter_map(|mail| match mail {
        MailContent::PaidTwice { hindrance, .. } => Some(hindrance),
        _ => None,
    });
    told.collect()
}

/// How many sales are told as those whose refund failed.
async fn count_failed(sale: &Sale) -> usize {
    let all = PageRequest { limit: 9, after: None };
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let sales = sale.app.reports.sales(creator, name, SaleQuery::default(), &all).await.unwrap();
    sales.items.iter().filter(|sold| sold.has_failed_refund()).count()
}

/// What the receipts of the buyer say, in no order: whether the page is open, and whether the payment is refunded.
async fn told_by_receipts(sale: &Sale) -> Vec<(bool, bool)> {
    sale.mails_to(BOB).await;
    let told = sale.app.mailer.sent_to(&email(BOB)).into_iter();
    let told = told.filter_map(|mail| match mail {
        MailContent::Receipt { facts, .. } => facts.map(|it| (it.is_open, it.is_second)),
        _ => None,
    });
    let mut told: Vec<_> = told.collect();
    told.sort_unstable();
    told
}

/// Lets the refund that a job asks for next fail, and the look for it, which comes after one at the payment beside it.
fn lose_refund_beside_another(sale: &Sale) {
    sale.app.payments.fail_next(Call::Refund, Fault::lost_request());
    sale.app.payments.fail_later(Call::ChargeOfPayment, 1, Fault::lost_request());
}

fn refuses(sale: &Sale, refusal: Refusal) {
    let refused = PaymentsError::Refused { refusal, message: "400: too old to refund".into() };
    sale.app.payments.fail_next(Call::Refund, Fault::BeforeEffect(refused));
}

async fn assert_is_not_tried_again(sale: &Sale) {
    let asked = sale.app.payments.calls(Call::Refund);
    sale.app.clock.advance_seconds(24 * 3_600);
    sale.app.work().await;
    assert_eq!(sale.app.payments.calls(Call::Refund), asked);
}

#[pollster::test]
async fn nothing_is_announced_of_a_second_payment_that_stays() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    for _ in 0..3 {
        sale.app.payments.fail_next(Call::Refund, Fault::kept_error());
    }
    sale.app.work().await;
    assert!(sale.mails_to(ADA).await.is_empty());
    let first = purchase_before(&sale, &second).payment.unwrap().payment_intent;
    sale.app.payments.refund_in_dashboard(&first, 1_200).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.clock.advance_seconds(60);
    sale.app.work().await;
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (1, 0));
    assert!(sale.mails_to(ADA).await.is_empty());
}

#[pollster::test]
async fn what_is_left_of_a_second_payment_is_refunded() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    sale.app.payments.refund_in_dashboard(&second, 500).unwrap();
    sale.app.payments.take_events();
    sale.app.work().await;
    sale.app.clock.advance_seconds(5);
    sale.app.work().await;
    assert_eq!(count_active(&sale), 1);
    let refunds = sale.app.payments.refunds_of(&second);
    assert_eq!(refunds.iter().map(|(_, amount)| *amount).collect::<Vec<_>>(), [500, 1_500]);
}

#[pollster::test]
async fn a_second_payment_is_refunded_by_itself() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.give(&sale.shop, &sale.page, BOB).await;
    // It is paid just before the job closes it.
    sale.app.payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await, "the gift stays");
    assert_eq!(sale.app.payments.calls(Call::Refund), 1);
    assert_eq!(sale.mails_to(ADA).await, ["paid_twice"]);
    let mut mails = sale.mails_to(BOB).await;
    mails.sort_unstable();
    assert_eq!(mails, ["granted", "receipt", "refunded"]);
}

#[pollster::test]
async fn a_gift_closes_what_might_still_be_paid() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.give(&sale.shop, &sale.page, BOB).await;
    sale.app.work().await;
    assert!(sale.app.payments.pay(&session).is_none());
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
}
