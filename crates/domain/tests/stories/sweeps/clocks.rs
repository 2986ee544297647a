//! Sweeps after a clock was ahead.

use tollgate_domain::{
    clock::{Clock, DAY_SECONDS, plus_seconds},
    payments::PaymentsError,
    reconcile::FindingKind,
};
use tollgate_domain_testing::{Call, Fault, TestApp, a_page};

use super::findings;
use crate::{BOB, Sale};

/// Bob pays, and nobody tells of it.
async fn paid_unheard(sale: &Sale) {
    sale.app.payments.pay(&sale.started().await).unwrap();
    sale.app.payments.take_events();
}

#[pollster::test]
async fn a_sweep_whose_clock_was_ahead_hides_no_payment_from_later_ones() {
    let sale = Sale::new().await;
    let began = sale.app.clock.now();
    sale.app.clock.advance_seconds(10 * DAY_SECONDS);
    assert_eq!(findings(&sale.app).await, []);
    sale.app.clock.set(plus_seconds(began, 60));
    paid_unheard(&sale).await;
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(sale.is_open().await);
    let last = sale.app.reconciler.last_sweep(sale.shop.handle.id).await;
    assert_eq!(last, Ok(Some(sale.app.clock.now())), "what is stored is right again");
}

/// Nobody knows when that was.
#[pollster::test]
async fn an_account_that_was_connected_by_a_clock_that_was_ahead_is_compared_from_the_beginning() {
    let app = TestApp::new();
    let began = app.clock.now();
    app.clock.advance_seconds(10 * DAY_SECONDS);
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    app.clock.set(plus_seconds(began, 60));
    let bob = app.sign_in(BOB).await;
    let started = app.start(&shop, &page, &bob).await.unwrap();
    app.payments.pay(&app.payments.session_at(&started.url).unwrap()).unwrap();
    app.payments.take_events();
    app.clock.set(plus_seconds(began, 6 * DAY_SECONDS));
    assert_eq!(findings(&app).await, [FindingKind::Session]);
    assert!(app.is_open(&shop, &page, &bob).await);
}

/// What it had compared was compared by the wrong time, too.
#[pollster::test]
async fn a_sweep_that_was_put_off_by_a_clock_that_was_ahead_begins_anew_with_the_next_round() {
    let sale = Sale::new().await;
    let began = sale.app.clock.now();
    sale.app.clock.advance_seconds(10 * DAY_SECONDS);
    let busy = PaymentsError::Busy { reason: "429".into(), retry_after_seconds: 20 };
    sale.app.payments.fail_next(Call::RefundsSince, Fault::BeforeEffect(busy));
    sale.app.reconciler.schedule().await.unwrap();
    sale.app.work().await;
    sale.app.clock.set(plus_seconds(began, 60));
    paid_unheard(&sale).await;
    sale.app.reconciler.schedule().await.unwrap();
    sale.app.work().await;
    assert!(sale.is_open().await);
}
