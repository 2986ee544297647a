//! Orders whose opening was never answered, of which there are many.

use tollgate_domain::reconcile::FindingKind;
use tollgate_domain_testing::{Call, Fault};

use super::{findings, opening_is_never_answered, told};
use crate::Sale;

/// Somebody asks for a pay page, and nothing reaches the provider.
async fn opening_never_arrives(sale: &Sale, number: usize) {
    let visitor = sale.app.sign_in(&format!("lost-{number}@example.com")).await;
    for call in [Call::OpenCheckout, Call::FindCheckout] {
        sale.app.payments.fail_next(call, Fault::lost_request());
    }
    assert!(sale.app.start(&sale.shop, &sale.page, &visitor).await.is_err());
}

#[pollster::test]
async fn orders_that_are_too_many_for_one_sweep_are_looked_for_by_the_next() {
    let sale = Sale::new().await;
    for number in 0..100 {
        opening_never_arrives(&sale, number).await;
    }
    sale.app.clock.advance_seconds(1);
    opening_is_never_answered(&sale).await;
    sale.app.clock.advance_seconds(121);
    assert_eq!(findings(&sale.app).await, [], "the first of them are looked for");
    assert_eq!(told(&sale.app).await, [FindingKind::LostAnswer], "a dry run takes none away");
    assert_eq!(findings(&sale.app).await, [FindingKind::LostAnswer]);
    // The others come round again.
    let asked = sale.app.payments.calls(Call::FindCheckout);
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(sale.app.payments.calls(Call::FindCheckout), asked + 100);
}
