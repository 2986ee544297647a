//! Second payments about which their seller decides.

use std::collections::BTreeSet;

use tollgate_domain::{
    access::{FactKind, Purchase},
    clock::Clock,
    creators::{HandleChange, SecondPayments},
    jobs::{Job, JobKind, NewJob, Outcome, Step},
    mail::{MailContent, RefundHindrance},
    payments::{DisputeProgress, PaymentIntentId, Refusal},
    reconcile::ProviderUpdate,
    refunds::{RefundError, RefundWish},
    version::BasedOn,
};
use tollgate_domain_testing::{Call, Fault, email};

use super::{
    assert_is_not_tried_again, at_two_prices, count_active, hindrances, paid_once, paid_twice,
    paid_twice_and_disputed, refuses, wish_to_refund,
};
use crate::{ADA, BOB, Sale, fulfilment::assert_alert_leads_to_the_buyer};

/// Sets what becomes of second payments.
pub(crate) async fn wish(sale: &Sale, wish: SecondPayments) {
    let change = HandleChange { second_payments: Some(wish), ..HandleChange::default() };
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    sale.app.handles.change(creator, name, change, &BasedOn::Any).await.unwrap();
}

fn purchase_of(sale: &Sale, payment: &PaymentIntentId) -> Purchase {
    let mut all = sale.app.store.purchases().into_iter();
    all.find(|it| it.payment.as_ref().unwrap().payment_intent == *payment).unwrap()
}

pub(super) fn count_held(sale: &Sale) -> usize {
    let facts = sale.app.store.facts();
    facts.iter().filter(|fact| fact.kind == FactKind::SecondPaymentHeld).count()
}

/// What the receipts of the buyer say: whether the page is open, and whether the payment is refunded or held.
pub(crate) fn receipts(sale: &Sale) -> BTreeSet<(bool, bool, bool)> {
    let told = sale.app.mailer.sent_to(&email(BOB)).into_iter();
    let told = told.filter_map(|mail| match mail {
        MailContent::Receipt { facts, .. } => {
            facts.map(|it| (it.is_open, it.is_second, it.is_held))
        }
        _ => None,
    });
    told.collect()
}

#[pollster::test]
async fn a_second_payment_is_held_where_its_seller_decides() {
    let sale = Sale::new().await;
    wish(&sale, SecondPayments::Hold).await;
    let second = paid_twice(&sale).await;
    for _ in 0..3 {
        sale.app.work().await;
        sale.app.reconciler.sweep_account(&sale.shop.account).await.unwrap();
        sale.app.clock.advance_seconds(3_600);
    }
    assert_eq!((count_active(&sale), sale.app.payments.calls(Call::Refund)), (2, 0));
    assert_eq!((count_held(&sale), sale.mails_to(ADA).await), (1, vec!["paid_twice"]));
    assert!(matches!(hindrances(&sale).as_slice(), [Some(RefundHindrance::Held)]));
    assert_alert_leads_to_the_buyer(&sale);
    sale.mails_to(BOB).await;
    let told = BTreeSet::from([(true, false, false), (false, false, true)]);
    assert_eq!(receipts(&sale), told);
    let Sale { app, shop, page, .. } = &sale;
    let wish = wish_to_refund(&sale, &purchase_of(&sale, &second)).await;
    app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await.unwrap();
    assert_eq!((count_active(&sale), app.payments.refunds_of(&second).len()), (1, 1));
    assert!(sale.is_open().await);
}

/// The event about that is lost.
#[pollster::test]
async fn a_payment_is_not_left_to_its_seller_once_a_sweep_finds_that_the_one_before_was_refunded() {
    let sale = Sale::new().await;
    let Sale { app, shop, .. } = &sale;
    wish(&sale, SecondPayments::Hold).await;
    let (first, session) = paid_once(&sale).await;
    app.payments.refund_in_dashboard(&first, 1_200).unwrap();
    app.payments.take_events();
    let second = app.payments.pay(&session).unwrap();
    app.deliver_webhooks().await;
    let held = async || {
        app.reports.attention(&shop.creator, &shop.handle.name, 9).await.unwrap().held.len()
    };
    assert_eq!((held().await, count_active(&sale)), (1, 2));
    assert_eq!(told_of(&sale, 2_000).await, [(false, true)]);
    app.clock.advance_seconds(60);
    app.work().await;
    assert_eq!((held().await, count_active(&sale)), (0, 1));
    assert!(purchase_of(&sale, &second).holding().is_active() && sale.is_open().await);
    assert_eq!(told_of(&sale, 2_000).await, [(false, true), (true, false)]);
}

/// What the receipts of a payment of this amount say, in no order: whether the page is open, and whether the payment is held.
pub(super) async fn told_of(sale: &Sale, amount: i64) -> Vec<(bool, bool)> {
    sale.mails_to(BOB).await;
    let told = sale.app.mailer.sent_to(&email(BOB)).into_iter();
    let told = told.filter_map(|mail| match mail {
        MailContent::Receipt { paid, facts: Some(facts), .. } if paid.amount == amount => {
            Some((facts.is_open, facts.is_held))
        }
        _ => None,
    });
    let mut told: Vec<_> = told.collect();
    told.sort_unstable();
    told
}

/// Whether to refund the other one is a decision of its own.
#[pollster::test]
async fn one_press_does_not_refund_the_other_payment_when_the_first_is_disputed() {
    let sale = Sale::new().await;
    wish(&sale, SecondPayments::Hold).await;
    paid_twice(&sale).await;
    let Sale { app, shop, page, .. } = &sale;
    app.work().await;
    assert_eq!(count_active(&sale), 2);
    let newest = app.store.purchases().into_iter().max_by_key(|it| (it.created_at, it.id)).unwrap();
    let payment = newest.payment.as_ref().unwrap().payment_intent.clone();
    app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    app.payments.take_events();
    let wish = RefundWish { purchase_id: None, ..wish_to_refund(&sale, &newest).await };
    let refused = app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await;
    assert!(matches!(refused, Err(RefundError::Disputed)), "{refused:?}");
    assert_eq!((count_active(&sale), app.payments.calls(Call::Refund)), (1, 1));
}

/// The setting counts when the payment is found, and what is held stays so.
#[pollster::test]
async fn a_payment_that_is_held_stays_so_whatever_the_setting_is_later() {
    let sale = Sale::new().await;
    wish(&sale, SecondPayments::Hold).await;
    let second = paid_twice(&sale).await;
    sale.app.work().await;
    wish(&sale, SecondPayments::Refund).await;
    let dispute = sale.app.payments.dispute(&second, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!(count_active(&sale), 1);
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    sale.app.work().await;
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (2, 0));
    let told = sale.mails_to(ADA).await;
    assert_eq!(told.iter().filter(|kind| **kind == "paid_twice").count(), 1, "{told:?}");
}

pub(super) async fn paid_one_after_the_other(sale: &Sale) -> (PaymentIntentId, PaymentIntentId) {
    let (first, session) = paid_once(sale).await;
    let second = sale.app.payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    (first, second)
}

/// Of the payment itself nothing was told.
#[pollster::test]
async fn what_is_known_to_be_refunded_is_not_held() {
    let sale = Sale::new().await;
    wish(&sale, SecondPayments::Hold).await;
    let (_, session) = paid_once(&sale).await;
    let second = sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    sale.app.payments.refund_in_dashboard(&second, 300).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), count_held(&sale)), (2, 1));
    sale.mails_to(ADA).await;
    let told = sale.app.mailer.sent_to(&email(ADA)).into_iter();
    let amounts = told.filter_map(|mail| match mail {
        MailContent::PaidTwice { amount, .. } => Some(amount.amount),
        _ => None,
    });
    assert_eq!(amounts.collect::<Vec<_>>(), [1_700]);
}

/// The balance does not cover it yet when the setting changes, and a dispute about the first payment is won.
#[pollster::test]
async fn a_refund_that_waits_goes_on_when_second_payments_are_held_from_then_on() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    payments.set_balance(&sale.shop.account, false);
    let (first, second) = paid_one_after_the_other(&sale).await;
    wish(&sale, SecondPayments::Hold).await;
    let dispute = payments.dispute(&first, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), count_held(&sale)), (2, 0));
    sale.mails_to(ADA).await;
    assert!(matches!(hindrances(&sale).as_slice(), [Some(RefundHindrance::Balance)]));
    payments.set_balance(&sale.shop.account, true);
    sale.app.clock.advance_seconds(3_600);
    sale.app.work().await;
    assert_eq!((count_active(&sale), count_held(&sale)), (1, 0));
    assert_eq!((payments.refunds_of(&first).len(), payments.refunds_of(&second).len()), (0, 1));
}

/// Versions before held payments whose refund waited.
#[pollster::test]
async fn a_payment_that_is_held_is_not_refunded_by_a_job() {
    let sale = Sale::new().await;
    wish(&sale, SecondPayments::Hold).await;
    let (_, second) = paid_one_after_the_other(&sale).await;
    assert_eq!(count_held(&sale), 1);
    let mut unit = sale.app.unit().await;
    let job = Job::RefundSecondPayment(purchase_of(&sale, &second).id);
    unit.jobs().enqueue(&NewJob::new(job, sale.app.clock.now())).await.unwrap();
    unit.commit().await.unwrap();
    let done = Step::Ran(JobKind::RefundSecondPayment, Outcome::Done);
    assert!(sale.app.work().await.contains(&done));
    assert_eq!((count_active(&sale), sale.app.payments.refunds_of(&second).len()), (2, 0));
}

#[pollster::test]
async fn what_was_bought_again_is_held_when_the_refund_before_fails() {
    let sale = Sale::new().await;
    let (app, shop, page, bob) = (&sale.app, &sale.shop, &sale.page, &sale.bob);
    wish(&sale, SecondPayments::Hold).await;
    app.buy(shop, page, bob).await;
    app.clock.advance_seconds(60);
    let refund = app.refund(shop, page, &app.visitor(bob).await).await.unwrap().refund;
    app.clock.advance_seconds(60);
    let again = app.buy(shop, page, bob).await.payment.unwrap().payment_intent;
    assert_eq!(count_held(&sale), 0, "the page was closed");
    app.payments.fail_refund(&refund);
    app.deliver_webhooks().await;
    app.work().await;
    assert_eq!((count_active(&sale), app.payments.refunds_of(&again).len()), (2, 0));
    assert_eq!(count_held(&sale), 1);
    sale.mails_to(ADA).await;
    assert!(matches!(hindrances(&sale).as_slice(), [Some(RefundHindrance::Held)]));
    let told = sale.mails_to(BOB).await;
    assert_eq!(told.iter().filter(|kind| **kind == "receipt").count(), 3, "{told:?}");
    assert!(receipts(&sale).contains(&(false, false, true)), "once more, with what is new");
}

#[pollster::test]
async fn a_second_payment_is_held_once_the_dispute_about_it_is_won() {
    let sale = Sale::new().await;
    wish(&sale, SecondPayments::Hold).await;
    let (second, opened) = paid_twice_and_disputed(&sale).await;
    assert_eq!((count_active(&sale), count_held(&sale)), (1, 0), "there is nothing to decide");
    sale.app.payments.decide_dispute(&opened, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    sale.app.work().await;
    assert_eq!((count_active(&sale), count_held(&sale)), (2, 1));
    assert_eq!(sale.app.payments.refunds_of(&second).len(), 0);
}

/// Asserts that exactly this payment waits for the seller, who is shown it.
async fn assert_is_shown(sale: &Sale, payment: &PaymentIntentId) {
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let held = sale.app.reports.attention(creator, name, 9).await.unwrap().held;
    let held: Vec<_> = held.into_iter().map(|held| held.purchase_id).collect();
    assert_eq!(held, [purchase_of(sale, payment).id]);
    assert_eq!((count_active(sale), count_held(sale)), (2, 1));
    assert_eq!(sale.app.payments.refunds_of(payment).len(), 0);
}

/// It was decided when second payments were refunded.
#[pollster::test]
async fn a_payment_that_stripe_does_not_refund_is_held_where_its_seller_decides_by_then() {
    let sale = Sale::new().await;
    let (payments, account) = (&sale.app.payments, &sale.shop.account);
    let second = paid_twice(&sale).await;
    payments.set_balance(account, false);
    sale.app.work().await;
    wish(&sale, SecondPayments::Hold).await;
    assert_eq!((count_active(&sale), count_held(&sale)), (2, 0), "its refund waits");
    payments.set_balance(account, true);
    refuses(&sale, Refusal::WithMessage);
    sale.app.clock.advance_seconds(3_600);
    sale.app.work().await;
    assert_is_shown(&sale, &second).await;
    sale.mails_to(ADA).await;
    let told = hindrances(&sale);
    let [Some(RefundHindrance::Balance), Some(RefundHindrance::Refused(_))] = told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert_is_not_tried_again(&sale).await;
}

/// While the refund was under way, a dispute about the first payment was won.
#[pollster::test]
async fn a_payment_whose_refund_its_seller_asked_for_is_held_when_stripe_refuses_that() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, .. } = &sale;
    wish(&sale, SecondPayments::Hold).await;
    let (first, session) = paid_once(&sale).await;
    let dispute = app.payments.dispute(&first, DisputeProgress::Open).unwrap();
    app.deliver_webhooks().await;
    let second = app.payments.pay(&session).unwrap();
    app.deliver_webhooks().await;
    for call in [Call::Refund, Call::ChargeOfPayment] {
        app.payments.fail_next(call, Fault::lost_request());
    }
    let asked = wish_to_refund(&sale, &purchase_of(&sale, &second)).await;
    let name = &shop.handle.name;
    assert!(app.refunds.refund(&shop.creator, name, &page.slug, asked).await.is_err());
    app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), count_held(&sale)), (2, 0), "its refund is under way");
    refuses(&sale, Refusal::WithMessage);
    app.clock.advance_seconds(3_600);
    app.work().await;
    assert_is_shown(&sale, &second).await;
    sale.mails_to(ADA).await;
    assert!(matches!(hindrances(&sale).as_slice(), [Some(RefundHindrance::Held)]));
    assert_is_not_tried_again(&sale).await;
}

/// One press is about one payment.
#[pollster::test]
async fn a_press_about_a_payment_that_was_refunded_unheard_leaves_the_other() {
    let sale = Sale::new().await;
    wish(&sale, SecondPayments::Hold).await;
    let (old, new) = at_two_prices(&sale).await;
    let payments = &sale.app.payments;
    payments.pay(&old).unwrap();
    let second = payments.pay(&new).unwrap();
    for session in [&old, &new] {
        let update = ProviderUpdate::Session(payments.session(session).unwrap());
        sale.app.updates.apply(&sale.shop.account, update).await.unwrap();
        sale.app.clock.advance_seconds(1);
    }
    payments.refund_in_dashboard(&second, 500).unwrap();
    sale.app.deliver_webhooks().await;
    payments.refund_in_dashboard(&second, 1_500).unwrap();
    payments.take_events();
    let visitor = sale.app.visitor(&sale.bob).await;
    let pressed = sale.app.refund(&sale.shop, &sale.page, &visitor).await;
    assert!(matches!(pressed, Err(RefundError::AlreadyRefunded)), "{pressed:?}");
    assert!(sale.is_open().await);
}
