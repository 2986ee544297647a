//! Dry runs: they tell what a sweep would mend, and change nothing.

use tollgate_domain::{
    payments::{DisputeProgress, SessionProgress},
    reconcile::{FindingKind, SweepRequest},
};

use super::{findings, swept, told};
use crate::Sale;

#[pollster::test]
async fn a_dry_run_changes_nothing() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    let request = SweepRequest { dry_run: true, ..SweepRequest::default() };
    let outcome = swept(&sale.app, &request).await;
    assert_eq!(outcome.findings.len(), 1);
    assert!(!outcome.findings[0].is_mended);
    assert!(!sale.is_open().await);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
}

#[pollster::test]
async fn a_dry_run_tells_once_of_what_two_lists_show() {
    let sale = Sale::new().await;
    let slow = sale.started().await;
    sale.app.payments.pay_later(&slow).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(sale.app.payments.apply(&slow));
    sale.app.payments.take_events();
    assert_eq!(told(&sale.app).await, [FindingKind::Session]);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    let payment = sale.app.store.purchases().pop().unwrap().payment.unwrap().payment_intent;
    let dispute = sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    sale.app.payments.take_events();
    assert_eq!(told(&sale.app).await, [FindingKind::Dispute]);
}

#[pollster::test]
async fn a_dry_run_tells_that_an_account_would_be_connected_again() {
    let sale = Sale::new().await;
    sale.app.payments.deauthorize(&sale.shop.account);
    sale.app.deliver_webhooks().await;
    assert_eq!(told(&sale.app).await, []);
    sale.app.payments.activate(&sale.shop.account);
    sale.app.payments.take_events();
    assert_eq!(told(&sale.app).await, [FindingKind::Account]);
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err(), "a dry run");
    assert_eq!(findings(&sale.app).await, [FindingKind::Account]);
    assert_eq!(told(&sale.app).await, []);
}

#[pollster::test]
async fn a_dry_run_tells_of_the_refund_of_a_payment_that_nobody_told_of() {
    let sale = Sale::new().await;
    let payment = sale.app.payments.pay(&sale.started().await).unwrap();
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.payments.take_events();
    let both = [FindingKind::Session, FindingKind::Refund];
    assert_eq!(told(&sale.app).await, both);
    assert!(sale.app.store.purchases().is_empty());
    assert_eq!(findings(&sale.app).await, both);
}

/// Nothing comes of a session that somebody else made with the id of a live order. A sweep closes it, and that is all.
#[pollster::test]
async fn a_dry_run_tells_nothing_of_a_foreign_session_that_a_sweep_has_closed() {
    let sale = Sale::new().await;
    let own = sale.started().await;
    let (order, payments) = (sale.app.store.orders().remove(0), &sale.app.payments);
    let other = payments.open_elsewhere(&order.account, order.id, order.page_id, order.price);
    assert_eq!(told(&sale.app).await, [FindingKind::LeftOpen]);
    assert_eq!(findings(&sale.app).await, [FindingKind::LeftOpen]);
    let progress = payments.session(&other.session).unwrap().progress;
    assert_eq!(progress, SessionProgress::Expired);
    for _ in 0..2 {
        assert_eq!(told(&sale.app).await, []);
        assert_eq!(findings(&sale.app).await, []);
    }
    assert!(payments.pay(&own).is_some(), "the order's own session can still be paid");
}
