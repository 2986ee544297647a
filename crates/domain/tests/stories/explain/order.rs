//! The order in which facts are told that were learnt together.

use tollgate_domain::{
    access::FactKind,
    checkout::Applied,
    clock::Clock,
    payments::{DisputeProgress, Payments},
    reconcile::{ProviderUpdate, SweepRequest},
};

use super::explain;
use crate::{BOB, Sale};

/// Only the dispute was told of, and its payment was learnt when the dispute was applied.
#[pollster::test]
async fn a_dispute_is_told_after_the_payment_that_was_learnt_with_it() {
    for learnt_otherwise in [false, true] {
        let sale = Sale::new().await;
        let Sale { app, shop, .. } = &sale;
        let payment = app.payments.pay(&sale.started().await).unwrap();
        let events = app.payments.take_events();
        let dispute = app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
        app.payments.take_events();
        let state = Payments::dispute(&*app.payments, &shop.account, &dispute).await.unwrap();
        let read_at = app.clock.now();
        app.clock.advance_seconds(1);
        if learnt_otherwise {
            app.deliver(events).await;
        }
        let update = ProviderUpdate::Dispute(state, read_at);
        assert_eq!(app.updates.apply(&shop.account, update).await.unwrap(), Applied::Changed);
        let told = explain(&sale, BOB).await.facts;
        let kinds: Vec<_> = told.iter().map(|fact| fact.kind).collect();
        assert_eq!(kinds, [FactKind::Purchased, FactKind::Disputed], "{learnt_otherwise}");
        assert!(learnt_otherwise || told.is_sorted_by_key(|fact| fact.at), "{told:?}");
    }
}

/// The provider tells of the dispute only when it is over: both facts were learnt at the same instant.
#[pollster::test]
async fn a_decision_is_told_after_the_dispute_that_was_learnt_with_it() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, .. } = &sale;
    for number in 0..8 {
        let (progress, decision) = if number % 2 == 0 {
            (DisputeProgress::Won, FactKind::DisputeWon)
        } else {
            (DisputeProgress::Lost, FactKind::DisputeLost)
        };
        let address = format!("buyer-{number}@example.com");
        let buyer = app.sign_in(&address).await;
        let started = app.start(shop, page, &buyer).await.unwrap();
        let session = app.payments.session_at(&started.url).unwrap();
        let payment = app.payments.pay(&session).unwrap();
        app.payments.dispute(&payment, progress).unwrap();
        app.payments.take_events();
        let accounts = app.reconciler.accounts(&SweepRequest::default()).await.unwrap();
        let swept = app.reconciler.sweep(&accounts[0], &SweepRequest::default()).await;
        assert_eq!(swept.error, None);
        let told = explain(&sale, &address).await.facts;
        let kinds: Vec<_> = told.iter().map(|fact| fact.kind).collect();
        assert_eq!(kinds, [FactKind::Purchased, FactKind::Disputed, decision], "{number}");
    }
}

/// The facts about a payment that made no purchase are told in order, too.
#[pollster::test]
async fn a_dispute_about_what_did_not_match_is_told_after_the_payment() {
    let sale = Sale::new().await;
    let Sale { app, shop, .. } = &sale;
    let session = sale.started().await;
    let payment = app.payments.pay(&session).unwrap();
    app.payments.tamper(&session, |state| state.amount = 1_100);
    let dispute = app.payments.dispute(&payment, DisputeProgress::Lost).unwrap();
    app.payments.take_events();
    let state = Payments::dispute(&*app.payments, &shop.account, &dispute).await.unwrap();
    let read_at = app.clock.now();
    app.clock.advance_seconds(1);
    let update = ProviderUpdate::Dispute(state, read_at);
    assert_eq!(app.updates.apply(&shop.account, update).await.unwrap(), Applied::Changed);
    let told = explain(&sale, BOB).await.facts;
    let kinds: Vec<_> = told.iter().map(|fact| fact.kind).collect();
    let expected = [
        FactKind::PaymentQuarantined,
        FactKind::Disputed,
        FactKind::DisputeLost,
        FactKind::QuarantineRefunded,
    ];
    assert_eq!(kinds, expected);
}
