//! Refunds that the provider refuses because of a dispute.

use tollgate_domain::{payments::DisputeProgress, refunds::RefundError};
use tollgate_domain_testing::{Call, Fault};

use super::Sold;

#[pollster::test]
async fn a_dispute_that_cannot_be_read_at_once_is_read_again_in_a_moment() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    app.payments.dispute(&sold.payment, DisputeProgress::Open).unwrap();
    app.payments.take_events();
    for _ in 0..3 {
        app.payments.fail_next(Call::DisputesSince, Fault::lost_request());
    }
    assert!(matches!(sold.refund().await, Err(RefundError::Disputed)));
    for pause in [0, 5, 10] {
        app.clock.advance_seconds(pause);
        app.work().await;
        assert!(sold.sale.is_open().await, "not read yet");
    }
    app.clock.advance_seconds(20);
    app.work().await;
    assert!(!sold.sale.is_open().await);
}
