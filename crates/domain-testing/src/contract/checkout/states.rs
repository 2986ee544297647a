//! From one state to another.

use std::collections::BTreeSet;

use super::ALL;
use crate::{
    a_page, an_order,
    contract::fixture::{Fixture, count_true, parallel},
};
use tollgate_domain::{
    checkout::{CheckoutOrder, OrderStatus},
    store::Stores,
};

pub async fn an_order_advances_only_from_the_states_given(on: Stores) {
    let fixture = Fixture::new(on).await;
    for (number, status) in ALL.into_iter().enumerate() {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        let order = an_order(&fixture.visitor, &page).status(status).build();
        assert!(fixture.keep_order(&order).await);
        let others: Vec<_> = ALL.into_iter().filter(|other| *other != status).collect();
        assert!(!fixture.advance(order.id, &others, OrderStatus::Paid).await);
        assert!(!fixture.advance(order.id, &[], OrderStatus::Paid).await);
        assert_eq!(fixture.order(&order).await, order);
        let to = *ALL.get((number + 1) % ALL.len()).unwrap();
        assert!(fixture.advance(order.id, &ALL, to).await);
        assert_eq!(fixture.order(&order).await, CheckoutOrder { status: to, ..order });
    }
}

pub async fn of_parallel_advances_one_succeeds(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&order).await);
    let moved = parallel(20, async |number: usize| {
        let to = if number.is_multiple_of(2) { OrderStatus::Expired } else { OrderStatus::Paid };
        fixture.advance(order.id, &[OrderStatus::Open], to).await
    })
    .await;
    assert_eq!(count_true(&moved), 1);
}

/// A price edit ends the open checkouts, and names those that may have a session at the provider: one whose opening is under way as well.
pub async fn closing_a_page_marks_its_open_orders(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let elsewhere = fixture.page(a_page().paid(700, "usd").published()).await;
    let creating = an_order(&fixture.visitor, &fixture.page).build();
    let open = an_order(&other, &fixture.page).open().build();
    let not_meant = an_order(&other, &elsewhere).open().build();
    for order in [&creating, &open, &not_meant] {
        assert!(fixture.keep_order(order).await);
    }
    let mut unit = fixture.begin().await;
    let closed = unit.pay_pages().close_of_page(fixture.page.id).await.unwrap();
    unit.commit().await.unwrap();
    let told: BTreeSet<_> = closed.iter().copied().collect();
    assert_eq!((told, closed.len()), ([creating.id, open.id].into(), 2));
    for order in [&creating, &open] {
        let closing = CheckoutOrder { status: OrderStatus::Closing, ..order.clone() };
        assert_eq!(fixture.order(order).await, closing);
    }
    assert_eq!(fixture.order(&not_meant).await, not_meant);
    // Another order is possible as soon as the session is known to be closed.
    let next = an_order(&fixture.visitor, &fixture.page).build();
    assert!(!fixture.keep_order(&next).await);
    let from = [OrderStatus::Closing];
    assert!(fixture.advance(creating.id, &from, OrderStatus::Expired).await);
    assert!(fixture.keep_order(&next).await);
}

/// The money of a pending order is on its way; a second order would take it twice.
pub async fn closing_a_page_leaves_pending_and_closed_orders_alone(on: Stores) {
    let fixture = Fixture::new(on).await;
    let untouched = ALL
        .into_iter()
        .filter(|status| !matches!(status, OrderStatus::Creating | OrderStatus::Open));
    let mut orders = Vec::new();
    for status in untouched {
        let (visitor, _) = fixture.another_visitor().await;
        let order = an_order(&visitor, &fixture.page).open().status(status).build();
        assert!(fixture.keep_order(&order).await);
        orders.push(order);
    }
    let mut unit = fixture.begin().await;
    let closed = unit.pay_pages().close_of_page(fixture.page.id).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(closed, vec![]);
    for order in orders {
        assert_eq!(fixture.order(&order).await, order);
    }
}
