//! Disputes about payments that do not match their orders.

use std::task::{Context, Waker};

use tollgate_domain::{
    access::FactKind,
    checkout::{Applied, CheckoutError},
    clock::Clock,
    mail::MailContent,
    payments::{
        CheckoutSessionId, DisputeId, DisputeProgress, DisputeStage, DisputeState, Payments,
        RefundProgress,
    },
    reconcile::{FindingKind, ProviderUpdate, SweepRequest},
    reports::Revenue,
};
use tollgate_domain_testing::{Call, email};

use super::{
    assert_alert_leads_to_the_buyer,
    mismatches::{count_held, mismatched},
};
use crate::{ADA, BOB, Sale};

/// Bob has paid less than his order asks for, which is known, and his bank disputes that.
async fn disputed() -> (Sale, CheckoutSessionId, DisputeId) {
    asked(DisputeProgress::Open).await
}

/// The same, or his bank only asks about it.
async fn asked(progress: DisputeProgress) -> (Sale, CheckoutSessionId, DisputeId) {
    let (sale, session) = mismatched(|state| state.amount = 1_100).await;
    sale.app.deliver_webhooks().await;
    let payment = sale.app.payments.session(&session).unwrap().payment_intent.unwrap();
    let dispute = sale.app.payments.dispute(&payment, progress).unwrap();
    (sale, session, dispute)
}

/// What the provider says of a dispute is applied once more.
async fn apply(sale: &Sale, change: impl FnOnce(&mut DisputeState), id: &DisputeId) -> Applied {
    let (payments, account) = (&sale.app.payments, &sale.shop.account);
    let mut state = Payments::dispute(&**payments, account, id).await.unwrap();
    change(&mut state);
    let update = ProviderUpdate::Dispute(state, sale.app.clock.now());
    sale.app.updates.apply(account, update).await.unwrap()
}

async fn may_not_pay(sale: &Sale) -> bool {
    let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    matches!(started, Err(CheckoutError::Quarantined))
}

#[pollster::test]
async fn a_lost_dispute_about_what_did_not_match_is_told_and_lets_the_buyer_buy_again() {
    let (sale, session, dispute) = disputed().await;
    sale.app.deliver_webhooks().await;
    assert_eq!(apply(&sale, |_| {}, &dispute).await, Applied::Unchanged);
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined", "disputed"]);
    assert_alert_leads_to_the_buyer(&sale);
    let told = sale.app.mailer.sent_to(&email(ADA)).pop();
    let asks = matches!(
        told,
        Some(MailContent::Disputed { needs_no_answer: false, respond_by: Some(_), .. })
    );
    assert!(asks, "{told:?}");
    assert!(may_not_pay(&sale).await);

    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    sale.app.deliver_webhooks().await;
    assert_eq!(apply(&sale, |_| {}, &dispute).await, Applied::Unchanged);
    let told = ["payment_quarantined", "disputed", "dispute_decided"];
    assert_eq!(sale.mails_to(ADA).await, told);
    assert_alert_leads_to_the_buyer(&sale);
    let told = sale.app.mailer.sent_to(&email(ADA)).pop();
    assert!(matches!(told, Some(MailContent::DisputeDecided { is_won: false, .. })), "{told:?}");
    assert!(sale.mails_to(BOB).await.is_empty(), "there was no access to pause");
    let kinds: Vec<_> = sale.app.store.facts().iter().map(|fact| fact.kind).collect();
    assert!(kinds.contains(&FactKind::QuarantineRefunded), "{kinds:?}");
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let revenue = sale.app.reports.revenue(creator, name, None, None).await.unwrap();
    assert_eq!(revenue, Revenue::default());
    assert_ne!(sale.started().await, session);
}

#[pollster::test]
async fn a_won_dispute_about_what_did_not_match_leaves_it_to_the_seller() {
    let (sale, _, dispute) = disputed().await;
    sale.app.deliver_webhooks().await;
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    let told = ["payment_quarantined", "disputed", "dispute_decided"];
    assert_eq!(sale.mails_to(ADA).await, told);
    let told = sale.app.mailer.sent_to(&email(ADA)).pop();
    assert!(matches!(told, Some(MailContent::DisputeDecided { is_won: true, .. })), "{told:?}");
    assert!(may_not_pay(&sale).await);
}

#[pollster::test]
async fn a_part_that_is_lost_counts_with_what_was_refunded() {
    for (lost, refunded, is_whole) in [(400, 600, false), (500, 600, true), (400, 0, false)] {
        let (sale, session) = mismatched(|state| state.amount = 1_100).await;
        sale.app.deliver_webhooks().await;
        let payments = &sale.app.payments;
        let payment = payments.session(&session).unwrap().payment_intent.unwrap();
        if refunded > 0 {
            payments.refund_in_dashboard(&payment, refunded).unwrap();
        }
        let dispute = payments.dispute(&payment, DisputeProgress::Lost).unwrap();
        payments.take_events();
        assert_eq!(apply(&sale, |state| state.amount = lost, &dispute).await, Applied::Changed);
        assert_eq!(may_not_pay(&sale).await, !is_whole, "{lost}");
        sale.app.deliver_mails().await;
        let told = sale.app.mailer.sent_to(&email(ADA)).into_iter().find_map(|mail| match mail {
            MailContent::DisputeDecided { is_part, .. } => Some(is_part),
            _ => None,
        });
        assert_eq!(told, Some(refunded == 0), "{lost}");
    }
}

#[pollster::test]
async fn disputes_that_each_take_a_part_of_what_did_not_match_are_added_up() {
    for (second, is_whole) in [(600, true), (599, false)] {
        let (sale, session) = mismatched(|state| state.amount = 1_100).await;
        sale.app.deliver_webhooks().await;
        let payments = &sale.app.payments;
        let payment = payments.session(&session).unwrap().payment_intent.unwrap();
        for part in [500, second] {
            assert!(may_not_pay(&sale).await);
            let dispute = payments.dispute_part(&payment, part, DisputeProgress::Lost).unwrap();
            payments.take_events();
            assert_eq!(apply(&sale, |_| {}, &dispute).await, Applied::Changed);
        }
        assert_eq!(may_not_pay(&sale).await, !is_whole, "{second}");
    }
}

/// The bank gave up before it took any money.
#[pollster::test]
async fn a_dispute_about_what_did_not_match_that_is_prevented_is_decided() {
    let (sale, _, dispute) = disputed().await;
    sale.app.deliver_webhooks().await;
    sale.app.payments.prevent_dispute(&dispute);
    for expected in [Applied::Changed, Applied::Unchanged] {
        assert_eq!(apply(&sale, |_| {}, &dispute).await, expected);
    }
    assert!(sale.mails_to(ADA).await.contains(&"dispute_decided"));
}

#[pollster::test]
async fn an_inquiry_about_what_did_not_match_is_told_once() {
    let (sale, _, dispute) = asked(DisputeProgress::Inquiry).await;
    sale.app.deliver_webhooks().await;
    assert_eq!(apply(&sale, |_| {}, &dispute).await, Applied::Unchanged);
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined", "inquiry"]);
    assert_alert_leads_to_the_buyer(&sale);
    let told = sale.app.mailer.sent_to(&email(ADA)).pop();
    assert!(matches!(told, Some(MailContent::Inquiry { respond_by: Some(_), .. })), "{told:?}");
    assert!(sale.mails_to(BOB).await.is_empty());
    assert!(may_not_pay(&sale).await);
    // It may become a dispute, after which an older read asks nothing.
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Open);
    sale.app.deliver_webhooks().await;
    let as_before = |state: &mut DisputeState| state.progress = DisputeProgress::Inquiry;
    assert_eq!(apply(&sale, as_before, &dispute).await, Applied::Unchanged);
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined", "inquiry", "disputed"]);
}

#[pollster::test]
async fn an_inquiry_that_was_answered_when_it_is_learnt_of_is_not_told() {
    let (sale, _, dispute) = asked(DisputeProgress::Inquiry).await;
    sale.app.payments.take_events();
    for stage in [DisputeStage::UnderReview, DisputeStage::Closed] {
        assert_eq!(apply(&sale, |state| state.stage = stage, &dispute).await, Applied::Unchanged);
    }
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
}

#[pollster::test]
async fn an_inquiry_about_what_did_not_match_and_was_refunded_is_not_told() {
    let (sale, session) = mismatched(|state| state.amount = 1_100).await;
    sale.app.deliver_webhooks().await;
    let payment = sale.app.payments.session(&session).unwrap().payment_intent.unwrap();
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.deliver_webhooks().await;
    let dispute = sale.app.payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
    for expected in [Applied::Changed, Applied::Unchanged] {
        assert_eq!(apply(&sale, |_| {}, &dispute).await, expected);
    }
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
    let facts = sale.app.store.facts();
    assert!(facts.iter().any(|fact| fact.kind == FactKind::Inquired), "{facts:?}");
}

/// The event about the refund comes later.
#[pollster::test]
async fn an_inquiry_about_what_did_not_match_is_told_unless_all_has_gone_back() {
    for (progress, asks) in [(RefundProgress::Succeeded, false), (RefundProgress::Pending, true)] {
        let (sale, session) = mismatched(|state| state.amount = 1_100).await;
        sale.app.deliver_webhooks().await;
        let payment = sale.app.payments.session(&session).unwrap().payment_intent.unwrap();
        sale.app.payments.set_refund_progress(progress);
        sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
        sale.app.payments.take_events();
        sale.app.payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
        sale.app.deliver_webhooks().await;
        assert_eq!(sale.mails_to(ADA).await.contains(&"inquiry"), asks, "{progress:?}");
        assert_eq!(may_not_pay(&sale).await, asks, "{progress:?}");
    }
}

#[pollster::test]
async fn a_sweep_finds_an_inquiry_about_what_did_not_match_once() {
    let (sale, ..) = asked(DisputeProgress::Inquiry).await;
    sale.app.payments.take_events();
    let request = SweepRequest::default();
    for found in [vec![FindingKind::Dispute], vec![]] {
        let account = sale.app.reconciler.accounts(&request).await.unwrap().remove(0);
        let outcome = sale.app.reconciler.sweep(&account, &request).await;
        let kinds: Vec<_> = outcome.findings.iter().map(|finding| finding.kind).collect();
        assert_eq!((kinds, outcome.error), (found, None));
    }
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined", "inquiry"]);
}

/// One worker has read the refund while it had arrived, and another one learns that it failed before the first notes anything.
#[pollster::test]
async fn what_was_lost_beside_a_refund_that_fails_in_the_meantime_is_read_again() {
    let (sale, session) = mismatched(|state| state.amount = 1_100).await;
    sale.app.deliver_webhooks().await;
    let (app, payments, account) = (&sale.app, &sale.app.payments, &sale.shop.account);
    let payment = payments.session(&session).unwrap().payment_intent.unwrap();
    let refund = payments.refund_in_dashboard(&payment, 500).unwrap();
    app.deliver_webhooks().await;
    let dispute = payments.dispute_part(&payment, 600, DisputeProgress::Lost).unwrap();
    let events = payments.take_events();
    let state = Payments::dispute(&**payments, account, &dispute).await.unwrap();
    let update = ProviderUpdate::Dispute(state, app.clock.now());
    let mut early = Box::pin(app.updates.apply(account, update));
    let mut context = Context::from_waker(Waker::noop());
    let asked = payments.calls(Call::ChargeOfPayment);
    while payments.calls(Call::ChargeOfPayment) == asked {
        assert!(early.as_mut().poll(&mut context).is_pending());
    }
    // What it is to note waits for this unit.
    let unit = app.unit().await;
    let asked = payments.calls(Call::RefundsOfCharge);
    while payments.calls(Call::RefundsOfCharge) == asked {
        assert!(early.as_mut().poll(&mut context).is_pending());
    }
    drop(unit);
    payments.fail_refund(&refund);
    app.deliver_webhooks().await;
    let applied = early.await;
    assert!(applied.is_err(), "{applied:?}");
    assert_eq!(count_held(&sale).await, [1; 3]);
    app.deliver(events).await;
    assert_eq!(count_held(&sale).await, [1; 3], "the seller has 5 USD of it");
    assert!(sale.mails_to(ADA).await.contains(&"dispute_decided"));
}
