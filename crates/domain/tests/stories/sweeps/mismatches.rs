//! Payments that do not match their orders, and those that match in the end.

use std::task::{Context, Waker};

use tollgate_domain::{
    access::{FactKind, GrantType},
    checkout::{Applied, OrderStatus},
    creators::SecondPayments,
    mail::MailContent,
    payments::{CheckoutSessionId, DisputeProgress, Payments, RefundProgress},
    reconcile::{FindingKind, ProviderUpdate},
    reports::Takings,
};
use tollgate_domain_testing::{Call, Fault, TestApp, a_page, email, money};

use super::{findings, told};
use crate::{
    ADA, BOB, Sale, checkout::statuses, fulfilment::assert_alert_leads_to_the_buyer,
    second_payments,
};

/// Bob pays, and the first answer about the session has another amount.
async fn read_wrongly() -> (Sale, CheckoutSessionId) {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.tamper(&session, |state| state.amount = 1_100);
    sale.app.deliver_webhooks().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Quarantined]);
    (sale, session)
}

/// The creator gave access, as the first mail suggests.
#[pollster::test]
async fn a_payment_that_matches_after_the_page_was_given_is_told_as_refunded() {
    let (sale, session) = read_wrongly().await;
    sale.app.give(&sale.shop, &sale.page, BOB).await;
    sale.app.payments.tamper(&session, |state| state.amount = 1_200);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    sale.app.deliver_mails().await;
    let alerts = sale.app.mailer.sent_to(&email(ADA));
    let is_second = alerts.iter().find_map(|mail| match mail {
        MailContent::PaymentMatched { is_second, .. } => Some(*is_second),
        _ => None,
    });
    assert_eq!(is_second, Some(true), "{alerts:?}");
}

#[pollster::test]
async fn a_payment_that_matches_after_the_page_was_given_is_told_as_held() {
    let (sale, session) = read_wrongly().await;
    second_payments::wish(&sale, SecondPayments::Hold).await;
    sale.app.give(&sale.shop, &sale.page, BOB).await;
    sale.app.payments.tamper(&session, |state| state.amount = 1_200);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    sale.app.deliver_mails().await;
    let alerts = sale.app.mailer.sent_to(&email(ADA));
    let told = alerts.iter().find_map(|mail| match mail {
        MailContent::PaymentMatched { is_second, is_held, .. } => Some((*is_second, *is_held)),
        _ => None,
    });
    assert_eq!(told, Some((false, true)), "{alerts:?}");
}

#[pollster::test]
async fn a_payment_that_was_read_wrongly_once_opens_the_page_after_a_sweep() {
    let (sale, session) = read_wrongly().await;
    let facts = sale.app.store.facts();
    for _ in 0..2 {
        assert_eq!(findings(&sale.app).await, [], "it does not match yet");
    }
    assert_eq!(sale.app.store.facts(), facts);
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
    sale.app.payments.tamper(&session, |state| state.amount = 1_200);
    assert_eq!(told(&sale.app).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Quarantined]);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(sale.is_open().await);
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined", "payment_matched"]);
    assert_alert_leads_to_the_buyer(&sale);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
    let kinds: Vec<_> = sale.app.store.facts().iter().map(|fact| fact.kind).collect();
    assert!(kinds.contains(&FactKind::PaymentQuarantined), "what happened is kept: {kinds:?}");
    let visitor = sale.app.visitor(&sale.bob).await.id;
    assert_eq!(sale.app.checkouts.quarantined_of(visitor).await.unwrap(), []);
    assert_eq!(findings(&sale.app).await, []);
}

/// Its facts are those of the purchase, which is paid as a whole.
#[pollster::test]
async fn a_refund_that_failed_before_its_payment_matched_takes_nothing_from_the_purchase() {
    let (sale, session) = read_wrongly().await;
    let payments = &sale.app.payments;
    let payment = payments.session(&session).unwrap().payment_intent.unwrap();
    payments.set_refund_progress(RefundProgress::Pending);
    let refund = payments.refund_in_dashboard(&payment, 1_200).unwrap();
    payments.fail_refund(&refund);
    for _ in 0..2 {
        sale.app.deliver_webhooks().await;
    }
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined", "refund_failed"]);
    payments.tamper(&session, |state| state.amount = 1_200);
    findings(&sale.app).await;
    assert_eq!(findings(&sale.app).await, []);
    assert!(sale.is_open().await);
    let purchase = sale.app.store.purchases().pop().unwrap();
    assert_eq!((purchase.grant_type, purchase.refunded), (GrantType::Purchase, 0));
    let failed = sale.app.store.facts().into_iter();
    let failed = failed.filter(|fact| fact.kind == FactKind::RefundFailed);
    assert!(failed.clone().all(|fact| fact.object() == refund.as_str()));
    assert_eq!(failed.filter(|fact| fact.subject.purchase_id == Some(purchase.id)).count(), 1);
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let revenue = sale.app.reports.revenue(creator, name, None, None).await.unwrap();
    let net: Vec<_> = revenue.totals.iter().map(Takings::net).collect();
    assert_eq!(net, [money(1_200, "usd")]);
}

#[pollster::test]
async fn what_was_refunded_because_it_did_not_match_buys_nothing_later() {
    let (sale, session) = read_wrongly().await;
    let payment = sale.app.payments.session(&session).unwrap().payment_intent.unwrap();
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.payments.tamper(&session, |state| state.amount = 1_200);
    assert_eq!(findings(&sale.app).await, []);
    let state = sale.app.payments.session(&session).unwrap();
    let update = ProviderUpdate::Session(state);
    let applied = sale.app.updates.apply(&sale.shop.account, update).await;
    assert_eq!(applied.unwrap(), Applied::Quarantined);
    assert!(!sale.is_open().await);
    let visitor = sale.app.visitor(&sale.bob).await.id;
    assert_eq!(sale.app.checkouts.quarantined_of(visitor).await.unwrap(), []);
}

/// However often that took.
#[pollster::test]
async fn what_was_refunded_again_after_that_failed_is_not_a_difference() {
    let (sale, session) = read_wrongly().await;
    let payments = &sale.app.payments;
    let payment = payments.session(&session).unwrap().payment_intent.unwrap();
    for fails in [true, true, false] {
        let refund = payments.refund_in_dashboard(&payment, 1_200).unwrap();
        sale.app.deliver_webhooks().await;
        if fails {
            payments.fail_refund(&refund);
            sale.app.deliver_webhooks().await;
        }
    }
    payments.tamper(&session, |state| state.amount = 1_200);
    assert_eq!(told(&sale.app).await, []);
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(told(&sale.app).await, []);
    assert!(!sale.is_open().await);
    assert_eq!(statuses(&sale.app), [OrderStatus::Quarantined]);
}

#[pollster::test]
async fn payments_that_do_not_match_and_are_too_many_for_one_sweep_are_read_by_the_next() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    for number in 0..=50 {
        let visitor = app.sign_in(&format!("buyer-{number}@example.com")).await;
        let started = app.start(&shop, &page, &visitor).await.unwrap();
        let session = app.payments.session_at(&started.url).unwrap();
        app.payments.pay(&session).unwrap();
        app.payments.tamper(&session, |state| state.amount = 1_100);
    }
    app.deliver_webhooks().await;
    let last = app.store.orders().into_iter().max_by_key(|order| order.id).unwrap();
    let session = last.opened.unwrap().session;
    let payment = app.payments.session(&session).unwrap().payment_intent.unwrap();
    app.payments.refund_in_dashboard(&payment, 1_100).unwrap();
    app.payments.take_events();
    assert_eq!(findings(&app).await, [], "the first of them are read");
    assert_eq!(findings(&app).await, [FindingKind::Refund]);
}

#[pollster::test]
async fn the_refund_of_a_payment_that_does_not_match_is_found_whenever_it_is_made() {
    let (sale, session) = read_wrongly().await;
    let payment = sale.app.payments.session(&session).unwrap().payment_intent.unwrap();
    let visitor = sale.app.visitor(&sale.bob).await.id;
    for _ in 0..2 {
        sale.app.clock.advance_seconds(24 * 3_600);
        assert_eq!(findings(&sale.app).await, []);
    }
    // A part of it changes nothing yet, and a dry run finds only what there is to mend.
    for (amount, found) in [(600, vec![]), (600, vec![FindingKind::Refund])] {
        sale.app.clock.advance_seconds(24 * 3_600);
        sale.app.payments.refund_in_dashboard(&payment, amount).unwrap();
        sale.app.payments.take_events();
        assert_eq!(told(&sale.app).await, found);
        assert_eq!(sale.app.checkouts.quarantined_of(visitor).await.unwrap().len(), 1);
        assert_eq!(findings(&sale.app).await, found);
    }
    assert_eq!(sale.app.checkouts.quarantined_of(visitor).await.unwrap(), []);
    let before = sale.app.payments.calls(Call::RefundsOfCharge);
    assert_eq!(findings(&sale.app).await, []);
    let after = sale.app.payments.calls(Call::RefundsOfCharge);
    assert_eq!(after, before + 1, "the refunds may fail after all");
    sale.app.clock.advance_seconds(76 * 24 * 3_600);
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(sale.app.payments.calls(Call::RefundsOfCharge), after, "it is not read again");
}

#[pollster::test]
async fn that_the_refund_of_a_payment_that_does_not_match_failed_weeks_later_is_found() {
    let (sale, session) = read_wrongly().await;
    let payments = &sale.app.payments;
    let payment = payments.session(&session).unwrap().payment_intent.unwrap();
    let visitor = sale.app.visitor(&sale.bob).await.id;
    let held = async || sale.app.checkouts.quarantined_of(visitor).await.unwrap().len();
    for tries in 1..3 {
        let refund = payments.refund_in_dashboard(&payment, 1_200).unwrap();
        sale.app.deliver_webhooks().await;
        for _ in 0..3 {
            assert_eq!((findings(&sale.app).await, held().await), (vec![], 0), "{tries}");
            sale.app.clock.advance_seconds(14 * 24 * 3_600);
        }
        payments.fail_refund(&refund);
        payments.take_events();
        assert_eq!((told(&sale.app).await, held().await), (vec![FindingKind::Refund], 0));
        assert_eq!((findings(&sale.app).await, held().await), (vec![FindingKind::Refund], 1));
        assert_eq!(told(&sale.app).await, [], "{tries}");
        assert_eq!((findings(&sale.app).await, held().await), (vec![], 1));
        let mails = sale.mails_to(ADA).await.into_iter();
        assert_eq!(mails.filter(|kind| *kind == "refund_failed").count(), tries);
    }
}

/// One worker has read the refunds while there was only the one that had failed. Another one reads them when the next one has
/// arrived, and notes both before the first notes anything.
#[pollster::test]
async fn what_was_refunded_again_since_is_not_told_as_one_to_be_refunded() {
    let (sale, session) = read_wrongly().await;
    let (app, payments, account) = (&sale.app, &sale.app.payments, &sale.shop.account);
    let payment = payments.session(&session).unwrap().payment_intent.unwrap();
    let visitor = app.visitor(&sale.bob).await.id;
    let refund = payments.refund_in_dashboard(&payment, 1_200).unwrap();
    app.deliver_webhooks().await;
    payments.fail_refund(&refund);
    payments.take_events();
    let charge = Payments::charge_of_payment(&**payments, account, &payment).await.unwrap();
    let refunds = Payments::refunds_of_charge(&**payments, account, &charge.unwrap()).await;
    let update = ProviderUpdate::Refunds(refunds.unwrap());
    let mut early = Box::pin(app.updates.apply(account, update));
    let mut context = Context::from_waker(Waker::noop());
    let asked = payments.calls(Call::RefundsOfCharge);
    while payments.calls(Call::RefundsOfCharge) == asked {
        assert!(early.as_mut().poll(&mut context).is_pending());
    }
    payments.refund_in_dashboard(&payment, 1_200).unwrap();
    app.deliver_webhooks().await;
    assert_eq!(early.await.unwrap(), Applied::Unchanged, "it is read again");
    assert_eq!(app.checkouts.quarantined_of(visitor).await.unwrap(), []);
    let kinds: Vec<_> = app.store.facts().iter().map(|fact| fact.kind).collect();
    assert!(!kinds.contains(&FactKind::QuarantineRefundFailed), "{kinds:?}");
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined", "refund_failed"]);
}

#[pollster::test]
async fn a_dispute_of_a_payment_that_does_not_match_is_found() {
    let (sale, session) = read_wrongly().await;
    let payments = &sale.app.payments;
    let payment = payments.session(&session).unwrap().payment_intent.unwrap();
    let dispute = payments.dispute(&payment, DisputeProgress::Open).unwrap();
    for progress in [DisputeProgress::Open, DisputeProgress::Lost] {
        payments.decide_dispute(&dispute, progress);
        payments.take_events();
        assert_eq!(told(&sale.app).await, [FindingKind::Dispute], "{progress:?}");
        assert_eq!(findings(&sale.app).await, [FindingKind::Dispute], "{progress:?}");
        assert_eq!(findings(&sale.app).await, [], "{progress:?}");
        sale.app.clock.advance_seconds(24 * 3_600);
    }
    let told = ["payment_quarantined", "disputed", "dispute_decided"];
    assert_eq!(sale.mails_to(ADA).await, told);
    assert_ne!(sale.started().await, session);
}

/// The bank takes part of the money back before it is known what the payment was for.
#[pollster::test]
async fn a_dispute_of_a_payment_that_matches_in_the_end_is_learnt() {
    let (sale, session) = read_wrongly().await;
    let payment = sale.app.payments.session(&session).unwrap().payment_intent.unwrap();
    sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.payments.tamper(&session, |state| state.amount = 1_200);
    let state = sale.app.payments.session(&session).unwrap();
    let update = ProviderUpdate::Session(state);
    sale.app.updates.apply(&sale.shop.account, update).await.unwrap();
    sale.app.work().await;
    assert!(!sale.is_open().await);
}

/// The seller refunded it since the first mail, and only the event about that tells of it again.
#[pollster::test]
async fn a_payment_that_matches_when_it_has_gone_back_is_not_told_as_one_in_order() {
    for (refunded, is_whole) in [(1_200, true), (500, false)] {
        let (sale, session) = read_wrongly().await;
        let payments = &sale.app.payments;
        payments.tamper(&session, |state| state.amount = 1_200);
        let payment = payments.session(&session).unwrap().payment_intent.unwrap();
        payments.refund_in_dashboard(&payment, refunded).unwrap();
        let swept = payments.calls(Call::DisputesSince);
        sale.app.clock.run();
        sale.app.deliver_webhooks().await;
        let purchase = sale.app.store.purchases().pop().unwrap();
        assert_eq!((purchase.refunded, sale.is_open().await), (refunded, !is_whole));
        let told = sale.mails_to(ADA).await;
        assert_eq!(told.contains(&"payment_matched"), !is_whole, "{told:?}");
        let told = sale.mails_to(BOB).await;
        assert!(told.starts_with(&["receipt"]), "{refunded}: {told:?}");
        // A dispute of it may have been told before.
        assert!(payments.calls(Call::DisputesSince) > swept, "{refunded}");
    }
}

#[pollster::test]
async fn of_a_payment_that_matches_in_the_end_and_another_since_one_is_refunded() {
    let (sale, first) = read_wrongly().await;
    sale.app.clock.advance_seconds(3 * 24 * 3_600);
    let again = sale.started().await;
    let second = sale.app.payments.pay(&again).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    sale.app.payments.tamper(&first, |state| state.amount = 1_200);
    sale.app.clock.advance_seconds(60);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    let first = sale.app.payments.session(&first).unwrap().payment_intent.unwrap();
    let refunds = |payment| sale.app.payments.refunds_of(payment).len();
    assert_eq!((refunds(&first), refunds(&second)), (1, 0));
    assert!(sale.is_open().await);
}

/// As the payments of a subscription that copies what is written into a session.
#[pollster::test]
async fn a_paid_session_without_a_payment_that_copies_an_order_does_not_stop_sweeps() {
    for has_session in [true, false] {
        let sale = Sale::new().await;
        if has_session {
            sale.started().await;
        } else {
            sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_request());
            sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
            assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
        }
        sale.app.clock.advance_seconds(3 * 24 * 3_600);
        sale.app.payments.expire_due();
        sale.app.deliver_webhooks().await;
        findings(&sale.app).await;
        assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
        let (copy, _) = sale.paid_elsewhere();
        sale.app.payments.tamper(&copy, |state| {
            state.payment_intent = None;
            state.is_whole = false;
        });
        sale.app.payments.take_events();
        assert_eq!(findings(&sale.app).await, [FindingKind::Session], "{has_session}");
        assert_eq!(findings(&sale.app).await, [], "{has_session}");
        assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"], "{has_session}");
        assert!(!sale.is_open().await);
    }
}

/// The answer to opening the order's own session was lost, so that either may be it.
#[pollster::test]
async fn a_second_payment_for_an_order_without_a_session_is_found_once() {
    for is_heard_of in [true, false] {
        let sale = Sale::new().await;
        let payments = &sale.app.payments;
        payments.fail_next(Call::OpenCheckout, Fault::lost_answer());
        payments.fail_next(Call::FindCheckout, Fault::lost_request());
        assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
        payments.pay(&payments.sessions().pop().unwrap()).unwrap();
        sale.app.deliver_webhooks().await;
        assert_eq!(findings(&sale.app).await, [], "its own payment is known");
        sale.paid_elsewhere();
        let events = payments.take_events();
        if is_heard_of {
            sale.app.deliver(events).await;
        }
        let found = if is_heard_of { vec![] } else { vec![FindingKind::Session] };
        assert_eq!(findings(&sale.app).await, found);
        assert_eq!(findings(&sale.app).await, [], "heard of: {is_heard_of}");
        assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
        assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
    }
}
