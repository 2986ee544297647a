//! Refunds that are pending for longer than lists go back.

use tollgate_domain::{
    payments::{ProviderRefundId, RefundProgress},
    reconcile::FindingKind,
};
use tollgate_domain_testing::{Call, TestApp, a_page};

use super::{findings, told};
use crate::{ADA, BOB, Sale};

const DAY: i64 = 24 * 3_600;

/// Bob's payment goes back to him, as far as the provider knows now, and no page is open to him.
async fn refunded(progress: RefundProgress) -> (Sale, ProviderRefundId) {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.deliver_webhooks().await;
    sale.app.payments.set_refund_progress(progress);
    let bob = sale.app.visitor(&sale.bob).await;
    let receipt = sale.app.refund(&sale.shop, &sale.page, &bob).await.unwrap();
    assert_eq!(receipt.progress, progress);
    sale.app.deliver_webhooks().await;
    assert!(!is_open(&sale).await);
    (sale, receipt.refund)
}

/// Whether Bob sees the page, who signs in again after all that time.
async fn is_open(sale: &Sale) -> bool {
    let bob = sale.app.sign_in(BOB).await;
    sale.app.is_open(&sale.shop, &sale.page, &bob).await
}

#[pollster::test]
async fn a_pending_refund_that_fails_long_after_it_was_made_is_found() {
    for days in [31, 46, 100] {
        let (sale, refund) = refunded(RefundProgress::Pending).await;
        let payments = &sale.app.payments;
        for _ in 0..2 {
            assert_eq!(findings(&sale.app).await, [], "it is known");
            sale.app.clock.advance_seconds(days * DAY);
        }
        assert_eq!(findings(&sale.app).await, []);
        payments.fail_refund(&refund);
        payments.take_events();
        assert!(!is_open(&sale).await);
        assert_eq!(told(&sale.app).await, [FindingKind::Refund]);
        assert_eq!(findings(&sale.app).await, [FindingKind::Refund], "after {days} days");
        assert!(is_open(&sale).await);
        assert!(sale.mails_to(ADA).await.contains(&"refund_failed"));
        assert!(sale.mails_to(BOB).await.contains(&"refund_not_paid"));
        assert_eq!(findings(&sale.app).await, []);
        let reads = payments.calls(Call::RefundState);
        assert_eq!(findings(&sale.app).await, []);
        assert_eq!(payments.calls(Call::RefundState), reads, "its end is known");
    }
}

#[pollster::test]
async fn a_pending_refund_is_read_by_itself_only_once_lists_do_not_show_it() {
    let (sale, refund) = refunded(RefundProgress::Pending).await;
    let reads = || sale.app.payments.calls(Call::RefundState);
    let before = reads();
    assert_eq!(findings(&sale.app).await, []);
    sale.app.clock.advance_seconds(70 * DAY);
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(reads(), before, "the list shows it");
    sale.app.clock.advance_seconds(10 * DAY);
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(reads(), before, "it goes back from the sweep before");
    sale.app.clock.advance_seconds(DAY);
    for more in 1..=2 {
        assert_eq!(findings(&sale.app).await, []);
        assert_eq!(reads(), before + more);
    }
    sale.app.payments.complete_refund(&refund);
    sale.app.payments.take_events();
    for _ in 0..2 {
        assert_eq!(findings(&sale.app).await, [], "its money has arrived");
        assert_eq!(reads(), before + 3, "and is not asked for again");
    }
    assert!(!is_open(&sale).await);
}

/// The bank of the buyer may send the money back weeks after it took it.
#[pollster::test]
async fn a_refund_that_fails_months_after_it_had_arrived_is_found() {
    let (sale, refund) = refunded(RefundProgress::Succeeded).await;
    assert_eq!(findings(&sale.app).await, []);
    sale.app.clock.advance_seconds(74 * DAY);
    assert_eq!(findings(&sale.app).await, []);
    sale.app.payments.fail_refund(&refund);
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Refund]);
    assert!(is_open(&sale).await);
}

/// They are read in the order of their ids.
#[pollster::test]
async fn pending_refunds_that_are_too_many_for_one_sweep_are_read_by_the_next() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    app.payments.set_refund_progress(RefundProgress::Pending);
    let mut refunds = Vec::new();
    for number in 0..=200 {
        let buyer = app.sign_in(&format!("buyer-{number}@example.com")).await;
        let payment = app.buy(&shop, &page, &buyer).await.payment.unwrap().payment_intent;
        refunds.push(app.payments.refund_in_dashboard(&payment, 1_200).unwrap());
    }
    app.deliver_webhooks().await;
    for _ in 0..2 {
        assert_eq!(findings(&app).await, []);
        app.clock.advance_seconds(100 * DAY);
    }
    app.payments.fail_refund(refunds.iter().max().unwrap());
    app.payments.take_events();
    assert_eq!(findings(&app).await, [], "the first of them are read");
    assert_eq!(findings(&app).await, [FindingKind::Refund]);
    let active = app.store.purchases().into_iter().filter(|it| it.holding().is_active());
    assert_eq!(active.count(), 1);
}
