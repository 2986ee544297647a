//! Pages that change while they are bought.

use futures_util::future::join;
use tollgate_domain::{
    checkout::OrderStatus,
    creators::{PageChange, PageStatus},
    payments::SessionProgress,
};

use super::{after, price, statuses};
use crate::Sale;

#[pollster::test]
async fn a_price_edit_ends_the_open_checkout() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    sale.app.work().await;
    let state = sale.app.payments.session(&old).unwrap();
    assert_eq!(state.progress, SessionProgress::Expired);
    assert_eq!(sale.app.payments.pay(&old), None);
    sale.app.clock.advance_seconds(1);
    let new = sale.started().await;
    assert_ne!(old, new);
    assert_eq!(sale.app.payments.session(&new).unwrap().amount, 2_000);
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Open]);
}

#[pollster::test]
async fn taking_a_page_off_sale_ends_the_open_checkout() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    let archive = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    sale.app.change(&sale.shop, &sale.page, archive).await;
    sale.app.work().await;
    assert_eq!(sale.app.payments.pay(&old), None);
}

#[pollster::test]
async fn an_edit_of_anything_else_leaves_the_checkout_open() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let title = PageChange { title: Some("New".into()), ..PageChange::default() };
    sale.app.change(&sale.shop, &sale.page, title).await;
    assert_eq!(sale.started().await, session);
    assert!(sale.app.payments.pay(&session).is_some());
}

#[pollster::test]
async fn an_edit_while_a_checkout_starts_leaves_no_session_at_the_old_price() {
    for turns in 0..60 {
        let sale = Sale::new().await;
        let edit = async {
            after(turns).await;
            sale.app.change(&sale.shop, &sale.page, price(2_000)).await
        };
        let start = sale.app.start(&sale.shop, &sale.page, &sale.bob);
        let (_, started) = join(edit, start).await;
        sale.app.work().await;
        for session in sale.app.payments.sessions() {
            let state = sale.app.payments.session(&session).unwrap();
            let is_open = state.progress == SessionProgress::Open;
            assert!(!is_open || state.amount == 2_000, "after {turns}: {started:?}");
        }
        // Whatever came of it, asking again goes on at the new price.
        let session = sale.started().await;
        assert_eq!(sale.app.payments.session(&session).unwrap().amount, 2_000);
    }
}
