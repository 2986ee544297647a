//! What banks ask about payments before they dispute them.

use tollgate_domain::{
    access::{Fact, FactKind, GrantType},
    checkout::Applied,
    clock::Clock,
    disputes::ports::DisputeReads,
    mail::MailContent,
    payments::{DisputeProgress, DisputeState, Payments, PaymentsError, RefundProgress, Refusal},
    reconcile::ProviderUpdate,
};
use tollgate_domain_testing::{Call, Fault, email};

use super::{Step::Pay, event_of_session, only_payment, played};
use crate::{ADA, BOB, Sale};

#[pollster::test]
async fn an_inquiry_is_not_a_dispute() {
    let (sale, _) = played(&[Pay]).await;
    sale.app.payments.dispute(&only_payment(&sale), DisputeProgress::Inquiry).unwrap();
    sale.app.deliver(event_of_session(&sale)).await;
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    assert!(!sale.mails_to(ADA).await.contains(&"disputed"));
}

/// It can be answered before a dispute comes of it.
#[pollster::test]
async fn a_creator_hears_once_of_an_inquiry() {
    let sale = Sale::new().await;
    let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
    let payments = &sale.app.payments;
    let dispute = payments.dispute(&payment.payment_intent, DisputeProgress::Inquiry).unwrap();
    for _ in 0..2 {
        let state = Payments::dispute(&**payments, &payment.account, &dispute).await.unwrap();
        let update = ProviderUpdate::Dispute(state, sale.app.clock.now());
        sale.app.updates.apply(&payment.account, update).await.unwrap();
        sale.app.clock.advance_seconds(60);
    }
    assert_eq!(sale.mails_to(ADA).await, ["inquiry"]);
    let told = sale.app.mailer.sent_to(&email(ADA)).pop();
    assert!(matches!(told, Some(MailContent::Inquiry { respond_by: Some(_), .. })), "{told:?}");
    payments.decide_dispute(&dispute, DisputeProgress::Open);
    sale.app.deliver_webhooks().await;
    assert_eq!(sale.mails_to(ADA).await, ["inquiry", "disputed"]);
    assert!(!sale.mails_to(BOB).await.is_empty());
}

/// A refund of a part leaves something to answer.
#[pollster::test]
async fn a_creator_is_asked_nothing_about_a_payment_that_is_refunded_in_whole() {
    for (refunded, asks) in [(1_200, false), (1_199, true)] {
        let sale = Sale::new().await;
        let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        let payment = bought.payment.clone().unwrap().payment_intent;
        sale.app.payments.refund_in_dashboard(&payment, refunded).unwrap();
        sale.app.deliver_webhooks().await;
        sale.app.payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
        sale.app.deliver_webhooks().await;
        assert_eq!(sale.mails_to(ADA).await.contains(&"inquiry"), asks, "{refunded}");
        let stored = sale.app.store.disputes_of(bought.id).await.unwrap();
        assert_eq!(stored.len(), 1, "it is shown");
    }
}

/// The refund fails later, and the question is still to be answered.
#[pollster::test]
async fn a_creator_hears_of_an_inquiry_about_a_payment_whose_refund_is_pending() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
    payments.set_refund_progress(RefundProgress::Pending);
    let refund = payments.refund_in_dashboard(&payment.payment_intent, 1_200).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    payments.dispute(&payment.payment_intent, DisputeProgress::Inquiry).unwrap();
    sale.app.deliver_webhooks().await;
    let asked = async || {
        let told = sale.mails_to(ADA).await;
        told.iter().filter(|kind| **kind == "inquiry").count()
    };
    assert_eq!(asked().await, 1);
    payments.fail_refund(&refund);
    sale.app.deliver_webhooks().await;
    assert_eq!((asked().await, sale.is_open().await), (1, true));
}

/// The event about it comes later than the question.
#[pollster::test]
async fn a_creator_is_asked_nothing_about_a_payment_whose_refund_is_told_later() {
    for (refunded, asks) in [(1_200, false), (1_199, true)] {
        let sale = Sale::new().await;
        let payments = &sale.app.payments;
        let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
        payments.refund_in_dashboard(&payment.payment_intent, refunded).unwrap();
        let later = payments.take_events();
        payments.dispute(&payment.payment_intent, DisputeProgress::Inquiry).unwrap();
        sale.app.deliver_webhooks().await;
        assert_eq!(sale.is_open().await, asks, "{refunded}, before the event about it");
        sale.app.deliver(later).await;
        assert_eq!(sale.is_open().await, asks, "{refunded}");
        let told = sale.mails_to(BOB).await;
        assert_eq!(told.iter().filter(|kind| **kind == "refunded").count(), 1, "{told:?}");
        assert_eq!(sale.mails_to(ADA).await.contains(&"inquiry"), asks, "{refunded}");
    }
}

/// The bank's question is the first that is heard of it.
#[pollster::test]
async fn a_refund_that_is_read_because_of_a_question_counts_as_any_other() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = bought.payment.clone().unwrap();
    let refund = payments.refund_in_dashboard(&payment.payment_intent, 1_200).unwrap();
    let dispute = payments.dispute(&payment.payment_intent, DisputeProgress::Inquiry).unwrap();
    payments.take_events();
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        let state = Payments::dispute(&**payments, &payment.account, &dispute).await.unwrap();
        let update = ProviderUpdate::Dispute(state, sale.app.clock.now());
        outcomes.push(sale.app.updates.apply(&payment.account, update).await.unwrap());
    }
    assert_eq!(outcomes, [Applied::Changed, Applied::Unchanged]);
    let stored = sale.app.store.purchases().remove(0);
    assert_eq!((stored.grant_type, stored.refunded), (GrantType::Refunded, 1_200));
    let facts = sale.app.store.facts();
    let is_known =
        |fact: &Fact| fact.kind == FactKind::RefundAccepted && fact.reference == refund.as_str();
    assert!(facts.iter().any(is_known), "{facts:?}");
    assert!(sale.mails_to(BOB).await.contains(&"refunded"));
    assert!(!sale.mails_to(ADA).await.contains(&"inquiry"));
}

/// Sweeps read a question for weeks until it is answered.
#[pollster::test]
async fn refunds_are_read_beside_a_question_once() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
    let dispute = payments.dispute(&payment.payment_intent, DisputeProgress::Inquiry).unwrap();
    let mut read = Vec::new();
    for until in [None, None, Some(sale.app.clock.now())] {
        let state = Payments::dispute(&**payments, &payment.account, &dispute).await.unwrap();
        let state = DisputeState { respond_by: until.or(state.respond_by), ..state };
        let update = ProviderUpdate::Dispute(state, sale.app.clock.now());
        sale.app.updates.apply(&payment.account, update).await.unwrap();
        read.push([Call::ChargeOfPayment, Call::RefundsOfCharge].map(|call| payments.calls(call)));
        sale.app.clock.advance_seconds(60);
    }
    let first = read.first().copied().unwrap();
    assert!(first.iter().all(|calls| *calls > 0), "{first:?}");
    assert_eq!(read, [first; 3]);
}

/// Nobody told of the payment before.
#[pollster::test]
async fn a_creator_is_asked_nothing_about_a_refunded_payment_of_which_a_question_is_the_first_news()
{
    for (refunded, asks) in [(1_200, false), (1_199, true)] {
        let sale = Sale::new().await;
        let payments = &sale.app.payments;
        let payment = payments.pay(&sale.started().await).unwrap();
        payments.refund_in_dashboard(&payment, refunded).unwrap();
        payments.take_events();
        payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
        sale.app.deliver_webhooks().await;
        assert_eq!(sale.is_open().await, asks, "{refunded}");
        assert_eq!(sale.mails_to(ADA).await.contains(&"inquiry"), asks, "{refunded}");
        assert!(sale.mails_to(BOB).await.contains(&"refunded"));
    }
}

/// What is known here counts then.
#[pollster::test]
async fn a_creator_is_asked_nothing_about_a_refunded_payment_whose_refunds_are_not_shown() {
    for call in [Call::ChargeOfPayment, Call::RefundsOfCharge] {
        for (refunded, asks) in [(1_200, false), (1_199, true)] {
            let sale = Sale::new().await;
            let payments = &sale.app.payments;
            let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
            payments.refund_in_dashboard(&payment.payment_intent, refunded).unwrap();
            sale.app.deliver_webhooks().await;
            payments.dispute(&payment.payment_intent, DisputeProgress::Inquiry).unwrap();
            let (refusal, message) = (Refusal::NotFound, "it is not shown".into());
            let refused = PaymentsError::Refused { refusal, message };
            payments.fail_next(call, Fault::BeforeEffect(refused));
            sale.app.deliver_webhooks().await;
            assert!(payments.is_calm(), "{call:?}");
            let told = sale.mails_to(ADA).await;
            assert_eq!(told.contains(&"inquiry"), asks, "{call:?}, {refunded}");
        }
    }
}

/// A sweep finds the payment, the refund and the question.
#[pollster::test]
async fn a_creator_is_asked_nothing_about_a_refunded_payment_that_a_sweep_finds() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let payment = sale.app.payments.pay(&session).unwrap();
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
    sale.app.payments.take_events();
    sale.app.reconciler.sweep_account(&sale.shop.account).await.unwrap();
    let bought = sale.app.store.purchases().remove(0);
    assert_eq!(sale.app.store.disputes_of(bought.id).await.unwrap().len(), 1);
    assert!(!sale.is_open().await);
    assert!(!sale.mails_to(ADA).await.contains(&"inquiry"));
}

/// What a creator is told whose sweep finds a dispute so many seconds before the time for an answer is over.
async fn told_before_the_end(progress: DisputeProgress, seconds: i64) -> Vec<MailContent> {
    let sale = Sale::new().await;
    let Sale { app, shop, page, bob } = &sale;
    let payment = app.buy(shop, page, bob).await.payment.unwrap().payment_intent;
    let dispute = app.payments.dispute(&payment, progress).unwrap();
    app.payments.take_events();
    let state = Payments::dispute(&*app.payments, &shop.account, &dispute).await.unwrap();
    let left = state.respond_by.unwrap().duration_since(app.clock.now()).as_secs();
    app.clock.advance_seconds(left - seconds);
    app.reconciler.sweep_account(&shop.account).await.unwrap();
    app.deliver_mails().await;
    app.mailer.sent_to(&email(ADA))
}

/// Of a dispute the creator hears all the same, and that there is nothing to answer.
#[pollster::test]
async fn a_creator_is_asked_nothing_once_the_time_for_an_answer_is_over() {
    let told = told_before_the_end(DisputeProgress::Inquiry, 1).await;
    let is_asked = matches!(told.as_slice(), [MailContent::Inquiry { respond_by: Some(_), .. }]);
    assert!(is_asked, "{told:?}");
    assert!(told_before_the_end(DisputeProgress::Inquiry, 0).await.is_empty());
    for (seconds, is_over) in [(1, false), (0, true)] {
        let told = told_before_the_end(DisputeProgress::Open, seconds).await;
        let [MailContent::Disputed { needs_no_answer, respond_by, .. }] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!((*needs_no_answer, respond_by.is_none()), (is_over, is_over));
    }
}
