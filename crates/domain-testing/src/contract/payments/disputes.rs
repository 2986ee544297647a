//! Disputes.

use super::{Disputing, Fixture, a_refund, an_account, an_order, dispute, from_now, paid, refusal};
use crate::money;
use tollgate_domain::payments::{DisputeProgress, DisputeStage, OpenCheckout, Refusal};

pub async fn a_dispute_is_read_as_it_stands(on: &impl Fixture) {
    let account = an_account(on).await;
    for (is_won, decided) in [(true, DisputeProgress::Won), (false, DisputeProgress::Lost)] {
        let order = OpenCheckout { price: money(900, "eur"), ..an_order(on, &account) };
        let payment = paid(on, &order).await;
        let before = from_now(on, -2);
        let id = on.dispute(&payment, Disputing::default()).await;
        let state = dispute(on, &account, &id).await;
        assert_eq!(state.dispute, id);
        assert_eq!(state.payment_intent.as_ref(), Some(&payment));
        assert_eq!(state.progress, DisputeProgress::Open);
        assert_eq!(state.stage, DisputeStage::NeedsResponse);
        assert_eq!((state.amount, state.currency.as_str()), (900, "eur"));
        assert!((before..=from_now(on, 2)).contains(&state.opened_at), "{}", state.opened_at);
        assert!(state.respond_by.is_some_and(|until| until > state.opened_at));

        on.decide(&id, is_won).await;
        let state = dispute(on, &account, &id).await;
        assert_eq!((state.progress, state.stage), (decided, DisputeStage::Closed));
        assert_eq!(state.respond_by, None, "no answer is awaited");
    }
}

pub async fn a_part_of_a_payment_may_be_disputed(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    let id = on.dispute(&payment, Disputing { part: Some(300), is_inquiry: false }).await;
    let state = dispute(on, &order.account, &id).await;
    assert_eq!((state.amount, state.progress), (300, DisputeProgress::Open));
}

/// It is once the dispute was won.
pub async fn a_disputed_payment_is_not_refunded(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    let id = on.dispute(&payment, Disputing::default()).await;
    let refused = on.payments().refund(&a_refund(&order, &payment, 1_200)).await;
    assert_eq!(refusal(refused), Refusal::Disputed);
    on.decide(&id, true).await;
    on.payments().refund(&a_refund(&order, &payment, 1_200)).await.unwrap();
}

pub async fn an_inquiry_keeps_no_payment_from_being_refunded(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    let id = on.dispute(&payment, Disputing { is_inquiry: true, part: None }).await;
    let state = dispute(on, &order.account, &id).await;
    assert_eq!(
        (state.progress, state.stage),
        (DisputeProgress::Inquiry, DisputeStage::NeedsResponse)
    );
    on.payments().refund(&a_refund(&order, &payment, 1_200)).await.unwrap();
}
