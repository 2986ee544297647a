//! Refunds that the provider shows in another currency than their payment, which cannot be.

use tollgate_domain::{
    access::FactKind,
    payments::ProviderRefundId,
    reconcile::{FindingKind, SweepRequest},
    refunds::RefundError,
};
use tollgate_domain_testing::{Call, Fault};

use super::Sold;

/// Bob's payment is refunded, and the answer to that is lost. Returns the refund.
async fn answer_is_lost(sold: &Sold) -> ProviderRefundId {
    let payments = &sold.sale.app.payments;
    payments.fail_next(Call::Refund, Fault::lost_answer());
    payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
    assert!(sold.refund().await.is_err());
    payments.take_events();
    payments.refunds_of(&sold.payment).remove(0).0
}

#[pollster::test]
async fn an_answer_in_another_currency_is_not_believed() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    let refund = answer_is_lost(&sold).await;
    app.payments.refund_in(&refund, "eur");
    for _ in 0..2 {
        let refused = sold.refund().await;
        let Err(RefundError::Unusable(reason)) = &refused else { panic!("{refused:?}") };
        assert!(reason.contains(refund.as_str()) && reason.contains("eur"), "{reason}");
        assert_eq!((sold.facts(FactKind::RefundAccepted), sold.reserved()), (0, 1_200));
        assert!(sold.sale.is_open().await);
        let request = SweepRequest::default();
        let account = app.reconciler.accounts(&request).await.unwrap().remove(0);
        let outcome = app.reconciler.sweep(&account, &request).await;
        assert_eq!(outcome.error, None);
        let [finding] = &outcome.findings[..] else { panic!("named once: {outcome:?}") };
        assert_eq!((finding.kind, finding.is_mended), (FindingKind::Refund, false));
    }
    // It was a mistake.
    app.payments.refund_in(&refund, "usd");
    assert_eq!(sold.refund().await.unwrap().refund, refund);
    assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0));
    assert!(!sold.sale.is_open().await);
}

/// Otherwise nobody would hear that there is nothing left to refund.
#[pollster::test]
async fn a_foreign_refund_does_not_hide_that_all_was_refunded() {
    let sold = Sold::new().await;
    let payments = &sold.sale.app.payments;
    let foreign = payments.refund_in_dashboard(&sold.payment, 200).unwrap();
    payments.refund_in(&foreign, "eur");
    sold.refund_in_dashboard(1_000);
    let refused = sold.refund().await;
    assert!(matches!(refused, Err(RefundError::AlreadyRefunded)), "{refused:?}");
    assert_eq!(sold.sale.app.store.purchases()[0].refunded, 1_000);
    assert_eq!(sold.reserved(), 0);
}
