//! Payments of which the provider says that they were refunded, and whose refunds it does not show.

use tollgate_domain::{
    payments::{PaymentsError, Refusal},
    refunds::{RefundError, RefusalReason},
};
use tollgate_domain_testing::{Call, Fault};

use super::Sold;

fn refused(refusal: Refusal) -> Fault {
    Fault::BeforeEffect(PaymentsError::Refused { refusal, message: format!("{refusal:?}") })
}

/// The page would stay open to somebody whose creator is told that the payment was refunded.
#[pollster::test]
async fn a_refund_that_the_provider_speaks_of_and_does_not_show_is_asked_for_again_and_swept() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    app.payments.fail_next(Call::Refund, refused(Refusal::AlreadyRefunded));
    let pressed = sold.refund().await;
    let is_put_off = matches!(pressed, Err(RefundError::Payments(PaymentsError::Busy { .. })));
    assert!(is_put_off, "{pressed:?}");
    assert_eq!(sold.reserved(), 0);
    assert!(sold.sale.is_open().await);
    sold.refund_in_dashboard(1_200);
    app.payments.take_events();
    app.work().await;
    assert!(!sold.sale.is_open().await, "the sweep that follows reads it");
    assert!(matches!(sold.refund().await, Err(RefundError::AlreadyRefunded)));
    assert_eq!(sold.refunded(), [1_200]);
}

#[pollster::test]
async fn refunds_that_cannot_be_read_after_a_refusal_are_read_by_a_sweep() {
    let busy = PaymentsError::Busy { reason: "429".into(), retry_after_seconds: 20 };
    let failed = PaymentsError::Failed("500".into());
    for call in [Call::ChargeOfPayment, Call::RefundsOfCharge] {
        for fault in [
            refused(Refusal::NotFound),
            refused(Refusal::AccountDisconnected),
            Fault::BeforeEffect(busy.clone()),
            Fault::BeforeEffect(failed.clone()),
            Fault::lost_request(),
        ] {
            let sold = Sold::new().await;
            let app = &sold.sale.app;
            sold.refund_in_dashboard(1_200);
            app.payments.take_events();
            app.payments.fail_next(call, fault);
            let pressed = sold.refund().await;
            assert!(!matches!(pressed, Ok(_) | Err(RefundError::AlreadyRefunded)), "{pressed:?}");
            assert_eq!(sold.reserved(), 0);
            app.work().await;
            assert!(!sold.sale.is_open().await, "{pressed:?}");
        }
    }
}

/// A refund that is known may have failed since, which only the provider knows.
#[pollster::test]
async fn a_payment_is_not_called_refunded_while_its_refunds_are_not_shown() {
    let sold = Sold::new().await;
    sold.refund().await.unwrap();
    let payments = &sold.sale.app.payments;
    payments.fail_next(Call::ChargeOfPayment, refused(Refusal::AccountDisconnected));
    let pressed = sold.refund().await;
    let reason = RefusalReason::AccountDisconnected;
    assert!(matches!(&pressed, Err(RefundError::Refused(told)) if *told == reason), "{pressed:?}");
    payments.fail_next(Call::ChargeOfPayment, refused(Refusal::NotFound));
    let pressed = sold.refund().await;
    assert!(matches!(pressed, Err(RefundError::Payments(_))), "{pressed:?}");
    assert!(matches!(sold.refund().await, Err(RefundError::AlreadyRefunded)));
}
