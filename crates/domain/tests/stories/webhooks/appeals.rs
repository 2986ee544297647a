//! Disputes that are opened again soon after they were decided.

use tollgate_domain::{
    payments::DisputeProgress,
    reconcile::{FindingKind, SweepRequest},
};

use crate::Sale;

/// Returns whether the only purchase is suspended, and whether it is revoked.
fn state(sale: &Sale) -> (bool, bool) {
    let purchase = sale.app.store.purchases().pop().unwrap();
    (purchase.suspended_at.is_some(), purchase.revoked_at.is_some())
}

/// The read may be older than the decision, by a clock that is ahead. So it is read again, told by an event or not.
#[pollster::test]
async fn a_dispute_that_is_appealed_right_after_its_loss_suspends_a_few_minutes_later() {
    for is_told in [true, false] {
        let sale = Sale::new().await;
        let (app, payments) = (&sale.app, &sale.app.payments);
        let payment = app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
        let opened = DisputeProgress::Open;
        let dispute = payments.dispute(&payment.payment_intent, opened).unwrap();
        app.deliver_webhooks().await;
        app.clock.advance_seconds(3_600);
        payments.decide_dispute(&dispute, DisputeProgress::Lost);
        app.deliver_webhooks().await;
        assert_eq!(state(&sale), (false, true));
        app.clock.advance_seconds(60);
        payments.decide_dispute(&dispute, opened);
        if is_told {
            app.deliver_webhooks().await;
        } else {
            payments.take_events();
            let request = SweepRequest::default();
            let account = app.reconciler.accounts(&request).await.unwrap().remove(0);
            let findings = app.reconciler.sweep(&account, &request).await.findings;
            let found = findings.iter().map(|it| (it.kind, it.is_mended, it.waits));
            assert_eq!(found.collect::<Vec<_>>(), [(FindingKind::Dispute, false, true)]);
        }
        for (passed, expected) in [(240, (false, true)), (1, (true, false))] {
            app.clock.advance_seconds(passed);
            app.work().await;
            assert_eq!(state(&sale), expected, "told: {is_told}");
        }
    }
}
