//! Orders that were closed before it was known that their payment is being processed.

use super::fixture::Fixture;
use crate::{a_page, an_order, at};
use tollgate_domain::{
    checkout::{CheckoutOrder, OrderStatus},
    store::Stores,
};

async fn bring_back(fixture: &Fixture, order: &CheckoutOrder) -> bool {
    fixture.commit(async |unit| unit.checkout_orders().bring_back(order).await).await
}

/// It takes the place of an order that can still be paid, and not that of another payment on its way.
pub async fn a_closed_order_comes_back_as_a_payment_on_its_way(on: Stores) {
    let fixture = Fixture::new(on).await;
    for (closed, other, has_place) in [
        (OrderStatus::Expired, None, true),
        (OrderStatus::Failed, None, true),
        (OrderStatus::Expired, Some(OrderStatus::Closing), true),
        (OrderStatus::Expired, Some(OrderStatus::Pending), false),
        (OrderStatus::Expired, Some(OrderStatus::Paid), true),
    ] {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        let order = an_order(&fixture.visitor, &page).open().status(closed).build();
        assert!(fixture.keep_order(&order).await);
        let other = other.map(|it| an_order(&fixture.visitor, &page).open().status(it).build());
        if let Some(other) = &other {
            assert!(fixture.keep_order(other).await);
        }
        assert!(bring_back(&fixture, &order).await);
        let expected = CheckoutOrder { status: OrderStatus::Pending, ..order.clone() };
        assert_eq!(fixture.order(&order).await, expected);
        let mut unit = fixture.begin().await;
        let open = unit.checkout_orders().open_of(fixture.visitor.id, page.id).await.unwrap();
        drop(unit);
        assert_eq!(open.map(|it| it.id == order.id), Some(has_place), "{other:?}");
        if let Some(other) = &other {
            assert_eq!(fixture.order(other).await.status, other.status);
        }
        let again = an_order(&fixture.visitor, &page).build();
        assert!(!fixture.keep_order(&again).await, "the page is not paid twice");
    }
}

/// What became of any other is known.
pub async fn orders_whose_end_is_not_known_are_noted_as_unread(on: Stores) {
    let fixture = Fixture::new(on).await;
    for (status, is_awaited, is_noted) in [
        (OrderStatus::Open, false, true),
        (OrderStatus::Pending, false, true),
        (OrderStatus::Closing, false, true),
        (OrderStatus::Expired, true, true),
        (OrderStatus::Expired, false, false),
        (OrderStatus::Failed, false, false),
        (OrderStatus::Quarantined, false, false),
        (OrderStatus::Paid, false, false),
    ] {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        let order = an_order(&fixture.visitor, &page).open().status(status).build();
        assert!(fixture.keep_order(&order).await);
        let mut unit = fixture.begin().await;
        unit.checkout_orders().await_end(order.id, is_awaited).await.unwrap();
        assert_eq!(
            unit.checkout_orders().unread(order.id, at(5)).await,
            Ok(is_noted),
            "{status:?}"
        );
        unit.commit().await.unwrap();
    }
}

/// Nor does it take a place.
pub async fn an_order_that_is_not_closed_does_not_come_back(on: Stores) {
    let fixture = Fixture::new(on).await;
    for status in [OrderStatus::Paid, OrderStatus::Quarantined] {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        let order = an_order(&fixture.visitor, &page).open().status(status).build();
        let other = an_order(&fixture.visitor, &page).open().build();
        assert!(fixture.keep_order(&order).await && fixture.keep_order(&other).await);
        assert!(!bring_back(&fixture, &order).await);
        assert_eq!(fixture.order(&order).await, order);
        let mut unit = fixture.begin().await;
        let open = unit.checkout_orders().open_of(fixture.visitor.id, page.id).await.unwrap();
        assert_eq!(open, Some(other));
    }
}
