//! Orders that move to another visitor.

use std::collections::BTreeSet;

use super::ALL;
use crate::{a_handle, a_page, an_order, contract::fixture::Fixture};
use tollgate_domain::{
    checkout::{CheckoutOrder, OrderStatus, ports::MovedOrders},
    id::HandleId,
    store::Stores,
    visitor_auth::Visitor,
};

async fn moved(fixture: &Fixture, handle: HandleId, to: &Visitor) -> MovedOrders {
    let mut unit = fixture.begin().await;
    let moved = unit.checkout_orders().move_unpaid(handle, fixture.visitor.id, to).await;
    unit.commit().await.unwrap();
    moved.unwrap()
}

/// Those at the handle that led to no purchase belong to the other visitor now, and none can be paid any more.
pub async fn orders_that_may_be_paid_move_to_another_visitor(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let mut orders = Vec::new();
    for status in ALL {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        let mut order = an_order(&fixture.visitor, &page).open().status(status).build();
        if status == OrderStatus::Creating {
            order.opened = None;
        }
        assert!(fixture.keep_order(&order).await);
        orders.push((page, order));
    }
    let elsewhere = a_handle().build().id;
    assert_eq!(moved(&fixture, elsewhere, &other).await, MovedOrders::default());
    for (_, order) in &orders {
        assert_eq!(fixture.order(order).await, *order);
    }
    let outcome = moved(&fixture, fixture.handle.id, &other).await;
    let payable = orders.iter().filter(|(_, it)| OrderStatus::PAYABLE.contains(&it.status));
    let payable: BTreeSet<_> = payable.map(|(_, order)| order.id).collect();
    assert_eq!(outcome.payments, OrderStatus::PAID_FOR.len());
    assert_eq!(outcome.closing.into_iter().collect::<BTreeSet<_>>(), payable);
    for (page, order) in orders {
        let is_moved = order.status != OrderStatus::Paid;
        let mut expected = order.clone();
        if is_moved {
            expected.visitor_id = other.id;
        }
        if is_moved && order.opened.is_some() {
            expected.customer_email = other.email.clone();
        }
        if payable.contains(&order.id) {
            expected.status = OrderStatus::Closing;
        }
        assert_eq!(fixture.order(&order).await, expected);
        // The old address may buy the page again, the new one may not.
        let is_kept = fixture.keep_order(&an_order(&other, &page).build()).await;
        assert_eq!(is_kept, !order.status.is_live(), "{:?}", order.status);
        assert!(fixture.keep_order(&an_order(&fixture.visitor, &page).build()).await);
    }
}

/// Those without a place are found as well, so that no second payment is taken beside them once the order that has it ends.
pub async fn orders_beside_another_one_are_found(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    for status in ALL {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        let order = an_order(&fixture.visitor, &page).open().status(status).build();
        let own = an_order(&other, &page).open().status(OrderStatus::Pending).build();
        assert!(fixture.keep_order(&order).await && fixture.keep_order(&own).await);
        moved(&fixture, fixture.handle.id, &other).await;
        assert!(fixture.advance(own.id, &[OrderStatus::Pending], OrderStatus::Failed).await);
        let next = an_order(&other, &page).build();
        assert!(fixture.keep_order(&next).await, "{status:?}");
        let expected = status.is_live().then_some(fixture.order(&order).await);
        let mut unit = fixture.begin().await;
        let beside = unit.checkout_orders().beside(&next).await.unwrap();
        assert_eq!(beside, expected.into_iter().collect::<Vec<_>>(), "{status:?}");
        let elsewhere = an_order(&other, &fixture.page).build();
        for alone in [an_order(&fixture.visitor, &page).build(), elsewhere] {
            assert_eq!(unit.checkout_orders().beside(&alone).await, Ok(vec![]), "{status:?}");
        }
    }
}

/// A payment on its way comes before a pay page of the other visitor. A pay page comes after whatever is there.
pub async fn orders_move_to_a_visitor_who_has_one_for_the_page(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    for (theirs, known, wins) in [
        (OrderStatus::Pending, OrderStatus::Creating, true),
        (OrderStatus::Pending, OrderStatus::Open, true),
        (OrderStatus::Pending, OrderStatus::Closing, true),
        (OrderStatus::Pending, OrderStatus::Pending, false),
        (OrderStatus::Open, OrderStatus::Open, false),
        (OrderStatus::Closing, OrderStatus::Pending, false),
    ] {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        let order = an_order(&fixture.visitor, &page).open().status(theirs).build();
        let own = an_order(&other, &page).open().status(known).build();
        assert!(fixture.keep_order(&order).await && fixture.keep_order(&own).await);
        let outcome = moved(&fixture, fixture.handle.id, &other).await;
        let mut unit = fixture.begin().await;
        let live = unit.checkout_orders().open_of(other.id, page.id).await.unwrap().unwrap();
        drop(unit);
        assert_eq!(live.id, if wins { order.id } else { own.id }, "{theirs:?}, {known:?}");
        assert_eq!(fixture.order(&order).await.visitor_id, other.id);
        let is_closing = |it: &CheckoutOrder| outcome.closing.contains(&it.id);
        assert_eq!(is_closing(&own), wins, "{theirs:?}, {known:?}");
        assert_eq!(is_closing(&order), theirs != OrderStatus::Pending);
        for it in [&order, &own] {
            let expected = if is_closing(it) { OrderStatus::Closing } else { it.status };
            assert_eq!(fixture.order(it).await.status, expected);
        }
        assert!(!fixture.keep_order(&an_order(&other, &page).build()).await);
    }
}
